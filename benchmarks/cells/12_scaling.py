"Scalers on a million rows of 20 columns with 1 % missing and on a sparse table, checks of the input included."

ROWS, COLUMNS = 1_000_000, 20


def table(gaps=True, widths=True):
    "A million rows; 1 % of the values missing; columns of all widths, or of width 1 (for scaling in place again)."
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(ROWS, COLUMNS))
    if widths:
        X *= np.geomspace(0.01, 1000, COLUMNS)
        X += np.arange(COLUMNS)
    if gaps:
        X[rng.integers(0, ROWS, ROWS // 5), rng.integers(0, COLUMNS, ROWS // 5)] = np.nan
    return {"X": X, "few": X[:1000].copy(), "weight": rng.random(ROWS), "fitted": {}}


def by_columns():
    "The same as a table whose columns lie one after the other in memory, as those of many frames do."
    import numpy as np

    data = table()
    return data | {"X": np.asfortranarray(data["X"])}


def sparse_table():
    import numpy as np
    import scipy.sparse

    X = scipy.sparse.random_array((100_000, 5_000), density=0.01, rng=np.random.default_rng(0), format="csr")
    return {"X": X, "fitted": {}}


def checksum(answer):
    "A weighted mean of some 10,000 values that a wrong value, row or column changes."
    import numpy as np
    import scipy.sparse

    values = answer.data if scipy.sparse.issparse(answer) else np.asarray(answer)
    values = np.nan_to_num(values[:: max(1, len(values) // 10_000)].astype(np.float64))
    places = np.cos(np.arange(values.size)).reshape(values.shape)
    return float((values * places).sum() / np.abs(values).sum())


def estimator(package, name, options):
    from importlib import import_module

    return getattr(import_module(package), name)(**options)


def fit(name, options, learned, weighted):
    def side(package):
        def run(data):
            more = {"sample_weight": data["weight"]} if weighted else {}
            return getattr(estimator(package, name, options).fit(data["X"], **more), learned)

        return run

    return side


def transform(name, options, method):
    "The scaler is fitted in the first call, which is warm-up."

    def side(package):
        def run(data):
            if "scaler" not in data["fitted"]:
                data["fitted"]["scaler"] = estimator(package, name, options).fit(data["X"])
            return getattr(data["fitted"]["scaler"], method)(data["X"])

        return run

    return side


def judge(answer, data):
    return checksum(answer)


def judge_in_place(answer, data):
    "The table has been scaled many times over: judge by fresh rows."
    return checksum(data["fitted"]["scaler"].transform(data["few"].copy()))


def cell(words, data, goal, sides, peer="scikit-learn", theirs="sklearn.preprocessing", judged=judge):
    return {
        "id": f"12 {words}", "chapter": "12_scaling", "peer": peer, "goal": goal, "threads": 2,
        "quality": "checksum of the answer", "data": data, "ours": sides("mlbook.preprocessing"),
        "theirs": sides(theirs), "judge": judged, "higher_is_better": None, "tolerance": 1e-12,
    }  # fmt: skip


LEARNED = {"StandardScaler": "scale_", "MinMaxScaler": "scale_", "MaxAbsScaler": "max_abs_"}
CELLS = [cell(f"{name} fit", table, 5.0, fit(name, {}, learned, False)) for name, learned in LEARNED.items()]
CELLS += [cell(f"{name} transform", table, 2.5, transform(name, {}, "transform")) for name in LEARNED]
CELLS += [
    cell(f"{name} transform, copy=False", lambda: table(widths=False), 2.5,
         transform(name, {"copy": False}, "transform"), judged=judge_in_place)
    for name in LEARNED
]  # fmt: skip
CELLS += [cell(f"{name} inverse", table, 1.0, transform(name, {}, "inverse_transform")) for name in LEARNED]
CELLS += [
    cell("StandardScaler fit, weighted", table, 5.0, fit("StandardScaler", {}, "scale_", True)),
    cell("StandardScaler fit, columns in one piece", by_columns, 1.0, fit("StandardScaler", {}, "scale_", False)),
    cell("MinMaxScaler fit, columns in one piece", by_columns, 1.0, fit("MinMaxScaler", {}, "scale_", False)),
    cell("StandardScaler transform, columns in one piece", by_columns, 1.0,
         transform("StandardScaler", {}, "transform")),
    cell("MinMaxScaler transform, clip=True", table, 2.5, transform("MinMaxScaler", {"clip": True}, "transform")),
    cell("MaxAbsScaler fit, no gaps", lambda: table(gaps=False), 1.0, fit("MaxAbsScaler", {}, "max_abs_", False),
         "scikit-learn-intelex", "sklearnex.preview.preprocessing"),
]  # fmt: skip
CELLS += [
    cell(f"Normalizer {norm}", lambda: table(gaps=False), 1.0, transform("Normalizer", {"norm": norm}, "transform"))
    for norm in ("l1", "l2", "max")
]
CELLS += [
    cell("sparse StandardScaler fit", sparse_table, 1.0, fit("StandardScaler", {"with_mean": False}, "scale_", False)),
    cell("sparse StandardScaler transform", sparse_table, 1.0,
         transform("StandardScaler", {"with_mean": False}, "transform")),
    cell("sparse MaxAbsScaler fit", sparse_table, 1.0, fit("MaxAbsScaler", {}, "max_abs_", False)),
    cell("sparse Normalizer l2", sparse_table, 1.0, transform("Normalizer", {}, "transform")),
]  # fmt: skip
