"What the exercises are checked against: each function raises AssertionError naming the case that failed."


def check_2_1(answer):
    assert answer == 2 + 2, "two and two, counted on your fingers"


def check_01_1(answer):
    import pandas as pd

    day = pd.date_range("2013-03-10", periods=2, tz="America/New_York")
    assert answer == (day[1] - day[0]) / pd.Timedelta("1h"), "count the hours from one local midnight to the next"


def check_01_2(answer):
    from sklearn.metrics import roc_auc_score

    truth = roc_auc_score([1, 1, 0], [3, 1, 2])
    assert abs(answer - truth) < 1e-9, "the share of pairs (late, on time) in which the late one has the higher score"


def check_01_3(answer):
    from zoneinfo import ZoneInfo

    import pandas as pd

    times = pd.Series(pd.to_datetime(["2013-04-01 03:59", "2013-04-01 04:00", "2013-12-01 04:59"], utc=True))
    truth = [t.astimezone(ZoneInfo("America/New_York")).month for t in times]
    assert list(answer(times)) == truth, "an instant near midnight is in the wrong month"


def check_01_4(answer):
    seen = [1, 3, 5]
    for now, case in (
        (4, "between two readings"),
        (3, "of a reading itself"),
        (0, "before the first"),
        (9, "after the last"),
    ):
        truth = max((s for s in seen if s <= now), default=None)
        assert answer(seen, now) == truth, f"wrong at a time {case}"


def check_01_5(answer):
    import pandas as pd

    flights = pd.DataFrame(
        {"time_hour": pd.to_datetime(["2013-07-01 12:00", "2013-07-01 17:00"], utc=True), "origin": "JFK"}
    )
    seen = pd.date_range("2013-07-01 08:00", "2013-07-01 13:00", freq="h", tz="UTC").astype(flights.time_hour.dtype)
    weather = pd.DataFrame({"time_hour": seen, "origin": "JFK", "temp": range(60, 66)})
    for lag in ("0h", "1h", "90min"):
        for row, t in enumerate(flights.time_hour):
            wait = t - (seen + pd.Timedelta(lag))  # since it arrived
            there = weather.temp[(wait >= pd.Timedelta(0)) & (wait <= pd.Timedelta("3h"))]
            truth = there.iloc[-1] if len(there) else None
            found = answer(flights, weather, lag).temp.iloc[row]
            same = pd.isna(found) if truth is None else found == truth
            assert same, f"the reading for {t:%H:%M} with a lag of {lag}"
    assert list(answer(flights, weather, "1h").time_hour) == list(flights.time_hour), (
        "time_hour of the flights was moved"
    )
    assert list(weather.time_hour) == list(seen), "the weather that was handed in was changed"


def check_04_1(answer):
    import numpy as np

    from mlbook._columns import SAMPLE, brackets

    falling = np.arange(80_000.0)[::-1, None]
    rows = np.sort(np.random.default_rng(0).integers(0, len(falling), SAMPLE))
    low, high = brackets(falling[rows], np.array([0.5]))
    slow = not low.item() <= np.median(falling) <= high.item()
    assert str(answer).strip().lower() == ("yes" if slow else "no"), "try it: where does the median lie in the bracket?"


def check_04_2(answer):
    import numpy as np

    a, b = np.array([0.0, 2.0]), np.array([3.0, 3.0, 5.0, 5.0, 7.0, 7.0])
    b = 5 + (b - 5) * np.sqrt(12 / ((b - 5) ** 2).sum())  # mean 5, squares 12
    both = np.concatenate([a, b])
    mean, squares = answer
    assert abs(mean - both.mean()) < 1e-9, "the mean is wrong"
    assert abs(squares - ((both - both.mean()) ** 2).sum()) < 1e-9, "the squares are wrong"


def check_04_3(answer):
    import numpy as np

    cases = {"of equal blocks": [3, 3], "of unequal blocks": [1, 5, 2], "with an empty block": [4, 0, 1]}
    for case, sizes in cases.items():
        rng = np.random.default_rng(0)
        blocks = [rng.normal(size=size) for size in sizes]
        truth = np.concatenate(blocks).mean()
        assert abs(answer(blocks) - truth) < 1e-12, f"wrong {case}"


def check_04_4(answer):
    import numpy as np

    def state(x):
        return len(x), x.mean(), ((x - x.mean()) ** 2).sum(), ((x - x.mean()) ** 3).sum()

    rng = np.random.default_rng(0)
    for case, sizes in (("of equal length", (5, 5)), ("of unequal length", (2, 9)), ("of one value", (1, 1))):
        a, b = (rng.gamma(2.0, size=size) + shift for size, shift in zip(sizes, (0, 3)))
        found, truth = answer(state(a), state(b)), state(np.concatenate([a, b]))
        for name, ours, theirs in zip(("n", "m", "S", "C"), found, truth):
            assert abs(ours - theirs) < 1e-9 * max(1, abs(theirs)), f"{name} of blocks {case}"


def check_10_1(answer):
    import numpy as np
    from scipy.stats import zscore

    x = np.r_[np.linspace(5, 6, 9), 1e6]
    truth = bool(zscore(x, ddof=1).max() > 3)
    assert isinstance(answer, (bool, np.bool_)), "the answer is True or False"
    assert bool(answer) == truth, "how far from the mean can one of ten values be at most?"


def check_10_2(answer):
    import numpy as np
    from scipy.stats import median_abs_deviation

    x = np.array([1, 2, 4, 7, 100])
    truth = np.median(x), median_abs_deviation(x), (100 - np.median(x)) / median_abs_deviation(x, scale="normal")
    answer = np.asarray(answer, dtype=float)
    assert answer.shape == (3,), "three numbers: median, MAD, z"
    for name, said, right, near in zip(("median", "MAD", "robust z"), answer, truth, (1e-9, 1e-9, 0.05), strict=True):
        assert abs(said - right) <= near, f"the {name} is not right"


def check_10_3(answer):
    import datetime as dt

    import numpy as np

    start = dt.date(2013, 1, 1)
    arrival, nights = (a.ravel() for a in np.meshgrid([1, 180, 340, 364, 365], [0, 1, 7, 30, 31, 60, 200, 364]))
    departure = [(start + dt.timedelta(days=int(a - 1 + n))).timetuple().tm_yday for a, n in zip(arrival, nights)]
    said = np.asarray(answer(arrival, np.array(departure)))
    assert said.shape == arrival.shape, f"one truth value a stay: the shape is {said.shape}"
    for a, d, n, s in zip(arrival, departure, nights, said, strict=True):
        if n != 31:  # a month may be thirty nights or thirty-one
            assert bool(s) == (n > 31), f"wrong for a stay from day {a} to day {d}, {n} nights"


def check_10_4(answer):
    import re

    import pandas as pd

    from mlbook.preprocessing import Rule, clean

    plates = ["AB-12", "AB12", "xAB-12", None, "CD-7", "AB-12 x"]
    frame = pd.DataFrame({"plate": plates}, index=list("abcdef"))
    for pattern in ("[A-Z]{2}-[0-9]+", "AB.*"):
        rule = answer(pattern)
        assert isinstance(rule, Rule), "it must be a Rule"
        truth = [v is not None and re.fullmatch(pattern, v) is None for v in plates]
        tidy, report = clean(frame, {"plate": rule}, duplicates="keep")
        found = (tidy.plate.isna() & frame.plate.notna()).tolist()
        assert found == truth, f"wrong rows for the pattern {pattern!r}: each wrong value must be emptied, and no other"
        assert report.rows.tolist() == [sum(truth)], f"the report must count {sum(truth)} rows"
    dropped = clean(frame, {"plate": answer("AB.*", action="drop")}, duplicates="keep")[0]
    assert list(dropped.index) == list("abdf"), "with action='drop' the wrong rows must go, and no other"


def check_11_1(answer):
    import numpy as np
    from sklearn.preprocessing import PolynomialFeatures

    truth = PolynomialFeatures(3).fit(np.zeros((1, 5))).n_output_features_
    assert answer == truth, "all products of up to three factors, the constant among them"


def check_11_2(answer):
    import cmath
    import math

    sunday, monday = (cmath.exp(2j * math.pi * day / 7) for day in (6, 0))
    assert abs(float(answer) - abs(sunday - monday)) < 0.006, "they are neighbours on a circle of seven days"


def check_11_3(answer):
    import numpy as np

    found = np.asarray(answer(np.arange(1, 13)), float)
    assert found.shape == (12, 2), f"the shape for twelve months must be (12, 2), not {found.shape}"
    assert np.allclose(np.hypot(*found.T), 1), "each month must stand on the circle"
    steps = np.hypot(*(found - np.roll(found, 1, axis=0)).T)
    assert np.allclose(steps, steps[1]), "the step from December to January must be like every other"


def check_11_4(answer):
    import datetime

    import numpy as np
    import pandas as pd

    dates = pd.to_datetime(["2013-07-03", "2013-07-04", "2013-07-05", "2013-12-24", "2013-12-26"])
    for holidays in (["2013-07-04", "2013-12-25"], ["2013-12-25", "2013-07-04"]):
        found = np.asarray(answer(dates, pd.to_datetime(holidays)), float)
        assert found.shape == (5,), f"one number a date, please: the shape is {found.shape}"
        for date, days in zip(dates, found, strict=True):
            ahead = [(datetime.date.fromisoformat(h) - date.date()).days for h in holidays]
            truth = min((d for d in ahead if d >= 0), default=np.nan)
            assert np.isclose(days, truth, equal_nan=True), f"wrong for {date:%d %B} with the holidays {holidays}"


