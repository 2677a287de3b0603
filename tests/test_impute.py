"Imputers and the indicator against scikit-learn's, on good and on bad tables."

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn
import sklearn.impute as reference
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.impute
from mlbook.impute import KNNImputer, MissingIndicator, SimpleImputer

STRATEGIES = ("mean", "median", "most_frequent", "constant")
ESTIMATORS = [
    MissingIndicator(), SimpleImputer(), SimpleImputer(strategy="median", add_indicator=True),
    SimpleImputer(strategy="most_frequent", missing_values=-1), SimpleImputer(strategy="constant"), KNNImputer(),
    KNNImputer(n_neighbors=2, weights="distance", add_indicator=True, keep_empty_features=True),
]  # fmt: skip
skipping = pytest.mark.filterwarnings("ignore:Skipping features")


@parametrize_with_checks(ESTIMATORS)
def test_contract(estimator, check):
    check(estimator)


def numbers(dtype=np.float64, seed=0, n=300, p=5, gaps=0.2):
    rng = np.random.default_rng(seed)
    X = (rng.normal(size=(n, p)) * [1, 10, 0.1, 5, 3][:p] + [0, 1000, 5, -3, 2][:p]).round(2).astype(dtype)
    X[rng.random(X.shape) < gaps] = np.nan
    return X


def pair(name, **options):
    return getattr(mlbook.impute, name)(**options), getattr(reference, name)(**options)


def close(a, b, dtype=np.float64):
    rtol = 2e-6 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=rtol, atol=rtol)


# ---- the simple imputer


@skipping
@pytest.mark.parametrize("keep_empty", [False, True])
@pytest.mark.parametrize("indicator", [False, True])
@pytest.mark.parametrize("strategy", [*STRATEGIES, np.min])
@pytest.mark.parametrize("form", ["float64", "float32", "fortran", "strided", "frame", "csr", "csc", "csr_matrix"])
def test_simple_imputer(form, strategy, indicator, keep_empty):
    dtype = np.float32 if form == "float32" else np.float64
    X, new = numbers(dtype), numbers(dtype, seed=3)
    if strategy is not np.min:  # which the reference calls with no values at all
        X[:, 1] = np.nan
    if form.startswith("cs"):
        X[X < 0], new[new < 0] = 0, 0
        X[:, 3] -= 3 * (X[:, 3] > 5)
        if strategy is np.min:  # the reference leaves the zeros out
            X[X == 0], new[new == 0] = 1, 1
    shaped = {
        "fortran": np.asfortranarray, "strided": lambda A: np.repeat(A, 2, axis=1)[:, ::2],
        "frame": lambda A: pd.DataFrame(A, columns=list("abcde")), "csr": scipy.sparse.csr_array,
        "csc": scipy.sparse.csc_array, "csr_matrix": scipy.sparse.csr_matrix,
    }.get(form, np.array)  # fmt: skip
    options = {"strategy": strategy, "add_indicator": indicator, "keep_empty_features": keep_empty}
    ours, theirs = (e.fit(shaped(X)) for e in pair("SimpleImputer", **options))
    close(ours.statistics_, theirs.statistics_, dtype)
    A, B = (e.transform(shaped(new)) for e in (ours, theirs))
    assert A.dtype == B.dtype and type(A) is type(B)
    if scipy.sparse.issparse(A):
        assert A.format == B.format
        A, B = A.toarray(), B.toarray()
    close(A, B, dtype)
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    if indicator:
        assert ours.indicator_.features_.tolist() == theirs.indicator_.features_.tolist()
        if keep_empty:  # scikit-learn puts columns into the wrong places when some were left out
            close(ours.inverse_transform(A), theirs.inverse_transform(B), dtype)


@pytest.mark.parametrize("n", [1, 2, 3, 60_001])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_few_and_many_rows(strategy, n):
    X = numbers(n=n, gaps=0.1 if n > 3 else 0)
    X[0, 0] = np.nan if n > 1 else 1
    ours, theirs = (e.fit(X) for e in pair("SimpleImputer", strategy=strategy, add_indicator=True))
    close(ours.statistics_, theirs.statistics_)
    close(ours.transform(X), theirs.transform(X))


