"Cleaning: every rule on good and bad tables, and limits that are learned once."

import datetime
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.stats import median_abs_deviation
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.impute import SimpleImputer
from mlbook.preprocessing import (
    FLIGHTS_VALID,
    REPORT,
    Alike,
    Cleaner,
    Copies,
    Date,
    Number,
    Outlier,
    Present,
    Together,
    Unit,
    Valid,
    clean,
)

DTYPES = ["int8", "int64", "float32", "float64", "Int64", "Float64", "int64[pyarrow]", "double[pyarrow]"]


def one(values, rule, **options):
    "A column after a rule."
    return clean(pd.DataFrame({"x": values}), {"x": rule}, duplicates="keep", **options)


@parametrize_with_checks([Cleaner(), Cleaner({0: [Number(), Outlier("iqr", action="clip")]})])
def test_scikit_learns_contract(estimator, check):
    check(estimator)


# ---- ranges and actions


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(3))
def test_ranges_are_those_of_plain_python(dtype, seed):
    rng = np.random.default_rng(seed)
    given = [None if gap else int(v) for v, gap in zip(rng.integers(-100, 100, 60), rng.random(60) < 0.2)]
    if dtype in ("int8", "int64"):
        given = [v for v in given if v is not None]
    x = pd.Series(given, dtype=dtype)
    low, high = sorted(rng.integers(-90, 90, 2).tolist())
    wrong = [v is not None and not low <= v <= high for v in given]
    truth = {"missing": [None if w else v for v, w in zip(given, wrong)], "keep": given, "mark": given,
             "drop": [v for v, w in zip(given, wrong) if not w],
             "clip": [v if v is None else min(max(v, low), high) for v in given]}  # fmt: skip
    for action, expected in truth.items():
        tidy, report = one(x, Valid(low, high, action=action))
        assert [None if pd.isna(v) else v for v in tidy.x] == expected
        assert report.rows.tolist() == [sum(wrong)] and report.action.tolist() == [action]
        assert (tidy.x_wrong.tolist() == wrong) if action == "mark" else list(tidy) == ["x"]
        if dtype not in ("int8", "int64"):
            assert tidy.x.dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_fraction_as_limit_is_not_cut_off(dtype):
    assert one(pd.Series([1, 9], dtype=dtype), Valid(high=2.5, action="clip"))[0].x.tolist() == [1, 2.5]


def test_categories_dates_and_time_zones():
    colours = pd.Series(["red", "blau", None], dtype="category")
    tidy = one(colours, Valid(among=("red",)))[0].x
    assert tidy.dtype == colours.dtype and tidy.isna().tolist() == [False, True, True]
    sizes = pd.Series(pd.Categorical(["S", "L"], ["S", "M", "L"], ordered=True))
    assert one(sizes, Valid(high="M"))[0].x.isna().tolist() == [False, True]
    times = pd.Series(pd.date_range("2013-11-02", periods=3, tz="America/New_York"))
    tidy = one(times, Valid(pd.Timestamp("2013-11-03", tz="America/New_York"), action="clip"))[0].x
    assert tidy.dtype == times.dtype and tidy.tolist() == [times[1], times[1], times[2]]
    with pytest.raises(ValueError, match="'x' is datetime64.*cannot be compared"):
        one(times, Valid(pd.Timestamp("2013-11-03")))


def test_repeated_labels_of_rows_and_empty_tables():
    frame = pd.DataFrame({"x": [1.0, 900.0, 3.0]}, index=[7, 7, 7])
    assert clean(frame, {"x": Valid(0, 9, action="drop")})[0].x.tolist() == [1, 3]
    rules = {"x": [Number(), Valid(0, 9), Outlier(), Present("mark")], "d": Date(),
             ("x", "d"): [Together("x < 1"), Copies(), Alike()]}  # fmt: skip
    empty = pd.DataFrame({"x": pd.Series(dtype=float), "d": pd.Series(dtype=object)})
    tidy, report = clean(empty, rules)
    assert len(tidy) == 0 and report.rows.sum() == 0 and list(report) == REPORT and len(report) == 9
    assert clean(pd.DataFrame(), {})[0].shape == (0, 0)
    assert clean(pd.DataFrame({"x": [5.0]}), {"x": Outlier()})[1].rows.tolist() == [0, 0]  # one row
    assert one([np.nan, np.nan], Outlier())[1].rule.tolist() == ["robust z within 3.5: no spread, no limits"]


