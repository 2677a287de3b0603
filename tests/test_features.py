"Columns of every type read safely, calendar parts against Python's datetime, products against scikit-learn's."

import datetime
import pickle
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.preprocessing as reference
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.preprocessing import (
    CalendarFeatures,
    PolynomialFeatures,
    as_dates,
    as_numbers,
    as_text,
    calendar,
    column_role,
    date_formats,
)

ESTIMATORS = [PolynomialFeatures(), PolynomialFeatures((2, 3), include_bias=False, order="F"), CalendarFeatures()]


@parametrize_with_checks(ESTIMATORS)
def test_contract(estimator, check):
    check(estimator)


# ---- columns


DAY = pd.Timestamp("2013-04-01 05:00", tz="UTC")


def by_value(values):
    "The reading of as_text before any short cut: one value at a time."
    shown = []
    for v in values:
        if isinstance(v, str):
            shown.append(v)
        elif v is None or v is pd.NA or v != v:
            shown.append(None)
        elif isinstance(v, bool | np.bool_):
            shown.append(str(v))
        else:
            shown.append(str(int(v)) if v % 1 == 0 else str(v))
    return shown


@pytest.mark.parametrize("values, dtypes", [
    (["a", None, "b", "a", ""], ["object", "str", "string", "category", "string[pyarrow]"]),
    ([1, 2, 2, 10**9], ["int64", "int32", "Int64", "float64", "float32", "category", "object", "uint32"]),
    ([1.5, None, -0.0, 2.0], ["float64", "float32", "Float64", "object", "category"]),
    ([True, False, True], ["bool", "boolean", "object", "category"]),
    ([True, None], ["boolean", "object"]),
    ([1, "1", 1.0, True, "True", None, 2.5], ["object", "category"]),
    ([Decimal("1.50"), Decimal("2"), None], ["object"]),
])  # fmt: skip
def test_text_of_every_type_is_the_text_of_each_value(values, dtypes):
    for dtype in dtypes:
        column = pd.Series(values, dtype=dtype)
        assert as_text(column, "c").tolist() == by_value(column.tolist()), dtype
    assert as_text(values, "c").tolist() == by_value(values)


@pytest.mark.parametrize("value, role", [
    ("a", "text"), (1, "number"), (1.5, "number"), (True, "number"), (np.bool_(True), "number"), (10**30, "number"),
    (Decimal("1.5"), "number"), (np.float32(2), "number"), (datetime.date(2013, 4, 1), "date"), (DAY, "date"),
    (DAY.to_pydatetime(), "date"), (np.datetime64("2013-04-01"), "date"),
])  # fmt: skip
def test_objects_of_one_kind_have_its_role(value, role):
    for others in ([], [None], [np.nan], [pd.NA], [None, pd.NaT]):
        column = pd.Series(np.array([None, *others], object), dtype=object)
        column[0] = value
        assert column_role(column, "c") == role, others
    assert column_role(pd.Series([value, "x"], dtype=object), "c") == "text"


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"x", datetime.timedelta(1), 1j, {1}, (1, 2)])
def test_values_of_no_kind_are_named(value):
    column = pd.Series([value, None], dtype=object)
    for call in (column_role, as_text, as_numbers, as_dates):
        with pytest.raises(ValueError, match="'odd'"):
            call(column, "odd")
    for dtype in ("complex128", "timedelta64[s]"):
        with pytest.raises(ValueError, match="'odd'"):
            column_role(pd.Series([1, 2]).astype(dtype), "odd")


def test_categories_are_text_whatever_they_hold():
    for values in ([1, 2], ["a", "b"], [True, False], [1.5, None]):
        assert column_role(pd.Series(values, dtype="category"), "c") == "text"


@pytest.mark.parametrize("dtype", ["float64", "float32", "int16", "uint8", "bool", ">f8"])
def test_plain_numbers_pass_without_a_copy_of_meaning(dtype):
    values = np.array([0, 1, 1, 0]).astype(dtype)
    for column in (values, pd.Series(values)):
        found = as_numbers(column, "x")
        assert found.dtype == np.float64 and found.tolist() == [0, 1, 1, 0]


def test_blanks_are_missing_numbers_and_empty_texts_are_missing_dates():
    assert np.isnan(as_numbers(["", "  ", None], "n")).all()
    assert as_dates(["", None, pd.NaT], "d").isna().all() and date_formats(pd.Series(["", "01.02.2013"])) != []
    with pytest.raises(ValueError, match="'d' must hold dates, found ' '"):
        as_dates([" "], "d")


# ---- dates


