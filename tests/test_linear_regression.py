"Least squares against scikit-learn and NumPy's solvers, on tables of every kind, and its contract for estimators."

from functools import partial

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.sparse
import sklearn.linear_model as reference
from sklearn.datasets import load_diabetes
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

import mlbook.linear_model as ours
from mlbook.linear_model import LinearRegression, centred_gram, coefficient_intervals, nonnegative_weights


@parametrize_with_checks([LinearRegression()])
def test_contract(estimator, check):
    check(estimator)


def agree(X, y, weight=None, rtol=1e-6, atol=1e-9, **options):
    "Fit both; coefficients, predictions, rank and singular values within rtol."
    mine, theirs = (c(**options).fit(X, y, weight) for c in (LinearRegression, reference.LinearRegression))
    np.testing.assert_allclose(mine.coef_, theirs.coef_, rtol=rtol, atol=atol)
    np.testing.assert_allclose(mine.predict(X), theirs.predict(X), rtol=rtol, atol=max(atol, rtol))
    assert np.shape(mine.intercept_) == np.shape(theirs.intercept_) and mine.coef_.dtype == theirs.coef_.dtype
    if hasattr(theirs, "rank_") and not options.get("positive"):
        assert mine.rank_ == theirs.rank_
        np.testing.assert_allclose(mine.singular_, theirs.singular_, rtol=rtol, atol=rtol * theirs.singular_[0])
    return mine


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("targets", [(), (1,), (3,)])
@pytest.mark.parametrize("rank", ["full", "collinear", "wide", "square"])
def test_the_same_weights_as_scikit_learn(rank, targets, intercept):
    rng = np.random.default_rng(0)
    n, p = {"wide": (30, 50), "square": (8, 8)}.get(rank, (300, 6))
    X = rng.normal(3, 1, size=(n, p)) * np.geomspace(1, 100, p)
    if rank == "collinear":
        X[:, 5] = X[:, 0] + X[:, 1]
    y, w = rng.normal(size=(n, *targets)), rng.random(n) * rng.integers(0, 2, n)
    for weight in (None, rng.random(n), w):
        agree(X, y, weight, fit_intercept=intercept)


@pytest.mark.parametrize("shape", [(25_000, 7), (3000, 40)])
def test_large_tables_in_threads_and_blocks(shape):
    rng = np.random.default_rng(1)
    X, y, w = rng.normal(size=shape) + 5, rng.normal(size=shape[0]), rng.random(shape[0])
    for weight in (None, w):
        agree(X, y, weight, rtol=1e-9, atol=1e-12)
    X[:, -1] = X[:, 0] - 2 * X[:, 1]
    agree(X, y, w, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kappa", [1e2, 1e4, 3e4, 1e6, 1e9])
def test_ill_conditioned_tables(kappa):
    rng = np.random.default_rng(2)
    u, v = np.linalg.qr(rng.normal(size=(400, 6)))[0], np.linalg.qr(rng.normal(size=(6, 6)))[0]
    X = (u - u.mean(0)) * np.geomspace(1, 1 / kappa, 6) @ v + rng.normal(size=6)
    found = LinearRegression(tol=1e-13).fit(X, X @ np.ones(6) + 2)
    assert np.abs(found.coef_ - 1).max() < 3e-15 * kappa + 1e-12
    noisy = X @ np.ones(6) + 1e-6 * rng.normal(size=400)
    if kappa < 1e6:  # beyond, scikit-learn's own digits are fewer
        agree(X, noisy, rtol=1e-6)
    assert LinearRegression().fit(X, noisy).rank_ == reference.LinearRegression().fit(X, noisy).rank_


def test_where_the_cut_decides():
    "Two columns that differ by 1e-7: one rank less by default, both with a smaller tol."
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=(2, 500))
    X = np.c_[x, z, x + 1e-7 * rng.normal(size=500)]
    y = x + z
    cut = agree(X, y)
    assert cut.rank_ == 2 and np.allclose(cut.coef_, [0.5, 1, 0.5], atol=1e-6)
    whole = LinearRegression(tol=1e-15).fit(X, y)
    assert whole.rank_ == 3 and np.allclose(whole.coef_, [1, 1, 0], atol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e6, 1e9, 1e12])
