"RobustScaler, QuantileTransformer, PowerTransformer and KBinsDiscretizer against scikit-learn's, and on bad input."

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import scipy.stats
import sklearn.preprocessing as reference
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.preprocessing as ours

ESTIMATORS = [
    ours.RobustScaler(), ours.RobustScaler(with_centering=False), ours.RobustScaler(with_scaling=False),
    ours.RobustScaler(unit_variance=True), ours.QuantileTransformer(n_quantiles=10),
    ours.QuantileTransformer(n_quantiles=10, output_distribution="normal"),
    ours.QuantileTransformer(n_quantiles=5, ignore_implicit_zeros=True), ours.PowerTransformer(),
    ours.PowerTransformer(standardize=False), ours.KBinsDiscretizer(n_bins=2), ours.KBinsDiscretizer(encode="ordinal"),
    ours.KBinsDiscretizer(n_bins=3, strategy="uniform", encode="onehot-dense"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(ESTIMATORS)
def test_contract(estimator, check):
    check(estimator)


def numbers(dtype=np.float64, gaps=True, n=300, seed=0):
    "Columns of every kind: a bell, a long tail, an offset, many ties, a constant, zeros and ones."
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 7)) * [1, 100, 1e-3, 5, 1, 1, 2] + [0, 1e3, 0, -7, 2, 0, 0]
    X[:, 1] = np.exp(X[:, 0] * 2)
    X[:, 3] = X[:, 3].round()
    X[:, 4] = 4.25
    X[:, 5] = rng.random(n) < 0.7
    X[:, 6] = np.maximum(X[:, 6].round(1), 0)
    if gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    return X.astype(dtype)


def close(a, b, dtype=np.float64, loose=1):
    a, b = (v.toarray() if scipy.sparse.issparse(v) else np.asarray(v) for v in (a, b))
    assert a.shape == b.shape
    rtol = loose * (1e-12 if dtype == np.float64 else 3e-6)
    np.testing.assert_allclose(a.astype(float), b.astype(float), rtol=rtol, atol=rtol)


def fitted(name, X, options, **weights):
    with warnings.catch_warnings(action="ignore"):
        return [getattr(m, name)(**options).fit(X, **weights) for m in (ours, reference)]


def later(X, seed=1):
    "New rows: shuffled, shifted, beyond the training range, and the training rows themselves."
    rng = np.random.default_rng(seed)
    return np.vstack([X, X[rng.permutation(len(X))] + rng.normal(size=X.shape) * 0.1, X * 3 - 1]).astype(X.dtype)


each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


# ---- RobustScaler


@each_dtype
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize(
    "options",
    [{}, {"with_centering": False}, {"with_scaling": False}, {"quantile_range": (5.0, 90.0)}, {"unit_variance": True},
     {"with_centering": False, "with_scaling": False}, {"quantile_range": (0, 100)}, {"quantile_range": (40, 40)}],
)  # fmt: skip
def test_robust_scaler(dtype, gaps, options):
    X = numbers(dtype, gaps)
    mine, theirs = fitted("RobustScaler", X, options)
    for name in ("center_", "scale_"):
        a, b = getattr(mine, name), getattr(theirs, name)
        assert (a is None) == (b is None), name
        if a is not None:
            close(a, b, dtype)
    Z = later(X)
    A, B = mine.transform(Z), theirs.transform(Z)
    assert A.dtype == B.dtype == dtype
    close(A, B, dtype, 10)
    close(mine.inverse_transform(A), theirs.inverse_transform(B), dtype, 10)
    assert np.array_equal(Z, later(X), equal_nan=True)  # copied


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.csr_array])
def test_robust_scaler_sparse(kind):
    X = kind(np.where(np.random.default_rng(0).random((200, 4)) < 0.6, numbers(gaps=False)[:200, :4], 0))
    mine, theirs = fitted("RobustScaler", X, {"with_centering": False})
    close(mine.scale_, theirs.scale_)
    close(mine.transform(X), theirs.transform(X))
    close(mine.inverse_transform(mine.transform(X)), X)
    with pytest.raises(ValueError, match="Cannot center sparse"):
        ours.RobustScaler().fit(X)


