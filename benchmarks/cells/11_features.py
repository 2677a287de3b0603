"Calendar parts and products of columns beside pandas and scikit-learn."


def instants():
    import numpy as np
    import pandas as pd

    hours = np.random.default_rng(0).integers(0, 8760, 1_000_000)
    return pd.Series(pd.Timestamp("2013-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"))


def texts():
    return instants()[:300_000].dt.strftime("%d.%m.%Y %H:%M")


def names():
    return instants()[:300_000].dt.strftime("%B %d").astype("str")


def table(rows, columns):
    def data():
        import numpy as np

        return np.random.default_rng(0).normal(size=(rows, columns))

    return data


def thin():
    import numpy as np
    import scipy.sparse

    return scipy.sparse.random_array((20_000, 1_000), density=0.01, rng=np.random.default_rng(0), format="csr")


def our_parts(dates):
    from mlbook.preprocessing import calendar

    return calendar(dates, "t")


def their_parts(dates):
    return {f"t_{part}": getattr(dates.dt, part).astype(float) for part in ("year", "month", "day_of_week", "hour")}


def our_dates(values):
    from mlbook.preprocessing import as_dates

    return {"t": as_dates(values, "t", "%d.%m.%Y %H:%M").asi8}


def their_dates(values):
    import pandas as pd

    return {"t": pd.to_datetime(values, format="%d.%m.%Y %H:%M", utc=True).astype("int64")}


def our_text(values):
    from mlbook.preprocessing import as_text

    return as_text(values)


def their_text(values):
    return values.to_numpy(object)


def judge_parts(parts, _):
    import numpy as np

    return float(sum((k + 1) * np.asarray(v, float).sum() for k, v in enumerate(parts.values())))


def judge_text(found, _):
    return float(sum(map(hash_free, found[:1000])))


def hash_free(word):
    return sum(word.encode())


def judge_dates(found, _):
    import pandas as pd

    return float(pd.to_datetime(pd.Series(found["t"])).nunique())


def products(package, **options):
    def run(X):
        from importlib import import_module

        return import_module(package).PolynomialFeatures(**options).fit_transform(X)

    return run


def judge_products(found, _):
    import numpy as np

    weights = np.cos(np.arange(found.shape[1]))
    return float((found @ weights).sum())


def cell(words, peer, goal, data, ours, theirs, judge, quality="checksum"):
    return {
        "id": f"11 {words}", "chapter": "11_features", "peer": peer, "goal": goal, "threads": 2, "quality": quality,
        "data": data, "ours": ours, "theirs": theirs, "judge": judge, "higher_is_better": True, "tolerance": 1e-6,
    }  # fmt: skip


def polynomial(words, data, **options):
    ours, theirs = products("mlbook.preprocessing", **options), products("sklearn.preprocessing", **options)
    return cell(f"products, {words}", "scikit-learn", 1.0, data, ours, theirs, judge_products)


CELLS = [
    polynomial("100,000 x 20, degree 2", table(100_000, 20), degree=2),
    polynomial("50,000 x 10, degree 3", table(50_000, 10), degree=3),
    polynomial("50,000 x 10, degree 2 to 3", table(50_000, 10), degree=(2, 3)),
    polynomial("100,000 x 20, in columns", table(100_000, 20), degree=2, order="F"),
    polynomial("20,000 x 1,000, 1 % filled", thin, degree=2),
    cell("calendar parts of 10^6 instants", "pandas", 1.0, instants, our_parts, their_parts, judge_parts),
    cell("300,000 text dates", "pandas", 1.0, texts, our_dates, their_dates, judge_dates, "distinct dates"),
    cell("300,000 texts", "pandas", 1.0, names, our_text, their_text, judge_text),
]
