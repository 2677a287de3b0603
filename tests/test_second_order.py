"Newton's method and L-BFGS beside SciPy's, on smooth losses, hard ones and broken ones."

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from sklearn.datasets import load_digits

from mlbook.optimizers import (
    backtrack,
    cubic_bottom,
    factorise,
    lbfgs,
    newton,
    next_size,
    solve,
    two_loop,
    wolfe_search,
)


def banana(w):
    return scipy.optimize.rosen(w), scipy.optimize.rosen_der(w)


def banana_hessian(w, hessian):
    return *banana(w), None if hessian is None else scipy.optimize.rosen_hess(w)


def bowl(condition, m, seed=0):
    rng = np.random.default_rng(seed)
    axes = np.linalg.qr(rng.normal(size=(m, m)))[0]
    H, bottom = axes * np.geomspace(1, condition, m) @ axes.T, rng.normal(size=m)
    return (lambda w: (0.5 * (w - bottom) @ H @ (w - bottom), H @ (w - bottom))), H, bottom


def digits(penalty=1e-3):
    X, y = load_digits(return_X_y=True)
    X, Y = np.c_[X[::4] / 16, np.ones(len(X[::4]))], np.eye(10)[y[::4]]

    def f(w):
        Z = X @ w.reshape(10, -1).T
        top = scipy.special.logsumexp(Z, axis=1)
        slope = (np.exp(Z - top[:, None]) - Y).T @ X / len(X)
        return np.mean(top - (Z * Y).sum(1)) + penalty / 2 * w @ w, slope.ravel() + penalty * w

    return f


def scipys(f, w, tol, most=5000):
    options = {"gtol": tol, "ftol": 0, "maxiter": most, "maxfun": 20 * most}
    return scipy.optimize.minimize(f, w, jac=True, method="L-BFGS-B", options=options)


def counted(f):
    def call(*inputs):
        call.count += 1
        return f(*inputs)

    call.count = 0
    return call


HARD = {
    "banana 2": (banana, np.array([-1.2, 1.0]), 1e-8),
    "banana 100": (banana, np.tile([-1.2, 1.0], 50), 1e-8),
    "banana 100 from 0": (banana, np.zeros(100), 1e-8),
    "bowl 1e2": (bowl(1e2, 50)[0], np.zeros(50), 1e-6),
    "bowl 1e4": (bowl(1e4, 50)[0], np.zeros(50), 1e-4),
    "bowl 1e6": (bowl(1e6, 20)[0], np.zeros(20), 1e-2),
    "digits": (digits(), np.zeros(650), 1e-6),
    "hills": (lambda w: (np.sum(w**2 / (1 + w**2)), 2 * w / (1 + w**2) ** 2), np.full(5, 3.0), 1e-8),
}


@pytest.mark.parametrize("name", HARD)
def test_lbfgs_asks_hardly_more_often_than_scipy_and_ends_as_low(name):
    f, w, tol = HARD[name]
    ours = counted(f)
    found, steps, left = lbfgs(ours, w, tol, 5000)
    theirs = scipys(f, w, tol)
    assert left <= tol and left == np.abs(f(found)[1]).max() and 0 < steps <= ours.count
    assert ours.count <= 1.3 * theirs.nfev + 5
    gap = len(w) * tol**2 / 2  # what the tolerance allows where the flattest bend is 1
    assert f(found)[0] <= theirs.fun + 1e-8 + gap


@pytest.mark.parametrize("m", [1, 2, 30])
def test_both_methods_and_scipy_agree_on_weights(m):
    f, H, bottom = bowl(100.0, m)
    found, _, left = lbfgs(f, np.ones(m), 1e-9, 500)
    np.testing.assert_allclose(found, bottom, atol=1e-8)
    jumped, steps, left = newton(lambda w, hessian: (*f(w), H), np.ones(m), 1e-9, 50)
    np.testing.assert_allclose(jumped, bottom, atol=1e-8)
    assert steps <= 2  # a bowl: one jump, perhaps one for the rounding


def test_newton_on_the_banana():
    found, steps, left = newton(banana_hessian, np.array([-1.2, 1.0]), 1e-10, 200)
    np.testing.assert_allclose(found, 1, atol=1e-8)
    assert left <= 1e-10 and steps < 60
    rosen, bends = scipy.optimize.rosen, scipy.optimize.rosen_hess
    theirs = scipy.optimize.minimize(rosen, [-1.2, 1.0], jac=scipy.optimize.rosen_der, hess=bends, method="trust-exact")
    np.testing.assert_allclose(found, theirs.x, atol=1e-6)


