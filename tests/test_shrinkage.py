"Ridge, lasso and elastic net against scikit-learn at a tight tolerance, and its contract for estimators."

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.linear_model as reference
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.linear_model as ours
from mlbook.linear_model import ElasticNet, Lasso, Ridge, enet_path, lasso_path

TIGHT = {"tol": 1e-13, "max_iter": 200_000}
KNOWN = {"Ridge": {"check_non_transformer_estimators_n_iter": "direct solvers take no steps, as in scikit-learn"}}


@parametrize_with_checks(
    [Ridge(), Lasso(max_iter=500), ElasticNet(max_iter=500)],
    expected_failed_checks=lambda estimator: KNOWN.get(type(estimator).__name__, {}),
)
def test_contract(estimator, check):
    check(estimator)


def table(seed=0, n=80, m=6, targets=()):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m)) * np.geomspace(0.1, 30, m) + 5
    return X, rng.normal(size=(n, *targets)) + X[:, :1].reshape(n, *(1,) * len(targets)), rng.random(n)


@pytest.mark.parametrize("solver", ["auto", "cholesky", "svd", "lsqr"])
@pytest.mark.parametrize("shape", ["tall", "wide"])
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_ridge(solver, shape, kind):
    X, y, s = table(1, *((80, 6) if shape == "tall" else (20, 50)), (3,))
    give = scipy.sparse.csr_array(X) if kind == "sparse" else X
    if kind == "sparse" and solver == "svd":
        with pytest.raises(ValueError, match="solver='svd'"):
            Ridge(solver=solver).fit(give, y)
        return
    for alpha in (2.0, [0.1, 1.0, 10.0]):
        for weight in (None, s):
            for intercept in (True, False):
                theirs = reference.Ridge(alpha=alpha, fit_intercept=intercept, solver="svd").fit(X, y, weight)
                mine = Ridge(alpha=alpha, fit_intercept=intercept, solver=solver, tol=1e-13).fit(give, y, weight)
                scale = np.abs(theirs.coef_).max()
                np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=1e-6, atol=1e-7 * scale)
                np.testing.assert_allclose(mine.predict(give), theirs.predict(X), rtol=1e-6, atol=1e-6)


def test_ridge_without_a_price_is_the_shortest_least_squares():
    X, y, _ = table(2)
    twins = np.column_stack([X, X[:, 0]])
    for A in (twins, twins[:5]):
        theirs = reference.LinearRegression().fit(A, y[: len(A)])
        mine = Ridge(alpha=0.0).fit(A, y[: len(A)])
        assert mine.solver_ == "svd"
        np.testing.assert_allclose(mine.predict(twins), theirs.predict(twins), rtol=1e-6)


def test_positive_ridge():
    X, y, s = table(3, targets=(2,))
    theirs = reference.Ridge(alpha=1.0, positive=True, tol=1e-12).fit(X, y, s)
    mine = Ridge(alpha=1.0, positive=True, tol=1e-10).fit(X, y, s)
    np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=1e-5, atol=1e-6)
    assert (mine.coef_ >= 0).all()


SHAPES = {"tall": (80, 6), "wide": (30, 90), "many": (900, 450)}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("ratio", [1.0, 0.3])
def test_elastic_net(shape, kind, ratio):
    rng = np.random.default_rng(4)
    n, m = SHAPES[shape]
    X = rng.normal(size=(n, m)) * (rng.random((n, m)) < (0.3 if kind == "csr" else 1)) + (0 if kind == "csr" else 3)
    y, s = X[:, :4] @ [2, -1, 1, 0.5] + rng.normal(size=n), rng.random(n)
    s[::7] = 0
    give = scipy.sparse.csr_matrix(X) if kind == "csr" else np.asfortranarray(X)
    for weight in (None, s):
        for positive in (True, False):
            options = {"alpha": 0.15, "l1_ratio": ratio, "positive": positive, **TIGHT}
            mine, theirs = (m.ElasticNet(**options).fit(give, y, weight) for m in (ours, reference))
            np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=1e-6, atol=1e-6)
            np.testing.assert_allclose(mine.intercept_, theirs.intercept_, rtol=1e-6, atol=1e-6)
            assert mine.dual_gap_ <= 1e-13 * (n * y.var() + 1) and mine.n_iter_ >= 1


