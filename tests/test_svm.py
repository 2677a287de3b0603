"Linear support vector machines beside liblinear at a tight tolerance, hard tables, and broken ones."

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.svm
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.svm import (
    LinearSVC,
    LinearSVR,
    MarginProblem,
    _row_squares,
    barrier_newton,
    dual_descent,
    lasso_margins,
    margin_gap,
    newton_cg,
    newton_margins,
    row_gaps,
    row_losses,
)


@parametrize_with_checks([LinearSVC(), LinearSVR()])
def test_contract(estimator, check):
    check(estimator)


def two_classes(seed, n=200, m=6, epsilon=0.0):
    "A noisy problem with weights, some of them zero."
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m)) * rng.uniform(0.3, 3, m)
    t = np.where(X @ rng.normal(size=m) + rng.normal(size=n) * 2 > 0.5, 1.0, -1.0)
    s = rng.integers(0, 3, n) * rng.uniform(0.2, 2)
    return MarginProblem(X, t, s * (t > 0), s * (t < 0), epsilon, 1.5)


def line(seed, epsilon, n=200, m=6):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m))
    s = rng.uniform(0.2, 2, n)
    return MarginProblem(X, X @ rng.normal(size=m) * 3 + rng.normal(size=n) + 1, s, s, epsilon, 1.0)


def cost(problem, w, squared):
    return row_losses(problem, problem.residuals(w), squared).sum() + 0.5 * w @ w


def best(problem, squared):
    "The minimum by liblinear at its tightest: weights and cost."
    price = np.maximum(problem.up, problem.down)
    rows = price > 0  # a row without weight is left out
    tight = {"tol": 1e-11, "max_iter": 10**6, "intercept_scaling": problem.scale, "random_state": 0}
    if (problem.up * problem.down).any():
        loss = "squared_epsilon_insensitive" if squared else "epsilon_insensitive"
        model = sklearn.svm.LinearSVR(epsilon=problem.epsilon, loss=loss, dual=not squared, **tight)
    else:
        model = sklearn.svm.LinearSVC(loss="squared_hinge" if squared else "hinge", dual=not squared, **tight)
    model.fit(problem.X[rows], problem.t[rows], price[rows])
    w = np.append(model.coef_, model.intercept_ / problem.scale)
    return w, cost(problem, w, squared)


PROBLEMS = [two_classes(k) for k in range(3)] + [line(k, e) for k, e in ((0, 0.0), (1, 0.5), (2, 3.0))]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("sparse", [False, True])
def test_every_way_reaches_the_same_optimum(problem, sparse):
    w, value = best(problem, True)
    if sparse:
        problem = problem._replace(X=scipy.sparse.csr_array(problem.X))
    ways = [newton_cg(problem, 1e-9, 100), dual_descent(problem, True, 1e-9, 10_000)]
    for found, _, left in [newton_margins(problem, 1e-9, 100), *ways]:
        assert left <= 1
        assert cost(problem, found, True) == pytest.approx(value, rel=1e-10)
        np.testing.assert_allclose(found, w, atol=1e-6)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("sparse", [False, True])
def test_barrier_and_descent_reach_the_hinge_optimum(problem, sparse):
    w, value = best(problem, False)
    if sparse:
        problem = problem._replace(X=scipy.sparse.csr_array(problem.X))
    found, steps, left = barrier_newton(problem, 1e-4, 100)
    assert left <= 1e-7 and steps < 30
    assert cost(problem, found, False) == pytest.approx(value, rel=1e-9)
    np.testing.assert_allclose(found, w, atol=1e-5)
    slow, _, left = dual_descent(problem, False, 1e-8, 100_000)
    assert left <= 1 and cost(problem, slow, False) == pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("problem", PROBLEMS)
