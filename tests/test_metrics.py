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
            ours, theirs = (
                metrics.confusion_matrix(y, p, sample_weight=w),
                reference.confusion_matrix(y, p, sample_weight=w),
            )
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
            for how in ("true", "pred", "all"):
                np.testing.assert_allclose(
                    metrics.confusion_matrix(y, p, sample_weight=w, normalize=how),
                    reference.confusion_matrix(y, p, sample_weight=w, normalize=how), rtol=1e-12)  # fmt: skip
        assert metrics.accuracy_score(y, p, sample_weight=w) == pytest.approx(
            reference.accuracy_score(y, p, sample_weight=w), rel=1e-12
        )


def test_labels_choose_and_order():
    rng = np.random.default_rng(1)
    y, p = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    for labels in ([3, 1], [4, 3, 2, 1, 0], [0, 9]):
        np.testing.assert_array_equal(
            metrics.confusion_matrix(y, p, labels=labels), reference.confusion_matrix(y, p, labels=labels)
        )


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
    assert metrics.log_loss(truth, many, sample_weight=w) == pytest.approx(
        reference.log_loss(truth, many, sample_weight=w), rel=1e-12
    )


def test_regression():
    rng = np.random.default_rng(4)
    y, p, w = rng.normal(size=300) + 1e6, rng.normal(size=300) + 1e6, rng.random(300)
    for name in ("mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "r2_score"):
        for weight in (None, w):
            ours = getattr(metrics, name)(y, p, sample_weight=weight)
            assert ours == pytest.approx(getattr(reference, name)(y, p, sample_weight=weight), rel=1e-9)


@pytest.mark.parametrize(
    "y, p, words",
    [
        ([], [], "at least one row"),
        ([0, 1], [0], "inconsistent"),
        (["a", "b"], [0, 1], "same kind"),
        ([0, np.nan], [0, 1], "NaN"),
        ([[0, 1]], [[1, 0]], "one label a row"),
    ],
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


AVERAGES = ("micro", "macro", "weighted", None)
PRF = ("precision_score", "recall_score", "f1_score")


def same(name, *columns, exact=False, **options):
    "Ours and the reference's answer, or that both refuse with a ValueError."
    try:
        theirs = getattr(reference, name)(*columns, **options)
    except (ValueError, NotImplementedError):
        with pytest.raises(ValueError):
            getattr(metrics, name)(*columns, **options)
        return
    ours = getattr(metrics, name)(*columns, **options)
    for a, b in zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]:
        if exact:
            np.testing.assert_array_equal(a, b)
        elif b is None:
            assert a is None
        else:
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
            assert np.shape(a) == np.shape(b)


def pools(k):
    return {
        "numbers": np.arange(k),
        "from one": np.arange(1, k + 1),
        "negative": np.arange(k) - 2,
        "words": np.array(list("abcdefgh"))[:k],
        "word objects": np.array(list("abcdefgh"), object)[:k],
        "truth": np.array([False, True]),
        "whole floats": np.arange(k).astype(np.float32),
        "far apart": np.arange(k) * 100_000,
        "bytes": np.arange(k, dtype=np.uint8),
        "unsigned": np.arange(k, dtype=np.uint64),
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", pools(2))
@pytest.mark.parametrize("zero_division", [0.0, 1.0, np.nan, "warn"])
def test_counting_figures_of_random_cases(kind, zero_division):
    rng = np.random.default_rng(7)
    for _ in range(4):
        n, pool = rng.integers(1, 40), pools(rng.integers(2, 6))[kind]
        y, p = rng.choice(pool, n), rng.choice(pool, n)
        weight = [None, rng.random(n), rng.integers(0, 3, n) + (np.arange(n) == 0)][rng.integers(3)]
        labels = [None, rng.permutation(pool)[: rng.integers(1, len(pool) + 1)]][rng.integers(2)]
        for average in AVERAGES:
            options = {"average": average, "labels": labels, "zero_division": zero_division}
            for name in PRF:
                same(name, y, p, sample_weight=weight, exact=weight is None and average is None, **options)
            same("precision_recall_fscore_support", y, p, sample_weight=weight, beta=0.7, **options)
            same("fbeta_score", y, p, sample_weight=weight, beta=[0, 0.5, 3, np.inf][rng.integers(4)], **options)
        same("balanced_accuracy_score", y, p, sample_weight=weight)
        same("balanced_accuracy_score", y, p, adjusted=True)
        same("matthews_corrcoef", y, p, sample_weight=weight)
        same("confusion_matrix", y, p, sample_weight=weight, labels=labels)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pool", [[0, 1], [-1, 1], ["no", "yes"], [False, True], [3, 8]])
def test_binary_figures_of_each_positive_label(pool):
    rng = np.random.default_rng(3)
    for n in (1, 2, 30):
        y, p = rng.choice(pool, n), rng.choice(pool, n)
        for positive in [*pool, 5]:
            for name in PRF:
                if isinstance(pool[0], str) and positive == 5 and len(set(y) | set(p)) == 1:
                    continue  # scikit-learn turns 5 into the word "5"
                same(name, y, p, pos_label=positive, zero_division=0)
                same(
                    name, y.tolist(), p.tolist(), pos_label=positive, sample_weight=np.arange(n) + 1.0, zero_division=1
                )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["numbers", "negative", "words", "word objects", "truth", "far apart"])
def test_the_report_is_the_same_text(kind):
    rng = np.random.default_rng(11)
    for k in (2, 6):
        pool, n = pools(k)[kind], rng.integers(5, 60)
        y, p = rng.choice(pool, n), rng.choice(pool, n)
        present = np.unique(np.r_[y, p])
        for options in (
            {}, {"digits": 4}, {"labels": present[::-1]}, {"labels": present[:1]}, {"zero_division": 1.0},
            {"sample_weight": rng.integers(1, 5, n)}, {"sample_weight": rng.integers(1, 5, n) / 4},
            {"target_names": [f"a long name, number {i}" for i in range(len(present))]},
        ):  # fmt: skip
            assert metrics.classification_report(y, p, **options) == reference.classification_report(y, p, **options)
            ours, theirs = (m.classification_report(y, p, output_dict=True, **options) for m in (metrics, reference))
            assert ours.keys() == theirs.keys()
            for line in theirs:
                assert ours[line] == pytest.approx(theirs[line], rel=1e-12, nan_ok=True)


def test_series_lists_and_categories_are_columns_too():
    import pandas as pd

    y, p = ["b", "a", "b", "c"], ["b", "b", "b", "c"]
    plain = metrics.f1_score(y, p, average=None, zero_division=0).tolist()
    for make in (np.array, pd.Series, lambda v: pd.Series(v, dtype="category"), lambda v: np.array(v, object)[:, None]):
        assert metrics.f1_score(make(y), make(p), average=None, zero_division=0).tolist() == plain
    whole = pd.Series([1, 0, 1], dtype="Int64")
    assert metrics.accuracy_score(whole, [1, 1, 1]) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="NaN|NAType"):
        metrics.accuracy_score(pd.Series([1, None, 1], dtype="Int64"), [1, 1, 1])