def test_robust_scaler_above_the_size_of_threads_and_brackets():
    X = np.random.default_rng(0).normal(size=(60_000, 3))
    X[::50] = np.nan
    mine, theirs = fitted("RobustScaler", X, {})
    close(mine.center_, theirs.center_)
    close(mine.scale_, theirs.scale_)
    close(mine.transform(np.asfortranarray(X)), theirs.transform(X))


@pytest.mark.parametrize("wanted", [(75, 25), (-1, 50), (20, 101)])
def test_robust_scaler_refuses_a_wrong_range(wanted):
    with pytest.raises(ValueError, match="Invalid quantile range"):
        ours.RobustScaler(quantile_range=wanted).fit(numbers())


def test_robust_scaler_refuses_a_width_without_end():
    with pytest.raises(ValueError, match="unit_variance"):
        ours.RobustScaler(quantile_range=(0, 100), unit_variance=True).fit(numbers())


# ---- QuantileTransformer


@each_dtype
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("shape", ["uniform", "normal"])
@pytest.mark.parametrize("n_quantiles", [1, 2, 7, 64, 1000])
def test_quantile_transformer(dtype, gaps, shape, n_quantiles):
    X = numbers(dtype, gaps)
    mine, theirs = fitted("QuantileTransformer", X, {"n_quantiles": n_quantiles, "output_distribution": shape})
    assert mine.n_quantiles_ == theirs.n_quantiles_
    close(mine.quantiles_, theirs.quantiles_, dtype)
    close(mine.references_, theirs.references_)
    if dtype == np.float64:
        assert np.array_equal(mine.quantiles_, theirs.quantiles_)
    for model in (mine, theirs):  # the same table, so that a tie is a tie for both
        model.quantiles_ = theirs.quantiles_
    Z = later(X)
    A, B = mine.transform(Z), theirs.transform(Z)
    assert A.dtype == B.dtype == dtype and np.array_equal(Z, later(X), equal_nan=True)
    close(A, B, dtype, 100 if shape == "normal" else 1)
    close(mine.inverse_transform(B), theirs.inverse_transform(B), dtype, 100)
    edges = np.tile(np.array([-9, -6, 0, 1e-8, 0.3, 1 - 1e-8, 1, 2, 6, np.nan], dtype)[:, None], X.shape[1])
    close(mine.inverse_transform(edges), theirs.inverse_transform(edges), dtype, 100)


@pytest.mark.parametrize("shape", ["uniform", "normal"])
def test_quantile_transformer_draws_the_same_rows(shape):
    X = np.random.default_rng(0).gamma(2, size=(3000, 2)).round(2)
    for seed in (0, np.random.RandomState(3)):
        options = {"subsample": 500, "n_quantiles": 200, "output_distribution": shape}
        mine, theirs = (
            m.QuantileTransformer(**options, random_state=clone_seed(seed)).fit(X) for m in (ours, reference)
        )
        assert np.array_equal(mine.quantiles_, theirs.quantiles_)
        close(mine.transform(X), theirs.transform(X))


def clone_seed(seed):
    return pickle.loads(pickle.dumps(seed))


@pytest.mark.parametrize("ignore", [False, True])
@pytest.mark.parametrize("subsample", [None, 100])
@pytest.mark.parametrize("shape", ["uniform", "normal"])
@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_array])
def test_quantile_transformer_sparse(ignore, subsample, shape, kind):
    rng = np.random.default_rng(0)
    X = kind(np.where(rng.random((400, 3)) < [0.5, 0.1, 0], rng.gamma(2, size=(400, 3)).round(1), 0))
    options = {"n_quantiles": 50, "ignore_implicit_zeros": ignore, "subsample": subsample, "random_state": 0}
    mine, theirs = fitted("QuantileTransformer", X, options | {"output_distribution": shape})
    assert np.array_equal(mine.quantiles_, theirs.quantiles_)
    A, B = mine.transform(X), theirs.transform(X)
    assert A.format == B.format
    close(A, B)
    close(mine.inverse_transform(A), theirs.inverse_transform(B))


