"Cleaning, encoding and scaling against scikit-learn's, and the table preprocessor on good and bad tables."

import datetime
import pickle
import zlib
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.preprocessing as reference
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.datasets import FEATURES, load_flights, time_split
from mlbook.preprocessing import (
    FLIGHTS_VALID,
    MinMaxScaler,
    OneHotEncoder,
    StandardScaler,
    TablePreprocessor,
    Valid,
    as_dates,
    as_numbers,
    as_text,
    clean,
    column_role,
)

TABLE_DIFFERS = {
    # A table is read by its columns' names, in any order; scikit-learn's arrays are read by position.
    "check_dataframe_column_names_consistency": "reordered columns work, missing ones are named by our own message",
}


def expected(estimator):
    return TABLE_DIFFERS if isinstance(estimator, TablePreprocessor) else {}


ESTIMATORS = [
    StandardScaler(), StandardScaler(with_mean=False), MinMaxScaler(), MinMaxScaler(clip=True),
    OneHotEncoder(handle_unknown="ignore"),
    OneHotEncoder(handle_unknown="ignore", sparse_output=False, min_frequency=2), TablePreprocessor(),
]  # fmt: skip


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected)
def test_contract(estimator, check):
    check(estimator)


# ---- the matrix that the book's published figures depend on


def fingerprint(M):
    "Figures of a matrix that a permuted, shifted or rescaled column changes."
    s = (np.arange(len(M)) % 7 + 1.0) @ M
    return [round(float(v), 4) for v in (s.sum(), np.abs(s).sum(), (M**2).sum(), s @ np.arange(M.shape[1]))]


# taken from the first edition of TablePreprocessor, before it was put together from pieces
PINNED = {
    "past": [1183892.3556, 1185809.7619, 1308761.0, 43469210.6941],
    "april": [706794.766, 964413.0094, 599068.7555, 17428217.4329],
}


def test_the_matrix_of_the_flights_is_pinned():
    past, april, _ = time_split(load_flights(), "2013-04-01", "2013-05-01")
    past, _ = clean(past, FLIGHTS_VALID, duplicates="keep")
    X = past.loc[past.late.notna(), FEATURES]
    prepare = TablePreprocessor().fit(X)
    M = prepare.transform(X)
    names = prepare.get_feature_names_out()
    assert M.shape == (77911, 123) and M.dtype == np.float64
    assert zlib.crc32("|".join(names).encode()) == 3657482685
    assert fingerprint(M) == PINNED["past"]
    assert fingerprint(prepare.transform(april[FEATURES])) == PINNED["april"]
    rows = X.iloc[[0, 5, 77910]]
    served = {c: rows[c].astype(object).where(rows[c].notna(), None).tolist() for c in FEATURES}
    np.testing.assert_array_equal(prepare.transform(served), M[[0, 5, 77910]])


# ---- against scikit-learn


def numbers(dtype=np.float64, gaps=True, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 5)) * [1, 100, 1e-3, 5, 1] + [0, 1e3, 0, -7, 2]
    X[:, 3] = X[:, 3].round()
    X[:, 4] = 4.25
    if gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    return X.astype(dtype)


