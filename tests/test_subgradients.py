"Subgradient descent against linear programming; proximal gradient against scikit-learn and SciPy; bad input."

import numpy as np
import pytest
import scipy.sparse
import sklearn.linear_model as reference
from scipy.optimize import linprog, nnls

from mlbook.optimizers import SubgradientPath, proximal_gradient, soft_threshold, subgradient_descent


def table(seed, rows=80, columns=6, sparse=False):
    "X, y with weights of which some are zero, and row weights that sum to 1."
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns)) * np.geomspace(0.5, 2, columns)
    if sparse:
        X[rng.random(X.shape) < 0.7] = 0
    truth = np.where(np.arange(columns) % 2, 0.0, 2.0)
    y, s = X @ truth + rng.standard_t(2, size=rows), rng.random(rows)
    return (scipy.sparse.csr_array(X) if sparse else X), y, s / s.sum()


def absolute(X, y, s):
    return lambda w: (s @ np.abs(X @ w - y), X.T @ (s * np.sign(X @ w - y)))


def squares(X, y, s):
    return lambda w: (0.5 * s @ (X @ w - y) ** 2, X.T @ (s * (X @ w - y)))


def lasso_prox(price):
    return lambda x, rate: soft_threshold(x, rate * price)


def least_absolute(X, y, s):
    "The smallest loss: each error is the difference of two amounts that are not negative."
    n, m = X.shape
    A = scipy.sparse.hstack([scipy.sparse.csr_array(X), scipy.sparse.eye_array(n), -scipy.sparse.eye_array(n)])
    return linprog(np.r_[np.zeros(m), s, s], A_eq=A, b_eq=y, bounds=[(None, None)] * m + [(0, None)] * (2 * n)).fun


def shrinking(scale):
    return lambda t: scale / np.sqrt(t + 1)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_median_line_reaches_the_linear_program(seed, sparse):
    X, y, s = table(seed, sparse=sparse)
    least = least_absolute(X, y, s)
    path = subgradient_descent(absolute(X, y, s), np.zeros(6), shrinking(1.0), 3000)
    assert -1e-9 <= path.loss - least < 2e-3 * least
    known = subgradient_descent(absolute(X, y, s), np.zeros(6), 1.0, 2000, best_loss=least)
    assert -1e-9 <= known.loss - least < 5e-4 * least


def test_the_path_is_what_a_plain_loop_sees():
    f = absolute(*table(0))
    w, points, rates = np.ones(6), [], 0.7 / np.sqrt(np.arange(1, 51))
    for rate in rates:
        points.append(w)
        w = w - rate * f(w)[1]
    losses = [f(p)[0] for p in [*points, w]]
    path = subgradient_descent(f, np.ones(6), shrinking(0.7), 50)
    assert isinstance(path, SubgradientPath)
    assert np.allclose(path.losses, losses, rtol=1e-12) and path.loss == min(path.losses)
    assert np.allclose(path.best, [*points, w][int(np.argmin(losses))]) and np.allclose(path.last, w)
    assert np.allclose(path.average, np.average(points, axis=0, weights=rates))
    steady = subgradient_descent(f, np.ones(6), 0.01, 50)
    assert np.array_equal(steady.losses, subgradient_descent(f, np.ones(6), lambda t: 0.01, 50).losses)


@pytest.mark.parametrize("seed", range(2))
def test_the_guarantee_holds(seed):
    X, y, s = table(seed)
    f, least = absolute(X, y, s), least_absolute(X, y, s)
    reach = np.square(np.linalg.norm(X, axis=1) @ s)  # no subgradient is longer
    start, rates = np.zeros(6), 0.3 / np.sqrt(np.arange(1, 501))
    near = subgradient_descent(f, start, 1.0, 2000, best_loss=least).best
    bound = (near @ near + reach * np.sum(rates**2)) / (2 * rates.sum())
    path = subgradient_descent(f, start, shrinking(0.3), 500)
    assert path.loss - least <= bound and f(path.average)[0] - least <= bound