def test_quantile_transformer_in_place_and_in_any_order():
    X = numbers()
    model = ours.QuantileTransformer(n_quantiles=20, copy=False).fit(X)
    wanted = clone(model).set_params(copy=True).fit(X).transform(X)
    for table in (np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X.copy()):
        close(model.set_params(copy=True).transform(table), wanted)
    Z = X.copy()
    assert model.set_params(copy=False).transform(Z) is Z
    close(Z, wanted)
    big = np.tile(X, (100, 1))  # threads
    assert np.array_equal(model.set_params(copy=True).transform(big)[: len(X)], wanted, equal_nan=True)


@pytest.mark.parametrize(
    "options, words",
    [({"n_quantiles": 0}, "n_quantiles=0"), ({"n_quantiles": 2.5}, "n_quantiles=2.5"),
     ({"subsample": 0}, "subsample=0"),
     ({"output_distribution": "gauss"}, "output_distribution='gauss'"),
     ({"n_quantiles": 50, "subsample": 10}, "greater")],
)  # fmt: skip
def test_quantile_transformer_refuses(options, words):
    with pytest.raises(ValueError, match=words):
        ours.QuantileTransformer(**options).fit(numbers())


def test_quantile_transformer_refuses_negative_sparse_values():
    with pytest.raises(ValueError, match="non-negative"):
        ours.QuantileTransformer().fit(scipy.sparse.csr_matrix([[-1.0], [2.0]]))


# ---- PowerTransformer


def positive(gaps=True, dtype=np.float64):
    X = np.abs(numbers(np.float64, gaps)[:, [0, 1, 2, 3]]) + 0.01
    return np.column_stack([X, X[:, 0] + 2000, np.exp(3 * X[:, 0])]).astype(dtype)


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("standardize", [False, True])
@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
@pytest.mark.parametrize("sign", [1, -1, 0])
def test_power_transformer(gaps, standardize, method, sign):
    X = positive(gaps)[:, [0, 1, 2, 3, 5]] * sign if sign else numbers(gaps=gaps)[:, [0, 1, 2, 3, 5, 6]]
    if method == "box-cox" and sign < 1:
        return
    mine, theirs = fitted("PowerTransformer", X, {"standardize": standardize, "method": method})
    np.testing.assert_allclose(mine.lambdas_, theirs.lambdas_, rtol=1e-6, atol=1e-6)
    theirs.lambdas_ = mine.lambdas_  # the rest at equal powers
    if standardize:
        curve = reference.PowerTransformer(method=method, standardize=False).fit(X)
        curve.lambdas_ = mine.lambdas_
        theirs._scaler.fit(curve.transform(X))
    A, B = mine.transform(X), theirs.transform(X)
    close(A, B, loose=1000)
    close(clone(mine).fit_transform(X), A)
    close(mine.inverse_transform(A), X, loose=1e6)


@pytest.mark.parametrize("sign", [1, -1])
def test_power_transformer_far_from_zero_has_the_higher_likelihood(sign):
    "scikit-learn's Yeo-Johnson likelihood loses its digits there; Box-Cox's of 1 + x is the same curve in logarithms."
    x = positive(gaps=False)[:, 4]
    mine, theirs = (m.PowerTransformer().fit(sign * x[:, None]).lambdas_[0] for m in (ours, reference))
    mine, theirs = (power if sign > 0 else 2 - power for power in (mine, theirs))
    assert scipy.stats.boxcox_llf(mine, 1 + x) > scipy.stats.boxcox_llf(theirs, 1 + x) + 1