def test_options_of_the_lasso():
    X, y = load_diabetes(return_X_y=True)
    theirs = reference.Lasso(alpha=0.5, **TIGHT).fit(X, y)
    for options in ({"precompute": True}, {"fit_intercept": True}, {"warm_start": True}, {"copy_X": False}):
        mine = Lasso(alpha=0.5, **TIGHT, **options).fit(X, y)
        np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=1e-6, atol=1e-6)
    again = mine.set_params(warm_start=True).fit(X, y)
    assert again.n_iter_ == 0
    assert scipy.sparse.issparse(mine.sparse_coef_) and mine.sparse_coef_.nnz == (theirs.coef_ != 0).sum()
    assert np.array_equal(pickle.loads(pickle.dumps(mine)).predict(X), mine.predict(X))
    assert mine.get_params().keys() == theirs.get_params().keys()
    for name in ("Ridge", "ElasticNet"):
        assert getattr(ours, name)().get_params() == getattr(reference, name)().get_params()


def test_many_targets_are_fitted_one_by_one():
    X, y, s = table(5, targets=(3,))
    mine, theirs = (m.ElasticNet(alpha=0.1, **TIGHT).fit(X, y, s) for m in (ours, reference))
    np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(mine.predict(X), theirs.predict(X), rtol=1e-6)
    assert mine.dual_gap_.shape == (3,) and len(mine.n_iter_) == 3
    one = ElasticNet(alpha=0.1).fit(X, y[:, :1])
    assert one.coef_.shape == (6,) and one.intercept_.shape == (1,)


@pytest.mark.parametrize("shape", [(100, 8), (40, 120)])
@pytest.mark.parametrize("positive", [True, False])
def test_paths(shape, positive):
    rng = np.random.default_rng(6)
    X = rng.normal(size=shape)
    y = X[:, :4] @ [2, -1, 1, 0.5] + 0.5 * rng.normal(size=shape[0])
    for ratio in (1.0, 0.5):
        options = {"l1_ratio": ratio, "eps": 0.05, "alphas": 12, "positive": positive, **TIGHT}
        alphas, coefs, gaps, sweeps = enet_path(X, y, return_n_iter=True, **options)
        theirs = reference.enet_path(X, y, **options)
        np.testing.assert_allclose(alphas, theirs[0], rtol=1e-10)
        np.testing.assert_allclose(coefs, theirs[1], rtol=1e-5, atol=1e-6)
        assert gaps.shape == (12,) and len(sweeps) == 12 and gaps.max() <= 1e-13 * (y @ y)
    given = [0.5, 0.1, 1.0]
    alphas, coefs, _ = lasso_path(scipy.sparse.csr_array(X), y, alphas=given, **TIGHT)
    theirs = reference.lasso_path(X, y, alphas=given, **TIGHT)
    assert alphas.tolist() == [1.0, 0.5, 0.1]
    np.testing.assert_allclose(coefs, theirs[1], rtol=1e-5, atol=1e-6)


def objective(X, y, model):
    e = y - model.predict(X)
    penalty = model.l1_ratio * np.abs(model.coef_).sum() + (1 - model.l1_ratio) / 2 * (model.coef_**2).sum()
    return e @ e / (2 * len(y)) + model.alpha * penalty


def test_columns_that_repeat_each_other_reach_the_same_objective():
    X, y, _ = table(7)
    twins = np.column_stack([X, X[:, 0], np.zeros(len(X)), np.ones(len(X))])
    mine, theirs = (m.Lasso(alpha=0.05, tol=1e-12, max_iter=100_000).fit(twins, y) for m in (ours, reference))
    assert abs(objective(twins, y, mine) / objective(twins, y, theirs) - 1) < 1e-8
    assert mine.coef_[7] == mine.coef_[8] == 0


