"Several labels a row, agreement beyond chance, and the right label among the first k, against scikit-learn."

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.metrics as reference

from mlbook import metrics

FORMS = {
    "array": np.asarray,
    "truth values": lambda t: np.asarray(t, bool),
    "float32": lambda t: np.asarray(t, np.float32),
    "list": lambda t: np.asarray(t).tolist(),
    "frame": pd.DataFrame,
    "nullable": lambda t: pd.DataFrame(t).astype("Int64"),
    "csr array": scipy.sparse.csr_array,
    "csr matrix": scipy.sparse.csr_matrix,
    "csc": scipy.sparse.csc_array,
}
AVERAGES = ("micro", "macro", "weighted", "samples", None)


def tables(seed, n=40, k=4):
    rng = np.random.default_rng(seed)
    y, p = (rng.random((2, n, k)) < rng.random((2, 1, k))).astype(int)
    y[:3], p[:2], y[:, 0] = 0, 0, 0 if seed == 1 else y[:, 0]
    return y, p, [None, rng.random(n), rng.integers(0, 3, n)][seed % 3], rng.random((n, k)).round(1)


def agree(name, *columns, like=None, **options):
    "Ours and the reference's answer, warnings apart; `like` are the columns for the reference."
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = getattr(reference, name)(*(like or columns), **options)
        ours = getattr(metrics, name)(*columns, **options)
    for a, b in zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]:
        if b is None:
            assert a is None
            continue
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
        if np.asarray(b).dtype.kind == "i":
            assert np.asarray(a).dtype.kind == "i"
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(3))
def test_counts_of_several_labels(form, seed):
    y, p, w, _ = tables(seed)
    columns, like = (FORMS[form](y), FORMS[form](p)), (y, p)
    for name in ("accuracy_score", "zero_one_loss", "hamming_loss"):
        agree(name, *columns, like=like, sample_weight=w)
    for normalize in (True, False):
        agree("zero_one_loss", *columns, like=like, sample_weight=w, normalize=normalize)
    for labels in (None, [2], [3, 0, 1]):
        for samplewise in (True, False):
            options = {"labels": labels, "samplewise": samplewise, "sample_weight": w}
            agree("multilabel_confusion_matrix", *columns, like=like, **options)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("average", AVERAGES)
def test_ratios_of_several_labels(form, average):
    for seed in range(3):
        y, p, w, _ = tables(seed)
        columns, like = (FORMS[form](y), FORMS[form](p)), (y, p)
        for labels in (None, [3, 1]):
            for zero in (0.0, 1.0, np.nan):
                options = {"average": average, "sample_weight": w, "labels": labels, "zero_division": zero}
                for name in ("precision_score", "recall_score", "f1_score", "precision_recall_fscore_support"):
                    agree(name, *columns, like=like, **options)
                agree("fbeta_score", *columns, like=like, beta=0.5, **options)
                if not np.isnan(zero):
                    agree("jaccard_score", *columns, like=like, **options)