@pytest.mark.parametrize("rows", [1, 3, 400])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_calendar_parts_are_those_of_datetime(rows, unit):
    rng = np.random.default_rng(rows)
    seconds = rng.integers(-(2**30), 2**32, rows)
    dates = pd.Series(pd.to_datetime(seconds, unit="s", utc=True).as_unit(unit))
    dates[rng.random(rows) < 0.1] = pd.NaT
    forms = {"typed": dates, "objects": dates.astype(object), "text": dates.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")}
    forms["list"] = [None if t is pd.NaT else t.to_pydatetime() for t in dates]
    utc = datetime.UTC
    days = [None if t is pd.NaT else t.to_pydatetime().astimezone(utc) for t in dates]
    truth = [[np.nan] * 4 if d is None else [d.year, d.month, d.weekday(), d.hour] for d in days]
    for name, column in forms.items():
        found = calendar(column, "t")
        assert list(found) == ["t_year", "t_month", "t_weekday", "t_hour"]
        np.testing.assert_array_equal(np.column_stack([*found.values()]), truth, name)


def test_spellings_read_the_same_and_wrong_dates_are_named():
    days = pd.Series(pd.date_range("2013-01-01", periods=40, tz="UTC"))
    for spelling in ("%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%b %d, %Y"):
        assert (as_dates(days.dt.strftime(spelling), "d") == days).all(), spelling
    with pytest.raises(ValueError, match="'d'.*%d/%m/%Y and as %m/%d/%Y"):
        as_dates(["03/04/2013"], "d")
    with pytest.raises(ValueError, match="'d' must hold dates like %d.%m.%Y, found '31.02.2013'"):
        as_dates(["01.02.2013", "31.02.2013"], "d", "%d.%m.%Y")
    mixed = as_dates(pd.Series(["2013-04-01", datetime.date(2013, 4, 2), DAY, None], dtype=object), "d")
    assert mixed.day.tolist()[:3] == [1, 2, 1] and mixed[3] is pd.NaT


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_the_clock_of_a_zone(zone):
    dates = pd.date_range("2013-01-01", "2014-01-01", freq="7h13min", tz="UTC")
    table = pd.DataFrame({"t": dates})
    names = ("year", "month", "day", "day_of_year", "weekday", "hour")
    clock = CalendarFeatures(names, cyclic=("hour",), time_zone=zone)
    local = [t.to_pydatetime().astimezone(ZoneInfo(zone)) for t in dates]
    truth = np.array([[t.year, t.month, t.day, t.timetuple().tm_yday, t.weekday(), t.hour] for t in local], float)
    found = clock.fit_transform(table)
    np.testing.assert_array_equal(found[:, :6], truth)
    turn = np.exp(2j * np.pi * truth[:, 5] / 24)
    np.testing.assert_allclose(found[:, 6:], np.column_stack([turn.imag, turn.real]), atol=1e-12)
    framed = clone(clock).set_output(transform="pandas").fit_transform(table)
    assert list(framed) == [*(f"t_{n}" for n in names), "t_hour_sin", "t_hour_cos"]


def test_calendar_features_keep_the_table_contract():
    table = pd.DataFrame({"sent": ["03.04.2013", None, "13.04.2013"], "due": pd.to_datetime(["2013-05-01"] * 3)})
    clock = CalendarFeatures().fit(table)
    assert clock.date_formats_ == {"sent": "%d.%m.%Y", "due": None} and clock.n_features_in_ == 2
    assert clock.feature_names_in_.tolist() == ["sent", "due"]
    again = pickle.loads(pickle.dumps(clock)).transform(table)
    np.testing.assert_array_equal(clock.transform(table), again)
    assert np.isnan(again[1, :10]).all() and np.isfinite(again[1, 10:]).all()
    plain = CalendarFeatures(cyclic=()).fit_transform(table[["due"]])
    np.testing.assert_array_equal(plain, np.column_stack([*calendar(table.due, "due").values()]))
    as_array = CalendarFeatures().fit(np.array([["2013-04-01"], ["2013-04-02"]], object))
    assert as_array.get_feature_names_out()[0] == "x0_year" and as_array.transform([["2013-04-03"]]).shape == (1, 10)
    one_day = clock.transform(table.iloc[:1])
    np.testing.assert_array_equal(one_day, again[:1])
    for wrong in (table[["due", "sent"]], table[["due"]]):
        with pytest.raises(ValueError, match="feature names"):
            clock.transform(wrong)
    with pytest.raises(ValueError, match="'sent'.*'soon'"):
        clock.transform(table.assign(sent="soon"))
    with pytest.raises(ValueError, match="'x0'.*7"):
        CalendarFeatures().fit([[7]])
    for empty in (table.iloc[:0], table.sent):
        with pytest.raises(ValueError, match="0 sample|2D"):
            CalendarFeatures().fit(empty)
    with pytest.raises(ValueError, match="'day'.*%d/%m/%Y and as %m/%d/%Y"):
        CalendarFeatures().fit(pd.DataFrame({"day": ["03/04/2013"]}))
    told = CalendarFeatures(("month",), cyclic=(), date_formats={"day": "%m/%d/%Y"})
    assert told.fit_transform(pd.DataFrame({"day": ["03/04/2013"]})).tolist() == [[3.0]]


@pytest.mark.parametrize("wrong", [{"parts": ("minute",)}, {"parts": "hour"}, {"cyclic": ("year",)},
    {"parts": (), "cyclic": ()}, {"time_zone": "Mars/Canal"}, {"time_zone": 7},
                                   {"date_formats": {"dya": "%Y"}}])  # fmt: skip
def test_wrong_settings_of_the_calendar_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        CalendarFeatures(**wrong).fit(pd.DataFrame({"day": [DAY]}))


# ---- products


DEGREES = [0, 1, 2, 3, 4, 5, (0, 0), (0, 1), (1, 1), (1, 3), (2, 2), (2, 4), (3, 3)]


@pytest.mark.parametrize("degree", DEGREES, ids=str)
@pytest.mark.parametrize("only", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_products_equal_scikit_learns(degree, only, bias):
    rng = np.random.default_rng(0)
    thin = scipy.sparse.random_array((25, 4), density=0.4, rng=rng, format="csr")
    tables = [rng.normal(size=(25, 4)), rng.normal(size=(25, 4)).astype(np.float32), rng.integers(-3, 9, (25, 4)),
              pd.DataFrame(rng.normal(size=(25, 4)), columns=list("abcd")), rng.normal(size=(1, 1)), thin, thin.tocsc(),
              thin.astype(np.float32), scipy.sparse.csr_matrix(thin), scipy.sparse.csr_array((3, 4))]  # fmt: skip
    for X in tables:
        settings = {"degree": degree, "interaction_only": only, "include_bias": bias}
        ours, theirs = PolynomialFeatures(**settings), reference.PolynomialFeatures(**settings)
        if not bias and degree in (0, (0, 0)):
            with pytest.raises(ValueError, match="empty output"):
                ours.fit(X)
            continue
        A, B = ours.fit_transform(X), theirs.fit_transform(X)
        assert (type(A), A.dtype, A.shape) == (type(B), B.dtype, B.shape)
        assert ours.n_output_features_ == theirs.n_output_features_ == A.shape[1]
        A, B = (M.toarray() if scipy.sparse.issparse(M) else M for M in (A, B))
        np.testing.assert_allclose(A, B, rtol=1e-12 if A.dtype == np.float64 else 1e-6, atol=0)
        if ours.n_output_features_:
            np.testing.assert_array_equal(ours.powers_, theirs.powers_)
            assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("degree", [2, (2, 3)])
def test_order_and_threads_do_not_change_products(order, degree):
    X = np.random.default_rng(0).normal(size=(30_001, 3))
    ours, theirs = (p(degree, order=order).fit_transform(X) for p in (PolynomialFeatures, reference.PolynomialFeatures))
    np.testing.assert_array_equal(ours, theirs)
    assert ours.flags[f"{order}_CONTIGUOUS"]
    readonly = np.asfortranarray(X)
    readonly.flags.writeable = False
    np.testing.assert_array_equal(PolynomialFeatures(degree).fit_transform(readonly), theirs)


def test_sparse_products_keep_the_table_that_was_given():
    X = scipy.sparse.csr_array(([1.0, 2.0, 3.0], [2, 0, 0], [0, 3]), shape=(1, 3))  # unsorted, with a double entry
    before = X.copy()
    dense = reference.PolynomialFeatures(3).fit_transform(X.toarray())
    np.testing.assert_array_equal(PolynomialFeatures(3).fit_transform(X).toarray(), dense)
    np.testing.assert_array_equal(X.indices, before.indices)
    wide = scipy.sparse.csr_array(([2.0, 3.0], [7, 99_999], [0, 2]), shape=(1, 100_000))
    found = PolynomialFeatures(2, include_bias=False).fit_transform(wide)  # five thousand million columns
    assert found.nnz == 5 and sorted(found.data) == [2, 3, 4, 6, 9]
    fitted = PolynomialFeatures(2, include_bias=False).fit(wide)
    assert found.indices.max() == fitted.n_output_features_ - 1


@pytest.mark.parametrize("wrong, words", [
    ({"degree": -1}, "degree=-1"), ({"degree": (3, 2)}, "degree"), ({"degree": 1.5}, "degree=1.5"),
    ({"degree": (1, 2, 3)}, "degree"), ({"degree": "2"}, "degree"), ({"order": "Z"}, "order='Z'"),
])  # fmt: skip
def test_wrong_settings_of_products_are_named(wrong, words):
    with pytest.raises(ValueError, match=words):
        PolynomialFeatures(**wrong).fit(np.zeros((3, 2)))


def test_too_many_products_are_refused_in_numbers():
    with pytest.raises(ValueError, match="too large to be indexed"):
        PolynomialFeatures(20).fit(np.zeros((1, 1000)))
    for bad in ([[np.nan]], [[np.inf]], [["a"]], [], [[]], np.zeros((0, 2))):
        with pytest.raises(ValueError):
            PolynomialFeatures().fit(bad)
