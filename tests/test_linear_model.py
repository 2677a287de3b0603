"Linear models against scikit-learn's at tight tolerance, and its contract for estimators."

import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.linear_model as reference
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.linear_model import (
    LogisticRegression,
    binary_loss_gradient,
    logistic_path,
    multinomial_loss_gradient,
    problem,
)


@parametrize_with_checks([LogisticRegression()])
def test_contract(estimator, check):
    check(estimator)


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
    y, code = rng.integers(0, 2, 20).astype(float), rng.integers(0, 3, 20)
    for f, w in ((lambda w: binary_loss_gradient(w, A, y, weight, penalty), rng.normal(size=5)),
                 (lambda w: multinomial_loss_gradient(w, A, code, weight, penalty), rng.normal(size=15))):  # fmt: skip
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
    with pytest.raises(ValueError, match="(?i)negative"):
        LogisticRegression().fit(X, y, sample_weight=[1, 1, 1, -1])
    with pytest.raises(ValueError, match="NaN"):
        LogisticRegression().fit(np.where(X == 3, np.nan, X), y)


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


@pytest.mark.parametrize("kind", ["float16", "float32", "fortran", "frame", "big-endian", "read-only"])
def test_kinds_of_tables(kind):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(25_000, 3)), rng.integers(0, 2, 25_000)
    make = {
        "float16": lambda: X.astype(np.float16),
        "float32": lambda: X.astype(np.float32),
        "fortran": lambda: np.asfortranarray(X),
        "frame": lambda: pd.DataFrame(X),
        "big-endian": lambda: X.astype(">f8"),
        "read-only": lambda: np.frombuffer(X.tobytes()).reshape(X.shape),
    }
    Z = make[kind]()
    plain, other = LogisticRegression(tol=1e-8).fit(X, y), LogisticRegression(tol=1e-8).fit(Z, y)
    np.testing.assert_allclose(other.coef_, plain.coef_, atol=1e-3 if kind == "float16" else 1e-6)
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
    for name, value in (("solver", "sgd"), ("l1_ratio", 1.5), ("l1_ratio", None), ("dual", True), ("tol", 0),
                        ("n_jobs", 2), ("verbose", 1), ("intercept_scaling", 2)):  # fmt: skip
        with pytest.raises(ValueError, match=name):
            LogisticRegression(**{name: value}).fit(X, y)
    for name, value in (("C", "much"), ("max_iter", 0), ("fit_intercept", "no")):
        with pytest.raises(ValueError, match=name):
            LogisticRegression(**{name: value}).fit(X, y)
    with pytest.raises(ValueError, match="str"):
        LogisticRegression().fit(X, np.array([0, "a", 1, "b"], object))


def test_warm_start_begins_where_the_last_fit_ended():
    X, y = scaled(load_breast_cancer)
    model = LogisticRegression(tol=1e-8, warm_start=True).fit(X, y)
    assert model.fit(X, y).n_iter_ <= 1


def test_columns_that_repeat_each_other_and_huge_offsets():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2))
    y = (rng.random(300) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)
    for X, shift in ((np.c_[x, x], 0), (np.c_[x, np.ones(300)], 0), (np.c_[x, np.zeros(300)], 0), (x, 1e6)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # a slope times 1e6 cannot be below 1e-8
            ours = LogisticRegression(C=1.0, tol=1e-8, max_iter=30).fit(X + shift, y)
        theirs = reference.LogisticRegression(C=1.0, tol=1e-8, solver="newton-cholesky", max_iter=1000).fit(X, y)
        np.testing.assert_allclose(ours.predict_proba(X + shift), theirs.predict_proba(X), atol=2e-4)


def objective(model, X, y, C, l1_ratio, weight=None):
    "The penalised loss of a fitted model, from the definition."
    weight = np.ones(len(y)) if weight is None else weight
    loss = -weight @ model.predict_log_proba(X)[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    w = model.coef_
    return (loss + (l1_ratio * np.abs(w).sum() + (1 - l1_ratio) * 0.5 * (w**2).sum()) / C) / weight.sum()


@pytest.mark.parametrize("l1_ratio", [0.5, 1.0])
@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"fit_intercept": False}])
@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_l1_and_elastic_net_reach_the_same_optimum(load, options, l1_ratio):
    X, y = scaled(load)
    X, weight = X[:, :12], np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    ours = LogisticRegression(C=0.1, l1_ratio=l1_ratio, tol=1e-10, **options).fit(X, y, weight)
    theirs = reference.LogisticRegression(C=0.1, l1_ratio=l1_ratio, tol=1e-9, solver="saga", max_iter=20_000, **options)
    theirs.fit(X, y, weight)
    weight = balanced(y, weight) if "class_weight" in options else weight
    best, other = (objective(m, X, y, 0.1, l1_ratio, weight) for m in (ours, theirs))
    assert best <= other + 1e-8
    assert abs(best - other) < 1e-8
    assert ((np.abs(ours.coef_) > 1e-6) == (np.abs(theirs.coef_) > 1e-6)).all() and (ours.coef_ == 0).any()
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