def test_gap_is_cost_less_dual_and_no_row_is_negative(problem, squared):
    rng = np.random.default_rng(0)
    w, price = rng.normal(size=7), np.maximum(problem.up, problem.down)
    beta = rng.uniform(-problem.down, problem.up)
    assert (row_gaps(problem, beta, problem.residuals(w), squared) >= -1e-12).all()
    own = (beta**2 / (4 * np.where(price > 0, price, 1))).sum() if squared else 0
    pulled = problem.pulled(beta)
    dual = problem.t @ beta - problem.epsilon * np.abs(beta).sum() - own - 0.5 * pulled @ pulled
    assert margin_gap(problem, w, beta, squared) == pytest.approx(cost(problem, w, squared) - dual)


def scaled(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(0)) / X.std(0), y


def theirs(kind, X, y, weight=None, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return getattr(sklearn.svm, kind)(**{"max_iter": 10**5, "random_state": 0} | options).fit(X, y, weight)


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("options", [{}, {"class_weight": "balanced"}, {"fit_intercept": False},
                                     {"intercept_scaling": 10}, {"class_weight": {0: 3.0}}])  # fmt: skip
def test_two_classes_as_liblinear(C, options):
    X, y = scaled(load_breast_cancer)
    rng = np.random.default_rng(1)
    weight = rng.integers(1, 4, len(y)).astype(float)
    ours = LinearSVC(C=C, tol=1e-8, **options).fit(X, y, weight)
    peer = theirs("LinearSVC", X, y, weight, C=C, tol=1e-9, dual=False, **options)
    np.testing.assert_allclose(ours.coef_, peer.coef_, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, peer.intercept_, rtol=1e-5, atol=1e-6)
    assert ours.coef_.shape == peer.coef_.shape and (ours.predict(X) == peer.predict(X)).all()


def test_many_classes_each_against_the_rest():
    X, y = scaled(load_wine)
    names = np.array(["barolo", "grignolino", "barbera"])[y]
    ours, peer = LinearSVC(tol=1e-8).fit(X, names), theirs("LinearSVC", X, names, tol=1e-9, dual=False)
    np.testing.assert_allclose(ours.coef_, peer.coef_, atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), peer.decision_function(X), atol=1e-6)
    assert ours.classes_.tolist() == peer.classes_.tolist() and isinstance(ours.n_iter_, int)
    for dual in (True, False):
        again = LinearSVC(dual=dual, tol=1e-8, random_state=0).fit(scipy.sparse.csr_array(X), names)
        np.testing.assert_allclose(again.coef_, ours.coef_, atol=1e-5)


@pytest.mark.parametrize("sparse", [False, True])
def test_l1_makes_the_same_weights_zero(sparse):
    X, y = scaled(load_breast_cancer)
    peer = theirs("LinearSVC", X, y, penalty="l1", dual=False, C=0.1, tol=1e-9)
    ours = LinearSVC(penalty="l1", C=0.1, tol=1e-7).fit(scipy.sparse.csr_matrix(X) if sparse else X, y)
    np.testing.assert_allclose(ours.coef_, peer.coef_, atol=1e-5)
    assert ((ours.coef_ == 0) == (np.abs(peer.coef_) < 1e-7)).all() and (ours.coef_ == 0).sum() > 10


def test_l1_of_many_columns():
    rng = np.random.default_rng(0)
    X = scipy.sparse.random_array((300, 2000), density=0.02, rng=rng, format="csr")
    y = (X @ rng.normal(size=2000) > 0).astype(int)
    t = 2.0 * y - 1
    problem = MarginProblem(X, t, 1.0 * (t > 0), 1.0 * (t < 0))
    w, _, left = lasso_margins(problem, 1e-6, 1000)
    peer = theirs("LinearSVC", X, y, penalty="l1", dual=False, tol=1e-8)
    lines = w, np.append(peer.coef_[0], peer.intercept_)
    one, other = (row_losses(problem, problem.residuals(v), True).sum() + np.abs(v).sum() for v in lines)
    assert left <= 1 and one <= other * (1 + 1e-7)