def test_ten_classes_of_digits_give_scipys_weights():
    f = digits(1e-2)
    found, _, left = lbfgs(f, np.zeros(650), 1e-9, 1000)
    assert left <= 1e-9
    np.testing.assert_allclose(found, scipys(f, np.zeros(650), 1e-9).x, atol=1e-6)


def test_a_tolerance_out_of_reach_ends_quietly():
    for f, w in ((banana, np.tile([-1.2, 1.0], 10)), (bowl(1e4, 20)[0], np.zeros(20))):
        ours = counted(f)
        found, steps, left = lbfgs(ours, w, 0.0, 10_000)
        assert steps < 2000 and ours.count < 3000 and 0 <= left < 1e-6
    found, steps, left = newton(banana_hessian, np.array([-1.2, 1.0]), 0.0, 1000)
    assert steps < 100 and left < 1e-9


def test_the_step_count_is_a_limit():
    for steps in (0, 1, 5):
        assert lbfgs(banana, np.array([-1.2, 1.0]), 1e-12, steps)[1] == steps
        assert newton(banana_hessian, np.array([-1.2, 1.0]), 1e-12, steps)[1] == steps
    assert lbfgs(banana, np.ones(3), 1e-9, 10)[1:] == newton(banana_hessian, np.ones(3), 1e-9, 10)[1:] == (0, 0.0)


def test_the_start_is_left_alone_and_may_be_whole_numbers():
    w = np.zeros(3)
    lbfgs(banana, w, 1e-8, 50)
    newton(banana_hessian, w, 1e-8, 50)
    assert not w.any()
    np.testing.assert_allclose(lbfgs(banana, [0, 0], 1e-9, 200)[0], 1, atol=1e-7)


@pytest.mark.parametrize("wall", [np.inf, np.nan])
def test_losses_that_are_no_numbers_step_back(wall):
    def fenced(w):
        return (np.sum(w - np.log(w)) if (w > 0).all() else wall), 1 - 1 / w

    def fenced_hessian(w, hessian):
        return *fenced(w), np.diag(1 / w**2)

    found, _, left = lbfgs(fenced, np.full(4, 30.0), 1e-8, 100)
    np.testing.assert_allclose(found, 1, atol=1e-7)
    found, _, left = newton(fenced_hessian, np.full(4, 1.9), 1e-8, 100)
    np.testing.assert_allclose(found, 1, atol=1e-7)


def test_flat_losses_and_losses_without_a_bottom_end():
    level = lbfgs(lambda w: (1.0, np.zeros(3)), np.ones(3), 1e-9, 100)
    assert level[1:] == (0, 0.0)
    slide = lbfgs(lambda w: (-w.sum(), -np.ones(2)), np.zeros(2), 1e-9, 100)
    assert slide[1] <= 100 and slide[2] == 1 and np.isfinite(slide[0]).all() and (slide[0] > 1e6).all()
    wrong = counted(lambda w: (float(w @ w), -2 * w))  # a slope of the wrong sign
    assert lbfgs(wrong, np.ones(2), 1e-9, 1000)[1] < 20 and wrong.count < 300


def test_a_start_that_is_no_number_is_refused():
    for bad in ((np.nan, np.ones(2)), (1.0, np.array([1.0, np.inf]))):
        with pytest.raises(ValueError, match="not finite at the start"):
            lbfgs(lambda w, bad=bad: bad, np.zeros(2), 1e-9, 10)
        with pytest.raises(ValueError, match="not finite at the start"):
            newton(lambda w, hessian, bad=bad: (*bad, np.eye(2)), np.zeros(2), 1e-9, 10)
    with pytest.raises(ValueError, match="Hessian is not finite"):
        newton(lambda w, hessian: (1.0, np.ones(2), np.full((2, 2), np.nan)), np.zeros(2), 1e-9, 10)
    for bends in ([1.0], [1.0, -1.0], [1.0, np.nan], 3.0):
        with pytest.raises(ValueError, match="bends"):
            lbfgs(banana, np.zeros(2), 1e-9, 10, bends)


