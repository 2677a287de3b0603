"Errors of numbers against scikit-learn, and sums of blocks: any split into blocks equals the whole."

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn.calibration
import sklearn.metrics as reference

from mlbook import metrics
from mlbook.metrics import CountingSums, ErrorSums, ProbabilitySums

LOGS = ["mean_squared_log_error", "root_mean_squared_log_error"]
ERRORS = ["mean_pinball_loss", "explained_variance_score", "d2_pinball_score", "d2_absolute_error_score", *LOGS]
ERRORS += ["median_absolute_error", "r2_score", "mean_squared_error"]


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("seed", range(3))
def test_errors_of_numbers(name, seed):
    rng = np.random.default_rng(seed)
    for shape in ((2,), (31,), (40, 3), (5000,)):
        y, p = rng.exponential(size=(2, *shape)).round(2) * 9
        w = rng.integers(0, 3, shape[0]) + (np.arange(shape[0]) == 0)
        for weight in (None, w, w / 3):
            for multi in ("raw_values", "uniform_average", *([[1, 2, 4]] if len(shape) > 1 else [])):
                for extra in [{"alpha": a} for a in (0.1, 0.5, 1.0)] if "pinball" in name else [{}]:
                    options = {"sample_weight": weight, "multioutput": multi, **extra}
                    ours = getattr(metrics, name)(y, p, **options)
                    theirs = getattr(reference, name)(y, p, **options)
                    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)
                    assert np.shape(ours) == np.shape(theirs)


def test_frames_series_and_largest_error():
    y, p = pd.Series([3, 1, 4], dtype="Int64"), pd.Series([2.5, 1, 7], dtype="Float64")
    assert metrics.max_error(y, p) == 3 and metrics.mean_pinball_loss(y, p, alpha=0.9) == pytest.approx(0.25)
    assert metrics.explained_variance_score(pd.DataFrame({"a": [1.0, 2]}), [[3.0], [4.0]]) == 1
    low = np.float32([1, 2, 4]), np.float32([1, 3, 5])
    assert metrics.mean_squared_log_error(*low) == pytest.approx(reference.mean_squared_log_error(*low), rel=1e-6)


@pytest.mark.parametrize("force_finite", [True, False])
def test_constant_columns(force_finite):
    y = np.array([[0.1, 1, 5], [0.1, 2, 5], [0.1, 3, 5]])
    for p in (y, y + [0.1, 0, 0], y + [[0, 0, 1], [0, 0, 2], [0, 0, 0]]):
        for multi in ("raw_values", "variance_weighted", "uniform_average"):
            options = {"multioutput": multi, "force_finite": force_finite}
            with np.errstate(all="ignore"):
                ours = metrics.explained_variance_score(y[:, 1:], p[:, 1:], **options)
                theirs = reference.explained_variance_score(y[:, 1:], p[:, 1:], **options)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    tenth = np.full(1000, 0.1)  # its mean is not exactly 0.1
    assert metrics.r2_score(tenth, tenth) == 1 and metrics.r2_score(tenth, tenth + 1) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_median_of_a_sample_of_any_shape(seed):
    rng = np.random.default_rng(seed)
    for n in (1, 2, 3, 64, 65, 66, 4097, 30_000, 30_001):
        for v in (rng.normal(size=n), rng.integers(0, 3, n) * 1.0, np.sort(rng.random(n)), np.zeros(n),
                  np.where(np.arange(n) % 7 == 0, 1e9, rng.random(n))):  # fmt: skip
            assert metrics._median(np.abs(v)) == np.median(np.abs(v))


@pytest.mark.parametrize("kind", ["two", "words", "many", "weighted one-hot"])
def test_share_of_the_base_rates_loss(kind):
    rng = np.random.default_rng(2)
    y, p, w = rng.integers(0, 2, 50), rng.random(50), rng.random(50)
    extra = {}
    if kind == "words":
        y, extra = np.array(["a", "b"])[y], {"pos_label": "b"}
    if kind in ("many", "weighted one-hot"):
        y, p = rng.integers(0, 3, 50), rng.dirichlet(np.ones(3), 50)
        y = np.eye(3, dtype=int)[y] if kind != "many" else y
    for weight in (None, w):
        for name, options in (("d2_log_loss_score", {}), ("d2_brier_score", extra)):
            ours, theirs = (getattr(m, name)(y, p, sample_weight=weight, **options) for m in (metrics, reference))
            assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_calibration_curve(strategy):
    rng = np.random.default_rng(3)
    y, p = rng.integers(0, 2, 400), rng.random(400).round(2)
    for bins in (1, 4, 10, 50):
        for truth, extra in ((y, {}), (2 * y - 1, {}), (np.array(["n", "y"])[y], {"pos_label": "n"})):
            ours = metrics.calibration_curve(truth, p, n_bins=bins, strategy=strategy, **extra)
            theirs = sklearn.calibration.calibration_curve(truth, p, n_bins=bins, strategy=strategy, **extra)
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12)


def splits(n, rng):
    for _ in range(4):
        yield np.split(np.arange(n), np.unique(rng.integers(1, n, rng.integers(1, 9))))