def check_12_1(answer):
    import numpy as np
    from sklearn.linear_model import LinearRegression
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 2)) * [1, 1000], rng.normal(size=50)
    Z = StandardScaler().fit_transform(X)
    same = np.allclose(LinearRegression().fit(X, y).predict(X), LinearRegression().fit(Z, y).predict(Z))
    assert str(answer).lower() == ("no" if same else "yes"), "a weight may be as large as it likes: no cost here"


def check_12_2(answer):
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    one, two = np.array([1.0, 2.0, 6.0]), np.array([6.0, 10.0])  # the means and sums of the exercise
    truth = StandardScaler().fit(np.concatenate([one, two])[:, None])
    mean, variance = answer
    assert abs(mean - truth.mean_[0]) < 0.006, "the mean: weigh each block by its rows"
    assert abs(variance - truth.var_[0]) < 0.006, "the variance: do not forget the third term of (3)"


def check_12_3(answer):
    import numpy as np
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    train, test = rng.normal(size=(20, 3)), rng.normal(size=(5, 3)) + 1
    for rows in (test, test[:2]):
        a, b = answer(train, rows)
        scaler = StandardScaler().fit(train)
        assert np.allclose(a, scaler.transform(train)), "wrong for the training rows"
        assert np.allclose(b, scaler.transform(rows)), f"wrong for {len(rows)} test rows"


def check_12_4(answer):
    import numpy as np
    from sklearn.linear_model import LinearRegression
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    for p in (1, 3):
        X = rng.normal(size=(30, p)) * 10.0 ** np.arange(p) + 5
        scaler = StandardScaler().fit(X)
        model = LinearRegression().fit(scaler.transform(X), rng.normal(size=30))
        weights, constant = answer(model.coef_, model.intercept_, scaler.mean_, scaler.scale_)
        found = X @ np.asarray(weights, float) + constant
        assert np.allclose(found, model.predict(scaler.transform(X))), f"other predictions for a table of {p} columns"


def check_13_1(answer):
    import numpy as np
    from sklearn.impute import SimpleImputer

    x = np.array([[1.0], [2.0], [3.0], [4.0], [np.nan]])
    change = SimpleImputer().fit_transform(x).std() - np.nanstd(x)
    truth = "stays" if abs(change) < 1e-12 else "rises" if change > 0 else "falls"
    assert answer == truth, "a value at the mean adds no deviation, but it is counted"


def check_13_2(answer):
    import numpy as np
    from sklearn.metrics.pairwise import nan_euclidean_distances

    truth = nan_euclidean_distances([[2, np.nan, 7, 1]], [[5, 3, 3, np.nan]])[0, 0]
    assert np.isscalar(answer) or np.size(answer) == 1, "one number, please"
    assert abs(float(np.ravel(answer)[0]) - truth) < 0.006, "two columns are shared; the sum is stretched to all four"


def check_13_3(answer):
    import numpy as np
    from sklearn.impute import SimpleImputer

    train = np.array([1.0, 2.0, 9.0, np.nan])
    for new in ([np.nan], [np.nan, 50.0], [7.0, np.nan, np.nan]):
        truth = SimpleImputer(strategy="median").fit(train[:, None]).transform(np.array(new)[:, None])[:, 0]
        assert np.allclose(answer(train, np.array(new)), truth), f"wrong for the new rows {new}"


def check_13_4(answer):
    import numpy as np
    from sklearn.impute import KNNImputer

    for seed in range(3):
        X = np.random.default_rng(seed).normal(size=(60, 4)) * [1, 1000, 0.01, 5]
        X[np.random.default_rng(seed + 9).random(X.shape) < 0.15] = np.nan
        given, scale = X.copy(), np.nanstd(X, axis=0)
        for k in (1, 4):
            truth = KNNImputer(n_neighbors=k).fit_transform(X / scale) * scale
            found = np.asarray(answer(X, k), dtype=float)
            assert found.shape == truth.shape, f"the table has the shape {truth.shape}, the answer {found.shape}"
            assert np.allclose(found, truth), f"wrong for table {seed} and n_neighbors={k}: scaled and scaled back?"
            assert np.array_equal(X, given, equal_nan=True), "the table that was handed in was changed"


def check_14_1(answer):
    import numpy as np
    from sklearn.preprocessing import OneHotEncoder

    H = OneHotEncoder(drop="first").fit_transform(np.array([["b"], ["a"], ["c"], ["a"]])).toarray()
    ones, rows = answer
    assert ones == H.sum(), "how many ones: count the rows whose name still has a column"
    assert sorted(rows) == np.flatnonzero(H.sum(1) == 0).tolist(), "the rows whose name has no column any more"


def check_14_2(answer):
    import numpy as np
    from sklearn.preprocessing import OneHotEncoder

    counts = [9, 4, 4, 2, 1, 0]
    rows = np.repeat(list("abcdef"), counts)[:, None].astype(object)
    encoder = OneHotEncoder(max_categories=4, categories=[list("abcdef")]).fit(rows)
    truth = ["abcdef".index(v) for v in encoder.infrequent_categories_[0]]
    assert sorted(int(k) for k in answer) == truth, "how many names may keep a column of their own?"


def check_14_3(answer):
    from sklearn.preprocessing import OrdinalEncoder

    for train, new in ((["b", "a", "d"], ["d", "c", "a"]), (["x", "x"], ["x", "a", "x"])):
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit([[v] for v in train])
        truth = encoder.transform([[v] for v in new]).ravel().tolist()
        assert list(answer(train, new)) == truth, f"train {train}, new {new}"


def check_14_4(answer):
    import numpy as np
    from sklearn.preprocessing import OneHotEncoder

    for old, new in ((["b", "d"], ["a", "d", "c"]), (["x"], ["x"]), ([3, 1], [2, 2])):
        encoder = OneHotEncoder().fit(np.array(old)[:, None])
        truth = OneHotEncoder().fit(np.array(old + new)[:, None]).categories_[0].tolist()
        assert list(answer(encoder, np.array(new)[:, None])) == truth, f"old names {old}, new rows {new}"


def check_15_1(answer):
    truth = "below"
    rows = [1, 1, 0, 0, 0]  # of one name; each row is encoded by the other four
    others = [(sum(rows) - y) / 4 for y in rows]
    late, on_time = [o for o, y in zip(others, rows) if y], [o for o, y in zip(others, rows) if not y]
    assert max(late) < min(on_time) and answer == truth, "take your own answer out of the mean: what is left?"


def check_15_2(answer):
    from sklearn.preprocessing import TargetEncoder

    y = [1.0] * 3 + [0.0] * 1 + [0.0] * 5 + [1.0] * 1
    encoder = TargetEncoder(smooth=6, target_type="continuous").fit([["a"]] * 4 + [["b"]] * 6, y)
    assert abs(float(answer) - encoder.encodings_[0][0]) < 5e-3, "six rows of the mean of all are added"


