"Linear support vector machines beside scikit-learn's (liblinear): seconds to an equally good optimum."


def normal_rows(rows, columns):
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, columns))
    score = X @ rng.normal(size=columns) / columns**0.5
    return {"X": X, "y": (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(int)}


def flights(every=4):
    from mlbook.datasets import FEATURES, load_flights
    from mlbook.preprocessing import TablePreprocessor

    data = load_flights()
    data = data[data.late.notna()].iloc[::every]
    return {"X": TablePreprocessor().fit_transform(data[FEATURES]), "y": data.late.astype(int).to_numpy()}


def minutes():
    "Late minutes of every fourth flight."
    from mlbook.datasets import load_flights

    data = load_flights()
    return flights() | {"y": data[data.late.notna()].iloc[::4].arr_delay.to_numpy(float)}


def words(rows=20_000, columns=50_000):
    "Rows of about 100 words, drawn with falling frequency, weighted and of length 1, as a vectorizer makes them."
    import numpy as np
    import scipy.sparse

    rng = np.random.default_rng(0)
    share = np.arange(1, columns + 1) ** -0.8
    word = rng.choice(columns, (rows, 110), p=share / share.sum()).ravel().astype(np.int32)
    X = scipy.sparse.csr_array((np.ones(word.size), word, np.arange(0, word.size + 1, 110, np.int32)), (rows, columns))
    X.sum_duplicates()
    X = X * np.log(rows / (1 + np.bincount(X.indices, minlength=columns)))
    X = scipy.sparse.csr_array(X.multiply(X.multiply(X).sum(1)[:, None] ** -0.5))
    score = X @ (5 * rng.normal(size=columns) * (rng.random(columns) < 0.1))
    return {"X": X, "y": (rng.random(rows) < 1 / (1 + np.exp(-score))).astype(int)}


def margins(model, data):
    "Each row's distance beyond its margin (or tube) in the loss's unit (n_samples,)."
    import numpy as np

    z = data["X"] @ model.coef_.reshape(-1) + model.intercept_
    if hasattr(model, "epsilon"):
        return np.maximum(np.abs(data["y"] - z) - model.epsilon, 0)
    return np.maximum(1 - (2 * data["y"] - 1) * z, 0)


def slope(model, data):
    "Largest slope left of the mean squared hinge: how far from the optimum the fit stopped."
    import numpy as np

    n, pull = len(data["y"]), 2 * model.C * margins(model, data) * (2 * data["y"] - 1)
    slopes = model.coef_[0] - data["X"].T @ pull, model.intercept_ - pull.sum()
    return float(np.abs(np.append(*slopes)).max() / n)


def objective(model, data):
    "What is minimised, a row: the loss and the penalty, of the constant too."
    import numpy as np

    far, w = margins(model, data), np.append(model.coef_, model.intercept_)
    loss = (far**2 if model.loss.startswith("squared") else far).sum()
    size = np.abs(w).sum() if getattr(model, "penalty", "l2") == "l1" else 0.5 * w @ w
    return float(model.C * loss + size) / len(far)


def fit(module, kind, **options):
    "A function of the data that fits a model of a module; random_state fixes the order of coordinate descent."

    def go(data):
        import importlib

        model = getattr(importlib.import_module(module), kind)(**{"random_state": 0} | options)
        return model.fit(data["X"], data["y"])

    return go


def cell(size, data, options, kind="LinearSVC", theirs=None, goal=1, judge=objective, tolerance=1e-4):
    quality = "largest slope left" if judge is slope else "loss and penalty"
    return {"id": f"42 {kind} {size}", "chapter": "42_svm", "peer": "scikit-learn", "goal": goal, "threads": 2,
            "quality": quality, "data": data, "ours": fit("mlbook.svm", kind, **options),
            "theirs": fit("sklearn.svm", kind, **options | (theirs or {})), "judge": judge,
            "higher_is_better": False, "tolerance": tolerance}  # fmt: skip


def large():
    return normal_rows(200_000, 50)


HINGE, LONG = {"loss": "hinge"}, {"tol": 1e-6, "max_iter": 10_000}
CELLS = [
    cell("200,000 x 50", large, {}, goal=10, judge=slope, tolerance=1e-8),
    cell("every fourth flight", flights, {}, goal=10, judge=slope, tolerance=1e-8),
    cell("1,000 x 10", lambda: normal_rows(1000, 10), {}, judge=slope, tolerance=1e-8),
    cell("hinge, 20,000 x 50", lambda: normal_rows(20_000, 50), HINGE),
    cell("20,000 x 50,000 sparse", words, {}, goal=0.8),
    cell("hinge, 20,000 x 50,000 sparse", words, HINGE, goal=0.8),
    cell("primal, 20,000 x 50,000 sparse", words, {"dual": False}, goal=0.8),
    cell("L1, 200,000 x 50", large, {"penalty": "l1", "C": 0.01}, theirs={"dual": False}),
    cell("minutes of every fourth flight", minutes, {}, kind="LinearSVR", theirs=LONG),
]