@pytest.mark.parametrize("weight", ["none", "whole", "fractions"])
@pytest.mark.parametrize("kind", ["numbers", "words", "truth"])
def test_counts_of_blocks_are_counts_of_the_whole(kind, weight):
    rng = np.random.default_rng(4)
    pool = {"numbers": np.arange(5) * 3, "words": np.array(["x", "late", "no"]), "truth": np.array([False, True])}[kind]
    y, p = rng.choice(pool, 200), rng.choice(pool, 200)
    w = {"none": None, "whole": rng.integers(0, 3, 200), "fractions": rng.random(200)}[weight]
    names = ["accuracy_score", "balanced_accuracy_score", "matthews_corrcoef", "cohen_kappa_score", "confusion_matrix"]
    averaged = ("f1_score", "precision_score", "jaccard_score")
    calls = [(name, {}) for name in names]
    calls += [(name, {"average": a}) for name in averaged for a in ("macro", "micro", "weighted", None)]
    for parts in splits(200, rng):
        sums = [CountingSums.of(y[i], p[i], None if w is None else w[i]) for i in parts]
        whole = sums[0]
        for part in sums[1:]:
            whole = part + whole
        for name, options in calls:
            ours = whole.finish(getattr(metrics, name), **options)
            theirs = getattr(metrics, name)(y, p, sample_weight=w, **options)
            if w is None:
                np.testing.assert_array_equal(ours, theirs)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(300,), (300, 2)])
def test_errors_of_blocks_are_errors_of_the_whole(shape, weighted):
    rng = np.random.default_rng(5)
    y, p = rng.exponential(size=(2, *shape)) + 3
    w = rng.random(300) if weighted else None
    names = ["mean_squared_error", "root_mean_squared_error", "mean_absolute_error", *LOGS]
    names += ["mean_absolute_percentage_error", "r2_score", "explained_variance_score"]
    for parts in splits(300, rng):
        sums = [ErrorSums.of(y[i], p[i], None if w is None else w[i]) for i in parts]
        whole = pickle.loads(pickle.dumps(sums[0]))
        for part in sums[1:]:
            whole = part + whole
        for name in names:
            for multi in ("raw_values", "uniform_average"):
                ours = whole.finish(name, multioutput=multi)
                theirs = getattr(metrics, name)(y, p, sample_weight=w, multioutput=multi)
                np.testing.assert_allclose(ours, theirs, rtol=1e-12)
        assert whole.finish("max_error") == np.abs(y - p).max()


def test_errors_far_from_zero_keep_their_digits():
    rng = np.random.default_rng(6)
    y = rng.normal(size=999) + 1e9
    p = y + rng.normal(size=999)
    whole = ErrorSums.of(y[:5], p[:5])
    for i in range(5, 999, 100):
        whole += ErrorSums.of(y[i : i + 100], p[i : i + 100])
    assert whole.rows == 999
    assert whole.finish("r2_score") == pytest.approx(
        reference.r2_score(y, p), abs=1e-7
    )  # a mean near 1e9 has 16 digits


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("k", [2, 3])
def test_losses_of_blocks_are_losses_of_the_whole(k, weighted):
    rng = np.random.default_rng(7)
    y, p = rng.integers(0, k, 300), rng.dirichlet(np.ones(k), 300)
    p = p[:, 1] if k == 2 else p
    w = rng.random(300) if weighted else None
    for parts in splits(300, rng):
        sums = [ProbabilitySums.of(y[i], p[i], range(k), None if w is None else w[i], n_bins=10) for i in parts]
        whole = sums[0]
        for part in sums[1:]:
            whole = whole + part
        for name in ("log_loss", "brier_score_loss", "d2_log_loss_score", "d2_brier_score"):
            theirs = getattr(reference, name)(y, p, sample_weight=w)
            assert whole.finish(name) == pytest.approx(theirs, rel=1e-12)
    if k == 2:
        low, high = whole.auc_bounds()
        assert low <= reference.roc_auc_score(y, p, sample_weight=w) <= high < low + 0.15
        if w is None:
            for a, b in zip(whole.calibration_curve(), metrics.calibration_curve(y, p, n_bins=10), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12)


REFUSED = {
    "cannot be had from these sums": lambda: ErrorSums.of([1.0], [2.0]).finish("median_absolute_error"),
    "no sum over rows: use": lambda: ProbabilitySums.of([1], [0.5], [0, 1]).finish("roc_auc_score"),
    "cannot be added": lambda: ProbabilitySums.of([1], [0.5], [0, 1]) + ProbabilitySums.of([1], [0.5], [1, 2]),
    "not among labels": lambda: ProbabilitySums.of([7], [0.5], [0, 1]),
    "above -1": lambda: metrics.mean_squared_log_error([1, -1], [1, 2]),
    "Root Mean Squared Logarithmic": lambda: metrics.root_mean_squared_log_error([1, 2], [-3, 2]),
    "alpha=2": lambda: metrics.mean_pinball_loss([1], [2], alpha=2),
    "Multioutput": lambda: metrics.max_error([[1, 2]], [[1, 2]]),
    "y_pred contains NaN": lambda: ErrorSums.of([1.0], [np.nan]),
    "strategy='mean'": lambda: metrics.calibration_curve([0, 1], [0.1, 0.2], strategy="mean"),
    "Only binary": lambda: metrics.calibration_curve([0, 1, 2], [0.1, 0.2, 0.3]),
}


@pytest.mark.parametrize("words", REFUSED)
def test_bad_input_is_refused(words):
    with pytest.raises(ValueError, match=words):
        REFUSED[words]()


def test_one_row_has_no_share():
    for call in (
        lambda: metrics.d2_pinball_score([1], [2]),
        lambda: metrics.d2_log_loss_score([1], [0.5]),
        lambda: metrics.d2_brier_score([1], [0.5]),
    ):
        with pytest.warns(UserWarning, match="fewer than two"):
            assert np.isnan(call())


def test_a_sum_that_is_not_defined_says_nan():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(ErrorSums.of([-2.0, 1], [1.0, 1]).finish("mean_squared_log_error"))
