"Epochs of a multilayer perceptron beside scikit-learn and PyTorch's fused Adam; accuracy over five seeds."

def rows(count=100_000, columns=25, seed=0):
    import numpy as np

    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, columns)).astype(np.float32)
    y = ((X[:, :6] ** 2).sum(1) + rng.normal(size=count) > 6).astype(int)
    return {"X": X, "y": y}


def narrow():
    return rows() | {"widths": (100,), "epochs": 3}


def wide():
    return rows() | {"widths": (256, 256, 256), "epochs": 1}


def fit(kind, data, seed=0):
    import warnings

    model = kind(data["widths"], batch_size=200, max_iter=data["epochs"], tol=0.0, random_state=seed)
    with warnings.catch_warnings(action="ignore"):
        return model.fit(data["X"], data["y"])


def ours(data, seed=0):
    from mlbook.neural_network import MLPClassifier

    return fit(MLPClassifier, data, seed)


def sklearn(data, seed=0):
    from sklearn.neural_network import MLPClassifier

    return fit(MLPClassifier, data, seed)


class Torch:
    "A fitted PyTorch model with scikit-learn's predict."

    def __init__(self, layers):
        self.layers = layers

    def predict(self, X):
        import torch

        with torch.no_grad():
            return (self.layers(torch.from_numpy(X))[:, 0] > 0).numpy().astype(int)


def torch(data, seed=0):
    import torch
    from torch import nn

    torch.set_num_threads(2)
    torch.manual_seed(seed)
    X, y = torch.from_numpy(data["X"]), torch.from_numpy(data["y"]).float()[:, None]
    sizes, layers = (X.shape[1], *data["widths"], 1), []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    net, loss = nn.Sequential(*layers[:-1]), nn.BCEWithLogitsLoss()
    adam = torch.optim.Adam(net.parameters(), lr=0.001, fused=True)
    for _ in range(data["epochs"]):
        order = torch.randperm(len(X))
        shuffled, target = X[order], y[order]
        for a in range(0, len(X), 200):
            adam.zero_grad()
            loss(net(shuffled[a : a + 200]), target[a : a + 200]).backward()
            adam.step()
    return Torch(net)


def accuracy(model, data):
    "The mean accuracy on rows that were not seen, of this model and of the same way of learning with four other seeds."
    import numpy as np

    fresh = rows(20_000, seed=1)
    way = {"T": torch, "m": ours, "s": sklearn}["T" if isinstance(model, Torch) else type(model).__module__[0]]
    models = [model] + [way(data, seed) for seed in range(1, 5)]
    return float(np.mean([np.mean(m.predict(fresh["X"]) == fresh["y"]) for m in models]))


def cell(size, peer, data, theirs, goal):
    return {"id": f"55 perceptron {size}, {peer}", "chapter": "55_perceptron", "peer": peer, "goal": goal, "threads": 2,
            "quality": "accuracy, five seeds", "data": data, "ours": ours, "theirs": theirs, "judge": accuracy,
            "higher_is_better": True, "tolerance": 0.01}  # fmt: skip; PyTorch draws other first weights


CELLS = [
    cell("100, three epochs", "scikit-learn", narrow, sklearn, 3),
    cell("100, three epochs", "torch", narrow, torch, 2),
    cell("3 x 256, an epoch", "scikit-learn", wide, sklearn, 2),
    cell("3 x 256, an epoch", "torch", wide, torch, 1.1),
]