@skipping
@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint16, np.float64, np.float32, object])
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("indicator", [False, True])
def test_other_markers(dtype, strategy, indicator):
    rng = np.random.default_rng(1)
    X, new = rng.integers(1, 9, (2, 80, 4)).astype(dtype)
    for table in (X, new):
        table[rng.random(table.shape) < 0.3] = 99
    X[:, 2] = 99
    options = {"missing_values": 99, "strategy": strategy, "add_indicator": indicator}
    if strategy == "constant":
        options["fill_value"] = np.dtype(dtype).type(7) if dtype is not object else 7
    ours, theirs = (e.fit(X) for e in pair("SimpleImputer", **options))
    close(ours.statistics_, theirs.statistics_, dtype)
    A, B = (e.transform(new) for e in (ours, theirs))
    assert A.dtype == B.dtype
    close(A, B, dtype)
    if indicator:
        back = ours.inverse_transform(A)
        kept = [0, 1, 3]
        assert back.dtype == A.dtype and (back[:, kept] == new[:, kept]).all() and (back[:, 2] == 99).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_counted_and_sorted_modes(dtype):
    rng = np.random.default_rng(8)
    few = rng.integers(-60, 60, 30_001) / 10
    many = np.concatenate([rng.normal(size=29_000), np.full(1001, 1e-30)])
    late = np.concatenate([np.zeros(25_000), rng.integers(0, 3000, 5001) / 7])  # many different ones at the end only
    X = np.column_stack([few, many, late, np.where(few == 0, rng.choice([-0.0, 0.0], 30_001), 1e9 * few), few * 0])
    X = X.astype(dtype)
    X[rng.random(X.shape) < 0.05] = np.nan
    X[:, 4] = np.nan
    options = {"strategy": "most_frequent", "keep_empty_features": True}
    ours, theirs = (e.fit(X) for e in pair("SimpleImputer", **options))
    assert ours.statistics_.tolist() == theirs.statistics_.tolist()
    assert ours.fit(np.asfortranarray(X)).statistics_.tolist() == theirs.statistics_.tolist()


def test_odd_objects():
    for value in (pd.NaT, pd.NA, None, np.nan):
        X = np.array([["a"], [value], ["a"], [3]], dtype=object)
        assert SimpleImputer(strategy="most_frequent").fit_transform(X).ravel().tolist() == ["a", "a", "a", 3]
        assert MissingIndicator().fit_transform(X).ravel().tolist() == [False, True, False, False]
    empty = np.array([["a", None], ["b", np.nan]], dtype=object)
    with pytest.warns(UserWarning, match="Skipping features"):
        assert SimpleImputer(strategy="most_frequent").fit_transform(empty).tolist() == [["a"], ["b"]]
    kept = SimpleImputer(strategy="constant", keep_empty_features=True).fit_transform(empty)
    assert kept.tolist() == [["a", "missing_value"], ["b", "missing_value"]]


def test_big_whole_numbers_keep_every_digit():
    big = 2**62 + 1
    X = np.array([[big, -1, 3], [big, -1, -1], [-1, -1, 4]])
    with pytest.warns(UserWarning, match="Skipping features"):
        filled = SimpleImputer(missing_values=-1, strategy="most_frequent").fit_transform(X)
    assert filled.dtype == np.int64 and filled.tolist() == [[big, 3], [big, 3], [big, 4]]
    assert SimpleImputer(missing_values=-1, strategy="constant", fill_value=big).fit_transform(X)[2, 0] == big


@pytest.mark.parametrize("missing", [np.nan, "?", None])
@pytest.mark.parametrize("options", [{"strategy": "most_frequent"}, {"strategy": "constant"},
                                     {"strategy": "constant", "fill_value": "!"}])  # fmt: skip
def test_text(missing, options):
    X = np.array([["a", "x"], [missing, "y"], ["a", missing], ["b", "y"], ["b", "x"]], dtype=object)
    options = options | {"missing_values": missing, "add_indicator": True}
    for table in (X, X.tolist(), *([pd.DataFrame(X, columns=["u", "v"])] if missing is not None else [])):
        ours, theirs = (e.fit_transform(table) for e in pair("SimpleImputer", **options))
        assert ours.tolist() == theirs.tolist()
    imputer = SimpleImputer(**options).fit(X)
    back = imputer.inverse_transform(imputer.transform(X))
    assert pd.isna(back).tolist() == pd.isna(X).tolist() and back[0, 0] == "a"


def test_none_and_na_are_gaps_of_objects():
    X = np.array([[None], [pd.NA], ["u"]], object)
    for marker in (np.nan, None, pd.NA):
        filled = SimpleImputer(missing_values=marker, strategy="most_frequent").fit_transform(X)
        assert filled.tolist() == [["u"]] * 3


