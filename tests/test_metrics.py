"Metrics against scikit-learn's on random labels: equal to 1e-12, counts to the last bit."

import numpy as np
import pytest
import sklearn.metrics as reference

from mlbook import metrics

KINDS = {
    "integers": lambda rng, n, k: rng.integers(0, k, n),
    "strings": lambda rng, n, k: np.array(list("abcdefgh"))[rng.integers(0, k, n)],
    "booleans": lambda rng, n, k: rng.integers(0, 2, n).astype(bool),
    "negative": lambda rng, n, k: rng.integers(-2, k - 2, n),
    "far apart": lambda rng, n, k: rng.integers(0, k, n) * 10_000,
    "floats": lambda rng, n, k: rng.integers(0, k, n).astype(float),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_counts_and_accuracy(kind, weighted):
    rng = np.random.default_rng(0)
    for n in (1, 7, 1000):
        y, p = KINDS[kind](rng, n, 4), KINDS[kind](rng, n, 4)
        w = rng.random(n) if weighted else None
        if len(np.unique(np.r_[y, p])) > 1:
            ours, theirs = metrics.confusion_matrix(y, p, sample_weight=w), reference.confusion_matrix(y, p, sample_weight=w)
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
            for how in ("true", "pred", "all"):
                np.testing.assert_allclose(
                    metrics.confusion_matrix(y, p, sample_weight=w, normalize=how),
                    reference.confusion_matrix(y, p, sample_weight=w, normalize=how), rtol=1e-12)  # fmt: skip
        assert metrics.accuracy_score(y, p, sample_weight=w) == pytest.approx(reference.accuracy_score(y, p, sample_weight=w), rel=1e-12)


def test_labels_choose_and_order():
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    for labels in ([3, 1], [4, 3, 2, 1, 0], [0, 9]):
        np.testing.assert_array_equal(metrics.confusion_matrix(y, p, labels=labels), reference.confusion_matrix(y, p, labels=labels))


@pytest.mark.parametrize("name", ["precision_score", "recall_score", "f1_score"])
@pytest.mark.parametrize("weighted", [False, True])
def test_precision_recall_f1(name, weighted):
    rng = np.random.default_rng(2)
    y, p = rng.integers(0, 2, 500), rng.integers(0, 2, 500)
    w = rng.random(500) if weighted else None
    ours = getattr(metrics, name)(y, p, sample_weight=w)
    assert ours == pytest.approx(getattr(reference, name)(y, p, sample_weight=w), rel=1e-12)


def test_log_loss_and_roc_auc():
    rng = np.random.default_rng(3)
    y, proba = rng.integers(0, 2, 2000), rng.random(2000).round(2)  # many ties
    assert metrics.log_loss(y, proba) == pytest.approx(reference.log_loss(y, proba), rel=1e-12)
    assert metrics.roc_auc_score(y, proba) == pytest.approx(reference.roc_auc_score(y, proba), rel=1e-12)
    many = rng.dirichlet(np.ones(4), 500)
    truth = rng.integers(0, 4, 500)
    w = rng.random(500)
    assert metrics.log_loss(truth, many, sample_weight=w) == pytest.approx(reference.log_loss(truth, many, sample_weight=w), rel=1e-12)


def test_regression():
    rng = np.random.default_rng(4)
    y, p, w = rng.normal(size=300) + 1e6, rng.normal(size=300) + 1e6, rng.random(300)
    for name in ("mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "r2_score"):
        for weight in (None, w):
            ours = getattr(metrics, name)(y, p, sample_weight=weight)
            assert ours == pytest.approx(getattr(reference, name)(y, p, sample_weight=weight), rel=1e-9)


@pytest.mark.parametrize(
    "y, p, words",
    [([], [], "at least one row"), ([0, 1], [0], "inconsistent"), (["a", "b"], [0, 1], "same kind"), ([0, np.nan], [0, 1], "NaN"), ([[0, 1]], [[1, 0]], "one label a row")],
)
def test_bad_labels_are_refused(y, p, words):
    with pytest.raises(ValueError, match=words):
        metrics.confusion_matrix(y, p)
