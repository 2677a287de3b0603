"Losses, stochastic descent, Huber's line and quantile lines against scikit-learn's and against brute force."

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.linear_model as reference
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.linear_model import (
    LOSSES,
    HuberRegressor,
    QuantileRegressor,
    SGDClassifier,
    SGDRegressor,
    huber_sums,
    loss_and_slope,
    loss_shape,
)

BY_DEFINITION = dict.fromkeys(  # scikit-learn's own list for SGD: a repeated row is two steps, a weight of 2 is one
    ["check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data"],
    "one step a row",
)
EPOCHS = {"max_iter": 5, "tol": None, "random_state": 7}


@parametrize_with_checks(
    [SGDClassifier(max_iter=5), SGDRegressor(max_iter=5), HuberRegressor(), QuantileRegressor()],
    expected_failed_checks=lambda e: BY_DEFINITION if type(e).__name__.startswith("SGD") else {},
)
def test_contract(estimator, check):
    check(estimator)


def standardised(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(0)) / (X.std(0) + 1e-3), y


def same(ours, theirs, tolerance=1e-10):
    for name in ("coef_", "intercept_"):
        a, b = getattr(ours, name), getattr(theirs, name)
        assert np.shape(a) == np.shape(b), name
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(1, np.abs(theirs.coef_).max()))


def twins(name, *data, **options):
    pair = [getattr(m, name)(**options) for m in (__import__("mlbook.linear_model", fromlist="x"), reference)]
    with warnings.catch_warnings(action="ignore"):
        return [model.fit(*data) for model in pair]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("sparse", [True, False])
def test_each_loss_takes_the_same_steps_as_scikit_learn(loss, shuffle, sparse):
    X, y = standardised(load_breast_cancer)
    w = np.random.default_rng(0).random(len(y))
    T = scipy.sparse.csr_array(np.where(np.abs(X) > 0.5, X, 0)) if sparse else X
    options = EPOCHS | {"loss": loss, "shuffle": shuffle, "alpha": 1e-3, "learning_rate": "invscaling", "eta0": 1e-3}
    same(*(m.fit(T, y, sample_weight=w) for m in twins("SGDClassifier", T, y, **options)))
    if loss in LOSSES[:4]:
        target = X[:, 0] + 0.3 * X[:, 3] + y
        same(*(m.fit(T, target, sample_weight=w) for m in twins("SGDRegressor", T, target, **options)))


@pytest.mark.parametrize("options", [
    {"penalty": "l1"}, {"penalty": "elasticnet", "l1_ratio": 0.4}, {"penalty": None}, {"fit_intercept": False},
    {"learning_rate": "constant", "eta0": 0.02}, {"learning_rate": "invscaling", "power_t": 0.3},
    {"learning_rate": "adaptive", "eta0": 0.1}, {"learning_rate": "pa1", "eta0": 1},
    {"learning_rate": "pa2", "eta0": 1},
    {"average": True}, {"average": 300}, {"class_weight": "balanced"}, {"class_weight": {0: 3.0}}, {"alpha": 0.5},
])  # fmt: skip
@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_penalties_rates_and_means_take_the_same_steps(options, load):
    X, y = standardised(load)
    thin = np.where(np.abs(X) > 0.5, X, 0)
    thin[:, 0] = X[:, 0]  # no empty row: passive-aggressive scikit-learn passes over it, its penalty too
    for T in (X, scipy.sparse.csr_array(thin)):
        same(*twins("SGDClassifier", T, y, **EPOCHS | options))


@pytest.mark.parametrize("options", [{}, {"learning_rate": "adaptive"}, {"n_iter_no_change": 2}, {"tol": 1e-5}])
def test_descent_ends_after_as_many_epochs_as_scikit_learns(options):
    X, y = standardised(load_diabetes)
    ours, theirs = twins("SGDRegressor", X, y, random_state=0, **options)
    assert ours.n_iter_ == theirs.n_iter_ and ours.t_ == theirs.t_
    same(ours, theirs)
    X, y = standardised(load_wine)
    ours, theirs = twins("SGDClassifier", X, y, random_state=0, **options)
    assert abs(ours.n_iter_ - theirs.n_iter_) <= 1