def test_power_transformer_float32_learns_in_double():
    X = positive(dtype=np.float32)
    single, double = ours.PowerTransformer().fit(X), ours.PowerTransformer().fit(X.astype(np.float64))
    np.testing.assert_allclose(single.lambdas_[[0, 1, 3]], double.lambdas_[[0, 1, 3]], rtol=1e-6)
    assert single.transform(X).dtype == np.float32


EXTREME = [[2003.0, 1950.0, 1997.0, 2000.0, 2009.0], [1e-200, 1e-100, 1.0, 1e100], [1e8, 1.1e8, 1.2e8, 3e8]]


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
@pytest.mark.parametrize("x", EXTREME)
@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
def test_power_transformer_at_extreme_values(x, method):
    X = np.array(x)[:, None]
    if (x[0], method) == (1e8, "yeo-johnson"):
        return  # scikit-learn's likelihood has no digits left
    mine, theirs = fitted("PowerTransformer", X, {"method": method, "standardize": False})
    np.testing.assert_allclose(mine.lambdas_, theirs.lambdas_, rtol=1e-6, atol=1e-6)
    assert np.isfinite(mine.transform(X)).all()


def test_power_transformer_names_a_column_that_cannot_be_standardized():
    X = pd.DataFrame({"year": EXTREME[0]})
    with pytest.warns(UserWarning, match="overflow"), pytest.raises(ValueError, match="column 'year'"):
        ours.PowerTransformer("box-cox").fit(X)


def test_power_transformer_constant_and_empty_columns():
    X = np.array([[3.0, 1.0, np.nan], [3.0, 2.0, np.nan], [np.nan, 4.0, np.nan]])
    model = ours.PowerTransformer(standardize=False).fit(X[:, :2])
    assert model.lambdas_[0] == 1 and np.allclose(model.transform(X[:, :2])[:2, 0], 3)
    with pytest.raises(ValueError, match="column 2 has no value"):
        ours.PowerTransformer().fit(X)
    with pytest.raises(ValueError, match="constant: column 0"):
        ours.PowerTransformer("box-cox").fit(X)
    with pytest.raises(ValueError, match="strictly positive data: column 1 holds -1.0"):
        ours.PowerTransformer("box-cox").fit(X[:, :2] - [0, 2])
    with pytest.raises(ValueError, match="method='log'"):
        ours.PowerTransformer("log").fit(X)


def test_power_transformer_says_when_the_way_back_is_lost():
    model = ours.PowerTransformer(standardize=False).fit(np.exp(numbers(gaps=False)[:, :1]))
    with pytest.warns(UserWarning, match="no value is bent"):
        assert np.isnan(model.inverse_transform([[1e6]])).all()


# ---- KBinsDiscretizer


def whole(n=300, dtype=np.float64):
    return numbers(gaps=False, n=n)[:, [0, 1, 2, 3, 4, 5, 6]].astype(dtype)


@each_dtype
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_bins", [5, [2, 3, 4, 5, 6, 7, 8]])
def test_bins(dtype, strategy, encode, weighted, n_bins):
    if strategy == "kmeans" and dtype == np.float32:
        return  # scikit-learn then moves its centres in single precision
    # k-means without columns of few values: there values lie halfway between centres, and rounding decides
    X = whole(dtype=dtype)[:, [0, 1, 2, 6, 4, 1, 0] if strategy == "kmeans" else slice(None)]
    w = np.random.default_rng(2).integers(0, 4, len(X)).astype(float) if weighted else None
    if strategy == "kmeans" and weighted:
        w += 1  # scikit-learn lets a row of weight zero become a centre
    mine, theirs = fitted(
        "KBinsDiscretizer", X, {"n_bins": n_bins, "encode": encode, "strategy": strategy}, sample_weight=w
    )
    assert mine.n_bins_.tolist() == theirs.n_bins_.tolist()
    for a, b in zip(mine.bin_edges_, theirs.bin_edges_):
        close(a, b, dtype)
    mine.bin_edges_ = theirs.bin_edges_  # float32 edges of k-means are theirs
    Z = later(X)
    A, B = mine.transform(Z), theirs.transform(Z)
    assert type(A) is type(B) and A.dtype == B.dtype
    assert np.array_equal(*(v.toarray() if scipy.sparse.issparse(v) else v for v in (A, B)))
    close(mine.inverse_transform(A), theirs.inverse_transform(B), dtype)
    assert mine.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()