def test_it_ends_where_the_subgradient_is_zero_and_where_the_known_loss_is_reached():
    def f(w):
        return abs(w[0] - 3), np.sign(w - 3)

    assert len(subgradient_descent(f, [0.0], 1.0, 100).losses) == 4
    assert subgradient_descent(f, [9], 1.0, 100, best_loss=0.0).best.tolist() == [3.0]
    assert len(subgradient_descent(f, [9], 1.0, 100, best_loss=7.0).losses) == 1


def test_no_step_returns_the_start_and_the_start_stays():
    def f(w):
        return np.abs(w).sum(), np.sign(w)

    w = np.array([4.0, -1.0])
    path = subgradient_descent(f, w, 0.5, 0)
    assert path.losses.tolist() == [5.0] and all(np.array_equal(a, w) for a in (path.best, path.average, path.last))
    path.best[:] = 0
    subgradient_descent(f, w, 0.5, 10)
    found, steps, left = proximal_gradient(lambda w: (w @ w / 2, w), lambda x, rate: x, w, max_iter=0)
    assert found.tolist() == w.tolist() == [4.0, -1.0] and steps == 0 and left == np.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_single_precision_is_kept(dtype):
    X, y, s = (a.astype(dtype) for a in table(1))
    start = np.zeros(6, dtype)
    path = subgradient_descent(absolute(X, y, s), start, shrinking(np.float64(1)), 500)
    assert path.best.dtype == path.average.dtype == path.last.dtype == dtype
    w, steps, left = proximal_gradient(squares(X, y, s), lasso_prox(0.1), start, tol=1e-4)
    exact = proximal_gradient(squares(*table(1)), lasso_prox(0.1), np.zeros(6), tol=1e-10)[0]
    assert w.dtype == dtype and left <= 1e-4 and np.allclose(w, exact, atol=1e-3)
    assert soft_threshold(start + dtype(2), 0.5).dtype == dtype
    assert soft_threshold([3, -1], 2).tolist() == [1, 0]


@pytest.mark.parametrize("seed", range(5))
def test_soft_threshold_by_brute_force(seed):
    rng = np.random.default_rng(seed)
    x, threshold, z = rng.normal(size=(4, 3)), rng.random(3), np.linspace(-5, 5, 100_001)
    best = [[z[(0.5 * (z - v) ** 2 + h * np.abs(z)).argmin()] for v, h in zip(row, threshold)] for row in x]
    assert np.allclose(soft_threshold(x, threshold), best, atol=1e-4)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("accelerate", [False, True])
@pytest.mark.parametrize("price", [0.01, 0.2, 1.0, 50.0])
def test_lasso_agrees_with_scikit_learn(price, accelerate, sparse):
    X, y, s = table(3, sparse=sparse)
    f = squares(X, y, s)
    w, steps, left = proximal_gradient(f, lasso_prox(price), np.ones(6), None, accelerate, 1e-11, 20_000)
    peer = reference.Lasso(price, fit_intercept=False, tol=1e-14, max_iter=10**6).fit(X, y, s).coef_
    assert left <= 1e-11 and abs(f(w)[0] + price * np.abs(w).sum() - f(peer)[0] - price * np.abs(peer).sum()) < 1e-8
    assert np.allclose(w, peer, atol=1e-7) and np.array_equal(w == 0, peer == 0)


def test_elastic_net_and_more_columns_than_rows():
    X, y, s = table(5, rows=30, columns=60)

    def prox(x, rate):
        return soft_threshold(x, rate * 0.1) / (1 + rate * 0.1)

    w = proximal_gradient(squares(X, y, s), prox, np.zeros(60), tol=1e-11)
    peer = reference.ElasticNet(0.2, l1_ratio=0.5, fit_intercept=False, tol=1e-14, max_iter=10**6).fit(X, y, s).coef_
    assert np.allclose(w[0], peer, atol=1e-7)


def test_logistic_loss_with_a_price_on_absolute_weights():
    X, y, _ = table(6)
    sign = np.where(y > np.median(y), 1.0, -1.0)

    def f(w):
        z = sign * (X @ w)
        return np.logaddexp(0, -z).mean(), -(sign / (1 + np.exp(z))) @ X / len(z)

    w, steps, left = proximal_gradient(f, lasso_prox(0.05), np.zeros(6), tol=1e-10, max_iter=5000)
    options = {"solver": "saga", "fit_intercept": False, "tol": 1e-10, "max_iter": 10**5}
    model = reference.LogisticRegression(C=1 / (0.05 * 80), l1_ratio=1, **options)
    peer = model.fit(X, sign).coef_[0]
    ours, theirs = (f(v)[0] + 0.05 * np.abs(v).sum() for v in (w, peer))
    assert left <= 1e-10 and ours <= theirs + 1e-8


