"Thresholds by cost, bootstrap intervals and paired tests, against brute force, SciPy and scikit-learn."

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics as reference

from mlbook import metrics

rng = np.random.default_rng(0)
Y = rng.integers(0, 2, 300)
SCORE = (rng.random(300) + 0.4 * Y).round(2)
W = rng.integers(0, 4, 300) / 2
A, B = (np.where(rng.random(300) < share, Y, 1 - Y) for share in (0.75, 0.8))


@pytest.mark.parametrize("weight", [None, W, (2 * W).astype(int)], ids=["none", "floats", "whole"])
@pytest.mark.parametrize(
    "name", ["accuracy_score", "f1_score", "recall_score", "matthews_corrcoef", "cohen_kappa_score"]
)
def test_a_figure_at_every_threshold(name, weight):
    for truth in (Y, Y.astype(bool), Y.astype(float)):
        ours, at = metrics.metric_at_thresholds(truth, SCORE, getattr(metrics, name), sample_weight=weight)
        with np.errstate(all="ignore"):
            theirs, their_at = reference.metric_at_thresholds(
                truth, SCORE, getattr(reference, name), sample_weight=weight
            )
        np.testing.assert_array_equal(at, their_at)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


def test_tables_and_own_figures_at_every_threshold():
    def own(y, p, sample_weight=None):
        return np.average(y * p, weights=sample_weight)

    for mine, theirs, options in (
        (metrics.confusion_matrix, reference.confusion_matrix, {"labels": [0, 1]}),
        (metrics.fbeta_score, reference.fbeta_score, {"beta": 2}),
        (own, own, None),
    ):
        for weight in (None, W):
            ours = metrics.metric_at_thresholds(Y, SCORE, mine, metric_params=options, sample_weight=weight)
            like = reference.metric_at_thresholds(Y, SCORE, theirs, metric_params=options, sample_weight=weight)
            for a, b in zip(ours, like, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("weight", [None, W], ids=["none", "weights"])
@pytest.mark.parametrize("alarm, miss", [(1, 1), (1, 3), (5, 1), (0, 1), (1, 0), (0.5, 0.25)])
def test_the_cheapest_threshold_by_brute_force(alarm, miss, weight):
    w = np.ones(300) if weight is None else weight
    kept = w != 0
    costs = {
        t: np.average(alarm * ((SCORE >= t) & (Y == 0)) + miss * ((SCORE < t) & (Y == 1)), weights=w)
        for t in [np.inf, *np.unique(SCORE[kept])[::-1]]
    }
    threshold, cost = metrics.cheapest_threshold(Y, SCORE, cost_false_alarm=alarm, cost_miss=miss, sample_weight=weight)
    assert cost == pytest.approx(min(costs.values()), abs=1e-12) and costs[threshold] == pytest.approx(cost, abs=1e-12)
    assert not [t for t in costs if t > threshold and costs[t] < cost + 1e-13]


def test_words_need_a_positive_label():
    words = np.array(["late", "ok"])[1 - Y]
    with pytest.raises(ValueError, match="pos_label"):
        metrics.cheapest_threshold(words, SCORE)
    assert metrics.cheapest_threshold(words, SCORE, pos_label="late") == metrics.cheapest_threshold(Y, SCORE)


def test_counts_and_rows_give_the_same_intervals():
    "The table of counts draws as the rows do: the interval's ends agree with those of a plain loop over rows."
    value, low, high = metrics.bootstrap_interval(metrics.f1_score, Y, A, n_resamples=4000, random_state=0)
    picks = rng.integers(0, 300, (4000, 300))
    plain = np.quantile([reference.f1_score(Y[i], A[i]) for i in picks[:1500]], [0.025, 0.975])
    assert value == reference.f1_score(Y, A)
    np.testing.assert_allclose([low, high], plain, atol=0.006)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_intervals_as_scipy_makes_them(method):
    x, y = rng.exponential(size=80), np.zeros(80)
    ours = metrics.bootstrap_interval(metrics.mean_squared_error, x, y, method=method, n_resamples=6000, random_state=0)
    theirs = scipy.stats.bootstrap(
        (x,), lambda v, axis: (v**2).mean(axis), method=method.replace("bca", "BCa"), n_resamples=6000, rng=0
    ).confidence_interval
    np.testing.assert_allclose(ours[1:], theirs, rtol=0.05)


def test_intervals_repeat_and_take_every_kind_of_figure():
    def spread(y, p):  # no weights: rows are repeated
        return float(np.std(y - p))

    for metric, said in ((metrics.roc_auc_score, SCORE), (metrics.log_loss, SCORE / 1.4), (spread, SCORE)):
        one, two = (metrics.bootstrap_interval(metric, Y, said, n_resamples=50, random_state=7) for _ in range(2))
        assert one == two and one.low < one.value < one.high
    weighted = metrics.bootstrap_interval(metrics.f1_score, Y, A, sample_weight=W, n_resamples=50, random_state=0)
    assert weighted.value == pytest.approx(reference.f1_score(Y, A, sample_weight=W), rel=1e-12)
    words = np.array(["a", "b"])
    macro = metrics.bootstrap_interval(metrics.f1_score, words[Y], words[A], average="macro", n_resamples=50)
    assert macro.value == reference.f1_score(Y, A, average="macro")


def test_intervals_hold_what_they_promise():
    "Of 120 samples, nine intervals in ten of level 0.9 hold the true share."
    held = 0
    for seed in range(120):
        right = np.random.default_rng(seed).random(200) < 0.8
        _, low, high = metrics.bootstrap_interval(
            metrics.accuracy_score, np.ones(200, int), right.astype(int), level=0.9, n_resamples=100, random_state=seed
        )
        held += low <= 0.8 <= high
    assert 0.82 < held / 120 < 0.95


def test_paired_differences():
    found = metrics.paired_bootstrap(metrics.accuracy_score, Y, A, B, n_resamples=4000, random_state=0)
    gap = (B == Y).astype(int) - (A == Y)
    assert found.value == pytest.approx(gap.mean(), abs=1e-15)
    error = gap.std() / np.sqrt(300)
    np.testing.assert_allclose(found[1:3], gap.mean() + np.array([-1.96, 1.96]) * error, atol=0.006)
    assert found.pvalue == pytest.approx(2 * scipy.stats.norm.sf(abs(gap.mean()) / error), abs=0.05)
    same = metrics.paired_bootstrap(metrics.f1_score, Y, A, A, n_resamples=20, random_state=0)
    assert same == (0, 0, 0, 1)
    scores = metrics.paired_bootstrap(metrics.roc_auc_score, Y, SCORE, -SCORE, n_resamples=50, random_state=0)
    assert scores.high < 0 and scores.pvalue < 0.05


def test_mcnemar_is_the_exact_binomial_test():
    for a, b in ((A, B), (B, A), (A, A), (Y, B)):
        first, second, p = metrics.mcnemar_test(Y, a, b)
        assert (first, second) == (((a == Y) & (b != Y)).sum(), ((a != Y) & (b == Y)).sum())
        truth = scipy.stats.binomtest(first, first + second).pvalue if first + second else 1
        assert p == pytest.approx(truth, rel=1e-9)
    assert metrics.mcnemar_test(["x", "y"], ["x", "x"], ["x", "y"]) == (0, 1, 1)


REFUSED = {
    "cost_miss=-1": lambda: metrics.cheapest_threshold(Y, SCORE, cost_miss=-1),
    "cost_false_alarm=nan": lambda: metrics.cheapest_threshold(Y, SCORE, cost_false_alarm=float("nan")),
    "level=95": lambda: metrics.bootstrap_interval(metrics.f1_score, Y, A, level=95),
    "n_resamples=0": lambda: metrics.bootstrap_interval(metrics.f1_score, Y, A, n_resamples=0),
    "method='basic'": lambda: metrics.bootstrap_interval(metrics.f1_score, Y, A, method="basic"),
    "inconsistent": lambda: metrics.paired_bootstrap(metrics.f1_score, Y, A, B[:9]),
    "at least one row": lambda: metrics.bootstrap_interval(metrics.f1_score, [], []),
    "nan for every resample": lambda: metrics.bootstrap_interval(metrics.roc_auc_score, [1, 1], [0.1, 0.2]),
    "takes no sample_weight": lambda: metrics.bootstrap_interval(metrics.max_error, Y, A, sample_weight=W),
    "NaN": lambda: metrics.metric_at_thresholds([0, 1], [np.nan, 1], metrics.f1_score),
    "same kind": lambda: metrics.mcnemar_test(["a"], [1], ["a"]),
}


@pytest.mark.parametrize("words", REFUSED)
def test_bad_input_is_refused(words):
    with pytest.raises(ValueError, match=words):
        REFUSED[words]()