@pytest.mark.parametrize("method", ours.WAYS)
def test_bins_by_every_quantile_method(method):
    X = whole()[:, [0, 1, 3]]
    mine, theirs = fitted("KBinsDiscretizer", X, {"quantile_method": method, "n_bins": 6})
    for a, b in zip(mine.bin_edges_, theirs.bin_edges_):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
def test_bins_draw_the_same_rows(weighted, strategy):
    X = whole(2000)[:, :3]
    w = np.random.default_rng(2).random(len(X)) if weighted else None
    options = {"subsample": 700, "random_state": 4, "encode": "ordinal", "strategy": strategy}
    mine, theirs = fitted("KBinsDiscretizer", X, options, sample_weight=w)
    for a, b in zip(mine.bin_edges_, theirs.bin_edges_):
        close(a, b)


@pytest.mark.parametrize("seed", range(3))
def test_k_means_of_one_column_equals_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.gamma(0.5, size=400), np.r_[rng.normal(size=399), 1e3], rng.integers(0, 30, 400) * 1.0,
                         rng.normal(size=400).round(1), rng.exponential(size=400) ** 2])  # fmt: skip
    for n_bins in (3, 10):
        mine, theirs = fitted("KBinsDiscretizer", X, {"n_bins": n_bins, "strategy": "kmeans", "subsample": None})
        for j, (a, b) in enumerate(zip(mine.bin_edges_, theirs.bin_edges_)):
            assert len(a) == len(b), (j, n_bins, a, b)
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10, err_msg=f"column {j}, {n_bins} bins")


def test_bins_of_whole_numbers_and_weights_below_one():
    "scikit-learn 1.9 cuts the weights of a table of whole numbers to whole numbers; here they keep their fractions."
    X = np.random.default_rng(0).integers(0, 100, (200, 2))
    w = np.random.default_rng(1).random(200)
    mine = ours.KBinsDiscretizer(4, encode="ordinal").fit(X, sample_weight=w)
    theirs = reference.KBinsDiscretizer(4, encode="ordinal").fit(X.astype(float), sample_weight=w)
    for a, b in zip(mine.bin_edges_, theirs.bin_edges_):
        close(a, b)


@pytest.mark.parametrize(
    "options, words",
    [({"n_bins": 1}, "n_bins=1"), ({"n_bins": [2, 3]}, "shape"), ({"n_bins": [2, 2, 2, 2, 2.5, 2, 1]}, "indices 4, 6"),
     ({"encode": "binary"}, "encode='binary'"), ({"strategy": "mean"}, "strategy='mean'"), ({"dtype": int}, "dtype="),
     ({"quantile_method": "median"}, "quantile_method='median'"), ({"subsample": "all"}, "subsample='all'")],
)  # fmt: skip
def test_bins_refuse(options, words):
    with pytest.raises(ValueError, match=words):
        ours.KBinsDiscretizer(**options).fit(whole())


def test_bins_with_weights_refuse_other_quantiles_and_negative_weights():
    with pytest.raises(ValueError, match="quantile_method='linear'"):
        ours.KBinsDiscretizer(quantile_method="linear").fit(whole(), sample_weight=np.ones(300))
    with pytest.raises(ValueError, match="[Nn]egative"):
        ours.KBinsDiscretizer().fit(whole(), sample_weight=-np.ones(300))


def test_bins_warn_of_constant_and_crowded_columns():
    X = whole()
    with pytest.warns(UserWarning, match="Feature 4 is constant"), pytest.warns(UserWarning, match="too small"):
        ours.KBinsDiscretizer().fit(X)


