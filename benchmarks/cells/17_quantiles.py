"Robust scaling, ranks, powers and bins of a million rows of twenty columns beside scikit-learn."


def table(rows, gaps=True):
    "Twenty columns of different widths, a hundredth of the values missing."
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.normal(size=(rows, 20)) * np.geomspace(0.01, 1000, 20) + np.arange(20)
    if gaps:
        X[rng.random(X.shape) < 0.01] = np.nan
    return X


def mean_size(values):
    "The mean absolute value of what was computed: equal to twelve digits if all of it is."
    import numpy as np

    return float(np.nanmean(np.abs(values)))


def model(package, name, options):
    from importlib import import_module

    return getattr(import_module(package), name)(**options)


def fit(package, name, attribute, options):
    def run(data):
        found = getattr(model(package, name, options).fit(data), attribute)
        return mean_size(found if attribute != "bin_edges_" else [edges[1:-1] for edges in found])

    return run


def transform(package, name, options):
    "Fitted once, on the first call; each call transforms the whole table."
    known = {}

    def run(data):
        if not known:
            known["model"] = model(package, name, options).fit(data)
        return known["model"].transform(data)

    return run


def judge(result, data):
    return result if isinstance(result, float) else mean_size(getattr(result, "indices", result))


def cell(words, name, goal, attribute=None, rows=1_000_000, tolerance=1e-12, gaps=True, **options):
    make = (lambda package: fit(package, name, attribute, options)) if attribute else (
        lambda package: transform(package, name, options)
    )  # fmt: skip
    return {
        "id": f"17 {words}", "chapter": "17_quantiles", "peer": "scikit-learn", "goal": goal, "threads": 2,
        "quality": "same value", "data": lambda: table(rows, gaps), "ours": make("mlbook.preprocessing"),
        "theirs": make("sklearn.preprocessing"), "judge": judge, "higher_is_better": True, "tolerance": tolerance,
    }  # fmt: skip


NORMAL = {"output_distribution": "normal", "random_state": 0}
CELLS = [
    cell("RobustScaler fit", "RobustScaler", 5.0, "scale_", tolerance=1e-9),
    cell("RobustScaler transform", "RobustScaler", 2.5, tolerance=1e-9),
    cell("QuantileTransformer fit", "QuantileTransformer", 1.0, "quantiles_", random_state=0, tolerance=1e-9),
    cell("QuantileTransformer transform, uniform", "QuantileTransformer", 10.0, random_state=0),
    cell("QuantileTransformer transform, normal", "QuantileTransformer", 10.0, **NORMAL),
    cell("PowerTransformer fit, 100,000 rows", "PowerTransformer", 1.0, "lambdas_", 100_000, 1e-5),
    cell("PowerTransformer transform, 100,000 rows", "PowerTransformer", 1.0, None, 100_000, 1e-5),
    cell("KBinsDiscretizer fit", "KBinsDiscretizer", 1.0, "bin_edges_", gaps=False, random_state=0, tolerance=1e-9),
    cell("KBinsDiscretizer transform, one-hot", "KBinsDiscretizer", 1.0, gaps=False, random_state=0),
    cell("KBinsDiscretizer transform, ordinal", "KBinsDiscretizer", 1.0, gaps=False, random_state=0, encode="ordinal"),
]
