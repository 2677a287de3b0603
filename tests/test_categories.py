"OneHotEncoder and OrdinalEncoder against scikit-learn's, on every kind of column, and what they refuse."

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
import sklearn.preprocessing as reference
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.preprocessing as ours_module
from mlbook.preprocessing import MOST, OneHotEncoder, OrdinalEncoder

BOTH = [OneHotEncoder, OrdinalEncoder]
ESTIMATORS = [
    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    OneHotEncoder(handle_unknown="infrequent_if_exist", drop="first", max_categories=3),
    OrdinalEncoder(), OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=0.1),
]  # fmt: skip


@parametrize_with_checks(ESTIMATORS)
def test_contract(estimator, check):
    check(estimator)


def words(n=300, seed=0, gaps=True):
    rng = np.random.default_rng(seed)
    a = rng.choice(list("abcdefgh"), n, p=np.arange(1, 9) / 36).astype(object)
    b = rng.choice([1.5, 2.0, 7.0], n)
    if gaps:
        a[rng.random(n) < 0.05] = np.nan
        b[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame({"a": a, "b": b, "c": pd.Categorical(rng.choice(["u", "v"], n)), "d": rng.integers(0, 2, n)})


def kinds(n=1500, seed=0):
    "Tables of every kind of column, long enough for the compiled path."
    t, rng = words(n, seed), np.random.default_rng(seed)
    text = rng.choice(["north", "south", "east"], (n, 2))
    mixed = t.a.to_numpy().copy()
    mixed[rng.random(n) < 0.1] = None
    return {
        "frame": t,
        "objects": t[["a"]].to_numpy(),
        "None and NaN": mixed[:, None],
        "text of NumPy": text,
        "own objects": np.array([[f"{v} {w}" for v, w in row] for row in zip(text, text[::-1])], dtype=object),
        "text of pandas": pd.DataFrame({"a": t.a.astype("str"), "b": text[:, 0]}),
        "lists": t[["c", "d"]].to_numpy().tolist(),
        "floats": rng.choice([0.5, np.nan, -3, 9], (n, 2)),
        "float32": rng.choice([0.5, np.nan, -3, 9], (n, 2)).astype(np.float32),
        "integers": rng.integers(-3, 9, (n, 3)).astype(np.int8),
        "truth values": rng.integers(0, 2, (n, 2)).astype(bool),
        "categories of numbers": pd.DataFrame({"a": pd.Categorical(rng.choice([3, 1], n), categories=[3, 1, 8])}),
        "nullable": pd.DataFrame(
            {"a": pd.array(rng.choice([3, 1], n), "Int64"), "b": pd.array([1, None] * (n // 2), "Int64")}
        ),
        "one name": np.full((n, 1), "only", dtype=object),
        "days": pd.DataFrame({"a": pd.to_datetime(rng.choice(["2013-01-02", "2013-01-01"], n))}),
    }  # fmt: skip


def same(A, B):
    assert scipy.sparse.issparse(A) == scipy.sparse.issparse(B) and A.dtype == B.dtype and A.shape == B.shape
    if scipy.sparse.issparse(A):
        assert type(A) is type(B) and A.indices.dtype == B.indices.dtype and A.indptr.dtype == B.indptr.dtype
        assert np.array_equal(A.indices, B.indices) and np.array_equal(A.indptr, B.indptr)
        A, B = A.data, B.data
    assert pd.DataFrame(A).equals(pd.DataFrame(B))


def same_fit(ours, theirs):
    for name in ("categories_", "infrequent_categories_"):
        assert hasattr(ours, name) == hasattr(theirs, name)
        for a, b in zip(getattr(ours, name, []), getattr(theirs, name, []), strict=True):
            assert (a is None) == (b is None)
            assert a is None or (a.dtype == b.dtype and pd.Series(a).equals(pd.Series(b)))
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    if hasattr(theirs, "drop_idx_"):
        assert np.array_equal(ours.drop_idx_, theirs.drop_idx_)


@pytest.mark.parametrize("kind", kinds(40))
@pytest.mark.parametrize("encoder", BOTH)
def test_every_kind_of_column(encoder, kind):
    X, new = kinds()[kind], kinds(seed=1)[kind]
    ours, theirs = encoder(), getattr(reference, encoder.__name__)()
    same(ours.fit_transform(X), theirs.fit_transform(X))
    same_fit(ours, theirs)
    same(ours.transform(new), theirs.transform(new))
    few = new[:7]
    same(ours.transform(few), theirs.transform(few))
    same(ours.fit(X).transform(X), theirs.transform(X))
    out = theirs.transform(new)
    same(ours.inverse_transform(out), theirs.inverse_transform(out.copy()))


LIMITS = [{}, {"min_frequency": 30}, {"min_frequency": 0.2}, {"max_categories": 3}, {"max_categories": 1},
          {"min_frequency": 20, "max_categories": 4}, {"min_frequency": 1}]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_one_hot_encoder(seed):
    rng = np.random.default_rng(seed)
    way, gaps, drop = ["error", "ignore", "infrequent_if_exist", "warn"][seed % 4], seed % 3 > 0, rng.integers(4)
    train, new = words(gaps=gaps), words(seed=1, gaps=gaps)
    limits = LIMITS[rng.integers(len(LIMITS))]
    options = limits | {"handle_unknown": way, "sparse_output": bool(seed % 2)}
    options["drop"] = [None, "first", "if_binary", np.array(["h", 7.0, "v", 1], dtype=object)][drop]
    if drop == 3 and (limits.get("max_categories") == 1 or limits.get("min_frequency") == 0.2):
        options["drop"] = None  # what is to be dropped would be rare
    if way != "error":
        new.loc[:4, "a"] = "never"
        new.loc[2:8, "d"] = 5
    ours, theirs = (m(**options) for m in (OneHotEncoder, reference.OneHotEncoder))
    same(ours.fit_transform(train), theirs.fit_transform(train))
    same_fit(ours, theirs)
    with warnings.catch_warnings(record=True) as first:
        warnings.simplefilter("always")
        A = ours.transform(new)
    with warnings.catch_warnings(record=True) as second:
        warnings.simplefilter("always")
        B = theirs.transform(new)
    assert [w.category for w in first] == [w.category for w in second]
    assert all("columns ['a', 'd'] during transform" in str(w.message) for w in first)
    same(A, B)
    if A.shape[1] and not (options["drop"] is not None and limits and way == "ignore"):  # for those see the next test
        same(ours.inverse_transform(A), theirs.inverse_transform(B))


def test_zeros_come_back_as_the_category_that_was_dropped():
    X = np.array([["a"], ["b"], ["b"], ["c"], ["c"]], dtype=object)
    ours = OneHotEncoder(drop="first", min_frequency=2, handle_unknown="ignore", sparse_output=False).fit(X)
    theirs = reference.OneHotEncoder(drop="first", min_frequency=2, handle_unknown="ignore", sparse_output=False).fit(X)
    assert ours.drop_idx_[0] == theirs.drop_idx_[0] == 1  # b: the first that is not pooled
    row = ours.transform(X[1:2])
    assert not row.any() and ours.inverse_transform(row)[0, 0] == "b"
    assert theirs.inverse_transform(row)[0, 0] == "a"  # counted among all categories


@pytest.mark.parametrize("seed", range(12))
def test_random_one_hot(seed):
    rng = np.random.default_rng(seed)
    n, p = rng.integers(1, 3000), rng.integers(1, 5)
    pool = np.array([f"n{k}" for k in range(rng.integers(1, 60))], dtype=object)
    X = pool[np.minimum(rng.geometric(0.1, (n, p)) - 1, len(pool) - 1)]
    options = {"min_frequency": rng.choice([None, 3, 0.05]), "max_categories": rng.choice([None, 2, 7])}
    options["drop"] = rng.choice([None, "first", "if_binary"])
    options["dtype"] = rng.choice([np.float64, np.float32, np.int8])
    ours, theirs = OneHotEncoder(**options), reference.OneHotEncoder(**options)
    same(ours.fit_transform(X), theirs.fit_transform(X))
    same_fit(ours, theirs)
    same(ours.inverse_transform(ours.transform(X)), theirs.inverse_transform(theirs.transform(X)))


@pytest.mark.parametrize("seed", range(40))
def test_ordinal_encoder(seed):
    limits, gaps = LIMITS[seed % len(LIMITS)], seed % 3 > 0
    numbers = [
        {}, {"encoded_missing_value": -2}, {"unknown_value": -1}, {"unknown_value": np.nan},
        {"unknown_value": -1, "encoded_missing_value": 99, "dtype": np.int16},
    ][seed % 5]  # fmt: skip
    options = limits | numbers | ({"handle_unknown": "use_encoded_value"} if "unknown_value" in numbers else {})
    train, new = words(gaps=gaps), words(seed=1, gaps=gaps)
    if "unknown_value" in numbers:
        new.loc[:4, "a"] = "never"
    ours, theirs = OrdinalEncoder(**options), reference.OrdinalEncoder(**options)
    same(ours.fit_transform(train), theirs.fit_transform(train))
    same_fit(ours, theirs)
    A, B = ours.transform(new), theirs.transform(new)
    same(A, B)
    back = ours.inverse_transform(A)
    if gaps and limits:  # of a pooled column with gaps scikit-learn raises IndexError
        rare = [[] if r is None else r for r in ours.infrequent_categories_]
        for j, c in enumerate(new):
            truth = new[c].astype(object).where(~new[c].isin(rare[j]), "infrequent_sklearn")
            never, missing = new[c] == "never", new[c].isna()
            assert all(v is None for v in back[never, j]) or numbers.get("unknown_value") is np.nan
            assert all(isinstance(v, float) and np.isnan(v) for v in back[missing, j])
            assert back[~never & ~missing, j].tolist() == truth[~never & ~missing].tolist()
    else:
        same(back, theirs.inverse_transform(B.copy()))


@pytest.mark.parametrize("encoder", BOTH)
def test_given_categories(encoder):
    X = np.array([[3, 1], [1, 1], [2, 9]])
    theirs = getattr(reference, encoder.__name__)
    text = np.array([["b", "x"], ["a", "x"]])
    for data, categories in ((X, [[1, 2, 3, 4], [1, 9]]), (text, [["b", "a", "long name"], ["x"]])):
        a, b = encoder(categories=categories), theirs(categories=categories)
        same(a.fit_transform(data), b.fit_transform(data))
        same_fit(a, b)
        out = a.transform(data)
        same(a.inverse_transform(out), b.inverse_transform(out.copy()))
    lenient = {"handle_unknown": "ignore"}
    if encoder is OrdinalEncoder:
        lenient = {"handle_unknown": "use_encoded_value", "unknown_value": -1}
    a, b = (m(categories=[["a"], ["x", np.nan]], **lenient) for m in (encoder, theirs))
    same(a.fit_transform(text.astype(object)), b.fit_transform(text.astype(object)))


def test_names_come_from_a_combiner():
    joined = OneHotEncoder(feature_name_combiner=lambda f, c: f"{f}={c}").fit([[3, 1], [1, 1]])
    assert joined.get_feature_names_out().tolist() == ["x0=1", "x0=3", "x1=1"]
    with pytest.raises(TypeError, match="string"):
        OneHotEncoder(feature_name_combiner=lambda f, c: c).fit([[3]]).get_feature_names_out()


@pytest.mark.parametrize("options, X, kind, text", [
    ({"drop": "last"}, [["a"]], ValueError, "drop='last'"),
    ({"drop": ["z"]}, [["a"]], ValueError, "drop='z'"),
    ({"drop": ["a", "b"]}, [["a"]], ValueError, "length equal"),
    ({"drop": ["a"], "min_frequency": 2}, [["a"], ["b"], ["b"]], ValueError, "'a'.*infrequent"),
    ({"handle_unknown": "x"}, [["a"]], ValueError, "handle_unknown='x'"),
    ({"max_categories": 0}, [["a"]], ValueError, "max_categories=0"),
    ({"min_frequency": 1.0}, [["a"]], ValueError, "min_frequency=1.0"),
    ({"min_frequency": 0}, [["a"]], ValueError, "min_frequency=0"),
    ({"categories": "all"}, [["a"]], ValueError, "categories='all'"),
    ({"categories": [["b"]]}, [["a"]], ValueError, "unknown categories.*'a'.*during fit"),
    ({"categories": [["a", "a"]]}, [["a"]], ValueError, "duplicate"),
    ({"categories": [["a"], ["b"]]}, [["a"]], ValueError, "2 lists for 1"),
    ({"categories": [[2, 1]]}, np.array([[1]]), ValueError, "unsorted"),
    ({"categories": [[np.nan, "a"]]}, np.array([["a"]], object), ValueError, "nan should be the last"),
    ({}, np.array([[1], ["1"]], object), TypeError, "column 0 holds 1 and '1'"),
    ({}, np.array([[1], ["1"]] * 700, object), TypeError, "column 0 holds 1 and '1'"),
    ({}, pd.DataFrame({"g": [[1], [2]]}), TypeError, r"'g' holds \[1\] of type list"),
    ({}, pd.DataFrame({"g": [[1], [2]] * 700}), TypeError, r"'g' holds \[1\] of type list"),
    ({}, pd.DataFrame({"g": [1.0, np.inf]}), ValueError, "'g' contains infinity"),
    ({}, np.empty((0, 2)), ValueError, "0 sample"),
    ({}, pd.DataFrame({"a": []}), ValueError, "0 sample"),
    ({}, ["a", "b"], ValueError, "2D array"),
    ({}, scipy.sparse.eye(3).tocsr(), TypeError, "(?i)sparse"),
])  # fmt: skip
def test_the_encoder_refuses_by_name(options, X, kind, text):
    with pytest.raises(kind, match=f"(?i){text}"):
        OneHotEncoder(**options).fit(X)


@pytest.mark.parametrize("options, X, kind, text", [
    ({"unknown_value": 3}, [["a"]], TypeError, "only be set"),
    ({"handle_unknown": "use_encoded_value"}, [["a"]], TypeError, "an integer or np.nan, got None"),
    ({"handle_unknown": "use_encoded_value", "unknown_value": 0}, [["a"]], ValueError, "unknown_value=0 is already"),
    ({"handle_unknown": "use_encoded_value", "unknown_value": np.nan, "dtype": int}, [["a"]], ValueError, "a float"),
    ({"encoded_missing_value": 0}, [["a"], [np.nan]], ValueError, "encoded_missing_value=0 is already"),
    ({"encoded_missing_value": "x"}, [["a"]], ValueError, "encoded_missing_value='x'"),
    ({"dtype": int}, [["a"], [np.nan]], ValueError, "float dtype"),
    ({"dtype": np.int8}, np.arange(129)[:, None], ValueError, "0 to 128: too many for int8"),
    ({"handle_unknown": "ignore"}, [["a"]], ValueError, "handle_unknown='ignore'"),
])  # fmt: skip
def test_the_numbers_are_refused_by_name(options, X, kind, text):
    X = np.array(X, dtype=object) if isinstance(X, list) else X
    with pytest.raises(kind, match=text):
        OrdinalEncoder(**options).fit(X)


def test_a_number_of_no_category_is_refused():
    encoder = OrdinalEncoder().fit(pd.DataFrame({"gate": ["A", "B"]}))
    for bad in (2, -1, 0.5, np.nan):
        with pytest.raises(ValueError, match="'gate': .* is the number of no category"):
            encoder.inverse_transform([[bad]])
    with pytest.raises(ValueError, match="Expected 1 columns, got 2"):
        encoder.inverse_transform([[0, 1]])
    values = np.array([[0.0], [1.0]])
    encoder.inverse_transform(values)
    assert values.tolist() == [[0], [1]]


@pytest.mark.parametrize("size", [10_000, MOST + 500])
def test_very_many_categories(size):
    names = [f"name {k}" for k in np.random.default_rng(0).permutation(size)]
    for X in (np.array([names, names], dtype=object).T, np.array([names]).T, pd.DataFrame({"a": names})):
        for encoder in BOTH:
            ours, theirs = encoder(), getattr(reference, encoder.__name__)()
            same(ours.fit_transform(X), theirs.fit_transform(X))
            same_fit(ours, theirs)


@pytest.mark.parametrize("value", [pd.NA, pd.NaT, None, np.nan])
@pytest.mark.parametrize("n", [4, 4000])
def test_what_is_missing(value, n):
    X = np.array([["a"], [value]] * (n // 2), dtype=object)
    ours = OrdinalEncoder().fit(X)
    out = ours.transform(X)
    if value is None:
        assert ours.categories_[0].tolist() == ["a", None] and out[1, 0] == 1
    else:
        assert np.isnan(ours.categories_[0][1]) and np.isnan(out[1, 0])
    empty = OneHotEncoder(sparse_output=False).fit_transform(np.full((n, 1), value, dtype=object))
    assert empty.tolist() == [[1.0]] * n


def test_equal_texts_in_different_objects_are_one_category():
    X = np.array([["".join(["a", "b"])] for _ in range(3000)] + [["c"]], dtype=object)
    assert OneHotEncoder().fit(X).categories_[0].tolist() == ["ab", "c"]


def test_bytes_and_read_only_tables():
    X = np.array([[b"xyz"], [b"q"]] * 900)
    assert OrdinalEncoder().fit_transform(X)[:2, 0].tolist() == [1, 0]
    for table in (np.array([["a"], ["b"]] * 900), np.array([["a"], ["b"]] * 900, dtype=object)):
        table.flags.writeable = False
        assert OrdinalEncoder().fit_transform(table)[:2, 0].tolist() == [0, 1]


def test_the_same_whatever_the_number_of_threads():
    from threadpoolctl import threadpool_limits

    X = np.array(list("abcdefghij"), dtype=object)[np.random.default_rng(0).integers(0, 10, (30_000, 4))]
    many = OneHotEncoder().fit_transform(X)
    with threadpool_limits(1):
        same(OneHotEncoder().fit_transform(X), many)


def test_frames_and_the_interface_of_sparse_matrices():
    t = words()
    out = OneHotEncoder(sparse_output=False).set_output(transform="pandas").fit_transform(t)
    assert out.columns[0] == "a_a" and out.index.equals(t.index)
    assert OrdinalEncoder().set_output(transform="pandas").fit_transform(t).columns.tolist() == ["a", "b", "c", "d"]
    with sklearn.config_context(sparse_interface="sparray"):
        assert isinstance(OneHotEncoder().fit_transform(t), scipy.sparse.sparray)


def test_pickled_and_fitted_again():
    for encoder in BOTH:
        e = encoder(min_frequency=2).fit([["a"], ["a"], ["b"]])
        again = pickle.loads(pickle.dumps(e))
        assert again.categories_[0].tolist() == ["a", "b"] and again.infrequent_categories_[0].tolist() == ["b"]
        assert not hasattr(e.set_params(min_frequency=None).fit([["a"], ["b"]]), "infrequent_categories_")
    assert ours_module.OneHotEncoder is OneHotEncoder