def balanced(y, weight):
    sums = np.bincount(y, weight)
    return weight * (weight.sum() / (len(sums) * sums))[y]


@pytest.mark.parametrize("C", [0.01, 1.0])
def test_l1_without_intercept_equals_liblinear(C):
    X, y = scaled(load_breast_cancer)
    options = {"C": C, "l1_ratio": 1, "fit_intercept": False}
    ours = LogisticRegression(tol=1e-12, **options).fit(X, y)
    theirs = reference.LogisticRegression(tol=1e-12, solver="liblinear", max_iter=10_000, **options).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-8)
    assert ((ours.coef_ == 0) == (theirs.coef_ == 0)).all()


@pytest.mark.parametrize("l1_ratio", [0.0, 0.7])
@pytest.mark.parametrize("many", [False, True])
def test_a_wide_table_and_int64_indices(l1_ratio, many):
    rng = np.random.default_rng(0)
    X = scipy.sparse.random_array((120, 1500), density=0.02, format="csr", rng=rng)
    y = rng.integers(0, 3, 120) if many else rng.integers(0, 2, 120)
    long = X.copy()
    long.indices, long.indptr = long.indices.astype(np.int64), long.indptr.astype(np.int64)
    options = {"C": 5, "l1_ratio": l1_ratio, "tol": 1e-8, "max_iter": 500}
    fits = [LogisticRegression(**options).fit(Z, y) for Z in (X, long, X.toarray())]
    assert fits[0].coef_.tobytes() == fits[1].coef_.tobytes()
    values = [objective(m, X, y, 5, l1_ratio) for m in fits]
    assert abs(values[0] - values[2]) < 1e-10
    if l1_ratio == 0:
        theirs = reference.LogisticRegression(C=5, tol=1e-9, solver="newton-cg", max_iter=1000).fit(X, y)
        np.testing.assert_allclose(fits[0].coef_, theirs.coef_, atol=1e-5)
        assert values[0] <= objective(theirs, X, y, 5, 0) + 1e-10


@pytest.mark.parametrize("l1_ratio", [0.0, 1.0])
def test_a_thousand_classes_stay_in_bounded_memory(l1_ratio):
    rng = np.random.default_rng(0)
    y = np.repeat(np.arange(1000), 2)
    X = rng.normal(size=(1000, 6))[y] + rng.normal(size=(2000, 6))
    tracemalloc.start()
    model = LogisticRegression(C=1.0, l1_ratio=l1_ratio, tol=1e-4, max_iter=50).fit(X, y)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6, f"{peak / 1e6:.0f} MB"  # a whole Hessian would take 392
    R = model.predict_proba(X)
    R[np.arange(2000), y] -= 1
    if l1_ratio == 0:
        assert np.abs(R.T @ X + model.coef_).max() / 2000 < 1e-4
    else:
        assert np.abs(R.T @ X).max() / 2000 < 1 / 2000 + 1e-4


def test_the_functions_of_a_problem_by_finite_differences():
    rng = np.random.default_rng(0)
    A, code, weight, penalty = rng.normal(size=(20, 3)), rng.integers(0, 3, 20), rng.random(20), rng.random(4)
    for table in (A, scipy.sparse.csr_array(np.where(A > 0, A, 0))):
        for lines, truth in ((1, code > 0), (3, code)):
            f, hessian = problem(table, truth.astype(int), lines, weight, penalty, np.ones(4))
            w = rng.normal(size=4 * lines)
            np.testing.assert_allclose(f(w)[1], slope(lambda v, f=f: f(v)[0], w), atol=1e-7)
            bends = [slope(lambda v, f=f, j=j: f(v)[1][j], w) for j in range(len(w))]
            np.testing.assert_allclose(hessian(w, np.arange(len(w))), bends, atol=1e-7)


def test_what_scikit_learn_has_no_more_is_named():
    for name, value, remedy in (("penalty", "l1", "l1_ratio"), ("penalty", None, "C=np.inf"),
                                ("multi_class", "ovr", "OneVsRestClassifier")):  # fmt: skip
        with pytest.raises(ValueError, match=rf"{name}(?s:.*){remedy}"):
            LogisticRegression(**{name: value})
    with pytest.raises(TypeError, match="lambda_"):
        LogisticRegression(lambda_=1)