def test_a_stream_is_a_fit_in_parts():
    X, y = standardised(load_wine)
    target = X @ np.arange(13.0)
    for average in (False, True):
        ours, theirs = (m.SGDRegressor(average=average, random_state=0) for m in (__import__(
            "mlbook.linear_model", fromlist="x"), reference))  # fmt: skip
        for part in np.array_split(np.arange(len(y)), 5):
            for m in (ours, theirs):
                m.partial_fit(X[part], target[part])
        same(ours, theirs)
    options = {"random_state": 0, "learning_rate": "constant", "eta0": 0.01}
    ours, theirs = (m.SGDClassifier("log_loss", **options) for m in (__import__(
        "mlbook.linear_model", fromlist="x"), reference))  # fmt: skip
    for part in np.array_split(np.arange(len(y)), 5):  # sorted by class: the first parts lack some
        for m in (ours, theirs):
            m.partial_fit(X[part], y[part], classes=[0, 1, 2])
    same(ours, theirs)
    assert ours.t_ == theirs.t_ == len(y) + 1
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-10)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-8)


def test_the_mean_goes_on_through_a_stream_and_counts_what_l1_takes():
    X, y = standardised(load_wine)
    for penalty, average in (("l1", 1), ("l2", 1), ("elasticnet", 50)):
        options = {"penalty": penalty, "alpha": 0.05, "shuffle": False, "random_state": 0}
        model, plain, seen = SGDClassifier(average=average, **options), SGDClassifier(**options), []
        for i in range(len(y)):
            for m in (model, plain):
                m.partial_fit(X[[i]], [y[i] > 0], classes=[False, True])
            seen.append([*plain.coef_[0], *plain.intercept_])
        truth = np.mean(seen[average - 1 :], axis=0)
        np.testing.assert_allclose([*model.coef_[0], *model.intercept_], truth, atol=1e-10)


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
def test_probabilities(loss):
    X, y = standardised(load_digits)
    for labels in (y, y > 4):
        ours, theirs = twins("SGDClassifier", X, labels, loss=loss, learning_rate="constant", eta0=1e-3, **EPOCHS)
        np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-8)
        with np.errstate(divide="ignore"):
            np.testing.assert_array_equal(ours.predict_log_proba(X), np.log(ours.predict_proba(X)))
        assert (ours.predict(X) == theirs.predict(X)).all()
    assert not hasattr(SGDClassifier("hinge"), "predict_proba")


def test_early_stopping_is_as_good_as_scikit_learns():
    X, y = standardised(load_breast_cancer)
    scores = {m.__name__: [] for m in (SGDClassifier, SGDRegressor)}
    for seed in range(5):
        for name in scores:
            pair = twins(name, X, y, early_stopping=True, random_state=seed, eta0=1e-3)
            scores[name].append([m.score(X, y) for m in pair])
    for name, both in scores.items():
        ours, theirs = np.mean(both, axis=0)
        assert ours > theirs - 0.02, name


@pytest.mark.parametrize("kind", ["float32", "fortran", "frame", "read-only", "csr_matrix", "int"])
@pytest.mark.parametrize("model", [SGDRegressor(random_state=0, eta0=1e-3), HuberRegressor(tol=1e-7),
                                   QuantileRegressor(alpha=0.01)], ids=lambda m: type(m).__name__)  # fmt: skip
def test_kinds_of_tables(kind, model):
    rng = np.random.default_rng(0)
    X = rng.integers(-5, 6, (400, 3)).astype(float)
    y = X @ [1.0, -2.0, 0.5] + rng.standard_t(3, 400)
    Z = {
        "float32": lambda: X.astype(np.float32), "fortran": lambda: np.asfortranarray(X),
        "frame": lambda: pd.DataFrame(X, columns=list("abc")), "int": lambda: X.astype(int),
        "read-only": lambda: np.frombuffer(X.tobytes()).reshape(X.shape),
        "csr_matrix": lambda: scipy.sparse.csr_matrix(X),
    }[kind]()  # fmt: skip
    plain = model.fit(X, y).coef_
    other = model.fit(Z, y)
    np.testing.assert_allclose(other.coef_, plain, atol=0.1 if "SGD" in repr(model) and "csr" in kind else 1e-4)
    assert other.predict(Z).shape == (400,)
    assert "frame" not in kind or list(other.feature_names_in_) == list("abc")