@pytest.mark.parametrize("marker", [np.nan, pd.NA])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nullable_frames(marker, strategy):
    frame = pd.DataFrame({"n": pd.array([1, None, 3, 3], dtype="Int64"), "x": pd.array([0.5, 1, None, 1], "Float64")})
    ours, theirs = (e.fit_transform(frame) for e in pair("SimpleImputer", missing_values=marker, strategy=strategy))
    assert ours.dtype == theirs.dtype
    close(ours, theirs)


def test_arrow_text_and_output_as_a_frame():
    frame = pd.DataFrame({"t": pd.array(["a", None, "b", "b"], dtype="str")}, index=[3, 1, 4, 5])
    imputer = SimpleImputer(strategy="most_frequent").set_output(transform="pandas")
    filled = imputer.fit_transform(frame)
    assert filled.t.tolist() == ["a", "b", "b", "b"] and filled.index.tolist() == [3, 1, 4, 5]


def test_mixed_kinds_are_counted_as_the_reference_counts_them():
    rng = np.random.default_rng(0)
    for _ in range(50):
        X = rng.choice(np.array([1, "1", 2, "b", 0.5, np.nan], dtype=object), (9, 3))
        X[0] = 1
        ours, theirs = (e.fit(X).statistics_ for e in pair("SimpleImputer", strategy="most_frequent"))
        assert [repr(v) for v in ours] == [repr(v) for v in theirs]


def test_in_place_and_not():
    X = numbers()
    before = X.copy()
    for imputer in (SimpleImputer(), KNNImputer(), SimpleImputer(missing_values=np.float64(before[0, 1]))):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            imputer.fit_transform(np.nan_to_num(X) if imputer.missing_values == imputer.missing_values else X)
        assert np.array_equal(X, before, equal_nan=True)
    filled = SimpleImputer(copy=False).fit(X).transform(X)
    assert filled is X and not np.isnan(X).any()
    frozen = before.copy()
    frozen.flags.writeable = False
    for imputer in (SimpleImputer(copy=False), KNNImputer(copy=False)):
        assert not np.isnan(imputer.fit_transform(frozen)).any() and np.isnan(frozen).any()
    S = scipy.sparse.csc_array(before)
    SimpleImputer().fit_transform(S)
    assert np.array_equal(S.toarray(), before, equal_nan=True)


