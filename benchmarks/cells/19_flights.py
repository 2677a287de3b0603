"Every transformer on the columns of the flights that it is made for: 336,776 rows; the median of the ratios counts."

NAMES = ["carrier", "origin", "dest", "tailnum"]  # 16, 3, 105 and some 4,000 different ones


def weather():
    "Nine columns of measurements with their gaps, 336,776 x 9."
    from mlbook.datasets import WEATHER, load_flights

    return load_flights()[WEATHER].to_numpy()


def positive():
    "The measurements but rain, without their gaps, moved above zero (rain is 0 in 93 of 100: no power is best there)."
    import numpy as np

    from mlbook.datasets import WEATHER

    X = np.delete(weather(), WEATHER.index("precip"), axis=1)
    return X[~np.isnan(X).any(1)] - np.nanmin(X, axis=0) + 1


def names():
    "Four columns of names as objects, 336,776 x 4."
    from mlbook.datasets import load_flights

    frame = load_flights()
    return frame[NAMES].astype(object).fillna("none")


def named_target():
    import numpy as np

    from mlbook.datasets import load_flights

    frame = load_flights().dropna(subset="arr_delay")
    X = frame[NAMES].astype(object).fillna("none")
    return {"X": X, "y": frame.arr_delay.to_numpy(np.float64)}


def estimator(side, module, name, options):
    from importlib import import_module

    return getattr(import_module(f"{side}.{module}"), name)(**options)


def way(side, module, name, options, call):
    fitted = {}

    def run(data):
        if call == "fit":
            return estimator(side, module, name, options).fit(data)
        if call == "fit_transform":
            made = estimator(side, module, name, options)
            return made.fit_transform(**data) if isinstance(data, dict) else made.fit_transform(data)
        if not fitted:  # the first call, which is warm-up, fits
            fitted["model"] = estimator(side, module, name, options).fit(data)
        return fitted["model"].transform(data)

    return run


def checksum(result, data):
    "One number from an answer: the sum of a matrix, or of all fitted arrays."
    import numpy as np
    import scipy.sparse

    if hasattr(result, "get_params"):
        arrays = [v for k, v in sorted(vars(result).items()) if k.endswith("_") and isinstance(v, np.ndarray)]
        return float(sum(np.nansum(a.astype(float)) for a in arrays if a.dtype.kind in "fiu"))
    total = result.sum() if scipy.sparse.issparse(result) else np.nansum(np.asarray(result, dtype=np.float64))
    return float(total) / result.shape[0]


def cell(chapter, words, data, name, call, module="preprocessing", tolerance=1e-6, **options):
    sides = {key: way(side, module, name, options, call) for key, side in (("ours", "mlbook"), ("theirs", "sklearn"))}
    return {
        "id": f"{chapter[:2]} flights, {words}", "chapter": chapter, "peer": "scikit-learn", "goal": 4.0, "threads": 2,
        "quality": "sum of the answer", "data": data, "judge": checksum, "higher_is_better": None,
        "tolerance": tolerance,
    } | sides  # fmt: skip


MEDIAN = {"module": "impute", "strategy": "median"}
CELLS = [
    cell("12_scaling", "standard scaler, fit", weather, "StandardScaler", "fit"),
    cell("12_scaling", "standard scaler, transform", weather, "StandardScaler", "transform"),
    cell("12_scaling", "min-max scaler, fit", weather, "MinMaxScaler", "fit"),
    cell("13_imputing", "median imputer, fit", weather, "SimpleImputer", "fit", **MEDIAN),
    cell("13_imputing", "median imputer, transform", weather, "SimpleImputer", "transform", **MEDIAN),
    cell("14_categories", "one-hot encoder", names, "OneHotEncoder", "fit_transform"),
    cell("14_categories", "ordinal encoder", names, "OrdinalEncoder", "fit_transform"),
    cell("15_target_encoding", "target encoder", named_target, "TargetEncoder", "fit_transform", cv=5,
         target_type="continuous", tolerance=0.1),
    cell("17_quantiles", "robust scaler, fit", weather, "RobustScaler", "fit"),
    cell("17_quantiles", "quantile transformer", weather, "QuantileTransformer", "transform", random_state=0),
    cell("17_quantiles", "power transformer, fit", positive, "PowerTransformer", "fit", tolerance=1e-4),
]