@pytest.mark.parametrize("loss", ["epsilon_insensitive", "squared_epsilon_insensitive"])
@pytest.mark.parametrize("epsilon", [0.0, 20.0])
@pytest.mark.parametrize("C", [0.1, 10.0])
def test_regression_is_no_worse_than_liblinear(loss, epsilon, C):
    X, y = scaled(load_diabetes)
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))
    problem = MarginProblem(X, y.astype(float), C * weight, C * weight, epsilon, 1.0)
    ours = LinearSVR(loss=loss, epsilon=epsilon, C=C).fit(X, y, weight)
    peer = theirs("LinearSVR", X, y, weight, loss=loss, epsilon=epsilon, C=C, tol=1e-6, max_iter=20_000)
    squared = loss.startswith("squared")
    one, other = (cost(problem, np.append(m.coef_, m.intercept_), squared) for m in (ours, peer))
    assert one <= other * (1 + 1e-9) and one == pytest.approx(other, rel=1e-3)
    assert ours.coef_.shape == (10,) and ours.intercept_.shape == (1,)


def test_weights_repeat_rows_and_zero_removes_them():
    X, y = scaled(load_breast_cancer)
    times = np.random.default_rng(0).integers(0, 3, len(y))
    for model in (LinearSVC(), LinearSVC(loss="hinge"), LinearSVC(penalty="l1"), LinearSVC(class_weight="balanced")):
        one, other = model.fit(X, y, times).coef_, model.fit(np.repeat(X, times, 0), np.repeat(y, times)).coef_
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("options", [{}, {"loss": "hinge"}, {"penalty": "l1"}, {"dual": True}])
def test_float32_is_kept(options):
    X, y = scaled(load_breast_cancer)
    model = LinearSVC(**options, tol=1e-6, random_state=0, C=0.1, max_iter=20_000)
    single = model.fit(X.astype(np.float32), y).coef_
    assert single.dtype == np.float32 and model.decision_function(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(single, model.fit(X, y).coef_, atol=1e-4)


def test_frames_names_strings_booleans():
    X, y = scaled(load_breast_cancer)
    frame = pd.DataFrame(X, columns=[f"size {j}" for j in range(30)])
    model = LinearSVC().fit(frame, np.where(y, "well", "ill"))
    assert model.feature_names_in_[3] == "size 3" and set(model.predict(frame)) == {"well", "ill"}
    assert LinearSVC().fit(X, y == 1).predict(X).dtype == bool
    np.testing.assert_allclose(model.coef_, LinearSVC().fit(X, y).coef_, rtol=1e-9)  # "ill" < "well" as 0 < 1


def test_wide_table_and_duplicates_and_contradictions():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 1500)), np.repeat([0, 1], 30)
    for options in ({}, {"loss": "hinge", "random_state": 0}):
        assert LinearSVC(**options).fit(X, y).score(X, y) == 1
    X = np.repeat([[0.0, 1.0]], 40, 0)  # one point, both labels
    for options in ({}, {"loss": "hinge"}, {"loss": "hinge", "dual": True, "random_state": 0}, {"penalty": "l1"}):
        model = LinearSVC(**options).fit(X, np.arange(40) % 2)
        assert abs(model.decision_function(X)[0]) < 1e-3, options
    X = np.repeat([[-1.0], [1.0]], 50, 0)
    assert LinearSVC(loss="hinge", C=100).fit(X, X[:, 0]).coef_[0, 0] == pytest.approx(1, abs=1e-6)


def test_a_table_of_zeros_and_a_constant_column():
    X = np.zeros((30, 2))
    for model in (LinearSVC(), LinearSVC(loss="hinge"), LinearSVC(dual=True), LinearSVC(penalty="l1")):
        assert (model.fit(X, np.arange(30) > 10).coef_ == 0).all()
    assert LinearSVR(fit_intercept=False).fit(X, np.arange(30.0)).intercept_.tolist() == [0.0]


def test_targets_within_the_tube_cost_nothing():
    X = np.arange(6.0).reshape(3, 2)
    for y, epsilon in (([0.0, 0.0, 0.0], 0.0), ([1.0, -2.0, 3.0], 3.0)):
        for dual in ("auto", True):
            model = LinearSVR(epsilon=epsilon, dual=dual, random_state=0).fit(X, y)
            assert (model.coef_ == 0).all() and model.intercept_[0] == 0