def test_solvers_are_ways_to_one_optimum():
    X, y = scaled(load_wine)
    ways = ("auto", "lbfgs", "newton-cg", "newton-cholesky", "sag", "saga")
    assert len({LogisticRegression(solver=way).fit(X, y).coef_.tobytes() for way in ways}) == 1
    with pytest.raises(ValueError, match="liblinear.*intercept.*solver='auto'"):
        LogisticRegression(solver="liblinear").fit(X, y)


def test_a_gap_is_named_with_its_column():
    frame = pd.DataFrame({"temp": [1.0, 2, 3, 4], "wind": [1.0, np.nan, 2, 3]})
    y, good = [0, 1, 0, 1], frame.fillna(0.0)
    with pytest.raises(ValueError, match="column wind of X contains NaN"):
        LogisticRegression().fit(frame, y)
    with pytest.raises(ValueError, match="column wind of X contains NaN"):
        LogisticRegression().fit(good, y).predict(frame)
    with pytest.raises(ValueError, match="column 1 of X contains infinity"):
        LogisticRegression().fit(scipy.sparse.csr_array(np.where(frame.isna(), np.inf, frame)), y)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
@pytest.mark.parametrize("load", [load_breast_cancer, load_wine])
def test_a_weight_of_zero_is_a_row_that_is_not_there(load, l1_ratio):
    X, y = scaled(load)
    w = np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    whole = LogisticRegression(l1_ratio=l1_ratio, tol=1e-9).fit(X, y, w)
    part = LogisticRegression(l1_ratio=l1_ratio, tol=1e-9).fit(X[w > 0], y[w > 0], w[w > 0])
    np.testing.assert_allclose(whole.coef_, part.coef_, atol=1e-6)
    with pytest.raises(ValueError, match="non-zero"):
        whole.fit(X, y, 0 * w)


@pytest.mark.parametrize("l1_ratio", [0.0, 1.0])
def test_a_path_equals_its_single_fits(l1_ratio):
    X, y = scaled(load_breast_cancer)
    for target, lines in ((y, 1), (y + (X[:, 0] > 1), 3)):
        Cs, coefs, intercepts = logistic_path(X[:, :8], target, [0.01, 0.1, 1], l1_ratio=l1_ratio, tol=1e-8)
        assert Cs.tolist() == [0.01, 0.1, 1] and coefs.shape == (3, lines, 8) and intercepts.shape == (3, lines)
        for C, coef, intercept in zip(Cs, coefs, intercepts, strict=True):
            one = LogisticRegression(C=C, l1_ratio=l1_ratio, tol=1e-8).fit(X[:, :8], target)
            np.testing.assert_allclose(coef, one.coef_, atol=1e-5)
            np.testing.assert_allclose(intercept, one.intercept_, atol=1e-5)
    assert len(logistic_path(X[:, :2], y, 5)[0]) == 5


@pytest.mark.parametrize("kind", ["two", "many", "sparse", "l1"])
def test_huge_and_tiny_columns(kind):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = (rng.random(400) < 1 / (1 + np.exp(-x[:, 0]))).astype(int) + (kind == "many") * (x[:, 1] > 0.5)
    X, options = x * [1e12, 1, 1e-3], {"l1_ratio": 1.0} if kind == "l1" else {}
    with np.errstate(over="raise", invalid="raise"), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a slope times 1e12 cannot be below 1e-6
        ours = LogisticRegression(C=1e8, tol=1e-6, max_iter=30, **options)
        ours.fit(scipy.sparse.csr_array(X) if kind == "sparse" else X, y)
    theirs = reference.LogisticRegression(C=np.inf, tol=1e-8, solver="newton-cholesky").fit(x, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(x), atol=1e-3)


def test_separable_classes_with_every_penalty():
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]]), np.array([0, 0, 1, 1, 2, 2])
    for labels in (y, np.minimum(y, 1)):
        for Z in (X, scipy.sparse.csr_array(X)):
            with np.errstate(over="raise", invalid="raise"), warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                model = LogisticRegression(C=np.inf, max_iter=4, tol=1e-14).fit(Z, labels)
            assert np.isfinite(model.coef_).all() and model.score(X, labels) == 1
            assert said or np.ptp(model.predict_proba(X)[[0, -1], 0]) > 1 - 1e-12  # it warns, or is as sure as can be