@pytest.mark.parametrize("seed", range(3))
def test_the_report_of_several_labels_is_the_same_text(seed):
    y, p, w, _ = tables(seed)
    for options in ({}, {"labels": [2, 0]}, {"target_names": list("abcd"), "digits": 4}, {"sample_weight": w}):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ours, theirs = (m.classification_report(y, p, **options) for m in (metrics, reference))
            assert ours == theirs
            ours, theirs = (m.classification_report(y, p, output_dict=True, **options) for m in (metrics, reference))
        assert list(ours) == list(theirs)
        for line in theirs:
            assert ours[line] == pytest.approx(theirs[line], rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("average", AVERAGES)
def test_scores_of_several_labels(form, average):
    for seed in range(3):
        y, _, w, score = tables(seed)
        agree("average_precision_score", FORMS[form](y), score, like=(y, score), average=average, sample_weight=w)
        for max_fpr in (None, 0.3):
            if average == "samples" and max_fpr and seed == 1:
                continue
            options = {"average": average, "sample_weight": w, "max_fpr": max_fpr}
            agree("roc_auc_score", FORMS[form](y), score, like=(y, score), **options)


def test_losses_of_one_hot_tables():
    rng = np.random.default_rng(0)
    y, p, w = np.eye(3, dtype=int)[rng.integers(0, 3, 60)], rng.dirichlet(np.ones(3), 60), rng.random(60)
    for name in ("log_loss", "brier_score_loss", "d2_log_loss_score", "d2_brier_score"):
        for weight in (None, w):
            agree(name, y, p, sample_weight=weight)
            agree(name, scipy.sparse.csr_array(y), p, like=(y, p), sample_weight=weight)


@pytest.mark.parametrize("kind", ["numbers", "words", "truth"])
def test_one_label_a_row(kind):
    rng = np.random.default_rng(1)
    pool = {"numbers": np.arange(4), "words": np.array(list("abcd")), "truth": np.array([False, True])}[kind]
    for n in (1, 2, 50):
        y, p, w = rng.choice(pool, n), rng.choice(pool, n), rng.integers(1, 4, n)
        for weight in (None, w, w / 7):
            for name in ("hamming_loss", "zero_one_loss", "multilabel_confusion_matrix"):
                agree(name, y, p, sample_weight=weight)
            for average in ("micro", "macro", "weighted", None):
                agree("jaccard_score", y, p, average=average, sample_weight=weight, zero_division=0)
            for weights in (None, "linear", "quadratic"):
                agree("cohen_kappa_score", y, p, sample_weight=weight, weights=weights)
                agree("cohen_kappa_score", y, p, weights=weights, labels=np.unique(y)[::-1], replace_undefined_by=0.5)


@pytest.mark.parametrize("seed", range(4))
def test_top_k(seed):
    rng = np.random.default_rng(seed)
    y, score, w = np.append([0, 1, 2, 3], rng.integers(0, 4, 60)), rng.random((64, 4)).round(1), rng.random(64)
    for k in (1, 2, 3, 4, 6):
        for weight in (None, w):
            for normalize in (True, False):
                options = {"k": k, "sample_weight": weight, "normalize": normalize}
                agree("top_k_accuracy_score", y, score, **options)
                agree("top_k_accuracy_score", np.array(list("abcd"))[y], score, labels=list("abcd"), **options)
                agree("top_k_accuracy_score", y > 1, score[:, 0], **options)
                agree("top_k_accuracy_score", y > 1, score[:, 0] - 0.3, **options)
    agree("top_k_accuracy_score", y % 2, score, k=2, labels=[0, 1, 2, 3])


Y, P = [[0, 1], [1, 1]], [[0, 1], [0, 1]]
REFUSED = {
    "same kind": lambda: metrics.accuracy_score(Y, [0, 1]),
    "same columns": lambda: metrics.hamming_loss(Y, [[0, 1, 1], [0, 1, 0]]),
    "holds 2": lambda: metrics.f1_score([[0, 2], [1, 1]], P, average="macro"),
    "y_pred holds nan": lambda: metrics.accuracy_score(Y, [[0, np.nan], [1, 1]]),
    "inconsistent": lambda: metrics.accuracy_score(Y, P[:1]),
    "a column each": lambda: metrics.f1_score(Y, P, labels=[2], average="macro"),
    "Samplewise": lambda: metrics.multilabel_confusion_matrix([0, 1], [0, 1], samplewise=True),
    "multilabel is not supported": lambda: metrics.cohen_kappa_score(Y, P),
    "multilabel is not supported.*": lambda: metrics.confusion_matrix(Y, P),
    "Target is multilabel-indicator": lambda: metrics.jaccard_score(Y, P),
    "zero_division=nan": lambda: metrics.jaccard_score([0, 1], [0, 1], zero_division=np.nan),
    "weights='cubic'": lambda: metrics.cohen_kappa_score([0, 1], [0, 1], weights="cubic"),
    "from -1 to 1": lambda: metrics.cohen_kappa_score([0, 1], [0, 1], replace_undefined_by=2),
    "k=0": lambda: metrics.top_k_accuracy_score([0, 1], [0.1, 0.2], k=0),
    "one column a class": lambda: metrics.top_k_accuracy_score([0, 1, 2], [[0.1, 0.2]] * 3),
    "non-zero": lambda: metrics.hamming_loss(Y, P, sample_weight=[0, 0]),
    "a score for each label": lambda: metrics.roc_auc_score(Y, [[0.1], [0.2]]),
    "y_score contains NaN": lambda: metrics.average_precision_score(Y, [[0.1, np.nan], [0, 0]]),
    "fixed to 1": lambda: metrics.average_precision_score(Y, P, pos_label=0),
    "object values": lambda: metrics.accuracy_score(pd.DataFrame([[True, None]], dtype="boolean"), [[0, 1]]),
}


@pytest.mark.parametrize("words", REFUSED)
def test_bad_tables_are_refused(words):
    with pytest.raises(ValueError, match=words):
        REFUSED[words]()


def test_a_table_is_left_as_it_was_and_may_hold_zeros_and_repeats():
    y = scipy.sparse.csr_array((np.array([1, 0, 1]), np.array([2, 1, 0]), np.array([0, 2, 3])), shape=(2, 3))
    before = y.data.copy(), y.indices.copy()
    assert metrics.accuracy_score(y, [[0, 0, 1], [1, 0, 0]]) == 1
    np.testing.assert_array_equal([y.data, y.indices], before)


def test_very_many_labels_stay_sparse():
    y = scipy.sparse.random_array((2000, 10_000), density=1e-4, format="csr", rng=0, dtype=float).astype(bool)
    assert metrics.f1_score(y, y, average="samples", zero_division=1.0) == 1
    assert metrics.hamming_loss(y, y) == 0 and metrics.accuracy_score(y, y[::-1]) < 1