def test_bins_refuse_what_cannot_be_turned_back():
    model = ours.KBinsDiscretizer(3, encode="ordinal").fit(whole()[:, :2])
    with pytest.raises(ValueError, match="bins 0 to 2"):
        model.inverse_transform([[0.0, 3.0]])
    with pytest.raises(ValueError, match="Incorrect number of features"):
        model.inverse_transform([[0.0]])
    with pytest.raises(ValueError, match="all zeros"):
        model.set_params(encode="onehot").inverse_transform(np.zeros((1, 6)))


# ---- all of them


FOUR = [
    ours.RobustScaler(),
    ours.QuantileTransformer(n_quantiles=10),
    ours.PowerTransformer(),
    ours.KBinsDiscretizer(2),
]
four = pytest.mark.parametrize("model", FOUR, ids=lambda m: type(m).__name__)


@four
def test_dataframes_keep_names(model):
    X = pd.DataFrame(whole()[:, :3], columns=["a", "b", "c"])
    model = clone(model).set_params(**({"encode": "ordinal"} if hasattr(model, "encode") else {}))
    found = model.set_output(transform="pandas").fit_transform(X)
    assert list(found.columns) == ["a", "b", "c"] and found.index.equals(X.index)
    with pytest.raises(ValueError, match="feature names"):
        model.transform(X.rename(columns={"a": "z"}))


@four
def test_infinite_values_are_refused(model):
    X = whole()[:, :3]
    X[7, 2] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        clone(model).fit(X)
    with pytest.raises(ValueError, match="infinity"):
        clone(model).fit(whole()[:, :3]).transform(X)


def test_an_infinite_value_is_named_in_sparse_tables_too():
    X = scipy.sparse.csr_matrix([[0.0, 1.0], [2.0, np.inf]])
    with pytest.raises(ValueError, match="row 1 of column 1"):
        ours.RobustScaler(with_centering=False).fit(X)


@four
def test_no_rows_and_one_row(model):
    with pytest.raises(ValueError, match="0 sample"):
        clone(model).fit(np.empty((0, 3)))
    with warnings.catch_warnings(action="ignore"):
        found = clone(model).fit(whole()[:1, :3]).transform(whole()[:1, :3])
    assert np.isfinite(found.toarray() if scipy.sparse.issparse(found) else found).all()


@four
@pytest.mark.parametrize("column", [["1", 1, "x"], [[1], [2], [3]], [None, {}, "a"]], ids=["mixed", "lists", "odd"])
def test_columns_without_numbers_are_refused(model, column):
    X = pd.DataFrame({"a": pd.Series(column, dtype=object)})
    with pytest.raises((ValueError, TypeError)):
        clone(model).fit(X)


@four
def test_pickled_and_not_fitted(model):
    X = whole()[:, :3]
    with pytest.raises(NotFittedError):
        clone(model).transform(X)
    once = clone(model).fit(X)
    again = pickle.loads(pickle.dumps(once))
    close(again.transform(X), once.transform(X))
    assert once.get_params() == getattr(reference, type(model).__name__)(**model.get_params()).get_params()


@pytest.mark.parametrize("model", FOUR[:2], ids=lambda m: type(m).__name__)
def test_a_column_of_gaps_is_named(model):
    X = pd.DataFrame({"temp": [1.0, 2.0, 4.0], "snow": [np.nan] * 3})
    with pytest.warns(UserWarning, match="'snow'"):
        found = clone(model).fit(X)
    Z = found.transform(X.fillna(1.0))
    assert np.isfinite(Z[:, 0]).all() and np.isnan(Z[:, 1]).all()


@pytest.mark.parametrize("model", FOUR[:3], ids=lambda m: type(m).__name__)
def test_the_way_back_wants_as_many_columns(model):
    with pytest.raises(ValueError, match="X has 2 features"):
        clone(model).fit(whole()[:, :3]).inverse_transform(np.zeros((4, 2)))