def check_15_3(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    names, y = rng.integers(0, 4, 40), rng.normal(size=40)
    folds = np.arange(40) % 4
    found = np.asarray(answer(names, y, folds))
    for i in range(40):
        others = (names == names[i]) & (folds != folds[i])
        assert abs(found[i] - y[others].mean()) < 1e-9, f"row {i}: the mean of its name over the other folds"


def check_15_4(answer):
    import numpy as np
    from sklearn.model_selection import check_cv

    times = np.array([3, 1, 2, 9, 5, 7, 4, 8, 6])
    folds = [(np.sort(train), np.sort(test)) for train, test in answer(times, 3)]
    assert len(folds) == 3 and check_cv(folds) is not None, "three pairs (train, test)"
    order = np.argsort(times)
    for k, (train, test) in enumerate(folds):
        block = order[3 * k : 3 * k + 3]
        assert np.array_equal(test, np.sort(block)), f"fold {k} must be the {k + 1}. block in time"
        rest = np.setdiff1d(order, block)
        assert np.array_equal(train, rest), f"fold {k} learns from all rows but its own"


def check_16_1(answer):
    import numpy as np

    thrown = np.random.default_rng(0).integers(0, 10, (20_000, 10))
    truth = np.mean([10 - len(set(row)) for row in thrown.tolist()])
    assert abs(float(answer) - truth) < 0.1, "a column stays empty when every word misses it"


def check_16_2(answer):
    assert int(answer) == sum(b"ab") % 8, "add the two numbers, divide by 8: the remainder is the column"


def check_16_3(answer):
    from sklearn.feature_extraction.text import CountVectorizer

    for texts in (["flat is better", "than nested"], ["now", "is better than never", ""], ["aa bb", "bb aa", "cc"]):
        sentences = [text.split() for text in texts]
        truth = [pair for text in texts for pair in CountVectorizer(ngram_range=(2, 2)).build_analyzer()(text)]
        assert sorted(answer(sentences)) == sorted(truth), f"wrong for the sentences {texts}"


def check_16_4(answer):
    import numpy as np
    from sklearn.utils.murmurhash import murmurhash3_32

    from mlbook.feature_extraction.text import HashingVectorizer

    texts = ["Flat is better than nested.", "Now is better than never.", "flat now"]
    words = ["flat", "is", "better", "than", "nested", "now", "never"]
    for size in (4, 64):
        truth = {}
        for word in sorted(words):
            truth.setdefault(abs(int(murmurhash3_32(word))) % size, []).append(word)
        found = answer(texts, HashingVectorizer(n_features=size))
        found = {int(column): np.asarray(names).tolist() for column, names in found.items()}
        assert found == truth, f"wrong for {size} columns"


def check_17_1(answer):
    import numpy as np
    from sklearn.preprocessing import QuantileTransformer

    seen = QuantileTransformer(n_quantiles=101).fit(np.arange(101.0)[:, None])
    truth = seen.transform([[1000.0], [-5.0]])[:, 0]
    for found, right, value in zip(answer, truth, (1000, -5), strict=True):
        assert abs(found - right) < 1e-6, f"wrong for {value}: ranks know nothing beyond the training values"


def check_17_2(answer):
    import numpy as np
    from sklearn.preprocessing import QuantileTransformer

    seen = QuantileTransformer(n_quantiles=5).fit(np.array([3.0, 8.0, 8.0, 8.0, 20.0])[:, None])
    truth = seen.transform([[8.0], [14.0]])[:, 0]
    for found, right, value in zip(answer, truth, (8, 14), strict=True):
        assert abs(found - right) < 1e-6, f"wrong for {value}: which shares stand beside it?"


def check_17_3(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for train in (rng.normal(size=20), rng.integers(0, 5, 30).astype(float)):
        new = np.append(rng.normal(size=6), train[:2])
        truth = [(train < value).mean() for value in new]
        assert np.allclose(answer(train, new), truth), f"wrong for {len(new)} new rows"
        assert np.allclose(answer(train, new[:1]), truth[:1]), "a row gets another answer when it comes alone"


def check_17_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    train, new = rng.normal(size=(50, 2)), rng.normal(size=(8, 2)) * 5
    train[3, 0] = new[2, 1] = np.nan
    for share in (0.01, 0.2):
        low, high = np.nanquantile(train, [share, 1 - share], axis=0)
        found = np.asarray(answer(train, new, share))
        assert found.shape == new.shape, "the answer has the shape of the new rows"
        assert np.array_equal(np.isnan(found), np.isnan(new)), "a gap must stay a gap, and only a gap"
        assert np.allclose(found, np.clip(new, low, high), equal_nan=True), f"wrong for a share of {share}"


def check_18_1(answer):
    assert abs(float(answer) - 1000 * 0.05) < 1e-9, "noise has a p-value below 0.05 in that share of all cases"


def check_18_2(answer):
    from scipy.stats import f_oneway

    truth = f_oneway([0, 2, 4], [6, 8, 10]).statistic
    assert abs(float(answer) - truth) < 0.006, "between over 1, divided by within over 4"


def check_18_3(answer):
    import numpy as np

    rng, found = np.random.default_rng(0), []
    for _ in range(10):
        found.append(answer(rng.normal(size=(60, 2000)), rng.permutation(np.arange(60) % 2)))
    assert np.mean(found) < 0.6, f"on pure noise {np.mean(found):.2f} of the answers are right: near 0.5 is honest"
    y = np.arange(60) % 2
    clear = rng.normal(size=(60, 20)) + 3 * y[:, None] * (np.arange(20) < 5)
    assert answer(clear, y) > 0.95, "five columns that know the answer are not found any more"


def check_18_4(answer):
    import numpy as np
    from sklearn.feature_selection import SelectKBest

    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    X = rng.normal(size=(80, 12)) + y[:, None] * (np.arange(12) < 3)
    draws = [rng.choice(80, 40, replace=False) for _ in range(25)]
    for k, share in ((1, 0.5), (3, 0.6), (5, 1.0), (12, 1.0)):
        often = np.mean([SelectKBest(k=k).fit(X[d], y[d]).get_support() for d in draws], axis=0)
        found = np.asarray(answer(X, y, draws, k, share))
        right = found.dtype == bool and found.tolist() == (often >= share).tolist()
        assert right, f"wrong for k={k} and a share of {share}: give a mask"


def check_19_1(answer):
    import pandas as pd

    from mlbook.preprocessing import TablePreprocessor

    table = pd.DataFrame({"x": range(1000), "name": [f"n{k}" for k in range(1000)]})
    found = TablePreprocessor().fit_transform(table).shape[1] - 1
    assert answer == found, "try it with a column of numbers beside it"


def check_19_2(answer):
    from mlbook.preprocessing import TablePreprocessor

    truth = TablePreprocessor().fit_transform([[2.0], [4.0], [9.0], [float("nan")]])[3, 0]
    assert abs(float(answer) - truth) < 1e-3, "fill first, then take mean and standard deviation of all four"


def check_19_3(answer):
    import numpy as np
    import pandas as pd

    from mlbook.preprocessing import TablePreprocessor

    rng = np.random.default_rng(0)
    first = pd.DataFrame({"x": rng.normal(size=200), "carrier": rng.choice(["AA", "UA"], 200)})
    second = pd.DataFrame({"x": 100 + rng.normal(size=300), "carrier": ["ZZ"] * 300})
    learned = TablePreprocessor().fit(first)
    for name, found, truth in zip(("first", "second"), answer(first, second), map(learned.transform, (first, second))):
        assert np.shape(found) == truth.shape, f"the {name} month has the wrong number of columns"
        assert np.allclose(found, truth), f"the {name} month is not what training on the first alone gives"


def check_19_4(answer):
    import numpy as np
    import pandas as pd

    from mlbook.preprocessing import TablePreprocessor

    gaps = np.where(np.arange(90) % 9 == 0, np.nan, np.arange(90.0))
    names = np.array(["AA", "UA", "DL"] * 30, dtype=object)
    days = pd.date_range("2013-01-30", periods=90)
    cases = {
        "numbers with and without gaps": {"x": gaps, "y": np.arange(90)},
        "names alone": {"carrier": names},
        "a constant column": {"x": gaps, "one": np.ones(90), "carrier": names},
        "a date": {"day": days, "carrier": names},
    }
    for case, table in cases.items():
        fitted = TablePreprocessor().fit(pd.DataFrame(table))
        truth = len(fitted.get_feature_names_out())
        assert answer(fitted) == truth, f"wrong for {case}"


def check_19_5(answer):
    import pandas as pd

    frame = pd.DataFrame({"code": [1.0, 2.0, None], "side": [3, 4, 5], "x": [0.5, 1.5, 2.5]})
    kept = frame.copy()
    found = answer(frame, ["code", "side"])
    assert list(found.columns) == list(frame.columns), "the columns are others, or in another order"
    assert list(found["code"])[:2] == ["1", "2"], "1.0 is the code 1"
    assert pd.isna(found["code"].iloc[2]), "the gap is no gap any more"
    assert list(found["side"]) == ["3", "4", "5"], "whole numbers must become text"
    assert found["x"].tolist() == [0.5, 1.5, 2.5], "a column that was not asked for has changed"
    pd.testing.assert_frame_equal(frame, kept)


def check_20_1(answer):
    import numpy as np
    from sklearn.metrics import precision_score, recall_score

    y = np.array([1, 0, 0, 1, 0])
    recall, how = answer
    assert recall == recall_score(y, np.ones(5)), "the recall: how many late flights are missed?"
    right = "share" if precision_score(y, np.ones(5)) == y.mean() else "one minus"
    assert how == right, "the precision: of all alarms, how many were right?"


def check_20_2(answer):
    assert abs(answer - 80 / 150) < 0.006, "two times the hits, over two times the hits and both kinds of mistakes"


def check_20_3(answer):
    import numpy as np
    from sklearn.metrics import precision_score

    rng = np.random.default_rng(0)
    for n in (20, 50):
        y, p = rng.integers(0, 2, n), rng.integers(0, 2, n)
        assert abs(answer(y, p) - precision_score(y, p)) < 1e-12, f"wrong for {n} random labels"


def check_20_4(answer):
    import numpy as np
    from sklearn.metrics import recall_score

    rng = np.random.default_rng(0)
    labels = ["late", "on time", "cancelled"]
    blocks = [(np.array(labels)[rng.integers(0, 3, n)], np.array(labels)[rng.integers(0, 3, n)]) for n in (30, 1, 7)]
    found = list(answer(iter(blocks), labels))
    assert len(found) == 3, "one figure after each block, please"
    for k in (1, 2, 3):
        y, p = (np.concatenate([block[side] for block in blocks[:k]]) for side in (0, 1))
        assert abs(found[k - 1] - recall_score(y, p, average="macro")) < 1e-12, f"wrong after block {k}"


def check_21_1(answer):
    import numpy as np
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    y, score = rng.integers(0, 2, 50), rng.random(50).round(1)
    both = roc_auc_score(y, score) + roc_auc_score(y, -score)
    assert abs(answer - (both - 0.7)) < 1e-9, "what do the figures of a score and of its negative add up to?"


def check_21_2(answer):
    from sklearn.metrics import roc_auc_score

    truth = roc_auc_score([1, 1, 0, 0, 0], [3, 1, 2, 1, 0])
    assert abs(answer - truth) < 0.0006, "six pairs: count the right ones, and half of the tie"


def check_21_3(answer):
    import numpy as np
    from sklearn.metrics import log_loss

    rng = np.random.default_rng(0)
    cases = {"random probabilities": (rng.integers(0, 2, 40), rng.random(40))}
    cases["a certain and wrong answer"] = ([1, 0], [0.0, 0.3])
    cases["a certain and right answer"] = ([1, 0], [1.0, 0.3])
    for name, (y, p) in cases.items():
        with np.errstate(all="ignore"):
            found = answer(y, p)
        assert abs(found - log_loss(y, p)) < 1e-9, f"wrong for {name}"


def check_21_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for n in (10, 60):
        y, p = np.append([0, 1], rng.integers(0, 2, n)), rng.random(n + 2)
        truth = 1 - ((y - p) ** 2).mean() / y.var()
        assert abs(answer(y, p) - truth) < 1e-12, f"wrong for {n + 2} random rows"
    assert abs(answer(y, np.full(len(y), y.mean()))) < 1e-12, "guessing the share must have a skill of 0"


def check_22_1(answer):
    import numpy as np
    from sklearn.metrics import accuracy_score, hamming_loss

    truth = np.ones((8, 4), int)
    said = truth - np.eye(4, dtype=int)[[0, 1, 2, 3, 0, 1, 2, 3]]
    loss, right = answer
    assert abs(loss - hamming_loss(truth, said)) < 1e-9, "the Hamming loss: of four answers, how many are wrong?"
    assert abs(right - accuracy_score(truth, said)) < 1e-9, "the subset accuracy: how many rows have no mistake?"


def check_22_2(answer):
    import numpy as np
    from sklearn.metrics import cohen_kappa_score

    one, other = np.repeat([1, 1, 0, 0], [35, 15, 15, 35]), np.repeat([1, 0, 1, 0], [35, 15, 15, 35])
    assert abs(float(answer) - cohen_kappa_score(one, other)) < 1e-9, "take chance away above and below the line"


def check_22_3(answer):
    import numpy as np
    from sklearn.metrics import jaccard_score

    for seed in range(3):
        Y, S = (np.random.default_rng(seed).random((2, 20, 3)) < 0.4).astype(int)
        Y[:2], S[:1] = 0, 0
        truth = jaccard_score(Y, S, average="samples", zero_division=1)
        with np.errstate(all="ignore"):
            found = answer(Y, S)
        assert not np.isnan(found), "a row without labels on both sides is 0 / 0: count it as 1"
        assert abs(found - truth) < 1e-9, f"wrong for random table {seed + 1}"


def check_22_4(answer):
    import numpy as np
    from sklearn.metrics import coverage_error

    for seed in range(3):
        rng = np.random.default_rng(seed)
        Y, scores = (rng.random((20, 4)) < 0.4).astype(int), rng.random((20, 4)).round(1)
        Y[0] = 0
        assert abs(answer(Y, scores) - coverage_error(Y, scores)) < 1e-9, f"wrong for random table {seed + 1}"


def check_23_1(answer):
    from scipy.stats import norm

    lengths = [2 * norm.isf(0.025) * (0.8 * 0.2 / n) ** 0.5 for n in (50, 5000)]
    assert abs(float(answer) - lengths[1] / lengths[0]) < 1e-9, "the standard error falls with the root of the rows"


def check_23_2(answer):
    from scipy.stats import binomtest

    truth = binomtest(1, 6).pvalue
    assert abs(float(answer) - truth) < 6e-4, "six coins: count the ways with at most one head, and both sides"


def check_23_3(answer):
    import numpy as np
    from sklearn.metrics import accuracy_score

    for seed, share in ((0, 0.8), (1, 0.6)):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 200)
        p = np.where(rng.random(200) < share, y, 1 - y)
        drawn = [accuracy_score(y[i], p[i]) for i in rng.integers(0, 200, (500, 200))]
        low, high = np.quantile(drawn, [0.025, 0.975])
        found = np.asarray(answer(accuracy_score, y, p), float)
        assert found.shape == (2,) and found[0] < found[1], "the interval has no length: rows must be able to repeat"
        assert np.allclose(found, [low, high], atol=0.02), f"the interval for a share of {share}"


def check_23_4(answer):
    import numpy as np

    for seed in range(2):
        rng = np.random.default_rng(seed)
        group = np.append(np.arange(25), rng.integers(0, 25, 975))
        right = rng.random(1000) < rng.uniform(0.3, 0.9, 25)[group]
        found = np.asarray(answer(right, group), float)
        totals = np.array([[right[group == g].sum(), (group == g).sum()] for g in range(25)])
        drawn = totals[rng.integers(0, 25, (4000, 25))].sum(1)
        truth = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
        assert found.shape == (2,), "give two ends"
        assert np.ptp(found) > 0.6 * np.ptp(truth), "too short: draw whole groups, not rows"
        assert np.allclose(found, truth, atol=0.02), "the ends of the interval"


def check_24_1(answer):
    import numpy as np
    from sklearn.metrics import accuracy_score

    said = np.repeat([1, 0, 1, 0], [60, 40, 240, 60])
    assert abs(float(answer) - accuracy_score(np.ones(400), said)) < 1e-9, "count right rows, not blocks"


def check_24_2(answer):
    import numpy as np

    rows = np.array([0, 2, 2, 4])  # two blocks with the means 1 and 3 and the spread 2 each
    assert abs(float(answer) - 4 * rows.var()) < 1e-9, "both spreads, and the part between the means"


def check_24_3(answer):
    import numpy as np
    from sklearn.metrics import root_mean_squared_error

    for seed, sizes in ((0, (5, 5)), (1, (10, 1, 40))):
        rng = np.random.default_rng(seed)
        errors = [rng.normal(size=n) * (1 + k) for k, n in enumerate(sizes)]
        blocks = [(len(e), root_mean_squared_error(e, 0 * e)) for e in errors]
        whole = np.concatenate(errors)
        truth = root_mean_squared_error(whole, 0 * whole)
        assert abs(float(answer(blocks)) - truth) < 1e-9, f"wrong for blocks of {sizes} rows"


def check_24_4(answer):
    import numpy as np

    tables = np.random.default_rng(0).integers(1, 50, (9, 3, 3))
    for size in (1, 2, 5, 9):
        windows = [tables[k : k + size].sum(0) for k in range(10 - size)]
        truth = [w.trace() / w.sum() for w in windows]
        found = list(answer(list(tables), size))
        assert len(found) == len(truth), f"{len(found)} figures instead of {len(truth)} for a size of {size}"
        assert np.allclose(np.array(found, float), truth, atol=1e-9), f"wrong for a size of {size}"


def check_30_1(answer):
    w, sides = 1.0, set()
    for _ in range(200):
        w -= 1.9 * w
        sides.add(w > 0)
    truth = "never" if abs(w) > 1e-6 else "changing sides" if len(sides) == 2 else "from one side"
    assert answer == truth, "the factor of a step is 1 - 1.9"


def check_30_2(answer):
    import numpy as np

    rates = np.linspace(0.001, 0.222, 22_101)
    worst = np.abs(1 - rates[:, None] * [1, 9]).max(1)
    assert abs(answer[0] - rates[worst.argmin()]) < 1e-3, "the rate: both directions must shrink alike"
    assert abs(answer[1] - worst.min()) < 1e-3, "the part without momentum"
    tables = [[[1.25 - c / 4, -0.25], [1, 0]] for c in (1, 9)]  # the rate 1/4 and the momentum 1/4 of (6)
    assert abs(answer[2] - np.abs(np.linalg.eigvals(tables)).max()) < 1e-3, "the part with momentum"


def check_30_3(answer):
    import numpy as np

    from mlbook.optimizers import SGD

    slopes = np.random.default_rng(0).normal(size=(20, 3))
    for rate, mu in ((0.1, 0.9), (0.5, 0.5), (0.1, 0.0)):
        ours, other, rule = answer(rate, mu), answer(rate, mu), SGD(rate, mu)
        w, truth = np.ones(3), [np.ones(3)]
        for g in slopes:
            kept = w.copy()
            new = ours(w, g)
            assert np.array_equal(w, kept), "the weights of the caller have changed"
            other(np.zeros(3), -g)
            w, truth = new, rule.update(truth, [g])
        assert np.allclose(w, truth[0]), f"wrong after 20 steps with rate {rate} and momentum {mu}"


def check_30_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for m in (1, 2, 10):
        A = rng.normal(size=(3 * m, m))
        H, bottom = A.T @ A, rng.normal(size=m)
        found = answer(lambda w, H=H, bottom=bottom: H @ (w - bottom), bottom + 0.01)
        truth = np.linalg.eigvalsh(H)[-1]
        assert abs(found / truth - 1) < 0.01, f"more than 1 % off on a bowl of {m} weights"


def check_31_1(answer):
    assert isinstance(answer, set), "give a set of names, such as {'Adam'}"
    truth = {"AdaGrad", "RMSProp", "Adam"}
    wrong = sorted((answer - truth) | (truth - answer))
    assert not wrong, f"{len(wrong)} of the four are on the wrong side"


def check_31_2(answer):
    u, q, w, truth = 0.0, 0.0, 0.0, []
    for t, g in enumerate((1.0, -1.0), 1):
        u, q = 0.9 * u + 0.1 * g, 0.999 * q + 0.001 * g * g
        w -= 0.1 * (u / (1 - 0.9**t)) / (q / (1 - 0.999**t)) ** 0.5
        truth.append(w)
    assert len(answer) == 2, "two places: after the first step, and after the second"
    for step, found, right in zip(("first", "second"), answer, truth):
        assert abs(found - right) < 1e-4, f"wrong after the {step} step"


def check_31_3(answer):
    import numpy as np

    def reference(w, slopes):
        u = q = 0 * w
        for t, g in enumerate(slopes, 1):
            u, q = 0.9 * u + 0.1 * g, 0.999 * q + 0.001 * g * g
            w = w - 0.1 * (u / (1 - 0.9**t)) / (np.sqrt(q / (1 - 0.999**t)) + 1e-8)
        return w

    rng = np.random.default_rng(0)
    for count in (1, 2, 3):
        starts = [rng.normal(size=k + 1) for k in range(count)]
        slopes = [[rng.normal(size=k + 1) for k in range(count)] for _ in range(20)]
        given = list(starts)
        found = answer(given, slopes)
        for k in range(count):
            right = reference(starts[k], [s[k] for s in slopes])
            assert np.allclose(found[k], right), f"wrong for array {k + 1} of {count}"
        assert all(a is b for a, b in zip(given, starts)), "the caller's list is not as it was"


def check_31_4(answer):
    import numpy as np

    from mlbook.optimizers import Adam, InverseRoot

    assert isinstance(answer, type) and issubclass(answer, Adam), "give a subclass of Adam"
    rng = np.random.default_rng(0)
    for beta_2 in (0.1, 0.9, 0.999):
        optimizer, params = answer(0.1, beta_2=beta_2), [np.zeros(3), np.zeros((2, 2))]
        truth, memory = [0 * p for p in params], [(0.0, 0.0, 0.0) for _ in params]
        for t in range(1, 51):
            grads = [rng.normal(size=p.shape) * np.exp(rng.normal(size=p.shape)) for p in params]
            params = optimizer.update(params, grads)
            for k, g in enumerate(grads):
                u, q, top = memory[k]
                u, q = 0.9 * u + 0.1 * g, beta_2 * q + (1 - beta_2) * g * g
                top = np.maximum(top, q)
                memory[k] = u, q, top
                truth[k] = truth[k] - 0.1 * (u / (1 - 0.9**t)) / (np.sqrt(top / (1 - beta_2**t)) + 1e-8)
            right = all(np.allclose(a, b) for a, b in zip(params, truth))
            assert right, f"wrong after {t} steps with beta_2={beta_2}"
    optimizer, w = answer(InverseRoot(0.1), beta_1=0, beta_2=0.1), [np.zeros(1)]
    for g in [3.0, -1.0, -1.0] * 1000:
        w = [optimizer.update(w, [np.array([g])])[0].clip(-1, 1)]
    assert w[0][0] < -0.9, "on the loss of the three authors it does not end at -1"


def check_32_1(answer):
    import numpy as np
    from sklearn.linear_model import Lasso

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 8)), rng.normal(size=50)
    price = 1.001 * np.abs(X.T @ y).max() / 50
    kept = (Lasso(price, fit_intercept=False).fit(X, y).coef_ != 0).sum()
    assert answer == kept, "what does the soft threshold do with numbers below the threshold?"