def test_bends_undo_the_units():
    f, _, bottom = bowl(10.0, 30)
    units = np.geomspace(1e-3, 1e3, 30)
    scaled = lambda w: (f(units * w)[0], units * f(units * w)[1])  # noqa: E731
    plain, helped = counted(scaled), counted(scaled)
    lbfgs(plain, np.zeros(30), 1e-6, 2000)
    found, _, left = lbfgs(helped, np.zeros(30), 1e-6, 2000, units**2)
    assert left <= 1e-6 and helped.count < 0.3 * plain.count
    np.testing.assert_allclose(units * found, bottom, atol=1e-2)


def test_what_newton_asks_for():
    asked = []

    def f(w, hessian):
        asked.append(hessian)
        return *banana(w), None if hessian is None else scipy.optimize.rosen_hess(w)

    newton(f, np.array([-1.2, 1.0]), 1e-10, 100)
    assert asked[0] == np.float32 and set(asked[1:]) == {None, np.float64}


@pytest.mark.parametrize("seed", range(5))
def test_factors(seed):
    rng = np.random.default_rng(seed)
    A, g = rng.normal(size=(6, 6)), rng.normal(size=6)
    for H in (A @ A.T, A + A.T, -A @ A.T, np.outer(A[0], A[0]), np.zeros((6, 6)), np.float32(A @ A.T)):
        assert solve(factorise(H), g) @ g > 0  # always downhill
    good = A @ A.T + np.eye(6)
    np.testing.assert_allclose(solve(factorise(good), g), np.linalg.solve(good, g), rtol=1e-9)
    units = np.geomspace(1e-4, 1e4, 6)
    wide = good * np.outer(units, units)
    np.testing.assert_allclose(units * solve(factorise(wide), units * g), np.linalg.solve(good, g), rtol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_two_loops_are_the_matrix(seed):
    rng = np.random.default_rng(seed)
    start, g = rng.uniform(0.5, 2, 7), rng.normal(size=7)
    U, V = rng.normal(size=(2, 5, 7))
    V *= np.sign((U * V).sum(1))[:, None]
    for count in (0, 1, 3, 5, 8):  # a ring of five pairs: empty, half full, full, gone round
        B = np.diag(start)
        if count:
            u, v = U[(count - 1) % 5], V[(count - 1) % 5]
            B *= u @ v / (v @ (start * v))
        for k in range(max(count - 5, 0), count):
            u, v = U[k % 5], V[k % 5]
            side = np.eye(7) - np.outer(u, v) / (u @ v)
            B = side @ B @ side.T + np.outer(u, u) / (u @ v)
        np.testing.assert_allclose(two_loop(g.copy(), U, V, count, start), B @ g, rtol=1e-7)


def test_slopes_in_single_precision():
    found, _, left = lbfgs(lambda w: (float(w @ w), np.float32(2 * w)), np.ones(3), 1e-6, 50)
    assert left <= 1e-6 and np.abs(found).max() < 1e-6


@pytest.mark.parametrize("first", [1e-8, 1e-3, 1.0, 30.0, 1e6])
def test_searches_keep_their_promises(first):
    for f, w in ((banana, np.array([-1.2, 1.0, 0.3])), (HARD["hills"][0], np.array([0.9, -2.0, 4.0]))):
        loss, slope = f(w)
        move = -slope / np.linalg.norm(slope)
        size, new = wolfe_search(f, w, move, loss, slope, first)
        assert new[0] == f(w + size * move)[0] <= loss + 1e-4 * size * (slope @ move)
        assert new[1] @ move >= 0.9 * (slope @ move)
        size, new = backtrack(f, w, first * move, loss, slope)
        assert 0 < size <= 1 and new[0] == f(w + size * first * move)[0] <= loss + 1e-4 * size * first * (slope @ move)


def test_the_next_size_lies_inside_the_bracket():
    rng = np.random.default_rng(0)
    for _ in range(200):
        coefficients = rng.normal(size=4)
        at = lambda a, c=coefficients: (a, np.polyval(c, a), np.polyval(np.polyder(c), a))  # noqa: E731
        a, b = np.sort(rng.uniform(0, 2, 2))
        assert a < next_size(at(a), at(b)) < b
        bottom = cubic_bottom(at(a), at(b))
        if b - a > 0.2 and abs(bottom) < 3:
            assert abs(np.polyval(np.polyder(coefficients), bottom)) < 1e-6
    assert next_size((1.0, 0.0, -1.0), None) == 4
    assert next_size((1.0, 0.0, -1.0), (11.0, np.inf, np.nan)) == 2