def test_blocks_of_rows_add_up():
    rng = np.random.default_rng(0)
    y, p, w = rng.integers(0, 4, 300), rng.integers(0, 4, 300), rng.integers(1, 5, 300)
    blocks = [slice(0, 100), slice(100, 101), slice(101, None)]
    total = sum(metrics.count_pairs(y[b], p[b], labels=[0, 2, 3], sample_weight=w[b])[1] for b in blocks)
    labels, whole = metrics.count_pairs(y, p, labels=[0, 2, 3], sample_weight=w)
    np.testing.assert_array_equal(total, whole)
    assert total.dtype == np.int64 and labels.tolist() == [0, 2, 3] and total.sum() == w.sum()
    assert total[-1, -1] == w[(y == 1) & (p == 1)].sum()


def test_very_many_labels_need_no_table_of_pairs():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10**9, 50_000)
    p = np.where(rng.random(50_000) < 0.5, y, y[::-1])
    ours = metrics.f1_score(y, p, average="macro", zero_division=0)
    assert ours == pytest.approx(reference.f1_score(y, p, average="macro", zero_division=0), rel=1e-12)


@pytest.mark.filterwarnings("error")
def test_warn_for_and_zero_division():
    from sklearn.exceptions import UndefinedMetricWarning

    with pytest.warns(UndefinedMetricWarning, match="precision is 0 / 0"):
        assert metrics.precision_score([0, 1], [0, 0]) == 0
    for value in (0, 1, 0.0, 1.0, np.nan):
        np.testing.assert_equal(metrics.precision_score([0, 1], [0, 0], zero_division=value), float(value))
    metrics.precision_recall_fscore_support([0, 1], [0, 0], warn_for=())  # silent: a warning would be an error here


