"The table preprocessor on good and bad tables, in every type that pandas stores."

import datetime
import pickle
import zlib
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.datasets import FEATURES, load_flights, time_split
from mlbook.preprocessing import (
    FLIGHTS_VALID,
    KBinsDiscretizer,
    KNNImputer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
    RobustScaler,
    SimpleImputer,
    StandardScaler,
    TablePreprocessor,
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


@parametrize_with_checks([TablePreprocessor()], expected_failed_checks=lambda estimator: TABLE_DIFFERS)
def test_contract(estimator, check):
    check(estimator)


def fingerprint(M):
    "Figures of a matrix that a permuted, shifted or rescaled column changes."
    s = (np.arange(len(M)) % 7 + 1.0) @ M
    return [round(float(v), 4) for v in (s.sum(), np.abs(s).sum(), (M**2).sum(), s @ np.arange(M.shape[1]))]


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
    N = t[["wind_speed"]].assign(square=np.arange(60.0) ** 2).to_numpy(float)
    estimators = [StandardScaler(), MinMaxScaler(), RobustScaler(), SimpleImputer(strategy="median"), KNNImputer()]
    estimators += [QuantileTransformer(n_quantiles=9), KBinsDiscretizer(n_bins=3, encode="ordinal"), MaxAbsScaler()]
    for estimator, X in [(TablePreprocessor(min_frequency=2), t), *((e, N) for e in estimators)]:
        X = X if estimator.__sklearn_tags__().input_tags.allow_nan else np.nan_to_num(X)
        save(estimator.fit(X), tmp_path / f"m{suffix}")
        back = load(tmp_path / f"m{suffix}")
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
