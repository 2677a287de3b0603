"Scalers on a million rows of 20 columns with 1 % missing, and on a sparse table, checks of the input included."

ROWS, COLUMNS = 1_000_000, 20


def table(gaps=True):
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, COLUMNS)) * np.geomspace(0.01, 1000, COLUMNS) + np.arange(COLUMNS)
    if gaps:
        X[rng.integers(0, ROWS, ROWS // 5), rng.integers(0, COLUMNS, ROWS // 5)] = np.nan
    return {"X": X, "fitted": {}}


def sparse_table():
    import scipy.sparse

    X = scipy.sparse.random(100_000, 5_000, 0.01, format="csr", random_state=0)
    return {"X": X, "fitted": {}}


def checksum(answer):
    "One number that a wrong value, a row in another place or an exchanged column changes; no copy of the table."
    import numpy as np
    import scipy.sparse

    if scipy.sparse.issparse(answer):
        return float(answer.data[::101] @ np.cos(answer.indices[::101]))
    part = np.nan_to_num(np.asarray(answer)[:: max(1, len(answer) // 10_000)].astype(np.float64))
    place = np.cos(np.arange(part.size)).reshape(part.shape)
    return float((part * place).sum() / np.abs(part * place).sum())


def estimator(package, name, options):
    from importlib import import_module

    return getattr(import_module(package), name)(**options)


def fit(package, name, options, learned):
    def run(data):
        scaler = estimator(package, name, options).fit(data["X"])
        return checksum(getattr(scaler, learned))

    return run


def transform(package, name, options, method="transform"):
    def run(data):
        if "scaler" not in data["fitted"]:  # in the first call, which is not counted
            data["fitted"]["scaler"] = estimator(package, name, options).fit(data["X"])
        return getattr(data["fitted"]["scaler"], method)(data["X"])

    return run


def judge(answer, data):
    return checksum(answer)


def in_place(package, name):
    "Each call changes the table anew, so its answer is judged after a scaling of a copy."

    def run(data):
        if "scaler" not in data["fitted"]:
            data["fitted"]["scaler"] = estimator(package, name, {"copy": False}).fit(data["X"])
            return data["fitted"]["scaler"].transform(data["X"])
        return data["fitted"]["scaler"].transform(data["X"])

    return run


def row(words, data, goal, ours, theirs, peer="scikit-learn", **more):
    return {
        "id": f"12 {words}", "chapter": "12_scaling", "peer": peer, "goal": goal, "threads": 2,
        "quality": "checksum of the answer", "data": data, "ours": ours, "theirs": theirs,
        "higher_is_better": True, "tolerance": 1e-12, **more,
    }  # fmt: skip
