"Ridge, lasso and elastic net beside scikit-learn and celer: seconds, and the objective reached."

KINDS = {"Lasso": {"l1_ratio": 1.0}, "ElasticNet": {"l1_ratio": 0.5}}


def data(rows, columns, share=1.0, part=0.01):
    "A table, dense or sparse, a target of twenty features with noise, and a price: that part of the highest useful."

    def make():
        import numpy as np
        import scipy.sparse

        rng = np.random.default_rng(0)
        if share < 1:
            X = scipy.sparse.random(rows, columns, share, format="csc", random_state=0)
        else:
            X = rng.normal(size=(rows, columns))
        w = np.zeros(columns)
        w[rng.choice(columns, 20, replace=False)] = rng.normal(size=20)
        signal = X @ w
        y = signal + signal.std() * rng.normal(size=rows)
        return {"X": X, "y": y, "alpha": part * np.abs(X.T @ (y - y.mean())).max() / rows}

    return make


def fit(package, name, tol, **more):
    "A fit by that package; celer's elastic net is called alike."

    def run(data):
        from importlib import import_module

        kind = getattr(import_module(package), name)
        most = {"max_iter": 100_000} if name != "Ridge" else {}
        return kind(alpha=data["alpha"], tol=tol, **most, **more).fit(data["X"], data["y"])

    return run


def objective(name):
    "The objective per row at the fitted weights, as a part of that without any."

    def judge(model, data):
        import numpy as np

        y, w = data["y"], np.ravel(model.coef_)
        errors = y - data["X"] @ w
        errors -= errors.mean()
        if name == "Ridge":
            return float((errors @ errors + data["alpha"] * w @ w) / (len(y) * y.var()))
        ratio = KINDS[name]["l1_ratio"]
        price = ratio * np.abs(w).sum() + (1 - ratio) / 2 * w @ w
        return float((errors @ errors / (2 * len(y)) + data["alpha"] * price) / (y.var() / 2))

    return judge


def path(package, **more):
    def run(data):
        from importlib import import_module

        call = import_module(package).lasso_path
        return call(data["X"], data["y"], tol=1e-8, max_iter=100_000, **more)

    return run


def celer_path(data):
    from celer import celer_path

    from mlbook.linear_model import lasso_path

    alphas = lasso_path(data["X"], data["y"], eps=0.05, tol=1e9)[0]
    return celer_path(data["X"], data["y"], pb="lasso", alphas=alphas, tol=1e-8, max_iter=1000)


def path_objective(answer, data):
    "The mean of the path's objectives."
    import numpy as np

    alphas, coefs = answer[:2]
    errors = data["y"][:, None] - data["X"] @ coefs
    values = (errors**2).sum(0) / (2 * len(errors)) + alphas * np.abs(coefs).sum(0)
    return float(values.mean() / (data["y"] @ data["y"] / (2 * len(errors))))


def cell(words, made, goal, peer, ours, theirs, judge, tolerance=1e-8):
    return {
        "id": f"48 {words}, {peer}", "chapter": "48_shrinkage", "peer": peer, "goal": goal, "threads": 2,
        "quality": "objective", "data": made, "ours": ours, "theirs": theirs, "judge": judge,
        "higher_is_better": False, "tolerance": tolerance,
    }  # fmt: skip


MINE, SKLEARN = "mlbook.linear_model", "sklearn.linear_model"
TALL = data(100_000, 100)
CELLS = []
for name in KINDS:
    ours, judge = fit(MINE, name, 1e-8), objective(name)
    words = f"{name} 100,000 x 100"
    CELLS += [
        cell(words, TALL, 3.0, "scikit-learn", ours, fit(SKLEARN, name, 1e-8), judge),
        cell(words, TALL, 1.5, "scikit-learn, precompute", ours, fit(SKLEARN, name, 1e-8, precompute=True), judge),
        cell(words, TALL, 1.5, "celer", ours, fit("celer", name, 1e-8), judge),
    ]
CELLS += [
    cell("Lasso 100,000 x 100 at its default tol", TALL, 3.0, "scikit-learn",
         fit(MINE, "Lasso", 1e-4), fit(SKLEARN, "Lasso", 1e-4), objective("Lasso")),
    cell("path of 100, 100,000 x 100", TALL, 4.0, "scikit-learn", path(MINE), path(SKLEARN), path_objective),
]  # fmt: skip
TABLES = {
    "200 x 5,000": data(200, 5_000, part=0.1),
    "2,000 x 20,000": data(2_000, 20_000, part=0.1),
    "sparse 20,000 x 5,000": data(20_000, 5_000, 0.01, part=0.1),
}
PEERS = {"scikit-learn": SKLEARN, "celer": "celer"}
CELLS += [
    cell(f"Lasso {size}", made, 1.0, peer, fit(MINE, "Lasso", 1e-8), fit(package, "Lasso", 1e-8), objective("Lasso"))
    for size, made in TABLES.items() for peer, package in PEERS.items()
]  # fmt: skip
CELLS += [
    cell("path of 100, 200 x 5,000", TABLES["200 x 5,000"], 1.0, "scikit-learn", path(MINE, eps=0.05),
         path(SKLEARN, eps=0.05), path_objective),
    cell("path of 100, 200 x 5,000", TABLES["200 x 5,000"], 1.0, "celer", path(MINE, eps=0.05), celer_path,
         path_objective),
    cell("Ridge 100,000 x 100", data(100_000, 100), 1.5, "scikit-learn", fit(MINE, "Ridge", 1e-8),
         fit(SKLEARN, "Ridge", 1e-8), objective("Ridge")),
    cell("Ridge 2,000 x 20,000", data(2_000, 20_000), 1.0, "scikit-learn", fit(MINE, "Ridge", 1e-8),
         fit(SKLEARN, "Ridge", 1e-8), objective("Ridge")),
]  # fmt: skip