CURVES = ("roc_curve", "precision_recall_curve", "confusion_matrix_at_thresholds")
LOSSES = ("roc_auc_score", "average_precision_score", "log_loss", "brier_score_loss")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["numbers", "words", "truth", "minus one", "one class"])
def test_scores_of_two_classes(seed, kind):
    rng = np.random.default_rng(seed)
    n = rng.integers(4, 60)
    t = np.append([0, 1], rng.integers(0, 2, n - 2)) if kind != "one class" else np.zeros(n, int)
    y = {"words": np.array(["no", "yes"])[t], "truth": t.astype(bool), "minus one": 2 * t - 1}.get(kind, t)
    named = {"pos_label": "yes"} if kind == "words" else {}
    p = rng.random(n).round(seed % 3 + 1)
    for score in (p, [p.astype(np.float32), p[:, None], p.tolist()][seed % 3]):
        for weight in (None, rng.random(n), np.append([1, 1], rng.integers(0, 2, n - 2)), np.full(n, 0.1)):
            for name in CURVES:
                for drop in [{"drop_intermediate": d} for d in (False, True)] if name != CURVES[2] else [{}]:
                    same(name, y, score, sample_weight=weight, exact=True, **drop, **named)
            for name in LOSSES:
                if name in LOSSES[2:] and isinstance(score, np.ndarray) and score.dtype == np.float32:
                    continue  # scikit-learn sums float32 in float32: below
                extra = named if name in ("average_precision_score", "brier_score_loss") else {}
                same(name, y, score, sample_weight=weight, **extra)
    small = p.astype(np.float32)
    for name in LOSSES[2:] if kind != "one class" else ():
        theirs = getattr(reference, name)(y, small, **(named if name == "brier_score_loss" else {}))
        ours = getattr(metrics, name)(y, small, **(named if name == "brier_score_loss" else {}))
        assert ours == pytest.approx(theirs, rel=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(3))
def test_scores_of_many_classes(seed):
    rng = np.random.default_rng(seed)
    k, n = rng.integers(3, 6), rng.integers(20, 60)
    y, w = np.append(np.arange(k), rng.integers(0, k, n)), rng.random(n + k)
    p = rng.dirichlet(np.ones(k), n + k).round(2)
    p /= p.sum(1, keepdims=True)
    for truth in (y, np.array(list("abcdef"))[y]):
        for average in AVERAGES:
            for weight in (None, w):
                same("average_precision_score", truth, p, average=average, sample_weight=weight)
                for how in ("ovr", "ovo", "raise"):
                    same("roc_auc_score", truth, p, average=average, multi_class=how, sample_weight=weight)
        for weight in (None, w):
            same("log_loss", truth, p, sample_weight=weight)
            same("log_loss", truth, p, sample_weight=weight, normalize=False)
            for half in (True, False, "auto"):
                same("brier_score_loss", truth, p, sample_weight=weight, scale_by_half=half)
    few = y != 1  # a class that does not occur, but is named
    for name in ("log_loss", "brier_score_loss"):
        same(name, y[few], p[few], labels=np.arange(k))
    same("roc_auc_score", y[few], p[few], labels=np.arange(k), multi_class="ovo")
    same("roc_auc_score", y, p[:, ::-1], labels=np.arange(k)[::-1], multi_class="ovr")  # both refuse


REGRESSION = [n for n in dir(metrics) if n.startswith(("mean_", "root_", "median_", "r2_"))]


@pytest.mark.parametrize("name", REGRESSION)
def test_errors_of_numbers(name):
    rng = np.random.default_rng(0)
    for n in (2, 3, 40, 40_000):
        for shape in ((n,), (n, 1), (n, 3)):
            y, p = 5 + rng.normal(size=shape), 5 + rng.normal(size=shape)
            for weight in (None, rng.random(n), np.append(1, rng.integers(0, 3, n - 1)), np.ones(n)):
                many = [{"multioutput": [0.2, 1, 3]}] if len(shape) == 2 and shape[1] == 3 else []
                for extra in [{}, {"multioutput": "raw_values"}, *many]:
                    same(name, y, p, sample_weight=weight, **extra)
    same(name, [1, 2, 3], [3, 2, 1])
    same(name, [0, 0, 0], [0, 1, 0])
    small = np.float32([1, 2, 4]), np.float32([1.5, 2, 3])  # scikit-learn computes in float32, we do not
    assert getattr(metrics, name)(*small) == pytest.approx(getattr(reference, name)(*small), rel=1e-6)
    same(name, [[1, 2]] * 3, [[1, 2], [2, 2], [3, 3]], multioutput="raw_values")
    if name != "root_mean_squared_error":  # scikit-learn forgets to look there
        same(name, [1, 2, 3], [1, 2, 3], multioutput=[1.0])  # both refuse


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("force_finite", [True, False])
@pytest.mark.parametrize("multioutput", ["raw_values", "uniform_average", "variance_weighted", None])
def test_r2_of_constant_columns(force_finite, multioutput):
    y = np.c_[[1.0, 1, 1], [1.0, 1, 1], [1.0, 2, 3]]
    p = np.c_[[1.0, 1, 1], [1.0, 1, 2], [1.0, 2, 4]]
    if not force_finite and multioutput == "variance_weighted":
        return
    same("r2_score", y, p, force_finite=force_finite, multioutput=multioutput)