def test_columns_far_from_zero(offset):
    rng = np.random.default_rng(4)
    X = rng.integers(-500, 500, (30_000, 3)) + offset  # whole numbers: the offset rounds nothing away
    y = X[:, 0] - offset + rng.normal(size=30_000)
    near, far = LinearRegression().fit(X - offset, y), LinearRegression().fit(X, y)
    np.testing.assert_allclose(far.coef_, near.coef_, rtol=1e-7)


@pytest.mark.parametrize("scale", [1e-150, 1e-12, 1e12, 1e150, 1e200])
def test_huge_and_tiny_units(scale):
    rng = np.random.default_rng(5)
    X = rng.normal(size=(200, 3))
    y = X @ [1.0, 2.0, 3.0] + rng.normal(size=200)
    found, truth = LinearRegression().fit(X * scale, y), LinearRegression().fit(X, y)
    np.testing.assert_allclose(found.coef_ * scale, truth.coef_, rtol=1e-9)


KINDS = ["float32", "float16", "integers", "fortran", "frame", "big-endian", "read-only", "list"]


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_tables(kind):
    rng = np.random.default_rng(6)
    X, y = rng.integers(-9, 9, (25_000, 3)).astype(float), rng.normal(size=25_000)
    make = {
        "float32": lambda: X.astype(np.float32),
        "float16": lambda: X.astype(np.float16),
        "integers": lambda: X.astype(np.int8),
        "fortran": lambda: np.asfortranarray(X),
        "frame": lambda: pd.DataFrame(X, columns=["a", "b", "c"]),
        "big-endian": lambda: X.astype(">f8"),
        "read-only": lambda: np.frombuffer(X.tobytes()).reshape(X.shape),
        "list": lambda: X[:500].tolist(),
    }
    Z = make[kind]()
    kept = X.copy()
    truth = LinearRegression().fit(X[: len(Z)], y[: len(Z)])
    found = LinearRegression().fit(Z, y[: len(Z)])
    single = kind == "float32"
    np.testing.assert_allclose(found.coef_, truth.coef_, rtol=1e-4 if single else 1e-9)
    assert found.coef_.dtype == (np.float32 if single else np.float64) and (X == kept).all()
    assert found.predict(Z).dtype == (np.float32 if single else np.float64)


@pytest.mark.parametrize("alike", [1.0, 0.1, 0.01, 1e-4])
@pytest.mark.parametrize("offset", [0, 100])
def test_single_precision_keeps_its_digits(alike, offset):
    rng = np.random.default_rng(7)
    X = rng.normal(size=(60_000, 5))
    X[:, 4] = X[:, 0] + alike * X[:, 4]
    X = (X + offset).astype(np.float32)
    y = (X @ np.arange(1, 6) + rng.normal(size=60_000)).astype(np.float32)
    found, truth = LinearRegression().fit(X, y), LinearRegression().fit(X.astype(float), y.astype(float))
    np.testing.assert_allclose(found.coef_, truth.coef_, rtol=2e-6)