def test_marks_of_two_rules_are_joined_and_a_taken_name_is_refused():
    rules = {"x": [Valid(low=0, action="mark"), Valid(high=9, action="mark")]}
    assert clean(pd.DataFrame({"x": [-1, 5, 10]}), rules)[0].x_wrong.tolist() == [True, False, True]
    with pytest.raises(ValueError, match="'x_wrong'.*there already"):
        clean(pd.DataFrame({"x": [1], "x_wrong": [2]}), rules)


def test_rules_see_what_earlier_rules_left():
    frame = pd.DataFrame({"x": ["5", "1,048", "ask"]})
    tidy, report = clean(frame, {"x": [Number(), Valid(0, 120)]})
    assert tidy.x.isna().tolist() == [False, True, True] and report.rows.tolist() == [0, 2, 1, 1]


def test_one_rule_under_a_tuple_looks_at_each_column():
    frame = pd.DataFrame({"a": ["1", "x"], "b": ["2", "3"]})
    tidy, report = clean(frame, {("a", "b"): Number()})
    assert tidy.b.tolist() == [2, 3] and report.column.tolist() == ["(all)", "a", "a", "b", "b"]


# ---- reading


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,048", 1048), ("12,345,678.5", 12345678.5), ("-7", -7), (" +3.5 ", 3.5), ("1e3", 1000), (".5", 0.5), ("5.", 5),
     ("1,04", None), ("1,0489", None), ("1234,567", None), ("1_0", None), ("nan", None), ("inf", None), ("0x1A", None),
     ("1.2.3", None), ("", None), (".", None), ("12 kg", None), ("1e999", None)],
)  # fmt: skip
def test_numbers_are_read_strictly(text, value):
    tidy, report = one([text, 1], Number())
    assert tidy.x.dtype == float and (tidy.x.isna()[0] if value is None else tidy.x[0] == value)
    assert report.rows.sum() == (text != "")  # a blank is a gap, not an error
    german = text.translate({ord(","): ".", ord("."): ","})
    assert one([german, 1], Number(","))[0].x.equals(tidy.x)


def test_numbers_of_odd_columns():
    odd = [True, 10**400, [1], {}, None, pd.NA, "7", datetime.date(2013, 1, 1)]
    tidy, report = one(odd, Number())
    assert tidy.x.fillna(-1).tolist() == [1, -1, -1, -1, -1, -1, 7, -1] and report.rows.tolist() == [1, 4]
    for dtype in ("str", "category", "string", "string[pyarrow]"):
        assert one(pd.Series(["1,048", None], dtype=dtype), Number())[0].x.dropna().tolist() == [1048]
    assert one([1.0, np.inf], Number())[0].x.isna().tolist() == [False, True]
    assert one([1.0, np.inf], Number(action="mark"))[0].x.isna().tolist() == [False, True]  # unread is emptied too
    for bad in (pd.Series(pd.to_datetime(["2013-01-01"])), pd.Series([1j])):
        with pytest.raises(ValueError, match="'x' is .*not numbers"):
            one(bad, Number())


def test_dates_are_read_strictly():
    odd = ["2013-02-28", "2013-02-30", "soon", "", None, 20130101, datetime.date(2013, 5, 1)]
    tidy, report = one(pd.Series(odd, dtype=object), Date())
    assert tidy.x.notna().tolist() == [True, False, False, False, False, False, True]
    assert report.rows.tolist() == [1, 3] and pd.api.types.is_datetime64_any_dtype(tidy.x)
    assert one(["28.02.2013"], Date("%d.%m.%Y"))[0].x[0] == pd.Timestamp(2013, 2, 28)
    zones = ["2013-02-12T01:00+01:00", "2013-02-12T01:00+02:00"]
    with pytest.raises(ValueError, match="'x'.*utc=True"):
        one(zones, Date())
    assert one(zones, Date(utc=True))[0].x.diff()[1] == pd.Timedelta("-1h")
    with pytest.raises(ValueError, match="'x' is int64.*to_datetime"):
        one([20130101], Date())


# ---- conditions


def test_units_are_converted_where_it_is_said():
    frame = pd.DataFrame({"t": [41.0, 5.0, None], "u": pd.array(["F", "C", "C"], "string")})
    for where in ("u == 'C'", lambda t: t.u == "C", lambda t: (t.u == "C").to_numpy(object)):
        tidy, report = clean(frame, {"t": Unit("Celsius", 9 / 5, 32, where=where)})
        assert tidy.t.tolist()[:2] == [41, 41] and report.rows.tolist() == [0, 1]
        assert report.action.tolist() == ["drop", "convert"] and report.examples[1] == "5"
    assert one(pd.Series([1.0], dtype="float32"), Unit("km", 2))[0].x.dtype == "float32"
    assert one(pd.Series([1, None], dtype="Int64"), Unit("km", 0.5))[0].x.tolist()[0] == 0.5


