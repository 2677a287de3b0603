"Least squares beside scikit-learn and scikit-learn-intelex: seconds to weights that leave as little slope."


def normal_rows(rows, columns, dtype="float64", alike=0.0):
    "Rows whose last column repeats the first one, up to the part `alike` of noise (0: it stands alone)."
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.standard_normal((rows, columns), dtype)
    if alike:
        X[:, -1] = X[:, 0] + alike * X[:, -1]
    y = X @ rng.standard_normal(columns, dtype) + rng.standard_normal(rows, dtype) + 1
    return {"X": X, "y": y, "weight": rng.random(rows)}


def sparse_rows():
    import numpy as np
    import scipy.sparse

    rng = np.random.default_rng(0)
    X = scipy.sparse.random_array((100_000, 500), density=0.02, format="csr", rng=rng)
    return {"X": X, "y": X @ rng.normal(size=500) + rng.normal(size=100_000), "weight": None}


def slope(model, data):
    "The largest correlation of a column with what is left of the target; the optimum has none."
    import numpy as np

    X = data["X"]
    left = data["y"] - model.predict(X)
    squares = X.power(2).sum(axis=0) if hasattr(X, "power") else np.einsum("ij,ij->j", X, X)
    return float(np.max(np.abs(X.T @ left) / np.sqrt(squares)) / np.linalg.norm(left))


def fit(package, weighted=False, **options):
    def run(data):
        from importlib import import_module

        model = import_module(f"{package}.linear_model").LinearRegression(**options)
        return model.fit(data["X"], data["y"], data["weight"] if weighted else None)

    return run


def weighted_slope(model, data):
    import numpy as np

    left = data["weight"] * (data["y"] - model.predict(data["X"]))
    return float(np.max(np.abs(data["X"].T @ left)) / np.linalg.norm(left) / len(left) ** 0.5)


def misfit(model, data):
    return float(((data["y"] - model.predict(data["X"])) ** 2).mean())


def cell(words, data, goal, peer="scikit-learn", theirs="sklearn", judge=slope, tolerance=1e-6, **options):
    return {
        "id": f"40 least squares {words}, {peer}", "chapter": "40_linear_regression", "peer": peer, "goal": goal,
        "threads": 2, "quality": "largest slope left", "data": data, "ours": fit("mlbook", **options),
        "theirs": fit(theirs, **options), "judge": judge, "higher_is_better": False, "tolerance": tolerance,
    }  # fmt: skip


INTELEX = {"peer": "scikit-learn-intelex", "theirs": "sklearnex"}
CELLS = [
    cell("200,000 x 50", lambda: normal_rows(200_000, 50), 8.0),
    cell("200,000 x 50", lambda: normal_rows(200_000, 50), 1.0, **INTELEX),
    cell("1,000,000 x 100 float32", lambda: normal_rows(1_000_000, 100, "float32"), 4.0, tolerance=1e-5),
    cell("200,000 x 50 weighted", lambda: normal_rows(200_000, 50), 4.0, judge=weighted_slope, weighted=True),
    cell("200,000 x 50, a column repeated", lambda: normal_rows(200_000, 50, alike=1e-12), 1.0),
    cell("200,000 x 20 positive", lambda: normal_rows(200_000, 20), 1.0, judge=misfit, positive=True)
    | {"quality": "mean squared error"},
    cell("sparse 100,000 x 500, to all digits", sparse_rows, 1.0, tol=1e-14),
    cell("1,000 x 10", lambda: normal_rows(1000, 10), 1.0),
    cell("1,000 x 10", lambda: normal_rows(1000, 10), 1.0, **INTELEX),
]