def test_squared_lengths_of_sparse_rows_keep_their_digits():
    X = scipy.sparse.csr_array(np.array([[1e12, 0.0], [0.0, 0.0], [1e-3, 0.0], [0.0, 2.0]]))
    table = X.data[None], X.indices.astype(np.uint32), X.indptr.astype(np.uint64)
    np.testing.assert_allclose(_row_squares(table, 0.0), [1e24, 0, 1e-6, 4], rtol=1e-12)


def test_threads_and_the_thin_start_change_nothing():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80_001, 4))
    y = (X[:, 0] + rng.normal(size=len(X)) > 0).astype(int)
    model = LinearSVC(tol=1e-8).fit(X, y)
    peer = theirs("LinearSVC", X, y, dual=False, tol=1e-8)
    np.testing.assert_allclose(model.coef_, peer.coef_, atol=1e-6)
    assert LinearSVC().fit(X[np.argsort(y)], np.sort(y)).score(X, y) == pytest.approx(model.score(X, y), abs=1e-4)


def test_unscaled_columns_are_named():
    X, y = load_breast_cancer(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match=r"column 23 is .* as wide as column 19; scale the columns"):
        LinearSVC(dual=True, loss="hinge", max_iter=20, random_state=0).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="raise max_iter or tol"):
        LinearSVC(max_iter=1).fit(*scaled(load_breast_cancer))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exact = LinearSVC(loss="hinge", C=1e3).fit(X, y)
        LinearSVC(C=1e3).fit(X, y)
    assert exact.score(X, y) > 0.96


WRONG = [
    ({"C": 0}, "C=0"), ({"C": -1.0}, "C=-1"), ({"C": "big"}, "C='big'"), ({"C": np.inf}, "C=inf"),
    ({"tol": 0}, "tol=0"), ({"max_iter": 0}, "max_iter=0"), ({"max_iter": 2.5}, "max_iter=2.5"),
    ({"intercept_scaling": 0}, "intercept_scaling=0"), ({"verbose": 1}, "verbose=1"),
    ({"fit_intercept": "no"}, "fit_intercept='no'"), ({"dual": "never"}, "dual='never'"),
]  # fmt: skip


@pytest.mark.parametrize("kind", [LinearSVC, LinearSVR])
@pytest.mark.parametrize(("options", "said"), WRONG)
def test_wrong_values_are_named(kind, options, said):
    with pytest.raises(ValueError, match=said):
        kind(**options).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (LinearSVC(multi_class="crammer_singer"), "multi_class='crammer_singer'"),
        (LinearSVC(loss="hinge", penalty="l1"), "penalty='l2'"),
        (LinearSVC(loss="hinge", dual=False), "dual=True"),
        (LinearSVC(penalty="l1", dual=True), "dual=False"),
        (LinearSVC(penalty="elasticnet"), "penalty='elasticnet'"),
        (LinearSVC(loss="log"), "loss='log'"),
        (LinearSVR(epsilon=-1), "epsilon=-1"),
        (LinearSVR(dual=False), "dual=True"),
        (LinearSVR(loss="squared"), "loss='squared'"),
    ],
)
def test_what_does_not_fit_together_is_refused(model, said):
    with pytest.raises(ValueError, match=said):
        model.fit([[0.0], [1.0]], [0, 1])


def test_bad_tables_and_labels():
    X, y = np.arange(8.0).reshape(4, 2), [0, 0, 1, 1]
    with pytest.raises(ValueError, match="one class"):
        LinearSVC().fit(X, [1, 1, 1, 1])
    frame = pd.DataFrame(X, columns=["hour", "wind"])
    frame.loc[2, "wind"] = np.nan
    with pytest.raises(ValueError, match="column wind of X contains NaN"):
        LinearSVC().fit(frame, y)
    with pytest.raises(ValueError, match="[Nn]egative"):
        LinearSVC().fit(X, y, [1, 1, -1, 1])
    with pytest.raises(ValueError, match="non-zero"):
        LinearSVC().fit(X, y, [0, 0, 0, 0])