def test_the_warning_names_what_is_left_out():
    frame = pd.DataFrame({"a": [1.0, 2], "gust": [np.nan, np.nan]})
    said = []
    for imputer in pair("SimpleImputer", strategy="median"):
        with pytest.warns(UserWarning) as caught:
            imputer.fit(frame).transform(frame)
        said.append(str(caught[0].message))
    assert said[0] == said[1] and "gust" in said[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SimpleImputer(keep_empty_features=True).fit_transform(frame).tolist() == [[1, 0], [2, 0]]
        KNNImputer().fit_transform(frame)  # which leaves out silently, as the reference does


def test_a_column_left_out_comes_back_empty():
    X = np.array([[1.0, np.nan, 2], [np.nan, np.nan, 4]])
    imputer = SimpleImputer(add_indicator=True).fit(X)
    with pytest.warns(UserWarning, match="Skipping"):
        filled = imputer.transform(X)
    assert np.array_equal(imputer.inverse_transform(filled), X, equal_nan=True)
    with pytest.raises(ValueError, match="add_indicator=True"):
        SimpleImputer().fit(X[:, ::2]).inverse_transform(X[:, ::2])
    with pytest.raises(ValueError, match="3 columns: the output of transform has 4"):
        imputer.inverse_transform(np.ones((2, 3)))


INF = np.array([[1.0, np.inf], [2.0, 3.0]])


@pytest.mark.parametrize("imputer, X, words", [
    (SimpleImputer(strategy="mode"), INF, "strategy='mode'"),
    (SimpleImputer(missing_values=[1]), INF, "missing_values="),
    (SimpleImputer(add_indicator="yes"), INF, "add_indicator='yes'"),
    (MissingIndicator(features="some"), INF, "features='some'"),
    (MissingIndicator(sparse="maybe"), INF, "sparse='maybe'"),
    (KNNImputer(n_neighbors=0), INF, "n_neighbors=0"),
    (KNNImputer(n_neighbors=2.5), INF, "n_neighbors=2.5"),
    (KNNImputer(weights="near"), INF, "weights='near'"),
    (KNNImputer(metric="cosine"), INF, "metric='cosine'"),
    *[(SimpleImputer(strategy=s), pd.DataFrame(INF, columns=["a", "wind"]), "infinity .*'wind'") for s in STRATEGIES],
    (KNNImputer(), INF, "infinity .*1"), (MissingIndicator(), INF.astype(np.float32), "infinity .*float32"),
    (SimpleImputer(), scipy.sparse.csc_array(INF), "infinity"),
    (SimpleImputer(missing_values=-1), np.array([[np.nan]]), "NaN"),
    (SimpleImputer(), np.array([["a"]], object), "Cannot use mean strategy with non-numeric data"),
    (SimpleImputer(strategy="most_frequent"), np.array([["a"]]), "does not support data with dtype"),
    (SimpleImputer(strategy="constant"), np.array([[True]]), "does not support data with dtype bool"),
    (SimpleImputer(missing_values="?"), np.array([[1.0]]), "both numerical"),
    (MissingIndicator(missing_values=None), np.array([[1.0]]), "both numerical"),
    (SimpleImputer(missing_values=0), scipy.sparse.csc_array(np.eye(2)), "missing_values == 0"),
    (SimpleImputer(strategy="constant", fill_value="x"), np.eye(2), "fill_value='x'"),
    (SimpleImputer(strategy="constant", fill_value=1.5), np.eye(2, dtype=int), "fill_value=1.5"),
    (SimpleImputer(strategy="constant", fill_value=300), np.eye(2, dtype=np.int8), "fill_value=300"),
    (SimpleImputer(strategy="constant", fill_value=np.nan), np.eye(2), "fills no gap"),
    (SimpleImputer(strategy="most_frequent"), np.array([[[1], None], [[2], "a"]], object), "is a list"),
    (KNNImputer(), scipy.sparse.csc_array(np.eye(2)), "(?i)sparse"),
    (SimpleImputer(), np.empty((0, 2)), "0 sample"),
])  # fmt: skip
def test_what_is_refused_by_name(imputer, X, words):
    with pytest.raises((ValueError, TypeError), match=words):
        imputer.fit(X)


def test_what_is_refused_later():
    whole = SimpleImputer(strategy="constant", fill_value=1.5).fit(numbers())
    with pytest.raises(ValueError, match="same kind between fit and transform"):
        whole.transform(np.ones((2, 5), int))
    with pytest.raises(ValueError, match="no missing values in fit"):
        MissingIndicator().fit(np.eye(2)).transform(np.array([[np.nan, 1]]))
    with pytest.raises(ValueError, match="infinity .*column 0"):
        SimpleImputer().fit(np.eye(2)).transform(INF[:, ::-1])
    with pytest.raises(ValueError, match="gave all donors of a gap the weight 0"):
        KNNImputer(weights=np.zeros_like).fit_transform(numbers())


def test_ten_thousand_words():
    X = np.array([[f"w{k % 10_000}"] for k in range(30_001)] + [[None]], dtype=object)
    assert SimpleImputer(strategy="most_frequent").fit_transform(X)[-1, 0] == "w0"


# ---- the indicator


@pytest.mark.parametrize("features", ["missing-only", "all"])
@pytest.mark.parametrize("sparse", ["auto", True, False])
@pytest.mark.parametrize("form", [np.array, scipy.sparse.csr_array, scipy.sparse.csc_matrix, pd.DataFrame])
@pytest.mark.parametrize("marker", [np.nan, 7])
def test_missing_indicator(form, sparse, features, marker):
    X = np.nan_to_num(numbers(), nan=7) if marker == 7 else numbers()
    X[:, 3] = 1
    new = X[:100].copy()
    options = {"features": features, "sparse": sparse, "missing_values": marker}
    ours, theirs = (e.fit(form(X)) for e in pair("MissingIndicator", **options))
    assert ours.features_.tolist() == theirs.features_.tolist()
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    for A, B in ((e.transform(form(new)) for e in (ours, theirs)), (e.fit_transform(form(X)) for e in (ours, theirs))):
        assert type(A) is type(B) and A.dtype == B.dtype == bool
        assert getattr(A, "format", "") == getattr(B, "format", "")
        A, B = (M.toarray() if scipy.sparse.issparse(M) else M for M in (A, B))
        assert (A == B).all()


def test_sparse_answers_follow_the_configuration():
    with sklearn.config_context(sparse_interface="sparray"):
        assert isinstance(MissingIndicator(sparse=True).fit_transform(numbers()), scipy.sparse.csc_array)


# ---- neighbours


def smooth(rng, n, p, gaps, dtype=np.float64):
    X = rng.normal(size=(n, p)).astype(dtype)
    X[rng.random(X.shape) < gaps] = np.nan
    return X


def by_differences(x, y, *, missing_values=np.nan):
    "The distance of two rows, by differences and not by products."
    d = (x - y)[~np.isnan(x - y)]
    return np.sqrt(len(x) / len(d) * (d @ d)) if len(d) else np.nan


@pytest.mark.parametrize("weights", ["uniform", "distance", lambda d: np.exp(-d)])
@pytest.mark.parametrize("n_neighbors", [1, 3, 400])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_knn_imputer(dtype, n_neighbors, weights):
    rng = np.random.default_rng(4)
    for n, p, gaps in ((60, 4, 0.1), (200, 6, 0.3), (150, 3, 0.6)):
        X, new = smooth(rng, n, p, gaps, dtype), smooth(rng, n // 2, p, gaps, dtype)
        options = {"n_neighbors": n_neighbors, "weights": weights}
        ours, theirs = (e.fit(X) for e in pair("KNNImputer", **options))
        exact = reference.KNNImputer(**options, metric=by_differences).fit(X.astype(float))
        for table in (X, new):
            A = ours.transform(table)
            assert A.dtype == dtype
            close(A, exact.transform(table.astype(float)), dtype)
            if dtype == np.float64:  # the reference's distances lose digits: visible when they are the weights
                rtol = 1e-12 if weights == "uniform" else 1e-6
                np.testing.assert_allclose(A, theirs.transform(table), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("keep_empty", [False, True])
@pytest.mark.parametrize("indicator", [False, True])
@pytest.mark.parametrize("form", [np.array, np.asfortranarray, pd.DataFrame])
def test_knn_with_empty_columns_and_rows(form, indicator, keep_empty):
    rng = np.random.default_rng(5)
    X, new = smooth(rng, 80, 5, 0.2), smooth(rng, 40, 5, 0.2)
    X[:, 2], X[3], new[7] = np.nan, np.nan, np.nan
    options = {"add_indicator": indicator, "keep_empty_features": keep_empty}
    ours, theirs = (e.fit(form(X)) for e in pair("KNNImputer", **options))
    for table in (X, new, np.ones((2, 5))):
        close(ours.transform(form(table)), theirs.transform(form(table)))
    if not keep_empty:  # then the reference keeps the column but not its name
        assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert ours.set_output(transform="pandas").transform(form(new)).shape == theirs.transform(form(new)).shape


def test_knn_where_nothing_is_shared():
    X = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, 5.0], [np.nan, 8.0], [2.0, 6.0]])
    new = np.array([[np.nan, 9.0], [4.0, np.nan], [np.nan, np.nan]])
    for k in (1, 2, 5):
        ours, theirs = (e.fit(X).transform(new) for e in pair("KNNImputer", n_neighbors=k))
        close(ours, theirs)