MORE_REFUSED = {
    "is for several labels a row": lambda: metrics.f1_score([0, 1], [0, 1], average="samples"),
    "Target is multilabel-indicator": lambda: metrics.f1_score([[0, 1]], [[0, 1]]),
    "zero_division=0.5": lambda: metrics.f1_score([0, 1], [0, 1], zero_division=0.5),
    "beta=-1": lambda: metrics.fbeta_score([0, 1], [0, 1], beta=-1),
    "Target is multiclass": lambda: metrics.f1_score([0, 1, 2], [0, 1, 2]),
    "pos_label=7": lambda: metrics.recall_score([0, 1], [0, 1], pos_label=7),
    "normalize='rows'": lambda: metrics.confusion_matrix([0, 1], [0, 1], normalize="rows"),
    "must be in y_true": lambda: metrics.confusion_matrix([0, 1], [0, 1], labels=[5]),
    "another kind": lambda: metrics.f1_score([0, 1], [0, 1], labels=["a"], average="macro"),
    "size of target_names": lambda: metrics.classification_report([0, 1], [0, 1], target_names=["a"]),
    "holds .S1 values": lambda: metrics.accuracy_score(np.array([b"a"]), np.array([b"a"])),
    "mixes text and numbers": lambda: metrics.accuracy_score(np.array(["a", 1], object), ["a", "b"]),
    "max_fpr=1.5": lambda: metrics.roc_auc_score([0, 1], [0.1, 0.2], max_fpr=1.5),
    "pos_label is not specified": lambda: metrics.roc_curve(["a", "b"], [0.1, 0.9]),
    "y_score contains NaN": lambda: metrics.roc_auc_score([0, 1], [0.1, np.nan]),
    "give numbers": lambda: metrics.roc_auc_score([0, 1], ["x", "y"]),
    r"outside \[0, 1\]": lambda: metrics.log_loss([0, 1], [0.1, 1.2]),
    "or NaN": lambda: metrics.brier_score_loss([0, 1], [0.1, np.nan]),
    "only one label": lambda: metrics.log_loss([1, 1], [0.1, 0.2]),
    "4 columns for 3 labels": lambda: metrics.log_loss([0, 1, 2], np.full((3, 4), 0.25)),
    "scale_by_half='half'": lambda: metrics.brier_score_loss([0, 1], [0.1, 0.9], scale_by_half="half"),
    "different number of output": lambda: metrics.mean_squared_error([[1, 2]], [[1]]),
    "y_true contains NaN": lambda: metrics.r2_score([1, np.inf], [1, 2]),
    "multioutput='sum'": lambda: metrics.mean_absolute_error([1, 2], [1, 2], multioutput="sum"),
    "is for r2_score": lambda: metrics.mean_squared_error([1, 2], [1, 2], multioutput="variance_weighted"),
    "2 weights for 3 outputs": lambda: metrics.r2_score(np.eye(3), np.eye(3), multioutput=[1, 2]),
}


@pytest.mark.parametrize("words", MORE_REFUSED)
def test_more_bad_input_is_refused(words):
    with pytest.raises(ValueError, match=words):
        MORE_REFUSED[words]()


@pytest.mark.filterwarnings("ignore:A single label")
def test_one_row_and_whole_weights():
    largest = np.array([np.iinfo(np.int64).max])
    assert metrics.confusion_matrix([1], [1], sample_weight=largest)[0, 0] == largest[0]
    assert metrics.confusion_matrix([1], [1]).shape == (1, 1)


def test_examples_of_the_docstrings():
    import doctest

    failed, tried = doctest.testmod(metrics)
    assert failed == 0 and tried >= 22
