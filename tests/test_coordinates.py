"Coordinate descent against brute force and scikit-learn, over random tables, prices, weights and layouts."

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse
from sklearn.linear_model import ElasticNet, Lasso

import mlbook.optimizers
from mlbook.optimizers import (
    CentredColumns,
    WorkingSet,
    column_descent,
    duality_gap,
    gram_descent,
    minimise_by_columns,
    sparse_descent,
    violation,
)


def problem(seed, n=60, m=8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, m)) @ rng.normal(size=(m, m)), rng.normal(size=n), rng


def loss(X, y, w, l1, l2):
    return 0.5 * ((y - X @ w) ** 2).sum() + l1 * np.abs(w).sum() + 0.5 * l2 * w @ w


def reference(X, y, l1, l2, low):
    "scikit-learn's weights at a tight tolerance."
    n = len(y)
    more = {"fit_intercept": False, "tol": 1e-14, "max_iter": 200_000, "positive": low == 0}
    return ElasticNet(alpha=(l1 + l2) / n, l1_ratio=l1 / (l1 + l2), **more).fit(X, y).coef_


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("low", [-np.inf, 0.0])
def test_all_kernels_find_the_same_minimum(seed, low):
    X, y, rng = problem(seed)
    l1, l2 = rng.uniform(0.5, 20), rng.uniform(0.1, 5)
    truth = reference(X, y, l1, l2, low)
    r, w = X.T @ y, np.zeros(8)
    sweeps, moved = gram_descent(X.T @ X, r, w, np.full(8, l1), np.full(8, l2), low, 1e-12, 100_000)
    assert moved <= 1e-12 and sweeps < 100_000
    R, v = y.copy(), np.zeros(8)
    column_descent(np.ascontiguousarray(X.T), (X**2).sum(0), R, v, l1, l2, low, 1e-12, 100_000)
    for found in (w, v):
        np.testing.assert_allclose(found, truth, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(r, X.T @ (y - X @ w), atol=1e-8)
    np.testing.assert_allclose(R, y - X @ v, atol=1e-8)


@pytest.mark.parametrize("low", [-np.inf, -0.05, 0.0])
def test_prices_of_their_own_and_a_bound(low):
    X, y, rng = problem(1, 40, 4)
    l1, l2, w = rng.uniform(0, 5, 4), rng.uniform(0, 2, 4), np.zeros(4)
    gram_descent(X.T @ X, X.T @ y, w, l1, l2, low, 1e-13, 100_000)
    at_best = 0.5 * ((y - X @ w) ** 2).sum() + l1 @ np.abs(w) + 0.5 * l2 @ w**2
    assert (w >= low).all()
    for _ in range(300):
        v = np.maximum(w + rng.normal(scale=0.01, size=4), low)
        assert 0.5 * ((y - X @ v) ** 2).sum() + l1 @ np.abs(v) + 0.5 * l2 @ v**2 >= at_best - 1e-12


def test_a_column_of_zeros_stays_out():
    G, w = np.diag([2.0, 0.0]), np.zeros(2)
    gram_descent(G, np.array([4.0, 0.0]), w, np.zeros(2), np.zeros(2), -np.inf, 1e-12, 10)
    assert w.tolist() == [2.0, 0.0]


def test_the_last_sweep_looks_at_all():
    X, y, _ = problem(2)
    for most in (1, 2, 3, 5):
        w = np.zeros(8)
        sweeps, moved = gram_descent(X.T @ X, X.T @ y, w, np.ones(8), np.ones(8), -np.inf, 0.0, most)
        assert sweeps == most and moved > 0


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("low", [-np.inf, 0.0])
def test_the_gap_is_above_the_distance_and_zero_at_the_end(seed, low):
    X, y, rng = problem(seed)
    for l1, l2 in ((3.0, 0.0), (2.0, 1.5), (0.0, 2.0)):
        w, r = np.zeros(8), X.T @ y
        gram_descent(X.T @ X, r, w, np.full(8, l1), np.full(8, l2), low, 1e-13, 200_000)
        best = loss(X, y, w, l1, l2)
        for v in (w, *np.maximum(w + rng.normal(scale=0.3, size=(20, 8)), low)):
            R = y - X @ v
            gap = duality_gap(X.T @ R, v, l1, l2, R @ R, R @ y, low)
            assert gap >= loss(X, y, v, l1, l2) - best - 1e-9 * best
        R = y - X @ w
        assert abs(duality_gap(X.T @ R, w, l1, l2, R @ R, R @ y, low)) < 1e-7 * best


@pytest.mark.parametrize("centre", [True, False])
def test_a_sparse_table_is_the_dense_one(centre):
    rng = np.random.default_rng(0)
    X, s = rng.normal(size=(50, 6)) * (rng.random((50, 6)) < 0.3) + 0.0, rng.random(50)
    Z = (X - np.average(X, axis=0, weights=s) * centre) * np.sqrt(s)[:, None]
    v = rng.normal(size=50)
    for kind in (X, np.asfortranarray(X), scipy.sparse.csr_array(X), scipy.sparse.csc_matrix(X), X.astype("f4")):
        table = CentredColumns(kind, s, centre)
        np.testing.assert_allclose(table.correlate(v), Z.T @ v, rtol=1e-5 if kind.dtype == "f4" else 1e-10, atol=1e-6)
        y = v - np.sqrt(s) * (np.sqrt(s) @ v) / s.sum() * centre
        work = WorkingSet(table, y, np.array([0, 0.5, 0, -1, 0, 0.0]))
        work.add(np.array([5, 0]))
        np.testing.assert_allclose(work.R, y - Z @ work.w, atol=1e-6)
        np.testing.assert_allclose(work.G, Z[:, [1, 3, 5, 0]].T @ Z[:, [1, 3, 5, 0]], atol=1e-5)


@pytest.mark.parametrize("limit", [4000, 0])
@pytest.mark.parametrize("sparse", [True, False])
def test_working_sets_find_the_minimum_of_a_wide_table(monkeypatch, limit, sparse):
    monkeypatch.setattr(mlbook.optimizers, "GRAM_LIMIT", limit)
    rng = np.random.default_rng(1)
    X = rng.normal(size=(80, 400)) * (rng.random((80, 400)) < (0.2 if sparse else 1))
    y = X[:, :5] @ [3, -2, 2, 1, 1] + 0.3 * rng.normal(size=80)
    theirs = Lasso(alpha=0.1, tol=1e-14, max_iter=200_000).fit(X, y)
    table = CentredColumns(scipy.sparse.csc_array(X) if sparse else X, np.ones(80))
    work = WorkingSet(table, y - y.mean(), np.zeros(400))
    gap, sweeps = minimise_by_columns(work, 8.0, 0.0, -np.inf, 1e-12, 200_000)
    assert gap <= 1e-12 * (work.y @ work.y) and 0 < sweeps < 200_000
    np.testing.assert_allclose(work.w, theirs.coef_, rtol=1e-5, atol=1e-6)
    assert violation(work.slope, work.w, 8.0, 0.0, -np.inf).max() < 1e-3
    again = minimise_by_columns(work, 8.0, 0.0, -np.inf, 1e-12, 200_000)
    assert again[1] == 0, "the gap is looked at before the first sweep"


def test_sparse_columns_move_as_the_centred_ones():
    rng = np.random.default_rng(2)
    X, s = rng.normal(size=(40, 5)) * (rng.random((40, 5)) < 0.4), rng.random(40) + 0.1
    mean, root = np.average(X, axis=0, weights=s), np.sqrt(s)
    Z, y = (X - mean) * root[:, None], root * rng.normal(size=40)
    y -= root * (root @ y) / s.sum()
    B = scipy.sparse.csc_array(X * root[:, None])
    (R, w), (R2, w2) = ((y.copy(), np.zeros(5)) for _ in range(2))
    squares = (Z**2).sum(0)
    sparse_descent(B.data, B.indices, B.indptr, mean, root, squares, R, w, 0.5, 0.1, -np.inf, 1e-13, 10_000)
    column_descent(np.ascontiguousarray(Z.T), squares, R2, w2, 0.5, 0.1, -np.inf, 1e-13, 10_000)
    np.testing.assert_allclose(w, w2, atol=1e-10)
    np.testing.assert_allclose(R, R2, atol=1e-10)


def test_positive_least_squares_is_scipys():
    X, y, _ = problem(5)
    w = np.zeros(8)
    gram_descent(X.T @ X, X.T @ y, w, np.zeros(8), np.zeros(8), 0.0, 1e-13, 200_000)
    np.testing.assert_allclose(w, scipy.optimize.nnls(X, y)[0], atol=1e-7)


def test_the_gap_of_squares_alone_is_a_bound():
    rng = np.random.default_rng(5)
    A, t = rng.normal(size=(30, 4)), rng.normal(size=30)

    def cost(w):
        return 0.5 * ((t - A @ w) ** 2).sum() + 0.5 * w @ w

    least = cost(np.linalg.solve(A.T @ A + np.eye(4), A.T @ t))
    for w in rng.normal(size=(100, 4)):
        r = t - A @ w
        assert duality_gap(A.T @ r, w, 0.0, 1.0, r @ r, r @ t) >= cost(w) - least - 1e-9