@pytest.mark.parametrize("kind", [np.float16, np.float32, ">f8", int])
def test_kinds_of_numbers(kind):
    X, y, _ = table(8)
    for estimator in (Ridge(), Lasso(alpha=0.1, tol=1e-8), ElasticNet(alpha=0.1, tol=1e-8)):
        given = np.round(X).astype(kind)
        mine = estimator.fit(given, y)
        assert mine.coef_.dtype == (np.float32 if kind == np.float32 else np.float64)
        plain = type(estimator)(**estimator.get_params()).fit(given.astype(float), y)
        np.testing.assert_allclose(mine.coef_, plain.coef_, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_scales(scale):
    X, y, _ = table(9)
    for estimator, factor in ((Ridge(alpha=1.0), scale**2), (Lasso(alpha=0.1, tol=1e-12), scale)):
        plain = estimator.fit(X, y).coef_.copy()
        same = estimator.set_params(alpha=estimator.alpha * factor).fit(X * scale, y).coef_
        np.testing.assert_allclose(same * scale, plain, rtol=1e-6, atol=1e-9)


def test_far_from_zero():
    X, y, s = table(10)
    for estimator in (Ridge(alpha=1.0), Lasso(alpha=0.1, tol=1e-12)):
        plain, far = estimator.fit(X, y, s).coef_.copy(), estimator.fit(X + 1e8, y, s).coef_
        np.testing.assert_allclose(far, plain, rtol=1e-4, atol=1e-6)


def test_a_weight_is_a_number_of_copies():
    X, y, _ = table(12)
    copies = np.random.default_rng(0).integers(0, 4, len(X))
    for estimator in (Ridge(), Lasso(alpha=0.1, tol=1e-12), ElasticNet(alpha=0.1, tol=1e-12)):
        weighted = estimator.fit(X, y, copies).coef_.copy()
        repeated = estimator.fit(np.repeat(X, copies, axis=0), np.repeat(y, copies)).coef_
        np.testing.assert_allclose(weighted, repeated, rtol=1e-6, atol=1e-8)


def test_frames_and_names():
    X, y, _ = table(13)
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = Lasso(alpha=0.1).fit(frame, y)
    assert model.feature_names_in_.tolist() == list("abcdef")
    np.testing.assert_allclose(model.predict(frame), Lasso(alpha=0.1).fit(X, y).predict(X), rtol=1e-9)


BAD = [
    (Ridge(alpha=-1.0), "alpha"), (Ridge(alpha=[1.0, 2.0]), "alpha"), (Ridge(alpha=np.nan), "alpha"),
    (Ridge(solver="sag"), "solver='sag'"), (Ridge(tol=-1), "tol"), (Ridge(max_iter=0), "max_iter"),
    (Ridge(positive=True, solver="svd"), "solver='svd'"), (Ridge(fit_intercept=2), "fit_intercept"),
    (Lasso(alpha=-0.1), "alpha"), (Lasso(alpha="1"), "alpha"), (Lasso(tol=-1e-3), "tol"),
    (Lasso(max_iter=0), "max_iter"),
    (Lasso(selection="random"), "selection='random'"), (Lasso(precompute=np.eye(6)), "precompute"),
    (ElasticNet(l1_ratio=1.5), "l1_ratio"), (ElasticNet(l1_ratio=-0.1), "l1_ratio"), (Lasso(alpha=np.nan), "alpha"),
]  # fmt: skip


@pytest.mark.parametrize("model, word", BAD, ids=lambda v: v if isinstance(v, str) else type(v).__name__)
def test_bad_parameters_are_named(model, word):
    X, y, _ = table()
    with pytest.raises(ValueError, match=word):
        model.fit(X, y)


@pytest.mark.parametrize("model", [Ridge(), Lasso(), ElasticNet()], ids=lambda m: type(m).__name__)
def test_bad_rows_are_named(model):
    X, y, _ = table()
    hole, n = X.copy(), len(X)
    hole[3, 2] = np.nan
    for A, b, s, word in (
        (hole, y, None, "NaN"), (X, np.where(y == y[0], np.inf, y), None, "inf"), (X, y, np.zeros(n), "non-zero"),
        (X, y, -np.ones(n), "[Nn]egative"), (X, y[:-1], None, "inconsistent"), (X, y, np.ones(n - 1), "shape"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=word):
            model.fit(A, b, s)


def test_bad_paths_are_named():
    X, y, _ = table()
    for options, word in (
        ({"alphas": 0}, "alphas"), ({"alphas": []}, "alphas"), ({"alphas": [-1.0]}, "alphas"), ({"eps": 0}, "eps"),
        ({"l1_ratio": 0.0}, "l1_ratio"), ({"l1_ratio": 2}, "l1_ratio"), ({"tol": -1}, "tol"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=word):
            enet_path(X, y, **options)
    with pytest.raises(ValueError, match="one target"):
        lasso_path(X, np.column_stack([y, y]))


def test_a_fit_that_is_cut_short_says_so():
    X, y = load_diabetes(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match="max_iter"):
        Lasso(alpha=0.01, tol=1e-12, max_iter=2).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Lasso(alpha=0.01).fit(X, y)
        assert Lasso(alpha=0.1).fit(X, np.ones(len(y))).coef_.any() == np.False_  # nothing to explain
