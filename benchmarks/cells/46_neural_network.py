"""An epoch of 100,000 rows beside PyTorch with its fused Adam, and digits by convolution, quality beside both.

PyTorch's side is written as its users write it: a permutation an epoch, slices of it, `loss.backward()`, `step()`.
Its weights begin as ours do (He's start, the last layer Glorot's, biases 0), so that the losses can be compared.
The digits are judged on images that neither side has seen; both learn the same network for as many epochs.
"""

ROWS, COLUMNS, BATCH = 100_000, 50, 200


def table(rows=ROWS):
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, COLUMNS)).astype(np.float32)
    hidden = np.tanh(X @ rng.normal(size=(COLUMNS, 20)).astype(np.float32) / 4)
    return {"X": X, "y": (hidden @ rng.normal(size=(20, 10)).astype(np.float32)).argmax(1)}


def our_epoch(hidden):
    def run(data):
        from mlbook.neural_network import Dense, Sequential

        layers = [*(Dense(units) for units in hidden), Dense(10, "identity")]
        model = Sequential(layers).fit(data["X"], data["y"], epochs=1, batch_size=BATCH, random_state=0)
        return model.curve_["loss"][0]

    return run


def torch_steps(model, X, y, batch, rate, epochs):
    "Epochs of Adam; the mean loss of the last one."
    import torch

    optimizer, loss_of = torch.optim.Adam(model.parameters(), rate, fused=True), torch.nn.CrossEntropyLoss()
    for _ in range(epochs):
        order, total = torch.randperm(len(X)), 0.0
        for a in range(0, len(X), batch):
            rows = order[a : a + batch]
            optimizer.zero_grad()
            loss = loss_of(model(X[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += len(rows) * loss.detach()
    return float(total) / len(X)


def torch_epoch(hidden):
    def run(data):
        import torch

        torch.manual_seed(0)
        sizes, stages = [COLUMNS, *hidden], []
        for wide, narrow in zip(sizes, sizes[1:]):
            stages += [torch.nn.Linear(wide, narrow), torch.nn.ReLU()]
        model = torch.nn.Sequential(*stages, torch.nn.Linear(sizes[-1], 10))
        for stage in model[::2]:
            torch.nn.init.kaiming_uniform_(stage.weight, nonlinearity="relu")
            torch.nn.init.zeros_(stage.bias)
        torch.nn.init.xavier_uniform_(model[-1].weight)
        return torch_steps(model, torch.from_numpy(data["X"]), torch.from_numpy(data["y"]), BATCH, 0.001, 1)

    return run


def digits():
    import numpy as np
    from sklearn.datasets import load_digits

    data, order = load_digits(), np.random.default_rng(0).permutation(1797)
    images = (data.images / 16).astype(np.float32)[order, ..., None]
    y = data.target[order]
    return {"X": images[:1347], "y": y[:1347], "new": images[1347:], "truth": y[1347:]}


def our_digits(data):
    from mlbook.neural_network import Conv2D, Dense, Dropout, Flatten, MaxPool2D, Sequential
    from mlbook.optimizers import Adam

    images = [Conv2D(16), MaxPool2D(), Conv2D(32), MaxPool2D()]
    layers = [*images, Flatten(), Dropout(0.3), Dense(64), Dense(10, "identity")]
    model = Sequential(layers, optimizer=Adam(0.003))
    model.fit(data["X"], data["y"], epochs=25, batch_size=50, random_state=0)
    return float((model.predict(data["new"]) == data["truth"]).mean())


def torch_digits(data):
    import torch
    from torch import nn

    torch.manual_seed(0)
    X, new = (torch.from_numpy(data[name]).permute(0, 3, 1, 2).contiguous() for name in ("X", "new"))
    convolutions = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]  # fmt: skip
    dense = [nn.Flatten(), nn.Dropout(0.3), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)]
    model = nn.Sequential(*convolutions, *dense)
    torch_steps(model, X, torch.from_numpy(data["y"]), 50, 0.003, 25)
    model.eval()
    return float((model(new).argmax(1).numpy() == data["truth"]).mean())


def cell(words, quality, goal, data, us, them, higher, tolerance):
    return {
        "id": f"46 {words}", "chapter": "46_neural_network", "peer": "torch", "goal": goal, "threads": 2,
        "quality": quality, "data": data, "ours": us, "theirs": them,
        "higher_is_better": higher, "tolerance": tolerance,
    }  # fmt: skip


SIZES = {"one layer of 100": ((100,), 2.0), "three layers of 256": ((256,) * 3, 1.1)}
CELLS = [
    cell(f"an epoch, {name}", "mean loss", goal, table, our_epoch(hidden), torch_epoch(hidden), False, 0.02)
    for name, (hidden, goal) in SIZES.items()
] + [cell("digits, 25 epochs of convolution", "accuracy", 1.0, digits, our_digits, torch_digits, True, 0.01)]