@pytest.mark.parametrize("targets", [(), (2,)])
@pytest.mark.parametrize("make", [scipy.sparse.csr_array, scipy.sparse.csr_matrix])
def test_sparse_tables(make, targets):
    rng = np.random.default_rng(8)
    dense = rng.normal(size=(400, 12)) * (rng.random((400, 12)) < 0.3)
    y, w = rng.normal(size=(400, *targets)), rng.random(400)
    for weight in (None, w):
        for intercept in (True, False):
            found = LinearRegression(fit_intercept=intercept).fit(make(dense), y, weight)
            truth = reference.LinearRegression(fit_intercept=intercept).fit(dense, y, weight)
            np.testing.assert_allclose(found.coef_, truth.coef_, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(found.predict(make(dense)), truth.predict(dense), rtol=1e-8, atol=1e-10)


def test_a_sparse_row_may_name_a_column_twice_and_in_any_order():
    X = scipy.sparse.csr_array(([1.0, 2.0, 3.0, 4.0, 5.0, 1.0], [1, 0, 1, 0, 1, 0], [0, 3, 5, 6, 6]), shape=(4, 2))
    dense, y = X.toarray(), np.array([1.0, 2.0, 4.0, 9.0])
    assert dense[0].tolist() == [2, 4]
    np.testing.assert_allclose(centred_gram(X, y).gram, centred_gram(dense, y).gram, rtol=1e-12)
    np.testing.assert_allclose(LinearRegression().fit(X, y).coef_, LinearRegression().fit(dense, y).coef_)


def test_wide_and_collinear_sparse_tables_have_the_shortest_answer():
    rng = np.random.default_rng(9)
    wide = rng.normal(size=(40, 90)) * (rng.random((40, 90)) < 0.3)
    twice = np.c_[wide.T, wide.T[:, 0]]
    for dense in (wide, twice):
        y, w = rng.normal(size=len(dense)), rng.random(len(dense))
        found = LinearRegression(tol=1e-13).fit(scipy.sparse.csr_array(dense), y, w)
        truth = reference.LinearRegression().fit(dense, y, w)
        np.testing.assert_allclose(found.coef_, truth.coef_, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("p", [2, 10, 60])
def test_nonnegative(p, intercept):
    rng = np.random.default_rng(p)
    X = rng.normal(size=(40, p)) @ rng.normal(size=(p, p)) + 1
    Y, w = rng.normal(size=(40, 2)), rng.random(40)
    for y in (Y, Y[:, 0], X @ np.maximum(rng.normal(size=p), 0)):
        for weight in (None, w):
            found = LinearRegression(positive=True, fit_intercept=intercept).fit(X, y, weight)
            truth = reference.LinearRegression(positive=True, fit_intercept=intercept).fit(X, y, weight)
            assert (found.coef_ >= 0).all()
            np.testing.assert_allclose(found.predict(X), truth.predict(X), rtol=1e-6, atol=1e-8)
            if p < 40:
                np.testing.assert_allclose(found.coef_, truth.coef_, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("trial", range(5))
def test_nonnegative_weights_of_random_tables_reach_the_bottom(trial):
    rng = np.random.default_rng(trial)
    for _ in range(20):
        n, p = rng.integers(1, 20, 2)
        A = rng.normal(size=(n, p))
        A = [A, np.abs(A), A * 10.0 ** rng.integers(-8, 8, p), A[:, rng.integers(0, p, p)],
             A[:, rng.integers(0, p, p)] + 1e-9 * rng.normal(size=(n, p))][trial]  # fmt: skip
        b = rng.normal(size=n)
        w, least = nonnegative_weights(A, b), scipy.optimize.nnls(A, b)[1]
        assert (w >= 0).all() and np.linalg.norm(A @ w - b) < least + 1e-7 * np.linalg.norm(b)


def test_nonnegative_with_repeated_columns_and_nothing_to_gain():
    x = np.random.default_rng(0).normal(size=(20, 2))
    found = nonnegative_weights(np.c_[x, x, np.zeros(20)], x @ [1.0, 2.0])
    assert np.allclose(found[:2] + found[2:4], [1, 2]) and found[4] == 0
    assert not nonnegative_weights(x, np.zeros(20)).any()


def test_rows_of_weight_zero_and_one_row():
    rng = np.random.default_rng(10)
    X, y = rng.normal(size=(50, 3)), rng.normal(size=50)
    w = (np.arange(50) < 30).astype(float)
    some, few = LinearRegression().fit(X, y, w), LinearRegression().fit(X[:30], y[:30])
    np.testing.assert_allclose(some.coef_, few.coef_, rtol=1e-12)
    one = agree(X[:1], y[:1])
    assert not one.coef_.any() and one.intercept_ == y[0]
    agree(X[:2], y[:2])


def test_constant_and_repeated_columns():
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(100, 2)), rng.normal(size=100)
    for X in (np.c_[x, np.full(100, 0.1)], np.c_[x, np.zeros(100)], np.c_[x, x], np.ones((100, 2))):
        agree(X, y)
        agree(X, y, fit_intercept=False)
        agree(X.astype(np.float32), y, rtol=1e-3, atol=1e-5)


def test_the_same_bits_for_any_number_of_threads():
    rng = np.random.default_rng(12)
    X, y = rng.normal(size=(30_000, 8)), rng.normal(size=30_000)
    for table in (X, np.c_[X, X[:, 0]]):
        found = []
        for threads in (1, 2):
            with threadpool_limits(threads, user_api="blas"):
                found.append(LinearRegression().fit(table, y).coef_.tobytes())
        assert found[0] == found[1]


def test_bad_input_is_named():
    X, y = np.arange(12.0).reshape(6, 2) ** 2, np.arange(6.0)
    frame = pd.DataFrame(X, columns=["temp", "wind"])
    with pytest.raises(ValueError, match=r"column wind of X contains NaN \(1 of 6 values\)"):
        LinearRegression().fit(frame.assign(wind=frame.wind.where(frame.wind != 9)), y)
    for size in (6, 30_000):
        big, target = np.resize(X, (size, 2)).copy(), np.resize(y, size)
        for wrong, word in ((np.nan, "NaN"), (-np.inf, "infinity")):
            big[-1, 1] = wrong
            for table in (big, big.astype(np.float32), scipy.sparse.csr_array(big), np.c_[big, np.ones((size, 20))]):
                with pytest.raises(ValueError, match=f"column 1 of X contains {word}"):
                    LinearRegression().fit(table, target)
    with pytest.raises(ValueError, match="column 1 of X contains NaN"):
        LinearRegression(positive=True).fit(np.where(X == 9, np.nan, X), y)
    model = LinearRegression().fit(frame, y)
    with pytest.raises(ValueError, match="column temp of X contains infinity"):
        model.predict(frame.assign(temp=frame.temp.where(frame.temp != 4, np.inf)))
    with pytest.raises(ValueError, match="y contains NaN"):
        model.fit(frame, [0, 1, 2, 3, 4, np.nan])
    for weight, words in (([1, 1, 1, 1, 1, -1], "(?i)negative"), (np.zeros(6), "non-zero"), (np.ones(5), "shape")):
        with pytest.raises(ValueError, match=words):
            model.fit(frame, y, sample_weight=weight)
    for name, value in (("tol", -1), ("tol", "much"), ("positive", "yes"), ("fit_intercept", 1)):
        with pytest.raises(ValueError, match=name):
            LinearRegression(**{name: value}).fit(X, y)


def test_the_sums_add_up_over_any_cut():
    rng = np.random.default_rng(13)
    X, y, w = rng.normal(size=(5000, 4)) + 1e6, rng.normal(size=(5000, 2)), rng.random(5000)
    for table in (X, scipy.sparse.csr_array(X)):
        sparse = scipy.sparse.issparse(table)
        origin = np.zeros(6) if sparse else np.append(X[0], y[0])
        whole = ours.gram_sums(table, y, np.sqrt(w), origin)
        cut = [slice(0, 17), slice(17, 3000), slice(3000, 5000)]
        parts = sum(ours.gram_sums(table[c], y[c], np.sqrt(w[c]), origin) for c in cut)
        np.testing.assert_allclose(parts, whole, rtol=1e-12, atol=1e-9)
        V = rng.normal(size=(7, 2))
        slope = ours.slope_sums(table, y, np.sqrt(w), origin, V)
        np.testing.assert_allclose(slope, whole @ V, rtol=1e-9, atol=1e-9 * np.abs(whole).max())


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_centred_gram(intercept, dtype):
    rng = np.random.default_rng(14)
    X, y, w = rng.normal(3, 2, size=(2500, 4)), rng.normal(size=2500), rng.random(2500)
    X, y = X.astype(dtype), y.astype(dtype)
    share = w / w.sum() * intercept
    A, b = X.astype(float) - share @ X, y.astype(float) - share @ y
    for table in (X, scipy.sparse.csr_array(X)):
        found = centred_gram(table, y, w, intercept)
        close = partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-9)
        close(found.gram, (A.T * w) @ A)
        close(found.product[:, 0], (A.T * w) @ b)
        close(found.squares, w @ b**2)
        close(np.append(found.x_mean, found.y_mean), np.append(share @ X, share @ y))
        close(found.total, w.sum())


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("intercept", [True, False])
def test_intervals(intercept, weighted):
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    w = np.random.default_rng(15).random(len(y)) if weighted else np.ones(len(y))
    model = LinearRegression(fit_intercept=intercept).fit(X, y, w)
    found = coefficient_intervals(model, X, y, 0.9, w)
    A = np.c_[X, np.ones(len(X))] if intercept else X.to_numpy()
    inverse = np.linalg.inv((A.T * w) @ A)
    noise = w @ (y - model.predict(X)) ** 2 / (len(y) - A.shape[1])
    np.testing.assert_allclose(found.error, np.sqrt(noise * np.diag(inverse)), rtol=1e-8)
    assert list(found.index) == [*X.columns, "intercept"][: A.shape[1]]
    np.testing.assert_allclose(found.weight, np.append(model.coef_, model.intercept_)[: A.shape[1]])
    from scipy.stats import t

    reach = t.ppf(0.95, len(y) - A.shape[1]) * found.error
    np.testing.assert_allclose(found.high - found.weight, reach)
    np.testing.assert_allclose(found.weight - found.low, reach)


def test_intervals_hold_what_they_promise():
    rng, caught = np.random.default_rng(16), 0
    for _ in range(200):
        X = rng.normal(size=(12, 2))
        y = X[:, 0] + rng.normal(size=12)
        low, high = coefficient_intervals(LinearRegression().fit(X, y), X, y, 0.8)[["low", "high"]].iloc[0]
        caught += low <= 1 <= high
    assert abs(caught / 200 - 0.8) < 0.08


def test_intervals_are_refused_where_they_have_no_meaning():
    rng = np.random.default_rng(17)
    X, y = rng.normal(size=(20, 3)), rng.normal(size=20)
    frame = pd.DataFrame(np.c_[X, X[:, 0]], columns=["a", "b", "c", "copy"])
    with pytest.raises(ValueError, match="column (a|copy) follows"):
        coefficient_intervals(LinearRegression().fit(frame, y), frame, y)
    frame["copy"] = 1.0
    with pytest.raises(ValueError, match="column copy follows"):
        coefficient_intervals(LinearRegression().fit(frame, y), frame, y)
    with pytest.raises(ValueError, match="positive"):
        coefficient_intervals(LinearRegression(positive=True).fit(X, y), X, y)
    with pytest.raises(ValueError, match="one target"):
        coefficient_intervals(LinearRegression().fit(X, np.c_[y, y]), X, np.c_[y, y])
    with pytest.raises(ValueError, match="level=95"):
        coefficient_intervals(LinearRegression().fit(X, y), X, y, 95)
    with pytest.raises(ValueError, match="at least 5"):
        coefficient_intervals(LinearRegression().fit(X[:4], y[:4]), X[:4], y[:4])


def test_where_nothing_is_refined_no_digit_is_lost():
    X = np.random.default_rng(0).normal(size=(5000, 8)) * np.geomspace(0.03, 30, 8) + 5  # no column is like another
    truth = np.arange(1.0, 9)
    model, theirs = (kind.LinearRegression().fit(X, X @ truth + 3) for kind in (ours, reference))
    lost, allowed = (np.abs(m.coef_ / truth - 1).max() for m in (model, theirs))
    assert lost < max(allowed, 1e-12)
