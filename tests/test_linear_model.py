"Linear models against scikit-learn's at tight tolerance, and its contract for estimators."

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.linear_model as reference
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.linear_model import LinearRegression, LogisticRegression, binary_loss_gradient, multinomial_loss_gradient


@parametrize_with_checks([LinearRegression(), LogisticRegression()])
def test_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rank", ["full", "collinear", "wide"])
@pytest.mark.parametrize("targets", [(), (3,)])
def test_least_squares(rank, targets):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 50) if rank == "wide" else (200, 6)) * np.geomspace(1, 100, 50 if rank == "wide" else 6)
    if rank == "collinear":
        X[:, 5] = X[:, 0] + X[:, 1]
    y, w = rng.normal(size=(len(X), *targets)), rng.random(len(X))
    for weight in (None, w):
        for intercept in (True, False):
            ours = LinearRegression(fit_intercept=intercept).fit(X, y, weight)
            theirs = reference.LinearRegression(fit_intercept=intercept).fit(X, y, weight)
            np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6, atol=1e-8)
            assert ours.rank_ == theirs.rank_


def scaled(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(0)) / (X.std(0) + 1e-3), y


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"fit_intercept": False}])
def test_two_classes_reach_the_same_optimum(C, options):
    X, y = scaled(load_breast_cancer)
    w = np.random.default_rng(0).random(len(y))
    ours = LogisticRegression(C=C, tol=1e-12, **options).fit(X, y, w)
    theirs = reference.LogisticRegression(C=C, tol=1e-12, solver="newton-cholesky", max_iter=1000, **options)
    theirs.fit(X, y, w)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("load", [load_wine, load_digits])
def test_many_classes_reach_the_same_optimum(load):
    X, y = scaled(load)
    ours = LogisticRegression(C=0.1, tol=1e-9).fit(X, y)
    theirs = reference.LogisticRegression(C=0.1, tol=1e-9, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=2e-6)
    assert (ours.predict(X) == theirs.predict(X)).all()


@pytest.mark.parametrize("options", [{}, {"fit_intercept": False}, {"C": np.inf, "tol": 1e-6}])
def test_many_classes_of_unscaled_columns(options):
    X, y = load_wine(return_X_y=True)
    X = X if np.isfinite(options.get("C", 1)) else X[:, :2] + np.random.default_rng(0).normal(size=(len(X), 2))
    ours = LogisticRegression(**{"tol": 1e-9, **options}).fit(X, y)
    tight = {**options, "tol": 1e-10}
    theirs = reference.LogisticRegression(solver="newton-cholesky", max_iter=1000, **tight).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-4, atol=1e-6)


def slope(f, w, h=1e-6):
    return np.array([(f(w + h * e) - f(w - h * e)) / (2 * h) for e in np.eye(len(w))])


def test_gradients_by_finite_differences():
    rng = np.random.default_rng(0)
    A, weight, penalty = rng.normal(size=(20, 4)), rng.random(20), rng.random(5)
    y, Y = rng.integers(0, 2, 20).astype(float), np.eye(3)[rng.integers(0, 3, 20)]
    for f, w in ((lambda w: binary_loss_gradient(w, A, y, weight, penalty), rng.normal(size=5)),
                 (lambda w: multinomial_loss_gradient(w, A, Y, weight, penalty), rng.normal(size=15))):  # fmt: skip
        np.testing.assert_allclose(f(w)[1], slope(lambda v, f=f: f(v)[0], w), atol=1e-7)


@pytest.mark.parametrize("y", [[0, 0, 0, 1], ["no", "no", "yes", "no"], [True, False, True, True]])
def test_kinds_of_labels(y):
    model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], y)
    assert set(model.predict([[0.0], [9.0]])) <= set(y) and model.classes_.tolist() == sorted(set(y))


def test_bad_input_is_named():
    X, y = np.arange(8.0).reshape(4, 2), [0, 1, 0, 1]
    with pytest.raises(ValueError, match="C=-1"):
        LogisticRegression(C=-1).fit(X, y)
    with pytest.raises(ValueError, match="one class"):
        LogisticRegression().fit(X, [1, 1, 1, 1])
    for model in (LogisticRegression(), LinearRegression()):
        with pytest.raises(ValueError, match="(?i)negative"):
            model.fit(X, y, sample_weight=[1, 1, 1, -1])
        with pytest.raises(ValueError, match="NaN"):
            model.fit(np.where(X == 3, np.nan, X), y)


