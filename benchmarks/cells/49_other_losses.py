"Other losses beside scikit-learn: equal epochs of stochastic descent, equal optimum for Huber and quantiles."

THREADS = {"chapter": "49_other_losses", "peer": "scikit-learn", "threads": 2, "higher_is_better": False}


def dense_rows():
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(200_000, 50))
    score = X @ rng.normal(size=50)
    return {"X": X, "y": score + rng.normal(size=len(X)), "late": (score + rng.normal(size=len(X)) > 0).astype(int)}


def sparse_rows():
    import numpy as np
    import scipy.sparse

    rng = np.random.default_rng(0)
    X = scipy.sparse.random_array((20_000, 50_000), density=0.002, format="csr", rng=rng)
    score = X @ rng.normal(size=50_000)
    return {"X": X, "y": score, "late": (score > 0).astype(int)}


def outliers():
    import numpy as np

    data = dense_rows()
    rows = np.random.default_rng(1).random(len(data["y"])) < 0.05
    data["y"][rows] += 100
    return data


def few_rows():
    data = outliers()
    return {"X": data["X"][:5000, :10], "y": data["y"][:5000]}


def classify(package, loss, **options):
    def call(data):
        module = __import__(f"{package}.linear_model", fromlist=["SGDClassifier"])
        fixed = {"alpha": 1e-4, "max_iter": 5, "tol": None, "random_state": 0}
        return module.SGDClassifier(loss, **fixed | options).fit(data["X"], data["late"])

    return call


def regress(package, name, **options):
    def call(data):
        module = __import__(f"{package}.linear_model", fromlist=[name])
        return getattr(module, name)(**options).fit(data["X"], data["y"])

    return call


def mistakes(model, data):
    return float(1 - model.score(data["X"], data["late"]))


def squared(model, data):
    return float(((data["y"] - model.predict(data["X"])) ** 2).mean())


def huber(model, data):
    "Huber's loss per row at the model's weights and scale, penalty included."
    import numpy as np

    r, s = data["y"] - model.predict(data["X"]), model.scale_
    pull = np.clip(r / s, -1.35, 1.35)
    return float((s + 2 * pull * r - s * pull**2).mean() + 1e-4 * (model.coef_**2).sum() / len(r))


def tilted(model, data):
    import numpy as np

    r = data["y"] - model.predict(data["X"])
    return float(np.maximum(0.9 * r, -0.1 * r).mean())


def cell(name, data, judge, quality, tolerance, goal, call, **options):
    ours, theirs = (call(package, **options) for package in ("mlbook", "sklearn"))
    return THREADS | {"id": f"49 {name}", "goal": goal, "quality": quality, "data": data, "ours": ours,
                      "theirs": theirs, "judge": judge, "tolerance": tolerance}  # fmt: skip


EPOCHS = {"name": "SGDRegressor", "max_iter": 5, "tol": None, "random_state": 0}
CELLS = [
    *(cell(f"SGDClassifier {loss}, {size}, 5 epochs", data, mistakes, "training mistakes", 1e-3, 2.0, classify,
           loss=loss)
      for size, data in (("200,000 x 50", dense_rows), ("CSR 20,000 x 50,000", sparse_rows))
      for loss in ("hinge", "log_loss")),
    cell("SGDRegressor 200,000 x 50, 5 epochs", dense_rows, squared, "training squared error", 1e-3, 2.0,
         lambda package: regress(package, **EPOCHS)),
    cell("HuberRegressor 200,000 x 50", outliers, huber, "Huber's loss", 1e-6, 1.0,
         lambda package: regress(package, "HuberRegressor", tol=1e-5, max_iter=1000)),
    cell("QuantileRegressor 5,000 x 10", few_rows, tilted, "tilted loss", 1e-8, 1.0,
         lambda package: regress(package, "QuantileRegressor", quantile=0.9, alpha=0)),
]  # fmt: skip