def check_32_2(answer):
    import numpy as np

    w = np.linspace(-10, 10, 200_001)
    assert abs(answer - w[((w - 3) ** 2 + 4 * np.abs(w)).argmin()]) < 1e-3, "right of zero, where is the slope zero?"


def check_32_3(answer):
    import numpy as np
    from sklearn.metrics import hinge_loss

    rng = np.random.default_rng(0)
    for case in range(20):
        X, y = rng.integers(-2, 3, (30, 3)).astype(float), rng.choice([-1.0, 1.0], 30)
        w = rng.integers(-1, 2, 3).astype(float)
        loss, g = answer(w, X, y)
        assert abs(loss - hinge_loss(y, X @ w)) < 1e-9, f"case {case}: the loss itself is wrong"
        for z in w + rng.normal(size=(50, 3)):
            below = hinge_loss(y, X @ z) >= loss + np.dot(g, z - w) - 1e-9
            assert below, f"case {case}: the line does not stay below the loss"


def check_32_4(answer):
    import numpy as np
    from sklearn.metrics import mean_pinball_loss

    rng = np.random.default_rng(0)
    for q in (0.5, 0.9, 0.1):
        X, y, w = rng.integers(-2, 3, (30, 3)).astype(float), rng.integers(-3, 4, 30), np.ones(3)
        loss, g = answer(w, X, y, q)
        assert abs(loss - mean_pinball_loss(y, X @ w, alpha=q)) < 1e-9, f"q = {q}: the loss is wrong"
        for z in w + rng.normal(size=(50, 3)):
            below = mean_pinball_loss(y, X @ z, alpha=q) >= loss + np.dot(g, z - w) - 1e-9
            assert below, f"q = {q}: the line of the subgradient does not stay below the loss"