def test_conditions_hold_between_columns_and_gaps_break_nothing():
    frame = pd.DataFrame({"a": pd.array([1, 2, 3, None], "Int64"), "b": [2.0, 1.0, None, 4.0]})
    for valid in ("a < b", lambda t: t.a < t.b):
        assert clean(frame, {("a", "b"): Together(valid)})[0].a_b_wrong.tolist() == [False, True, False, False]
    emptied = clean(frame, {("a", "b"): Together("a < b", action="missing")})[0]
    assert emptied.isna().to_numpy().tolist() == [[False] * 2, [True] * 2, [False, True], [True, False]]
    assert len(clean(frame, {("a", "b"): Together("a < b", action="drop")})[0]) == 3


@pytest.mark.parametrize("valid", ["a <", "a < c", "a + b", "@x < b", lambda t: t.c, lambda t: True, lambda t: [1, 0]])
def test_conditions_that_cannot_be_answered_are_named(valid):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [1.5, 2.0, 1.0]})
    with pytest.raises(ValueError, match="rule '.*(answer)"):
        clean(frame, {("a", "b"): Together(valid)})


# ---- outliers


@pytest.mark.parametrize("seed", range(5))
def test_learned_limits_are_scipys_and_numpys(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_t(2, 200) * 10.0 ** rng.integers(-6, 7) + rng.choice([0, 1e9])
    x[rng.random(200) < 0.1] = np.nan
    fixed, mad = Outlier(limit=3).learn(pd.Series(x), "x"), median_abs_deviation(x, scale="normal", nan_policy="omit")
    assert np.allclose([fixed.low, fixed.high], np.nanmedian(x) + 3 * mad * np.array([-1, 1]), rtol=1e-12, atol=0)
    first, third = np.nanpercentile(x, [25, 75])
    fixed = Outlier("iqr").learn(pd.Series(x), "x")
    assert np.allclose([fixed.low, fixed.high], [2.5 * first - 1.5 * third, 2.5 * third - 1.5 * first], rtol=1e-12)


def test_infinity_lies_outside_and_is_not_learned_from():
    x = [1.0, 2.0, 3.0, 4.0, np.inf, -np.inf]
    assert one(x, Outlier())[0].x_wrong.tolist() == [False] * 4 + [True] * 2
    with pytest.raises(ValueError, match="'x' is .*not numbers"):
        one(["a"], Outlier())


def test_limits_learned_in_training_are_used_on_new_rows():
    past, new = pd.DataFrame({"x": [1.0, 2, 3, 4, 5]}), pd.DataFrame({"x": [2.0, 900, 900, 900]})
    for action in ("missing", "clip", "mark", "drop", "keep"):
        cleaner = Cleaner({"x": Outlier(action=action)}).fit(past)
        tidy = cleaner.transform(new)
        assert len(tidy) == 4  # every row wants its answer
        assert tidy.equals(pd.concat([cleaner.transform(new.iloc[[k]]) for k in range(4)]))  # in any company
        assert list(tidy) == cleaner.get_feature_names_out().tolist()
        assert tidy.x.isna().sum() == (3 if action in ("missing", "drop") else 0)
        assert clean(new, cleaner.valid_, duplicates="keep")[1].rows.tolist() == [3]
        assert pickle.loads(pickle.dumps(cleaner)).transform(new).equals(tidy)
    assert clone(cleaner).valid == cleaner.valid


def test_a_cleaner_stands_in_a_pipeline_and_leaves_copies_alone():
    rules = {"x": Valid(0, 9), ("x", "y"): [Copies(), Alike(), Together("x < y")]}
    frame = pd.DataFrame({"x": [1.0, 1.0, 900.0, 5.0], "y": [2.0, 2.0, 3.0, 4.0]})
    cleaner = Cleaner(rules).fit(frame)
    assert cleaner.transform(frame).shape == (4, 3) and cleaner.report_.rows.tolist() == [1, 1, 0, 0, 1]
    filled = make_pipeline(Cleaner(rules), SimpleImputer()).fit_transform(frame)
    assert filled.shape == (4, 3) and np.isfinite(filled.astype(float)).all()
    with pytest.raises(ValueError, match="feature names"):
        cleaner.transform(frame[["x"]])
    array = Cleaner({1: Outlier()}).fit_transform(np.arange(8.0).reshape(4, 2))
    assert array.shape == (4, 3) and array.dtype == float


# ---- copies


def test_copies_first_last_and_by_key():
    frame = pd.DataFrame({"k": [1, 1, 2, 1], "v": [1.0, 1.0, 2.0, 3.0]})
    assert clean(frame, {})[0].index.tolist() == [0, 2, 3]
    assert clean(frame, {("k",): Copies()}, duplicates="keep")[0].index.tolist() == [0, 2]
    assert clean(frame, {"k": Copies(keep="last")}, duplicates="keep")[0].index.tolist() == [2, 3]
    assert clean(frame, {"k": Copies(action="mark")})[0].k_copy.tolist() == [False, False, True]
    lists = pd.DataFrame({"a": [1, 1], "x": [[1], [1]]})
    with pytest.raises(ValueError, match="'x' holds lists"):
        clean(lists, {})
    assert len(clean(lists, {"a": Copies()}, duplicates="keep")[0]) == 1
    gaps = pd.DataFrame({"a": [None, None, 1.0]})
    assert len(clean(gaps, {})[0]) == 2


def test_near_copies_of_all_kinds():
    names = ["Ann Lee", "ann  lee", "ANN-LEE", "Ánn Lee", "Anne Lee", "Bnn Lee", "Roe 12", "Roe 13", "", None, "  "]
    found = clean(pd.DataFrame({"n": names}), {"n": Alike(0.85)}, duplicates="keep")[0].n_copy.tolist()
    assert found == [False, True, True, True, True, True, False, False, False, False, False]
    exact = clean(pd.DataFrame({"n": names}), {"n": Alike(1)}, duplicates="keep")[0].n_copy
    assert exact.tolist() == [False, True, True, True] + [False] * 7
    two = pd.DataFrame({"n": ["Ann", "ann", "ann"], "t": ["Rye", "RYE", "York"], "k": [1, 1.0, 1]})
    assert clean(two, {("n", "t", "k"): Alike()})[0].n_t_k_copy.tolist() == [False, True, False]


def test_near_copies_do_not_cost_the_square():
    import difflib

    rng = np.random.default_rng(0)
    names = ["".join(rng.choice(list("abcdefghij"), 12)) for _ in range(3000)]
    typed = [n[:5] + "x" + n[6:] for n in names[:50]]
    calls, ratio = [], difflib.SequenceMatcher.real_quick_ratio
    patch = pytest.MonkeyPatch()
    patch.setattr(difflib.SequenceMatcher, "real_quick_ratio", lambda m: calls.append(1) or ratio(m))
    found = clean(pd.DataFrame({"n": names + typed}), {"n": Alike()})[0].n_copy
    patch.undo()
    assert found.tolist() == [False] * 3000 + [True] * 50 and len(calls) <= 2 * 10 * 3050


# ---- declarations that cannot be


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: Valid(0, 1, action="mend"), "mend"), (lambda: Valid(3, 1), "low=3"), (lambda: Valid(), "needs low"),
     (lambda: Valid(among=(1,), action="clip"), "clip"), (lambda: Valid(float("nan")), "missing"),
     (lambda: Valid(among="red"), "tuple"), (lambda: Number("x"), "decimal"), (lambda: Number(action="keep"), "keep"),
     (lambda: Outlier("sigma"), "sigma"), (lambda: Outlier(limit=0), "limit"), (lambda: Copies("both"), "both"),
     (lambda: Alike(2), "similarity"), (lambda: Alike(window=0), "window"), (lambda: Present("missing"), "missing")],
)  # fmt: skip
def test_rules_that_cannot_be(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_tables_that_do_not_fit_the_rules():
    page = pd.DataFrame({"colour": ["red"], "x": [[1]]})
    for valid, options, words in (
        ({"colour": Valid(0, 1)}, {}, "'colour' is str.*Number"),
        ({"size": Valid(0, 1)}, {}, "not there: .'size'"),
        ({("colour", "size"): Together("colour")}, {}, "not there: .'size'"),
        ({}, {"duplicates": "all"}, "all"),
        ({"colour": "red"}, {}, "'red' is no rule"),
        ({"x": Valid(0, 1)}, {}, "'x' is object"),
        ({"x": Outlier()}, {}, "'x' is object"),
        ({"colour": Unit("km", 2)}, {}, "'colour' is str"),
    ):
        with pytest.raises(ValueError, match=words):
            clean(page, valid, **{"duplicates": "keep"} | options)
    with pytest.raises(ValueError, match="'a' occurs twice"):
        clean(pd.DataFrame([[1, 2]], columns=["a", "a"]), {})
    with pytest.raises(ValueError, match="list is no table"):
        clean([1], {})


def test_the_flights_rules_are_limits_of_nature():
    assert FLIGHTS_VALID["wind_dir"].high == 360 and FLIGHTS_VALID["humid"].high == 100
    assert all(rule.action == "missing" for rule in FLIGHTS_VALID.values())