def test_gradients_by_finite_differences():
    rng, h = np.random.default_rng(1), 1e-6
    for loss in LOSSES:
        for epsilon in (0.0, 0.1, 2.0):
            shape = loss_shape(loss, epsilon)
            for z, y in zip(rng.normal(scale=2, size=200), rng.choice([-1.0, 1.0], 200)):
                low, high = (loss_and_slope(z + step, y, shape)[0] for step in (-h, h))
                assert abs((high - low) / (2 * h) - loss_and_slope(z, y, shape)[1]) < 1e-4, (loss, epsilon, z, y)
    X, y, weight = rng.normal(size=(40, 3)), rng.normal(size=40), rng.random(40)
    v, e = np.array([0.1, 0.2, -0.3, 0.05, 0.7]), np.eye(5) * h
    for T in (X, scipy.sparse.csr_array(X)):
        _, slope, H = huber_sums(v, T, y, weight, 1.2, 0.3, np.float64)
        sides = [[huber_sums(v + s * d, T, y, weight, 1.2, 0.3) for s in (-1, 1)] for d in e]
        np.testing.assert_allclose([(b[0] - a[0]) / (2 * h) for a, b in sides], slope, atol=1e-7)
        np.testing.assert_allclose([(b[1] - a[1]) / (2 * h) for a, b in sides], H, atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"epsilon": 1.05}, {"epsilon": 3}, {"alpha": 10}, {"fit_intercept": False}])
@pytest.mark.parametrize("weighted", [False, True])
def test_huber_reaches_the_same_optimum(options, weighted):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(300, 5))
    y = X @ rng.normal(size=5) + 2 + rng.standard_t(2, 300)
    w = rng.random(300) if weighted else None
    ours = HuberRegressor(**{"tol": 1e-9} | options).fit(X, y, w)
    theirs = reference.HuberRegressor(**{"tol": 1e-10, "max_iter": 10_000} | options).fit(X, y, w)
    problem = X, y, np.ones(300) if w is None else w, ours.epsilon, ours.alpha
    losses = [huber_sums(np.array([*m.coef_, m.intercept_, m.scale_]), *problem)[0] for m in (ours, theirs)]
    assert losses[0] <= losses[1] * (1 + 1e-12)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ours.scale_, theirs.scale_, rtol=1e-4)
    assert (ours.outliers_ == theirs.outliers_).mean() > 0.99


def test_huber_with_more_columns_than_a_hessian_may_have():
    rng = np.random.default_rng(0)
    X = scipy.sparse.random_array((200, 1100), density=0.01, format="csr", rng=rng)
    y = X @ rng.normal(size=1100) + rng.standard_t(2, 200)
    ours, theirs = twins("HuberRegressor", X, y, alpha=5.0, tol=1e-6, max_iter=200)
    problem = X, y, np.ones(200), ours.epsilon, ours.alpha
    losses = [huber_sums(np.array([*m.coef_, m.intercept_, m.scale_]), *problem)[0] for m in (ours, theirs)]
    assert losses[0] <= losses[1] * (1 + 1e-6)


def test_huber_on_rows_without_any_error():
    X = np.arange(10.0)[:, None]
    model = HuberRegressor(alpha=0).fit(X, 3 * X[:, 0] + 1)
    np.testing.assert_allclose(model.predict(X), 3 * X[:, 0] + 1, rtol=1e-6)
    assert model.scale_ > 0
    assert HuberRegressor(warm_start=True).fit(X, np.ones(10)).fit(X, np.ones(10)).predict(X).tolist() == [1.0] * 10


def tilted(model, X, y, w=None):
    r = y - model.predict(X)
    loss = np.average(np.maximum(model.quantile * r, (model.quantile - 1) * r), weights=w)
    return loss + model.alpha * np.abs(model.coef_).sum()


@pytest.mark.parametrize(("quantile", "alpha"), [(0.05, 0), (0.5, 0.01), (0.9, 1.0)])
@pytest.mark.parametrize("kind", ["heavy", "ties", "collinear", "wide", "sparse", "scales"])
def test_quantiles_reach_the_same_optimum(quantile, alpha, kind):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(20, 40) if kind == "wide" else (200, 4))
    y = X[:, 0] - X[:, 1] + rng.standard_t(2, len(X))
    X, y = (np.round(X), np.round(y)) if kind == "ties" else (X, y)
    X = X[:, [0, 0, 1, 2]] if kind == "collinear" else X * [1e-3, 1, 1e3, 1] if kind == "scales" else X
    w = rng.integers(0, 3, len(y)).astype(float)
    T = scipy.sparse.csr_array(X) if kind == "sparse" else X
    for weight in (None, w):
        ours = QuantileRegressor(quantile=quantile, alpha=alpha).fit(T, y, weight)
        theirs = reference.QuantileRegressor(quantile=quantile, alpha=alpha).fit(T, y, weight)
        best = tilted(theirs, T, y, weight)
        assert tilted(ours, T, y, weight) <= best * (1 + (1e-6 if kind == "scales" else 1e-8)) + 1e-9