def check_32_5(answer):
    import numpy as np

    z = np.linspace(-5, 5, 100_001)
    for x, rate, l1, l2 in ((3.0, 0.5, 1.0, 2.0), (-3.0, 0.5, 1.0, 0.0), (0.2, 1.0, 0.5, 3.0), (-2.0, 2.0, 0.1, 1.0)):
        truth = z[(0.5 * (z - x) ** 2 + rate * (l1 * np.abs(z) + l2 / 2 * z**2)).argmin()]
        found = float(np.ravel(answer(np.array([x]), rate, l1, l2))[0])
        assert abs(found - truth) < 2e-4, f"wrong for x = {x}, rate = {rate}, l1 = {l1}, l2 = {l2}"


def check_33_1(answer):
    assert answer == "Newton", "put w = c w' into each rule: what happens to a slope, and to a bend?"


def check_33_2(answer):
    import numpy as np

    loss = np.poly1d([1, 0, 0, 0, 0])
    truth = 3 - loss.deriv()(3) / loss.deriv(2)(3)
    assert abs(answer - truth) < 1e-6, "3, less the slope divided by the bend"


def check_33_3(answer):
    import numpy as np

    def fenced(w):
        return float(w @ w) if w[0] > -1 else np.nan

    w = np.array([1.0])
    for move, case in ((-1.0, "a good step"), (-8.0, "a step behind the fence"), (-2.0, "a step that gains nothing"),
                       (-1.9999, "a step that gains next to nothing")):  # fmt: skip
        d = np.array([move])
        truth = next(a for a in 0.5 ** np.arange(60) if fenced(w + a * d) <= 1 + 1e-4 * a * 2 * move)
        assert answer(fenced, w, d, 1.0, 2 * w) == truth, f"wrong for {case}"


def check_33_4(answer):
    import numpy as np
    from scipy.optimize import rosen_der, rosen_hess

    w = np.array([-0.5, 0.3, 0.8])
    for length in (1e-6, 1.0, 1e6):
        d = length * np.array([1.0, -2.0, 0.5])
        truth = rosen_hess(w) @ d
        same = np.allclose(answer(rosen_der, w, d), truth, rtol=1e-5, atol=1e-5 * np.abs(truth).max())
        assert same, f"not five digits for d of length {length:g}"
    assert not np.any(answer(rosen_der, w, 0 * w)), "d of length 0 makes 0"


def check_34_1(answer):
    assert answer == 1, "a step in one weight leaves the best value of the other where it is"


def check_34_2(answer):
    import numpy as np

    w = np.linspace(-2, 2, 40_001)
    truth = w[(-5 * (w - 1) + 2 * (w - 1) ** 2 + 3 * np.abs(w) + w**2).argmin()]
    assert abs(answer - truth) < 1e-3, "take the old weight out, shrink, and divide by the squares and their price"


def check_34_3(answer):
    import numpy as np
    from sklearn.linear_model import Lasso

    rng = np.random.default_rng(3)
    X, y, w = rng.normal(size=(30, 3)) @ rng.normal(size=(3, 3)), rng.normal(size=30), np.zeros(3)
    for _ in range(3000):
        answer(X, y, w, 2.0)
    truth = Lasso(alpha=2 / 30, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y).coef_
    assert np.allclose(w, truth, atol=1e-5), "wrong for columns that lean on each other"


def check_34_4(answer):
    import numpy as np
    from sklearn.linear_model import Lasso

    rng = np.random.default_rng(4)
    X, y = rng.normal(size=(40, 60)) * rng.uniform(0.2, 3, 60), rng.normal(size=40)
    price = 0.5 * np.abs(X.T @ y).max()
    best = Lasso(alpha=price / 40, fit_intercept=False, tol=1e-12, max_iter=100_000).fit(X, y).coef_
    assert not np.asarray(answer(X, y, best, price))[best != 0].any(), "a column with a weight was ruled out"
    assert not np.asarray(answer(X, y, 0 * best, price))[best != 0].any(), "wrong far from the minimum"
    assert np.asarray(answer(X, y, best, price)).sum() > 40, "near the minimum nearly all others can be ruled out"


def check_40_1(answer):
    assert abs(answer - 1.8) < 1e-6, "how many degrees Fahrenheit lie in one degree Celsius?"


def check_40_2(answer):
    import numpy as np

    assert abs(answer - np.polyfit([0, 1, 2], [1, 2, 6], 1)[0]) < 1e-6, "centre both coordinates first"


def check_40_3(answer):
    import numpy as np
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    for shift in (0.0, 5.0):
        A, t, new = rng.normal(shift, size=(20, 2)), rng.normal(shift, size=20), rng.normal(size=(5, 2))
        truth = LinearRegression().fit(A, t).predict(new)
        assert np.allclose(answer(A, t, new), truth), f"wrong for means near {shift}"


def check_40_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for sizes in ([50], [10, 30, 7]):
        blocks = [(rng.normal(size=(n, 3)), rng.normal(size=n)) for n in sizes]
        truth = np.linalg.lstsq(np.vstack([b[0] for b in blocks]), np.hstack([b[1] for b in blocks]))[0]
        assert np.allclose(answer(iter(blocks)), truth), f"wrong for blocks of {sizes} rows"


def check_41_1(answer):
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 2)), rng.integers(0, 2, 50)
    small, large = (np.abs(LogisticRegression().fit(s * X, y).predict_proba(s * X) - 0.5).mean() for s in (1, 10))
    assert answer == ("away" if large > small else "towards"), "think of what the same sums cost in penalty now"


