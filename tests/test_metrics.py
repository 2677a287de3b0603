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


ODD = {
    "one truth value": ([True] * 4, [True] * 4),
    "unsigned": (np.array([0, 1, 1], "u8"), np.array([0, 1, 0], "u8")),
    "small integers": (np.full(300, 100, "i1"), np.r_[np.full(299, 100, "i1"), np.int8(-100)]),
    "truth values and integers": ([True, False, True], [1, 0, 0]),
    "objects": (np.array([1, 0, 1], object), np.array([1, 1, 1], object)),
}


@pytest.mark.filterwarnings("ignore:A single label")
@pytest.mark.parametrize("kind", ODD)
def test_odd_types_count_alike(kind):
    y, p = (np.asarray(a) for a in ODD[kind])
    plain = [a.astype(int) for a in (y, p)]
    np.testing.assert_array_equal(metrics.confusion_matrix(y, p), reference.confusion_matrix(*plain))


def test_weights_as_in_scikit_learn():
    y, p = [0, 1, 2], [0, 1, 2]
    for w in ([1, 1, 0], [2, 3, 4], [0.5, 0, 1]):
        ours = metrics.confusion_matrix(y, p, sample_weight=w)
        theirs = reference.confusion_matrix(y, p, sample_weight=w)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    rng = np.random.default_rng(5)
    y, score = rng.integers(0, 2, 500), rng.random(500).round(1)
    w = rng.integers(0, 3, 500).astype(float)
    ours = metrics.roc_auc_score(y, score, sample_weight=w)
    assert ours == pytest.approx(reference.roc_auc_score(y, score, sample_weight=w), rel=1e-12)


def test_a_column_is_never_spread_over_a_table():
    y = np.arange(4.0)
    assert metrics.mean_squared_error(y, y[:, None] + 1) == 1
    assert metrics.r2_score(y, y[:, None]) == 1


def test_undefined_figures_warn():
    from sklearn.exceptions import UndefinedMetricWarning

    calls = [
        (metrics.precision_score, [0, 1], [0, 0], 0.0),
        (metrics.recall_score, [0, 0], [0, 1], 0.0),
        (metrics.f1_score, [0, 0], [0, 0], 0.0),
        (metrics.roc_auc_score, [1, 1], [0.1, 0.2], np.nan),
        (metrics.r2_score, [1.0], [2.0], np.nan),
    ]
    for function, y, p, value in calls:
        with pytest.warns(UndefinedMetricWarning):
            np.testing.assert_equal(function(y, p), value)


REFUSED = {
    "continuous": lambda: metrics.accuracy_score([0.5, 1], [0.5, 1]),
    "same kind": lambda: metrics.accuracy_score(["a", "b"], [0, 1]),
    "NoneType": lambda: metrics.f1_score([None, 1], [1, 1]),
    "non-zero": lambda: metrics.accuracy_score([0, 1], [0, 1], sample_weight=[0, 0]),
    "sample_weight contains NaN": lambda: metrics.f1_score([0, 1], [0, 1], sample_weight=[np.nan, 1]),
    "inconsistent": lambda: metrics.log_loss([0, 1], [0.1, 0.9], sample_weight=[1, 2, 3]),
    "y_pred contains NaN": lambda: metrics.mean_absolute_error([0, 1], [np.nan, 1]),
    "not among labels": lambda: metrics.log_loss(["a", "z"], [[0.5, 0.5]] * 2, labels=["a", "b"]),
    "names a label twice": lambda: metrics.confusion_matrix([0, 1], [0, 1], labels=[0, 0]),
    "at least one label": lambda: metrics.confusion_matrix([0, 1], [0, 1], labels=[]),
    "3 classes": lambda: metrics.roc_auc_score([0, 1, 2], [0.1, 0.2, 0.3]),
}


@pytest.mark.parametrize("words", REFUSED)
def test_bad_input_is_refused(words):
    with pytest.raises(ValueError, match=words):
        REFUSED[words]()