def test_bad_input_is_named():
    X, y = np.arange(8.0).reshape(4, 2), [0, 1, 0, 1]
    wrong = [
        (SGDRegressor, {"loss": "hinge"}), (SGDRegressor, {"eta0": 0}), (SGDRegressor, {"power_t": -1}),
        (SGDRegressor, {"learning_rate": "pa1"}), (SGDClassifier, {"learning_rate": "pa2", "loss": "log_loss"}),
        (SGDClassifier, {"alpha": 0}), (SGDClassifier, {"penalty": "l3"}), (SGDClassifier, {"verbose": 1}),
        (SGDClassifier, {"validation_fraction": 1.0}), (HuberRegressor, {"epsilon": 0.5}),
        (QuantileRegressor, {"quantile": 1}), (QuantileRegressor, {"solver": "highs"}),
        (QuantileRegressor, {"solver_options": {}}), (SGDClassifier, {"average": 0}),
    ]  # fmt: skip
    for kind, options in wrong:
        with pytest.raises(ValueError, match=next(iter(options))):
            kind(**options).fit(X, y)
    with pytest.raises(ValueError, match="early_stopping"):
        SGDRegressor(early_stopping=True).partial_fit(X, y)
    with pytest.raises(ValueError, match="balanced"):
        SGDClassifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="7"):
        SGDClassifier().partial_fit(X, y, classes=[0, 1]).partial_fit(X, [0, 1, 7, 1])
    with pytest.raises(ValueError, match="coef_init"):
        SGDClassifier().fit(X, y, coef_init=[1.0, 2.0, 3.0])
    for kind in (SGDRegressor, HuberRegressor, QuantileRegressor):
        with pytest.raises(ValueError, match="(?i)negative"):
            kind().fit(X, y, sample_weight=[1, 1, 1, -1])


def test_a_descent_that_runs_away_says_so_with_advice():
    rng = np.random.default_rng(0)
    X, y = 1000 * rng.normal(size=(500, 3)), rng.normal(size=500)
    with pytest.warns(ConvergenceWarning, match="diverges.*eta0=0.01.*Scale the features.*try eta0=3") as caught:
        SGDRegressor(random_state=0).fit(X, y)
    message = next(str(w.message) for w in caught if "diverges" in str(w.message))
    eta0 = float(message.rsplit("eta0=", 1)[1])
    model = SGDRegressor(eta0=eta0, random_state=0).fit(X, y)
    assert np.mean((y - model.predict(X)) ** 2) < 2 * y.var()
    lost = SGDRegressor(random_state=0)
    with pytest.raises(ValueError, match="diverges.*Scale the features"), np.errstate(all="ignore"):
        lost.fit(X * 1e200, y)
    assert not hasattr(lost, "coef_")


def test_few_epochs_warn_and_warm_starts_go_on():
    X, y = standardised(load_diabetes)
    with pytest.warns(ConvergenceWarning, match="max_iter"):
        SGDRegressor(max_iter=2, random_state=0).fit(X, y)
    warm = SGDRegressor(warm_start=True, max_iter=3, tol=None, random_state=0)
    given = SGDRegressor(max_iter=3, tol=None, random_state=0)
    first = warm.fit(X, y).coef_.copy(), warm.intercept_.copy()
    np.testing.assert_array_equal(warm.fit(X, y).coef_, given.fit(X, y, *first).coef_)


def test_the_same_bits_for_any_number_of_threads():
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    X, y, found = rng.normal(size=(25_000, 4)), rng.integers(0, 3, 25_000), []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            found.append(SGDClassifier(max_iter=2, tol=None, random_state=0).fit(X, y).coef_)
    assert found[0].tobytes() == found[1].tobytes()