def check_41_2(answer):
    import math

    assert abs(answer - math.log(3)) < 0.006, "3 to 1: the natural logarithm, not that of base 10"


def check_41_3(answer):
    import numpy as np
    from scipy.special import softmax

    for scores in ([0.0, 1.0, 2.0], [1000.0, 1001.0], [-1000.0, 0.0, -1000.0]):
        found = answer(np.array(scores))
        assert np.allclose(found, softmax(scores)), f"wrong for the scores {scores}"


def check_41_4(answer):
    import numpy as np
    from scipy.special import expit

    from mlbook.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    for n, p in ((200, 1), (300, 3)):
        X = rng.normal(size=(n, p))
        model = LogisticRegression(C=np.inf, tol=1e-10).fit(X, (rng.random(n) < expit(X[:, 0])).astype(int))
        A, belief = np.column_stack([X, np.ones(n)]), model.predict_proba(X)[:, 1]
        truth = np.sqrt(np.diag(np.linalg.inv(A.T @ np.diag(belief * (1 - belief)) @ A)))
        assert np.allclose(answer(model, X), truth, rtol=1e-6), f"wrong for {n} rows of {p} features"


def check_42_1(answer):
    assert answer == "not at all", "which rows make the weights, by formula (2)?"


def check_42_2(answer):
    import numpy as np

    assert abs(answer - 2 / np.hypot(6, 8)) < 1e-3, "one over the length of w is half of the street"


def check_42_3(answer):
    import numpy as np
    from sklearn.metrics import hinge_loss

    for y in (-1.0, 1.0):
        for z in (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 4.0):
            truth = hinge_loss([y, -y], [z, -1e3 * y]) * 2  # the second row costs nothing
            said = answer(np.array([z]), np.array([y]))
            assert np.allclose(said, truth**2), f"wrong for a sum of {z} and the sign {y}"


def check_42_4(answer):
    import numpy as np
    from sklearn.datasets import load_breast_cancer
    from sklearn.svm import SVC, LinearSVC

    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0)
    for labels in (y, np.where(y, "a", "b")):
        model = LinearSVC(loss="hinge", C=0.1, dual=True).fit(X, labels)
        exact = SVC(kernel="linear", C=0.1, tol=1e-10).fit(X, labels)
        model.coef_, model.intercept_ = exact.coef_, exact.intercept_
        found = np.asarray(answer(model, X, labels))
        missing, extra = (len(np.setdiff1d(*pair)) for pair in ((exact.support_, found), (found, exact.support_)))
        assert not missing, f"{missing} rows that pull are missing (labels {labels[0]!r}, ...)"
        assert not extra, f"{extra} rows stand beyond their edge (labels {labels[0]!r}, ...)"


def check_46_1(answer):
    assert answer == "last bias", "what do the hidden units write, and what comes back through weights of zero?"


def check_46_2(answer):
    import math

    z = 2 * 1 + -1 * 2
    truth = 3 * (1 - math.tanh(z) ** 2) * 2
    assert abs(answer - truth) < 1e-9, "the slope of the loss, times that of tanh at z, times the input"


def check_46_3(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for rate in (0.2, 0.5, 0.9):
        a, mask = rng.normal(size=(4, 3)), rng.random((4, 3)) >= rate
        assert np.allclose(answer(a, mask, rate), np.where(mask, a / (1 - rate), 0)), f"wrong at a rate of {rate}"
    assert np.allclose(answer(np.ones((1, 1)), np.ones((1, 1), bool), 0.0), 1), "nothing dropped, nothing changed"


def check_46_4(answer):
    import numpy as np

    from mlbook.neural_network import Layer

    assert isinstance(answer, type) and issubclass(answer, Layer), "give the class, a subclass of Layer"
    layer, a = answer(), np.random.default_rng(0).normal(size=(5, 3))
    assert layer.build((3,), np.random.default_rng(0), np.float64) == (3,), "it must not change the shape of a row"
    assert np.allclose(layer.forward(a, True), np.where(a > 0, a, 0.01 * a)), "forward: 1 above zero, 0.01 below"
    d = np.random.default_rng(1).normal(size=(5, 3))
    assert np.allclose(layer.backward(d.copy()), np.where(a > 0, d, 0.01 * d)), "backward: the same factors"


def check_47_1(answer):
    known = {"platt", "isotonic", "temperature"}
    assert set(answer) <= known, f"choose among {sorted(known)}"
    lost = known - set(answer)
    assert not lost, f"{len(lost)} of the three is missing: fit it to a few scores and try"


def check_47_2(answer):
    from sklearn.isotonic import isotonic_regression

    truth = isotonic_regression([0, 1, 1, 0, 1])
    assert len(answer) == 5, "one number for each of the five outcomes"
    for i, (mine, right) in enumerate(zip(answer, truth)):
        assert abs(mine - right) < 0.006, f"place {i} of the line is not right"


def check_47_3(answer):
    import numpy as np
    from sklearn.calibration import _SigmoidCalibration
    from sklearn.linear_model import LogisticRegression

    for seed in range(3):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(120, 30))
        y = (X[:, 0] + rng.normal(size=120) > 0).astype(int)
        model = LogisticRegression(C=100).fit(X[:80], y[:80])
        curve = _SigmoidCalibration().fit(model.decision_function(X[80:]), y[80:])
        truth = curve.predict(model.decision_function(X))
        found = answer(LogisticRegression(C=100), X, y)(X)
        assert np.abs(found - truth).max() < 1e-3, "the curve is not that of a model that saw the first 80 of 120 rows"


def check_47_4(answer):
    import numpy as np

    for old, new in ((0.2, 0.4), (0.5, 0.1), (0.3, 0.3)):
        p = np.array([0.05, old, 0.5, 0.9])
        late, punctual = p / old * new, (1 - p) / (1 - old) * (1 - new)  # Bayes: likelihoods stay, priors move
        found = np.asarray(answer(p, old, new))
        assert np.allclose(found, late / (late + punctual)), f"wrong when the base rate moves from {old} to {new}"


def check_48_1(answer):
    assert answer == "less", "a tenth of the weight says the same as before, and costs a tenth"


def check_48_2(answer):
    import numpy as np

    w = np.linspace(0, 5, 50_001)
    loss = 2 * w**2 - 12 * w
    truth = w[(loss + w**2).argmin()], w[(loss + 2 * w).argmin()]
    assert np.allclose(answer, truth, atol=1e-3), "one of the two, or both"


def check_48_3(answer):
    import numpy as np
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(3)
    for offset in (0.0, 100.0):
        X = rng.normal(size=(30, 4)) + 2
        y = X @ [1, 2, 0, -1] + offset
        truth = Ridge(alpha=5.0, solver="svd").fit(X, y)
        w, b = answer(X, y, 5.0)
        assert np.allclose(w, truth.coef_) and np.isclose(b, truth.intercept_), f"wrong for a target near {offset}"


def check_48_4(answer):
    import numpy as np
    from sklearn.linear_model import Ridge

    rng, calls, real = np.random.default_rng(4), [], np.linalg.svd
    X, y, alphas = rng.normal(size=(20, 5)), rng.normal(size=20), [0.1, 1.0, 10.0]
    np.linalg.svd = lambda *a, **k: calls.append(1) or real(*a, **k)
    try:
        found = answer(X, y, alphas)
    finally:
        np.linalg.svd = real
    for row, alpha in zip(found, alphas):
        truth = Ridge(alpha=alpha, fit_intercept=False, solver="svd").fit(X, y).coef_
        assert np.allclose(row, truth), f"wrong for the price {alpha}"
    assert len(calls) == 1, f"np.linalg.svd was called {len(calls)} times"


def check_48_5(answer):
    import numpy as np

    rng = np.random.default_rng(5)
    X, v = rng.normal(size=(50, 4)), np.array([2.0, -1.0, 0.5, 0.05])
    y = X @ [1, 0, 0.5, 0] + 0.1 * rng.normal(size=50)
    w = np.asarray(answer(X, y, v, 0.05))
    g = X.T @ (y - X @ w) / 50 * np.abs(v) / 0.05  # the pull, as a part of each column's own price
    on = np.abs(w) > 1e-9
    assert np.allclose(g[on], np.sign(w[on]), atol=0.02), "a weight that is not zero does not pull with its price"
    assert (np.abs(g[~on]) < 1.02).all(), "a weight of zero should have woken"


def check_49_1(answer):
    assert answer == "mean", "a row beyond the cut pulls with the same force wherever it lies"


def check_49_2(answer):
    from sklearn.linear_model import SGDClassifier

    options = {"learning_rate": "constant", "eta0": 0.1, "alpha": 0.5, "max_iter": 1, "tol": None, "shuffle": False}
    model = SGDClassifier("hinge", **options).partial_fit([[0.0]], [1], classes=[-1, 1])  # makes the attributes
    model.coef_[:], model.intercept_[:] = 1.0, 0.0
    model.partial_fit([[2.0]], [-1])
    truth = model.coef_[0, 0], model.intercept_[0]
    assert len(answer) == 2, "give the pair (w, b)"
    assert abs(answer[0] - truth[0]) < 1e-9, "w: shrink it first, then step along the row"
    assert abs(answer[1] - truth[1]) < 1e-9, "b: the intercept is not shrunk"