def test_separable_data_warn_and_do_not_diverge():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), [0, 0, 1, 1]
    with np.errstate(over="raise", invalid="raise"):
        model = LogisticRegression(C=np.inf, max_iter=50).fit(X, y)
    assert np.isfinite(model.coef_).all() and model.score(X, y) == 1


def test_sparse_and_dense_tables_reach_the_same_optimum():
    X = scipy.sparse.random_array((500, 30), density=0.1, format="csr", rng=np.random.default_rng(0))
    y = np.random.default_rng(1).integers(0, 3, 500)
    for labels in (y, y > 0):
        sparse, dense = (LogisticRegression(tol=1e-8, max_iter=1000).fit(Z, labels) for Z in (X, X.toarray()))
        np.testing.assert_allclose(sparse.coef_, dense.coef_, atol=1e-5)
        np.testing.assert_allclose(sparse.predict_proba(X), dense.predict_proba(X.toarray()), atol=1e-6)


@pytest.mark.parametrize("kind", ["float32", "fortran", "frame", "big-endian", "read-only"])
def test_kinds_of_tables(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(25_000, 3)), rng.integers(0, 2, 25_000)
    make = {
        "float32": lambda: X.astype(np.float32),
        "fortran": lambda: np.asfortranarray(X),
        "frame": lambda: pd.DataFrame(X),
        "big-endian": lambda: X.astype(">f8"),
        "read-only": lambda: np.frombuffer(X.tobytes()).reshape(X.shape),
    }
    Z = make[kind]()
    plain, other = LogisticRegression(tol=1e-8).fit(X, y), LogisticRegression(tol=1e-8).fit(Z, y)
    np.testing.assert_allclose(other.coef_, plain.coef_, atol=1e-6)
    assert other.coef_.dtype == (np.float32 if kind == "float32" else np.float64)


def test_the_same_bits_for_any_number_of_threads():
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(90_000, 4)), rng.integers(0, 2, 90_000)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(LogisticRegression(tol=1e-8).fit(X, y).coef_)
    assert found[0].tobytes() == found[1].tobytes()


def test_what_is_not_done_is_refused_by_name():
    X, y = np.arange(8.0).reshape(4, 2), [0, 1, 0, 1]
    for name, value in (("solver", "saga"), ("l1_ratio", 0.5), ("dual", True), ("tol", 0)):
        with pytest.raises(ValueError, match=name):
            LogisticRegression(**{name: value}).fit(X, y)
    with pytest.raises(ValueError, match="newton-cholesky"):
        LogisticRegression(solver="newton-cholesky").fit(scipy.sparse.csr_array(X), y)
    for name, value in (("C", "much"), ("max_iter", 0), ("fit_intercept", "no")):
        with pytest.raises(ValueError, match=name):
            LogisticRegression(**{name: value}).fit(X, y)
    with pytest.raises(ValueError, match="str"):
        LogisticRegression().fit(X, np.array([0, "a", 1, "b"], object))
    with pytest.raises(ValueError, match="positive"):
        LinearRegression(positive=True).fit(X, y)


def test_warm_start_begins_where_the_last_fit_ended():
    X, y = scaled(load_breast_cancer)
    model = LogisticRegression(tol=1e-8, warm_start=True).fit(X, y)
    assert model.fit(X, y).n_iter_ <= 1


def test_columns_that_repeat_each_other_and_huge_offsets():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    y = (rng.random(300) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    for X in (np.c_[x, x], np.c_[x, np.ones(300)], np.c_[x, np.zeros(300)], x * 1e12, x + 1e6):
        ours = LogisticRegression(C=1.0, tol=1e-8).fit(X, y)
        theirs = reference.LogisticRegression(C=1.0, tol=1e-8, solver="newton-cholesky", max_iter=1000).fit(X, y)
        np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=2e-4)