@pytest.mark.parametrize("seed", range(4))
def test_nonnegative_weights_agree_with_scipy(seed):
    X, y, s = table(seed)
    w, _, left = proximal_gradient(squares(X, y, s), lambda x, rate: np.maximum(x, 0), np.zeros(6), tol=1e-11)
    root = np.sqrt(s)
    assert left <= 1e-11 and np.allclose(w, nnls(X * root[:, None], y * root)[0], atol=1e-8)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_the_first_step_suits_every_scale(scale):
    X, y, s = table(2)
    f = squares(X * scale, y, s)
    w, steps, left = proximal_gradient(f, lambda x, rate: x, np.zeros(6), tol=1e-8 * scale, max_iter=500)
    root = np.sqrt(s)
    exact = np.linalg.lstsq(X * root[:, None], y * root, rcond=None)[0]
    assert left <= 1e-8 * scale and np.allclose(w * scale, exact, atol=1e-6)


def test_momentum_saves_steps_and_a_known_step_saves_calls():
    X, y, s = table(4, rows=40, columns=20)
    calls = []

    def f(w):
        calls.append(1)
        return squares(X, y, s)(w)

    counts = {}
    largest = np.linalg.eigvalsh((X.T * s) @ X)[-1]
    for name, options in {"ista": {"accelerate": False}, "fista": {}, "known": {"step": 1 / largest}}.items():
        calls.clear()
        _, steps, left = proximal_gradient(f, lasso_prox(0.05), np.zeros(20), tol=1e-8, max_iter=50_000, **options)
        assert left <= 1e-8
        counts[name] = (steps, len(calls))
    assert counts["fista"][0] * 3 < counts["ista"][0]
    assert counts["known"][0] == counts["known"][1] and counts["fista"][1] >= 2 * counts["fista"][0]


BAD = {
    "step=-1": (dict(step=-1.0), "step=-1.0 (at step 0) must be positive"),
    "step=0": (dict(step=lambda t: 0), "must be positive"),
    "step=nan": (dict(step=np.nan), "must be positive and finite"),
    "max_iter": (dict(step=1.0, max_iter=-1), "max_iter=-1: give a whole number, at least 0"),
    "half an iteration": (dict(step=1.0, max_iter=2.5), "max_iter=2.5: give a whole number, at least 0"),
    "shape": (dict(step=1.0, w=np.zeros((2, 2))), "the shape (2, 2)"),
    "start": (dict(step=1.0, w=[np.nan, 1.0]), "is nan at step 0: look for missing"),
    "huge step": (dict(step=1e30, max_iter=100), "take a smaller step than 1e+30"),
}


NO_SCHEDULE = {"step=-1": "step=-1.0: give a number in (0, inf)", "step=nan": "step=nan: give a number in (0, inf)"}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_named_with_a_remedy(case):
    options, words = BAD[case]

    def f(w):
        return 0.5 * np.sum(w**2), np.asarray(w)

    options = {"w": np.ones(2)} | options
    with pytest.raises(ValueError) as refused:
        subgradient_descent(f, **options)
    assert words in str(refused.value)
    if not callable(options["step"]):
        with pytest.raises(ValueError) as refused:
            proximal_gradient(f, lambda x, rate: x, tol=0, **options)
        assert NO_SCHEDULE.get(case, words) in str(refused.value)


def test_a_wrong_slope_and_a_negative_threshold_are_refused():
    with pytest.raises(ValueError, match="step 0: .* check the slope"):
        proximal_gradient(lambda w: (np.sum(w**2), -2 * w), lambda x, rate: x, np.ones(3))
    with pytest.raises(ValueError, match="step must be a number or None"):
        proximal_gradient(lambda w: (np.sum(w**2), 2 * w), lambda x, rate: x, np.ones(3), step=lambda t: 0.1)
    with pytest.raises(ValueError, match="threshold=-1 must not be negative"):
        soft_threshold([1.0], -1)
