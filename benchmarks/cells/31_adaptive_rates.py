"A hundred steps of each rule for 139,000 parameters in single precision, beside PyTorch's fused kernels."

PARAMETERS, STEPS = 139_000, 100


def arrays(parameters=PARAMETERS):
    import numpy as np

    rng = np.random.default_rng(0)
    slopes = rng.normal(size=(10, parameters)) * 10.0 ** rng.uniform(-3, 3, parameters)
    return {"w": rng.normal(size=parameters).astype(np.float32), "slopes": slopes.astype(np.float32)}


def ours(rule, **options):
    def run(data):
        import mlbook.optimizers as book

        optimizer, params = getattr(book, rule)(**options), [data["w"]]
        for t in range(STEPS):
            params = optimizer.update(params, [data["slopes"][t % 10]])
        return params[0]

    return run


def theirs(rule, **options):
    def run(data):
        import torch

        w = torch.nn.Parameter(torch.from_numpy(data["w"].copy()))
        slopes = [torch.from_numpy(g) for g in data["slopes"]]
        optimizer = getattr(torch.optim, rule)([w], **options)
        for t in range(STEPS):
            w.grad = slopes[t % 10]
            optimizer.step()
        return w.detach().numpy()

    return run


def judge(answer, data):
    "Mean distance that the weights have gone: both sides must agree."
    import numpy as np

    return float(np.abs(answer.astype(float) - data["w"]).mean())


def cell(words, goal, us, them):
    return {
        "id": f"31 {words}", "chapter": "31_adaptive_rates", "peer": "torch", "goal": goal, "threads": 2,
        "quality": "mean distance gone", "data": arrays, "ours": us, "theirs": them, "judge": judge,
        "higher_is_better": None, "tolerance": 1e-4,
    }  # fmt: skip


CELLS = [
    cell("Adam, fused", 1.0, ours("Adam", learning_rate=0.001), theirs("Adam", lr=0.001, fused=True)),
    cell("AdamW, fused", 1.0, ours("AdamW", learning_rate=0.001), theirs("AdamW", lr=0.001, fused=True)),
    cell("AdaGrad", 1.0, ours("AdaGrad", learning_rate=0.01), theirs("Adagrad", lr=0.01)),
    cell("RMSProp", 1.0, ours("RMSProp", learning_rate=0.01), theirs("RMSprop", lr=0.01)),
    cell("gradient descent", 1.0, ours("Optimizer", learning_rate=0.001), theirs("SGD", lr=0.001)),
]
