"Encoders of categories beside scikit-learn: 200,000 rows, ten columns, a hundred names each."

ROWS, COLUMNS, NAMES = 200_000, 10, 100


def table(kind, names=NAMES):
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    text = np.array([f"name {k:05d}" for k in rng.permutation(names)], dtype=object)
    X = text[rng.integers(0, names, (ROWS, COLUMNS))]
    if kind == "own objects":  # every cell an object of its own, as when it was read from a file
        X = np.array([["".join([v[:4], v[4:]]) for v in row] for row in X.tolist()], dtype=object)
    if kind == "numpy":
        return X.astype(str)
    if kind == "numbers":
        return rng.integers(0, names, (ROWS, COLUMNS))
    frame = pd.DataFrame(X, columns=[f"c{j}" for j in range(COLUMNS)])
    return frame if kind in ("object", "own objects") else frame.astype({"text": "str", "category": "category"}[kind])


def fitted(package, name, options):
    from importlib import import_module

    return getattr(import_module(f"{package}.preprocessing"), name)(**options)


def fit_transform(package, name, **options):
    return lambda data: fitted(package, name, options).fit_transform(data)


def transform(package, name, **options):
    "The fit is done once, at the first call, which is not counted."
    done = {}

    def run(data):
        if not done:
            done["encoder"] = fitted(package, name, options).fit(data)
        return done["encoder"].transform(data)

    return run


def checksum(result, data):
    "A number that any moved cell changes."
    import numpy as np

    weights = np.arange(result.shape[0]) % 97 + 1.0
    columns = np.arange(result.shape[1]) % 89 + 1.0
    return float((result.T @ weights) @ columns) / result.shape[0]


def cell(words, name, kind, goal, run=fit_transform, names=NAMES):
    return {
        "id": f"14 {words}", "chapter": "14_categories", "peer": "scikit-learn", "goal": goal, "threads": 2,
        "quality": "same cells", "data": lambda: table(kind, names), "ours": run("mlbook", name),
        "theirs": run("sklearn", name), "judge": checksum, "higher_is_better": True, "tolerance": 1e-12,
    }  # fmt: skip


CELLS = [
    cell("one-hot, text of pandas", "OneHotEncoder", "text", 8.0),
    cell("one-hot, text of NumPy", "OneHotEncoder", "numpy", 8.0),
    cell("one-hot, objects", "OneHotEncoder", "object", 4.0),
    cell("one-hot, objects all different", "OneHotEncoder", "own objects", 4.0),
    cell("one-hot, categories of pandas", "OneHotEncoder", "category", 8.0),
    cell("one-hot, whole numbers", "OneHotEncoder", "numbers", 1.0),
    cell("one-hot transform, text of pandas", "OneHotEncoder", "text", 8.0, transform),
    cell("one-hot transform, objects", "OneHotEncoder", "object", 3.0, transform),
    cell("ordinal, text of pandas", "OrdinalEncoder", "text", 1.0),
    cell("ordinal, objects", "OrdinalEncoder", "object", 1.0),
    cell("ordinal, objects all different", "OrdinalEncoder", "own objects", 1.0),
    cell("ordinal, whole numbers", "OrdinalEncoder", "numbers", 1.0),
    cell("ordinal, objects of 10,000 names", "OrdinalEncoder", "object", 1.0, fit_transform, 10_000),
]