def close(ours, theirs, dtype=np.float64):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    rtol = 1e-12 if dtype == np.float64 else 2e-5
    np.testing.assert_allclose(ours.astype(float), theirs.astype(float), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "options", [{}, {"with_mean": False}, {"with_std": False}, {"with_mean": False, "with_std": False}]
)
def test_standard_scaler(dtype, gaps, weighted, options):
    X = numbers(dtype, gaps)
    w = np.random.default_rng(1).random(len(X)) if weighted else None
    ours, theirs = (m.StandardScaler(**options).fit(X, sample_weight=w) for m in (OURS, reference))
    for name in ("mean_", "var_", "scale_"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert (a is None) == (b is None), name
        if a is not None:
            close(a, b, dtype)
    if not weighted or ours.mean_ is not None:  # scikit-learn counts rows here, and not weights
        close(ours.n_samples_seen_, theirs.n_samples_seen_, dtype if weighted else np.float64)
    A, B = ours.transform(X), theirs.transform(X)
    assert A.dtype == B.dtype == dtype
    close(A, B, dtype)
    close(ours.inverse_transform(A), X, dtype if dtype == np.float32 else np.float64)


class OURS:
    StandardScaler, MinMaxScaler = StandardScaler, MinMaxScaler


@pytest.mark.parametrize("name", ["StandardScaler", "MinMaxScaler"])
def test_partial_fit_equals_fit(name):
    X = numbers()
    whole, stream, theirs = getattr(OURS, name)().fit(X), getattr(OURS, name)(), getattr(reference, name)()
    for block in np.array_split(X, [1, 2, 50, 60]):
        stream.partial_fit(block)
        theirs.partial_fit(block)
    close(stream.scale_, whole.scale_)
    close(stream.scale_, theirs.scale_)
    close(stream.transform(X), theirs.transform(X))
    close(stream.n_samples_seen_, theirs.n_samples_seen_)
    assert clone(whole).get_params() == theirs.get_params()


def test_weights_are_repetitions_and_zero_rows_do_not_count():
    X, w = numbers(), np.random.default_rng(2).integers(0, 4, 200)
    a, b = StandardScaler().fit(X, sample_weight=w), StandardScaler().fit(np.repeat(X, w, axis=0))
    close(a.mean_, b.mean_)
    close(a.scale_, b.scale_)
    with pytest.raises(ValueError, match="(?i)negative"):
        StandardScaler().fit(X, sample_weight=-np.ones(200))


def test_large_offsets_keep_their_digits():
    z = np.random.default_rng(0).normal(size=(30_000, 1))
    exact = (z + 1e9).astype(np.longdouble)
    scaler = StandardScaler()
    for block in np.array_split(z + 1e9, 11):
        scaler.partial_fit(block)
    assert abs(scaler.mean_[0] - float(exact.mean())) < 1e-6
    assert abs(scaler.scale_[0] / float(exact.std()) - 1) < 1e-9  # a stored mean of 1e9 is rounded to 1e-7
    z = np.tile(z, (8, 1))  # several blocks
    exact = (z + 1e9).astype(np.longdouble)
    assert abs(StandardScaler().fit(z + 1e9).scale_[0] / float(exact.std()) - 1) < 1e-12
    for constant in (1e9 + 0.1, 0.1, 1e-300):
        assert StandardScaler().fit(np.full((1000, 1), constant)).scale_[0] == 1


def test_an_empty_first_block_and_an_empty_column():
    X = numbers()[:, :2]
    X[:, 1] = np.nan
    scaler = StandardScaler().fit(X)
    assert np.isnan(scaler.mean_[1]) and np.isnan(scaler.transform(X)[:, 1]).all()
    later = scaler.partial_fit(numbers(seed=1)[:, :2])
    close(later.mean_[1], np.nanmean(numbers(seed=1)[:, 1]))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sparse_tables_are_scaled_without_centring(dtype):
    S = scipy.sparse.random(500, 30, 0.1, format="csr", random_state=0, dtype=dtype)
    w = np.random.default_rng(0).random(500)
    for weight in (None, w):
        ours, theirs = (m.StandardScaler(with_mean=False).fit(S, sample_weight=weight) for m in (OURS, reference))
        close(ours.var_, theirs.var_, dtype)
        close(ours.transform(S).toarray(), theirs.transform(S).toarray(), dtype)
        close(ours.inverse_transform(ours.transform(S)).toarray(), S.toarray(), dtype)
    with pytest.raises(ValueError, match="with_mean=False"):
        StandardScaler().fit(S)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("options", [{}, {"feature_range": (-2, 5)}, {"clip": True}])
def test_min_max_scaler(dtype, options):
    X, new = numbers(dtype), numbers(dtype, seed=3) * 2
    ours, theirs = (m.MinMaxScaler(**options).fit(X) for m in (OURS, reference))
    for name in ("data_min_", "data_max_", "data_range_", "scale_", "min_", "n_samples_seen_"):
        close(getattr(ours, name), getattr(theirs, name), dtype)
    assert ours.transform(new).dtype == dtype
    close(ours.transform(new), theirs.transform(new), dtype)
    close(ours.inverse_transform(new), theirs.inverse_transform(new), dtype)
    with pytest.raises(ValueError, match="feature_range"):
        MinMaxScaler((1, 0)).fit(X)


def words(n=300, seed=0, gaps=True):
    rng = np.random.default_rng(seed)
    a = rng.choice(list("abcdefgh"), n, p=np.arange(1, 9) / 36).astype(object)
    b = rng.choice([1.5, 2.0, 7.0], n)
    if gaps:
        a[rng.random(n) < 0.05] = np.nan
        b[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame({"a": a, "b": b, "c": pd.Categorical(rng.choice(["u", "v"], n))})


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("limits", [{}, {"min_frequency": 30},
    {"min_frequency": 0.2}, {"max_categories": 3}, {"max_categories": 1},
                                    {"min_frequency": 20, "max_categories": 4}])  # fmt: skip
@pytest.mark.parametrize("way", ["error", "ignore", "infrequent_if_exist", "warn"])
@pytest.mark.parametrize("sparse", [False, True])
def test_one_hot_encoder(gaps, limits, way, sparse):
    options = limits | {"handle_unknown": way, "sparse_output": sparse}
    train, new = words(gaps=gaps), words(seed=1, gaps=gaps)
    if way != "error":
        new.loc[:4, "a"] = "never"
    ours, theirs = (m(**options).fit(train) for m in (OneHotEncoder, reference.OneHotEncoder))
    for a, b in zip(ours.categories_, theirs.categories_, strict=True):
        assert a.dtype == b.dtype
        assert pd.Series(a).equals(pd.Series(b))
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    if limits:
        for a, b in zip(ours.infrequent_categories_, theirs.infrequent_categories_, strict=True):
            assert (a is None and b is None) or pd.Series(a).equals(pd.Series(b))
    if way == "warn":
        with pytest.warns(UserWarning, match="unknown categories"):
            A = ours.transform(new)
        with pytest.warns(UserWarning):
            B = theirs.transform(new)
    else:
        A, B = ours.transform(new), theirs.transform(new)
    assert scipy.sparse.issparse(A) == scipy.sparse.issparse(B) == sparse
    A, B = (M.toarray() if sparse else M for M in (A, B))
    np.testing.assert_array_equal(A, B)
    assert pd.DataFrame(ours.inverse_transform(A)).equals(pd.DataFrame(theirs.inverse_transform(B)))


def test_one_hot_encoder_of_given_categories_and_arrays():
    X = np.array([[3, 1], [1, 1], [2, 9]])
    for options in ({}, {"categories": [[1, 2, 3, 4], [1, 9]]}, {"dtype": np.float32, "sparse_output": False}):
        ours, theirs = (m(**options).fit(X) for m in (OneHotEncoder, reference.OneHotEncoder))
        A, B = ours.transform(X), theirs.transform(X)
        assert A.dtype == B.dtype
        assert [c.tolist() for c in ours.categories_] == [c.tolist() for c in theirs.categories_]
        np.testing.assert_array_equal(ours.inverse_transform(A), theirs.inverse_transform(B))
    joined = OneHotEncoder(feature_name_combiner=lambda f, c: f"{f}={c}").fit(X)
    assert joined.get_feature_names_out().tolist()[0] == "x0=1"
    lists = [["a", 1], ["b", 2]]
    assert [c.tolist() for c in OneHotEncoder().fit(lists).categories_] == [["a", "b"], [1, 2]]


@pytest.mark.parametrize("options, X, kind, text", [
    ({"drop": "first"}, [["a"]], ValueError, "drop='first'"),
    ({"handle_unknown": "x"}, [["a"]], ValueError, "handle_unknown='x'"),
    ({"max_categories": 0}, [["a"]], ValueError, "max_categories=0"),
    ({"min_frequency": 1.0}, [["a"]], ValueError, "min_frequency=1.0"),
    ({"categories": [["b"]]}, [["a"]], ValueError, "unknown categories.*'a'"),
    ({"categories": [["a", "a"]]}, [["a"]], ValueError, "duplicate"),
    ({"categories": [[2, 1]]}, np.array([[1]]), ValueError, "unsorted"),
    ({}, np.array([[1], ["1"]], object), TypeError, "holds 1 and '1'"),
])  # fmt: skip
def test_the_encoder_refuses_by_name(options, X, kind, text):
    with pytest.raises(kind, match=f"(?i){text}"):
        OneHotEncoder(**options).fit(X)


# ---- cleaning


def test_clean_reports_and_leaves_the_input_alone():
    page = pd.DataFrame(
        {
            "price": [5.0, 5.0, -1.0, 900.0],
            "colour": ["red", "red", "blau", None],
            "n": pd.array([1, 1, None, 99], "Int64"),
        }
    )
    before = page.copy()
    rules = {"price": Valid(0, 100, action="clip"), "colour": Valid(among=("red",)), "n": Valid(high=9, action="drop")}
    tidy, report = clean(page, rules)
    pd.testing.assert_frame_equal(page, before)
    assert tidy.price.tolist() == [5, 0] and tidy.colour.isna().tolist() == [False, True]
    assert report.rows.tolist() == [1, 2, 1, 1] and report.action.tolist() == ["drop", "clip", "missing", "drop"]
    assert len(clean(page, {}, duplicates="keep")[0]) == 4


def test_cleaning_errors_name_the_field():
    page = pd.DataFrame({"colour": ["red"]})
    for bad in (lambda: Valid(action="mend"), lambda: Valid(3, 1), lambda: Valid(among=(1,), action="clip"),
                lambda: clean(page, {"colour": Valid(0, 1)}), lambda: clean(page, {"size": Valid(0, 1)}),
                lambda: clean(page, {}, duplicates="all")):  # fmt: skip
        with pytest.raises(ValueError, match="mend|low=3|clip|colour|size|all"):
            bad()


# ---- tables of any columns


def arrow(values, kind):
    import pyarrow

    return pd.Series(
        pd.array(
            values, dtype=pd.ArrowDtype(getattr(pyarrow, kind)() if kind != "decimal128" else pyarrow.decimal128(6, 2))
        )
    )


DAY = datetime.datetime(2013, 4, 1, 5)
COLUMNS = [
    (lambda: pd.Series([1, 2, None]), "number", [1, 2, None]),
    (lambda: pd.Series([1, 2, None], dtype="Int64"), "number", [1, 2, None]),
    (lambda: pd.Series([1.5, 2, None], dtype="Float64"), "number", [1.5, 2, None]),
    (lambda: pd.Series([True, False, None], dtype="boolean"), "number", [1, 0, None]),
    (lambda: pd.Series([True, False, True]), "number", [1, 0, 1]),
    (lambda: pd.Series([True, False, None], dtype=object), "number", [1, 0, None]),
    (lambda: pd.Series([Decimal("1.5"), None, 2], dtype=object), "number", [1.5, None, 2]),
    (lambda: pd.Series([1, None, pd.NA], dtype=object), "number", [1, None, None]),
    (lambda: arrow([1, None, 3], "int64"), "number", [1, None, 3]),
    (lambda: arrow([True, None, False], "bool_"), "number", [1, None, 0]),
    (lambda: arrow([Decimal("1.25"), None], "decimal128"), "number", [1.25, None]),
    (lambda: pd.Series(["a", None, "b"]), "text", ["a", None, "b"]),
    (lambda: pd.Series(["a", None, "b"], dtype=object), "text", ["a", None, "b"]),
    (lambda: pd.Series(["a", None, "b"], dtype="string"), "text", ["a", None, "b"]),
    (lambda: pd.Series(["a", None, "b"], dtype="string[pyarrow]"), "text", ["a", None, "b"]),
    (lambda: arrow(["a", None, "b"], "string"), "text", ["a", None, "b"]),
    (lambda: pd.Series(["a", None, "b"], dtype="category"), "text", ["a", None, "b"]),
    (lambda: pd.Series([7, None, 8], dtype="category"), "text", ["7", None, "8"]),
    (lambda: pd.Series(["a", 1, 2.0, 2.5, None, True], dtype=object), "text", ["a", "1", "2", "2.5", None, "True"]),
    (lambda: pd.Series([None, None], dtype=object), "text", [None, None]),
    (lambda: pd.Series([DAY, None]), "date", [DAY, None]),
    (lambda: pd.Series([DAY, None], dtype=object), "date", [DAY, None]),
    (lambda: pd.Series([datetime.date(2013, 4, 1), None]), "date", [datetime.datetime(2013, 4, 1), None]),
    (lambda: pd.Series([pd.Timestamp("2013-04-01 01:00", tz="America/New_York"), None]), "date", [DAY, None]),
    (lambda: arrow([DAY.date(), None], "date32"), "date", [datetime.datetime(2013, 4, 1), None]),
]  # fmt: skip


@pytest.mark.parametrize("make, role, values", COLUMNS)
def test_columns_of_every_type(make, role, values):
    column = make()
    assert column_role(column, "c") == role
    if role == "number":
        np.testing.assert_array_equal(as_numbers(column, "c"), np.array(values, dtype=float))
        np.testing.assert_array_equal(as_numbers(column.tolist(), "c"), np.array(values, dtype=float))
    elif role == "text":
        assert as_text(column, "c").tolist() == values
    else:
        found = [None if t is pd.NaT else t.tz_localize(None).to_pydatetime() for t in as_dates(column, "c")]
        assert found == values
    table = pd.DataFrame({"c": pd.concat([column] * 10, ignore_index=True), "x": np.arange(10.0 * len(column))})
    prepare = TablePreprocessor(min_frequency=2).fit(table)
    M = prepare.transform(table)
    assert np.isfinite(M).all() and M.shape[1] == len(prepare.get_feature_names_out())
    assert prepare.unseen(table) == {} and len(prepare.describe()) == 2


@pytest.mark.parametrize("value, shown", [([1, 2], r"\[1, 2\]"), ({"a": 1}, "'a'"), (b"x", "b'x'"),
    (datetime.timedelta(1), "timedelta"), (1j, "1j"),
                                          ({1}, "set")])  # fmt: skip
def test_values_of_no_kind_are_named(value, shown):
    with pytest.raises(ValueError, match=f"'odd'.*{shown}"):
        TablePreprocessor().fit(pd.DataFrame({"odd": pd.Series([value, value], dtype=object), "x": [1.0, 2.0]}))


@pytest.mark.parametrize("dtype", ["timedelta64[s]", "complex128", "period[D]"])
def test_dtypes_of_no_kind_are_named(dtype):
    column = (
        pd.Series([1, 2], dtype="int64").astype(dtype)
        if dtype != "period[D]"
        else pd.Series(pd.period_range("2013", periods=2))
    )
    with pytest.raises(ValueError, match="'odd'"):
        TablePreprocessor().fit(pd.DataFrame({"odd": column, "x": [1.0, 2.0]}))


def table():
    return pd.DataFrame({"wind_speed": np.arange(60.0), "day": pd.date_range("2013-01-01", periods=60, tz="UTC"),
                         "carrier": ["AA", "UA", "B6"] * 19 + ["HA", "OO", None]})  # fmt: skip


@pytest.mark.parametrize("change, words", [
    (lambda t: t.assign(wind_speed="calm"), ["'wind_speed'", "'calm'"]),
    (lambda t: t.assign(wind_speed=[None] * 59 + ["calm"]), ["'wind_speed'", "'calm'"]),
    (lambda t: t.assign(wind_speed=np.inf), ["'wind_speed'", "infinite"]),
    (lambda t: t.assign(wind_speed=t.day), ["'wind_speed'", "2013"]),
    (lambda t: t.assign(wind_speed=[10**400] * 60), ["'wind_speed'", "1000"]),
    (lambda t: t.assign(wind_speed="1_0"), ["'wind_speed'", "1_0"]),
    (lambda t: t.assign(day="someday"), ["'day'", "'someday'"]),
    (lambda t: t.assign(day=["2013-04-01"] * 59 + ["1.4.2013"]), ["'day'", "'1.4.2013'"]),
    (lambda t: t.assign(day=7), ["'day'", "7"]),
    (lambda t: t.rename(columns={"wind_speed": "windspeed"}), ["'wind_speed'", "'windspeed'"]),
    (lambda t: t[["day"]], ["missing columns", "'wind_speed'", "'carrier'"]),
    (lambda t: t.assign(carrier=pd.Series([[1]] * 60)), ["'carrier'", r"\[1\]"]),
    (lambda t: {**t, "carrier": ["AA"]}, ["different lengths", "'carrier': 1"]),
    (lambda t: pd.concat([t, t[["day"]]], axis=1), ["'day' occurs twice"]),
])  # fmt: skip
def test_bad_tables_are_named(change, words):
    prepare = TablePreprocessor(min_frequency=2).fit(table())
    with pytest.raises(ValueError) as caught:
        prepare.transform(change(table()))
    for word in words:
        assert pd.Series([str(caught.value)]).str.contains(word)[0], str(caught.value)


def test_order_and_further_columns_do_not_matter():
    prepare, t = TablePreprocessor(min_frequency=2).fit(table()), table()
    M = prepare.transform(t)
    np.testing.assert_array_equal(prepare.transform(t[t.columns[::-1]].assign(more=1)), M)
    np.testing.assert_array_equal(prepare.transform({c: t[c].tolist() for c in t}), M)
    text = t.assign(wind_speed=t.wind_speed.astype(str), day=t.day.astype(str))
    np.testing.assert_array_equal(prepare.transform(text), M)


def test_numbers_in_a_text_column_are_read_as_text():
    t = pd.DataFrame({"zip": ["10001", "10002"] * 20, "x": np.arange(40.0)})
    prepare = TablePreprocessor(min_frequency=2).fit(t)
    for other in (t.zip.astype(int), t.zip.astype(float), t.zip.astype("category")):
        np.testing.assert_array_equal(prepare.transform(t.assign(zip=other)), prepare.transform(t))
    assert prepare.unseen({"zip": [10001, 99999.0, None], "x": [1, 2, 3]}) == {"zip": {"99999": 1}}


def test_unseen_counts_only_what_training_never_saw():
    prepare = TablePreprocessor(min_frequency=5).fit(table())
    assert prepare.categories_ == {"carrier": ["AA", "B6", "UA"]}
    later = table().head(4).assign(carrier=["HA", "ZZ", None, "ZZ"])
    assert prepare.unseen(later) == {"carrier": {"ZZ": 2}}  # HA was seen once: pooled, not new
    assert prepare.transform(later)[:, -3:].sum() == 0


def test_nothing_to_learn_from_and_doubled_columns():
    for bad in ({"a": [1, 1]}, {"a": [None, None]}, {"a": ["x", "x"]}, {"a": [1]}):
        with pytest.raises(ValueError, match="constant or empty"):
            TablePreprocessor().fit(pd.DataFrame(bad))
    with pytest.raises(ValueError, match="'a' occurs twice"):
        TablePreprocessor().fit(pd.DataFrame([[1, 2], [2, 3]], columns=["a", "a"]))


@pytest.mark.parametrize("suffix", [".pb", ".pkl"])
def test_fitted_preprocessors_are_saved(tmp_path, suffix):
    from mlbook.serialization import load, save

    t = table()
    t.loc[3, "wind_speed"] = np.nan
    fitted = [TablePreprocessor(min_frequency=2).fit(t), StandardScaler().fit(numbers()), MinMaxScaler().fit(numbers())]
    for k, (estimator, X) in enumerate(zip(fitted, [t, numbers(), numbers()], strict=True)):
        save(estimator, tmp_path / f"{k}{suffix}")
        back = load(tmp_path / f"{k}{suffix}")
        np.testing.assert_array_equal(back.transform(X), estimator.transform(X))
        assert back.get_feature_names_out().tolist() == estimator.get_feature_names_out().tolist()
    encoder = OneHotEncoder(dtype="float64", min_frequency=2).fit(t[["carrier"]].dropna())
    save(encoder, tmp_path / f"e{suffix}")
    assert load(tmp_path / f"e{suffix}").get_feature_names_out().tolist() == encoder.get_feature_names_out().tolist()
    assert (pickle.loads(pickle.dumps(OneHotEncoder().fit([["a"]]))).transform([["a"]]).toarray() == 1).all()


@pytest.mark.parametrize("kind", ["frame", "lists", "objects"])
def test_text_dates_are_learned_in_fit_and_read_so_later(kind):
    sent, due = ["03.04.2013", "13.04.2013", None, "05.05.2014"], ["03/04/2013", "05/06/2013"]
    lists = {"sent": sent * 5, "due": due * 10, "x": [1, 2] * 10}
    table = {"frame": pd.DataFrame(lists), "lists": lists, "objects": pd.DataFrame(lists, dtype=object)}[kind]
    prepare = TablePreprocessor().fit(table)
    assert prepare.roles_ == ["date", "text", "number"] and prepare.date_formats_ == {"sent": "%d.%m.%Y"}
    assert prepare.unclear_dates_ == {"due": ["%d/%m/%Y", "%m/%d/%Y"]}
    assert "%d/%m/%Y" in prepare.describe()["what happens"][1] and "%d.%m.%Y" in prepare.describe()["what happens"][0]
    typed = {**lists, "sent": pd.to_datetime(pd.Series(lists["sent"]), format="%d.%m.%Y")}
    np.testing.assert_array_equal(prepare.transform(table), TablePreprocessor().fit(typed).transform(typed))
    one = {"sent": ["03.04.2013"], "due": ["03/04/2013"], "x": [1]}
    np.testing.assert_array_equal(prepare.transform(one)[0], prepare.transform(table)[0])
    np.testing.assert_array_equal(prepare.transform({**one, "sent": ["2013-04-03"]})[0], prepare.transform(table)[0])
    for wrong in ("03/04/2013", "soon", "31.02.2013"):
        with pytest.raises(ValueError, match=f"'sent'.*%d.%m.%Y.*'{wrong}'"):
            prepare.transform({**one, "sent": [wrong]})
    told = TablePreprocessor(date_formats={"sent": "%d.%m.%Y", "due": "%m/%d/%Y"}).fit(table)
    assert told.roles_ == ["date", "date", "number"]
    with pytest.raises(ValueError, match="missing column: 'send' .is it 'sent'"):
        TablePreprocessor(date_formats={"send": "%d.%m.%Y"}).fit(table)


def test_an_unknown_spelling_is_not_guessed():
    with pytest.raises(ValueError, match="'day'.*%d/%m/%Y and as %m/%d/%Y"):
        as_dates(["03/04/2013"], "day")
    assert as_dates(["03.04.2013"], "day")[0] == pd.Timestamp("2013-04-03", tz="UTC")
    prepare = TablePreprocessor().fit({"day": ["03/04/2013", "13/04/2014"] * 9})  # the 13th settles it
    assert prepare.date_formats_ == {"day": "%d/%m/%Y"}
    slashes, iso = (prepare.transform({"day": [text]}) for text in ("03/04/2013", "2013-04-03"))
    np.testing.assert_array_equal(slashes, iso)


def test_columns_may_be_called_by_whole_numbers():
    table = pd.DataFrame({0: ["a", "b"] * 20, 1: np.arange(40.0), 2: ["03.04.2013", "13.04.2014"] * 20})
    prepare = TablePreprocessor().fit(table)
    assert prepare.columns_ == ["0", "1", "2"] and prepare.roles_ == ["text", "number", "date"]
    row = {0: ["a"], 1: [0], 2: ["03.04.2013"]}
    np.testing.assert_array_equal(prepare.transform(row)[0], prepare.transform(table)[0])
    assert prepare.unseen(table) == {}


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8", "bool", ">f8"])
def test_plain_numbers_pass_without_a_copy_of_meaning(dtype):
    values = np.array([0, 1, 1, 0]).astype(dtype)
    for column in (values, pd.Series(values)):
        found = as_numbers(column, "x")
        assert found.dtype == np.float64 and found.tolist() == [0, 1, 1, 0]