def check_49_3(answer):
    import numpy as np
    from sklearn.metrics import mean_pinball_loss

    y, z = np.array([3.0, -1.0, 4.0, 10.0]), np.array([2.0, 2.0, 4.0, 1.0])
    for quantile in (0.1, 0.5, 0.9):
        truth = mean_pinball_loss(y, z, alpha=quantile)
        assert abs(answer(y, z, quantile) - truth) < 1e-9, f"wrong for the quantile {quantile}"


def check_49_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for share, case in ((0.8, "a band that is too narrow"), (0.2, "a band that is too wide"), (1.0, "all rows")):
        y, middle = rng.normal(size=50), rng.normal(size=50) / 4
        low, high = middle - 0.5, middle + 0.7
        add = answer(low, high, y, share)

        def inside(add, low=low, high=high, y=y):
            return ((low - add - 1e-9 <= y) & (y <= high + add + 1e-9)).mean()

        assert inside(add) >= share - 1e-9, f"too small for {case}"
        assert inside(add - 1e-6) < share - 1e-9, f"larger than needed for {case}"


def check_54_1(answer):
    import numpy as np
    from sklearn.svm import SVC

    X, y = np.random.default_rng(0).normal(size=(100, 3)), np.arange(100) % 2
    truth = len(SVC(gamma=1e6).fit(X, y).support_)
    assert answer == truth, "no row is like another, so none can speak for another"


def check_54_2(answer):
    import numpy as np
    from sklearn.svm import SVC

    truth = np.abs(SVC(kernel="linear", C=1e6).fit([[0.0], [2.0]], [-1, 1]).dual_coef_).max()
    assert abs(answer - truth) < 1e-3, "the difference of the slopes by the squared distance"


def check_54_3(answer):
    import numpy as np
    from sklearn.metrics.pairwise import rbf_kernel

    rng = np.random.default_rng(0)
    A, B = rng.integers(-3, 4, (6, 2)).astype(float), rng.integers(-3, 4, (4, 2)).astype(float)
    for far, case in ((0.0, "near zero"), (1e8, "of rows far from zero")):
        truth = rbf_kernel(A, B, gamma=0.3)
        found = np.asarray(answer(A + far, B + far, 0.3))
        assert np.allclose(found, truth, atol=1e-9), f"wrong values {case}"
    T = rng.normal(size=(50, 30)) * 1e3
    assert np.asarray(answer(T, T.copy(), 1.0)).max() <= 1, "a similarity above 1"


def check_54_4(answer):
    import numpy as np

    A, B = ["late", "sunny", ""], ["tale", "nun"]
    truth = np.array([[sum(c in b for c in set(a)) for b in B] for a in A], float)
    found = np.asarray(answer(A, B))
    assert found.shape == truth.shape, f"shape {found.shape} instead of {truth.shape}: a row a word of the first list"
    wrong = np.argwhere(found != truth)
    assert not len(wrong), f"wrong for {A[wrong[0][0]]!r} and {B[wrong[0][1]]!r}"


def check_55_1(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    X, y, W, v = rng.normal(size=(30, 4)), rng.normal(size=30), np.ones((4, 10)), np.full(10, 0.1)
    for _ in range(100):
        H = np.tanh(X @ W)
        r = (H @ v - y) / 30
        W, v = W - 0.1 * X.T @ (np.outer(r, v) * (1 - H**2)), v - 0.1 * H.T @ r
    assert answer == len(np.unique(W.round(9), axis=1).T), "equal units get equal slopes, in each step"


def check_55_2(answer):
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier((100, 50), max_iter=1, solver="sgd")
    model.partial_fit(np.zeros((3, 20)), [0, 1, 2], classes=[0, 1, 2])
    truth = sum(a.size for a in model.coefs_ + model.intercepts_)
    assert answer == truth, "count the pairs between neighbours (20, 100, 50, 3), and a bias for each unit"


def check_55_3(answer):
    import numpy as np

    cases = [([1, 3, 2, 2, 5], 2, 1), ([1, 3, 2, 2, 5], 3, 4), ([2, 2, 2, 2], 2, 0), ([1], 1, 0), ([3, 1, 4], 1, 0)]
    for scores, patience, best in cases:
        score, weights = answer(scores, [np.array([k]) for k in range(len(scores))], patience)
        assert (score, weights[0]) == (scores[best], best), f"wrong for {scores} and a patience of {patience}"


def check_55_4(answer):
    import warnings

    import numpy as np
    from sklearn.neural_network import MLPClassifier

    for hidden in ((6,), (5, 4)):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(40, 3))
        model = MLPClassifier(hidden, solver="lbfgs", max_iter=20, random_state=0, alpha=1.0)
        with warnings.catch_warnings(action="ignore"):  # 20 steps are enough to be looked at
            model.fit(X, (X[:, 0] * X[:, 1] > 0).astype(int))

        def last(T, model=model):
            p = model.predict_proba(T)
            return np.log(p[:, 1] / p[:, 0])

        truth = [np.abs(last(X + e) - last(X - e)).mean() / 2e-5 for e in 1e-5 * np.eye(3)]
        found = np.asarray(answer(model, X))
        assert found.shape == (3,), f"one number a column: the shape is {found.shape}"
        assert np.allclose(found, truth, rtol=0.02), f"wrong with hidden layers of {hidden}"


def check_60_1(answer):
    import pickle

    assert answer == pickle.loads(b"](K\x01K\x02K\x03e."), "what do the orders leave on top of the pile?"


def check_60_2(answer):
    import hashlib

    assert answer == 8 * hashlib.sha256().digest_size, "how many bits must be right by chance?"


def check_60_3(answer):
    for name, ours in {
        "mlbook.linear_model": True,
        "mlbook_evil.run": False,
        "os.system": False,
        "mlbooks.run": False,
    }.items():
        assert bool(answer(name)) == ours, f"wrong for {name}"


def check_60_4(answer):
    import pickle
    import subprocess

    import numpy as np

    class Surprise:
        def __reduce__(self):
            return subprocess.call, (["true"],)

    for thing, names in [
        (np.arange(3), []),
        ([Surprise(), np.float32(1)], ["subprocess.call"]),
        ([len, abs, len], ["builtins.abs", "builtins.len"]),
    ]:
        found = answer(pickle.dumps(thing, protocol=5))
        assert list(found) == names, (
            f"wrong for a pickle of {type(thing).__name__}s that asks for {len(names)} foreign names"
        )


def check_61_1(answer):
    from google.protobuf.wrappers_pb2 import UInt32Value

    assert bytes(answer) == UInt32Value(value=150).SerializeToString()[1:], (
        "the smaller group first, and it says that more follows"
    )


def check_61_2(answer):
    import numpy as np

    assert answer == round(np.zeros(10**6).nbytes / 1e6), "how many bytes is one float64?"


def check_61_3(answer):
    for n, code in {0: 0, -1: 1, 1: 2, -2: 3, 2: 4, -1000: 1999, 2**40: 2**41}.items():
        assert answer(n) == code, f"wrong for {n}"


def check_61_4(answer):
    from google.protobuf.wrappers_pb2 import UInt64Value

    for n in (1, 127, 128, 300, 2**21, 2**63):
        raw = UInt64Value(value=n).SerializeToString()[1:]
        found = answer(raw + b"\x08\x01")
        assert tuple(found) == (n, len(raw)), f"wrong for {n} with other fields behind it"


def check_63_1(answer):
    import tempfile
    from pathlib import Path

    from mlbook.registry import Registry

    with tempfile.TemporaryDirectory() as folder:
        for version in "123":
            Path(folder, "m", version).mkdir(parents=True)
            Path(folder, "m", version, "model.json").write_text("{}")
        registry = Registry(folder)
        for version in (1, 2, 3):
            registry.promote("m", version, "")
        registry.rollback("m", "")
        registry.rollback("m", "")
        registry.promote("m", 3, "")
        assert answer == registry.rollback("m", ""), "what is on the pile after the two rollbacks?"


def check_63_2(answer):
    left = [1, 2, 3]
    assert answer == max(left) + 1, "which folders are there, empty ones too?"


def check_63_3(answer):
    for names in (["1", "2", "10"], ["9", "10", "11"], ["7"]):
        assert answer(names) == max(map(int, names)), f"wrong for {names}"


def check_63_4(answer):
    history = [{"version": v, "time": f"2013-0{m}-01T00:00:00+00:00"} for v, m in [(1, 4), (2, 7), (1, 9)]]
    for time, version in {"2013-03": None, "2013-04-01T00:00:00+00:00": 1, "2013-08-01": 2, "2014-01-01": 1}.items():
        assert answer(history, time) == version, f"wrong at {time}"
    assert answer([], "2013") is None, "wrong for an empty history"


def check_70_1(answer):
    from http import HTTPStatus

    assert answer == HTTPStatus.BAD_REQUEST, "the client can mend it, and the address exists"


def check_70_2(answer):
    import prometheus_client

    seconds = prometheus_client.Histogram("took", "Milliseconds.", buckets=[5, 10, 100], registry=None)
    for took in (3, 6, 40):
        seconds.observe(took)
    truth = [sample.value for sample in seconds.collect()[0].samples if sample.name == "took_bucket"][:3]
    assert list(answer) == truth, "every count holds the quicker requests too"


def check_70_3(answer):
    statuses = []

    def handler(request):
        if request == "odd":
            raise ValueError("send a number")
        return 200, "fine"

    call = answer(handler, statuses.append)
    assert call("good") == (200, "fine"), "a request that was answered is answered differently now"
    assert call("odd") == (400, "send a number"), "a refusal is answered by 400 and the error's sentence"
    assert statuses == [200, 400], "each request is counted once, with its status"