def manhattan(x, y, *, missing_values=np.nan):
    apart = np.abs(x - y)
    return np.nan if np.isnan(apart).all() else np.nansum(apart)


def test_knn_markers_and_metrics():
    rng = np.random.default_rng(6)
    X = smooth(rng, 60, 4, 0.2)
    ours, theirs = (e.fit_transform(X) for e in pair("KNNImputer", metric=manhattan, weights="distance"))
    close(ours, theirs)
    marked = np.where(np.isnan(X), -999, X)
    ours, theirs = (e.fit_transform(marked) for e in pair("KNNImputer", missing_values=-999))
    close(ours, theirs)
    close(ours, KNNImputer().fit_transform(X))


def test_knn_in_threads_gives_the_same_bits():
    from threadpoolctl import threadpool_limits

    X = smooth(np.random.default_rng(7), 3000, 4, 0.1)
    many = KNNImputer().fit_transform(X)
    with threadpool_limits(1):
        assert np.array_equal(KNNImputer().fit_transform(X), many)


@pytest.mark.parametrize("suffix", [".pb", ".pkl"])
def test_fitted_imputers_are_saved(tmp_path, suffix):
    from mlbook.serialization import load, save

    text = np.array([["a", None], [None, "b"], ["a", "b"]], object)
    fitted = [(SimpleImputer(strategy="median", add_indicator=True), numbers()), (KNNImputer(), numbers()),
              (MissingIndicator(), numbers()), (SimpleImputer(strategy="most_frequent"), text)]  # fmt: skip
    for k, (estimator, X) in enumerate(fitted):
        save(estimator.fit(X), tmp_path / f"{k}{suffix}")
        back = load(tmp_path / f"{k}{suffix}")
        assert back.transform(X).tolist() == estimator.transform(X).tolist()
        assert back.get_feature_names_out().tolist() == estimator.get_feature_names_out().tolist()
