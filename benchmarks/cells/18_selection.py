"Selection of columns beside scikit-learn: tests of a million rows, mutual information of a hundred thousand."


def table(rows, columns=20):
    "Numbers, two classes that the first five columns know, and a number that the first column knows."
    import numpy as np

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, columns)), rng.integers(0, 2, rows)
    X[:, :5] += 0.2 * y[:, None]
    return {"X": X, "y": y, "z": X[:, 0] + rng.normal(size=rows)}


def counts(rows):
    "Counts from 0 to 4."
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, rows)
    return {"X": rng.poisson(1.0 + 0.1 * y[:, None], (rows, 20)) * 1.0, "y": y}


def words():
    "Word counts: 100,000 texts, 20,000 words, 50 different ones a text."
    import numpy as np
    import scipy.sparse

    rng = np.random.default_rng(0)
    places = (np.repeat(np.arange(100_000), 50), rng.integers(0, 20_000, 5_000_000))
    X = scipy.sparse.csr_array((np.ones(5_000_000), places), shape=(100_000, 20_000))
    return {"X": X, "y": rng.integers(0, 4, 100_000)}


def total(scores):
    "The logarithm of the sum of the scores: its digits are those of the sum."
    import numpy as np

    return float(np.log(np.nansum(scores[0] if isinstance(scores, tuple) else scores)))


def call(package, name, target, options):
    def run(data):
        from importlib import import_module

        found = getattr(import_module(package), name)
        if name[0].islower():
            return total(found(data["X"], data[target], **options))
        fitted = found(**options).fit(data["X"], data["y"])
        return float(fitted.transform(data["X"]).sum())

    return run


def cell(name, words, data, goal, target="y", tolerance=1e-10, **options):
    return {
        "id": f"18 {words}", "chapter": "18_selection", "peer": "scikit-learn", "goal": goal, "threads": 2,
        "quality": "same sum", "data": data, "ours": call("mlbook.feature_selection", name, target, options),
        "theirs": call("sklearn.feature_selection", name, target, options), "higher_is_better": True,
        "tolerance": tolerance,
    }  # fmt: skip


def hundred_thousand():
    return table(100_000)


def million():
    return table(1_000_000)


NUMBERS, COUNTS = {"target": "z", "random_state": 0}, {"discrete_features": True}
CELLS = [
    cell("f_classif", "F-test, classes, 1M x 20", million, 5.0),
    cell("f_regression", "F-test, line, 1M x 20", million, 1.0, target="z"),
    cell("r_regression", "correlation, 1M x 20", million, 1.0, target="z"),
    cell("chi2", "chi-squared, 1M x 20", lambda: counts(1_000_000), 1.0),
    cell("chi2", "chi-squared, 5M words", words, 1.0),
    cell("f_classif", "F-test, 5M words", words, 1.0),
    cell("VarianceThreshold", "variance threshold, 1M x 20", million, 1.0),
    cell("SelectKBest", "ten best, 1M x 20", million, 1.0, k=10),
    cell("mutual_info_classif", "mutual information, classes, 100k x 20", hundred_thousand, 5.0, random_state=0),
    cell("mutual_info_regression", "mutual information, numbers, 100k x 20", hundred_thousand, 5.0, **NUMBERS),
    cell("mutual_info_classif", "mutual information, counts, 100k x 20", lambda: counts(100_000), 5.0, **COUNTS),
]