def check_70_4(answer):
    edges, counts = [0.01, 0.1, 1.0], [50, 90, 100]
    for q, edge in {0.5: 0.01, 0.51: 0.1, 0.9: 0.1, 0.99: 1.0, 1.0: 1.0}.items():
        assert answer(edges, counts, q) == edge, f"wrong for q={q}"


def check_71_1(answer):
    import struct

    assert answer == sum(len(struct.pack(f"<I{len(t)}s", len(t), t)) for t in (b"UA", b"AA", b"")), (
        "count the lengths too"
    )


def check_71_2(answer):
    import gzip
    import tracemalloc

    assert answer(gzip.compress(b"wine"), 4) == b"wine", "wrong for a body just as long as the limit"
    assert answer(gzip.compress(b"wines"), 4) is None, "wrong for a body one byte over the limit"
    bomb = gzip.compress(bytes(20_000_000))
    tracemalloc.start()
    found, most = answer(bomb, 1000), tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is None and most < 5_000_000, "too much was unpacked before the limit was looked at"


def check_71_3(answer):
    import numpy as np

    too_large = np.iinfo("i1").max < 300
    assert answer == (400 if too_large else 200), "look at the largest number that fits, and at whose turn it is"


def check_71_4(answer):
    import struct

    import numpy as np

    numbers = [0.0, 1.5, -2.0, 2.0**100, float("inf")]
    raw = b"".join(struct.pack("<f", x)[2:] for x in numbers)
    found = answer(raw)
    assert found.dtype == np.float32, "return float32"
    assert found.tolist() == np.array(numbers, np.float32).tolist(), "a number came back changed"
    assert len(answer(b"")) == 0, "wrong for no numbers"


def check_72_1(answer):
    from http import HTTPStatus

    assert answer == HTTPStatus.NOT_FOUND, "two rows are counted 0 and 1"


def check_72_2(answer):
    current = {"wine": "old"}
    answer(current, "wine", lambda name: "new")
    assert current == {"wine": "new"}, "a model that loads well must be in service"

    def broken(name):
        raise OSError("no such file")

    try:
        answer(current, "wine", broken)
        said = False
    except OSError:
        said = True
    assert said, "the error must be raised, so that somebody hears of it"
    assert current == {"wine": "new"}, "the model that served before must stay"


def check_72_3(answer):
    import pandas as pd
    from sklearn.metrics import accuracy_score

    for said, truth in (([1, 0, 1, 1], [1, 1, None, 1]), (["a", "b"], ["a", None]), ([0], [1])):
        known = [k for k, t in enumerate(truth) if t is not None]
        right = accuracy_score([truth[k] for k in known], [said[k] for k in known])
        found = answer(pd.DataFrame({"prediction": said, "label": truth}))
        assert abs(found - right) < 1e-12, f"wrong for the truths {truth}"
    assert answer(pd.DataFrame({"prediction": [1, 0], "label": [None, None]})) is None, "wrong when no truth is known"


def check_72_4(answer):
    from fractions import Fraction
    from itertools import product

    small = {bits: Fraction(sum(a == b for a, b in product(range(2**bits), repeat=2)), 4**bits) for bits in (1, 4)}
    assert small[4] == small[1] / 2**3 and abs(answer / float(small[4] / 2**12) - 1) < 1e-9, "one pair, 16 bits"


def check_80_1(answer):
    assert answer == "no", "every value as sent is one that is known: what is there to notice?"


def check_80_2(answer):
    import math

    truth = -0.25 * math.log(0.5) + 0.25 * math.log(1.5)
    assert abs(answer - truth) < 0.006, "each term: the change of the share times the logarithm of their ratio"


def check_80_3(answer):
    import numpy as np

    for p, q in (([5, 5], [2, 8]), ([10, 0], [5, 5]), ([1, 2, 3], [3, 2, 1])):
        a, b = (np.maximum(np.array(c) / np.sum(c), 1e-4) for c in (p, q))
        truth = ((b - a) * np.log(b / a)).sum()
        assert np.isclose(answer(p, q), truth), f"wrong for the counts {p} and {q}"


def check_80_4(answer):
    import numpy as np

    found = answer(np.array([32.0, 212.0, -459.67]))
    assert np.allclose(found, [273.15, 373.15, 0.0]), "ice melts at 273.15 K, water boils at 373.15 K"


def check_82_1(answer):
    assert answer == 0, "one minus a ratio: which ratio is it, when both are the same?"


def check_82_2(answer):
    assert abs(answer + 0.2) < 1e-9, "one minus 0.6 over 0.5"


def check_82_3(answer):
    for skills, truth in (([0.1, -0.1, 0.1, -0.1], None), ([0.1, -0.1, -0.1], 2), ([-1, -1, -1], 1), ([], None)):
        assert answer(skills) == truth, f"wrong for the skills {skills}"


def check_82_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    gains, days = rng.normal(size=60), rng.integers(0, 7, 60)
    truth = np.mean([gains[days == d].mean() for d in np.unique(days)])
    assert np.isclose(answer(gains, days), truth), "a day with many rows counts as much as one with few"


def check_94_1(answer):
    assert abs(answer - 0.99) < 1e-9, "what is right if you always say the most frequent class?"


def check_94_2(answer):
    from sklearn.dummy import DummyRegressor
    from sklearn.metrics import root_mean_squared_error

    X, y = [[0]] * 4, [2, 4, 4, 10]
    truth = root_mean_squared_error(y, DummyRegressor().fit(X, y).predict(X))
    assert abs(answer - truth) < 0.006, "the differences from 5, squared, averaged, and the root of it"


def check_94_3(answer):
    import numpy as np
    import pandas as pd

    days = pd.Series(pd.date_range("2024-01-01", periods=50)).sample(frac=1, random_state=3)
    mask = np.asarray(answer(days))
    assert mask.sum() == 10, "a fifth of fifty rows is held out"
    assert days[mask].min() > days[~mask].max(), "a row that is learned from lies after one that is tested"


def check_94_4(answer):
    for loss, guess in ((0.3, 0.6), (0.7, 0.7), (0.9, 0.6)):
        found = answer({"log_loss": loss, "accuracy": 0.5}, {"log_loss": guess, "accuracy": 0.5})
        assert abs(found - (1 - loss / guess)) < 1e-9, f"wrong for the log losses {loss} and {guess}"


def check_95_1(answer):
    assert answer == 30, "the labels of the last day have not come yet"


def check_95_2(answer):
    assert answer == 5, "month 2 is alone below zero; months 4 and 5 are two running"


def check_95_3(answer):
    for failures in (0, 1, 2, 3, 5):
        calls = []

        def send(calls=calls, failures=failures):
            calls.append(1)
            if len(calls) <= failures:
                raise ConnectionError("refused")
            return "answered"

        try:
            found = answer(send)
        except ConnectionError:
            found = "gave up"
        truth = "answered" if failures < 3 else "gave up"
        assert found == truth, f"wrong when the first {failures} calls are refused"
        assert len(calls) == min(failures + 1, 3), f"{len(calls)} calls when the first {failures} are refused"


def check_95_4(answer):
    import pandas as pd

    names = ["a", "b", "c"]
    cases = ([1, 3, 2], [0.5, -1, 0.1], "c"), ([1, 2, 3], [-1, -1, -1], None), ([5, 1, 1], [1, 1, 1], "a")
    for gain, low, truth in cases:
        found = answer(pd.DataFrame({"candidate": names, "gain": gain, "low": low}))
        assert found == truth, f"wrong for the gains {gain} with the lower ends {low}"


def check_96_1(answer):
    assert answer == 2, "neither success (0) nor Ctrl-C (130)"


def check_96_2(answer):
    assert answer == 143, "128 and the number of the signal"


def check_96_3(answer):
    import tempfile
    from pathlib import Path

    def full(chunks):
        yield from chunks
        raise OSError("the disk is full")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        answer(path, ["old", "!"])
        assert path.read_text() == "old!", "what was written is not what was asked for"
        try:
            answer(path, full(["new"]))
        except OSError:
            pass
        assert path.read_text() == "old!", "the old file is lost when the disk is full"
        assert len(list(Path(folder).iterdir())) == 1, "half a file is left behind"


def check_96_4(answer):
    names = ["target", "age", "price"]
    for wrong, truth in (("tagret", "target"), ("prise", "price"), ("zzz", None)):
        assert answer(names, wrong) == truth, f"wrong for {wrong!r}"


def check_97_1(answer):
    assert answer == 2, "the alarm's tile and the lost rows' tile are always there; what else did this run have?"


def check_97_2(answer):
    from sklearn.metrics import log_loss

    y = [1, 0, 0, 1]
    truth = log_loss(y, [0.5] * 4) - log_loss(y, [0.25, 0.25, 0.5, 0.5])
    assert abs(answer - truth) < 2e-3, "the cost of version 1 less the cost as served, each the mean of four"


def check_97_3(answer):
    from html.parser import HTMLParser

    for values in (["<b>late</b>", "1 < 2"], ["<td>", "&amp;"], ["plain", 3]):
        tags, texts, reader = [], [], HTMLParser()
        reader.handle_starttag = lambda tag, attributes, tags=tags: tags.append(tag)
        reader.handle_data = texts.append
        reader.feed(answer(values))
        reader.close()
        assert tags == ["tr"] + ["td"] * len(values), f"the values {values} brought tags of their own"
        assert "".join(texts) == "".join(map(str, values)), f"{values} is not shown as it is"
