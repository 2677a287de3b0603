"Imputers of a million rows beside scikit-learn, checks of the input included."

ROWS, COLUMNS = 1_000_000, 20


def numbers(rows=ROWS):
    "Measurements, all different, one in a hundred missing."
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, COLUMNS))
    X[rng.random(X.shape) < 0.01] = np.nan
    return X


def tenths():
    "The same, read to a tenth: some eighty different values a column."
    return numbers().round(1)


def neighbours():
    return numbers(10_000)


def words():
    "A hundred names as Python objects, one in a hundred missing."
    import numpy as np

    rng = np.random.default_rng(0)
    names = np.array([f"place {k}" for k in range(100)], dtype=object)[rng.integers(0, 100, (ROWS, 1))]
    names[rng.random(names.shape) < 0.01] = np.nan
    return names


def fit(package, name, options):
    def run(X):
        from importlib import import_module

        return getattr(import_module(package), name)(**options).fit(X)

    return run


def transform(package, name, options):
    fitted = {}

    def run(X):  # the first call, which is warm-up, fits
        if not fitted:
            fitted["model"] = fit(package, name, options)(X)
        return fitted["model"].transform(X)

    return run


def fit_transform(package, name, options):
    def run(X):
        from importlib import import_module

        return getattr(import_module(package), name)(**options).fit_transform(X)

    return run


def checksum(result, X):
    "Of stand-ins their sum (of words their length); of a filled table its sum a row."
    import numpy as np

    values = result.statistics_ if hasattr(result, "statistics_") else result
    if values.dtype == object and isinstance(values.flat[0], str):
        return float(sum(map(len, values.ravel().tolist())))
    return float(np.sum(values, dtype=np.float64)) / len(values)


def cell(words, way, data, goal, name="SimpleImputer", **options):
    return {
        "id": f"13 {words}", "chapter": "13_imputing", "peer": "scikit-learn", "goal": goal, "threads": 2,
        "quality": "sum of the answer", "data": data, "judge": checksum, "higher_is_better": None, "tolerance": 1e-12,
        "ours": way("mlbook.impute", name, options), "theirs": way("sklearn.impute", name, options),
    }  # fmt: skip


CELLS = [
    cell("mean, fit", fit, numbers, 5.0),
    cell("median, fit", fit, numbers, 20.0, strategy="median"),
    cell("most frequent, fit", fit, numbers, 5.0, strategy="most_frequent"),
    cell("most frequent of tenths, fit", fit, tenths, 5.0, strategy="most_frequent"),
    cell("most frequent of words, fit", fit, words, 1.0, strategy="most_frequent"),
    cell("constant, fit", fit, numbers, 5.0, strategy="constant"),
    cell("mean, transform", transform, numbers, 2.5),
    cell("mean with indicator, transform", transform, numbers, 2.5, add_indicator=True),
    cell("words, transform", transform, words, 1.0, strategy="most_frequent"),
    cell("indicator, fit and transform", fit_transform, numbers, 1.0, name="MissingIndicator"),
    cell("five neighbours, 10,000 x 20", fit_transform, neighbours, 1.0, name="KNNImputer"),
]
