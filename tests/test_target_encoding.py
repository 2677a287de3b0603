"TargetEncoder against scikit-learn's, cell by cell: folds, targets, splitters, and what it refuses."

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
import sklearn.preprocessing as reference
from sklearn.model_selection import GroupKFold, KFold, LeaveOneOut, ShuffleSplit, StratifiedKFold, TimeSeriesSplit
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.preprocessing import TargetEncoder


@parametrize_with_checks([TargetEncoder(cv=3)])
def test_contract(estimator, check):
    check(estimator)


def table(n=300, seed=0, gaps=True):
    rng = np.random.default_rng(seed)
    t = pd.DataFrame({
        "a": rng.choice([*"abcdefgh"], n).astype(object), "b": rng.choice([1.5, 2.0, 7.0], n),
        "c": pd.Categorical(rng.choice(["u", "v"], n)), "d": pd.Series(rng.choice(["x", "y", "zz"], n), dtype="str"),
    })  # fmt: skip
    if gaps:
        t.loc[rng.random(n) < 0.05, "a"] = None
        t.loc[rng.random(n) < 0.05, "b"] = np.nan
    return t


def target(kind, n=300, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "binary": rng.integers(0, 2, n), "words": rng.choice(["yes", "no"], n), "classes": rng.choice([3, 1, 7, 2], n),
        "word classes": rng.choice(["p", "q", "r"], n), "numbers": rng.normal(size=n),
        "large numbers": rng.normal(1e6, 1, n), "float32": rng.normal(size=n).astype(np.float32),
        "whole numbers": rng.poisson(40, n).astype(float) / 2, "truth": rng.integers(0, 2, n).astype(bool),
        "constant": np.full(n, 0.1), "outlier": np.append(1e12, rng.normal(size=n - 1)),
        "objects": np.array(["no", "yes"], dtype=object)[rng.integers(0, 2, n)],
    }[kind]  # fmt: skip


KINDS = ["binary", "words", "classes", "word classes", "numbers", "large numbers", "float32", "whole numbers", "truth",
         "constant", "outlier", "objects"]  # fmt: skip


def close(a, b, rtol=1e-12):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("smooth", ["auto", 0, 3, 1e6])
@pytest.mark.parametrize("kind", KINDS)
def test_cell_by_cell(kind, smooth):
    X, y, new = table(), target(kind), table(seed=1)
    new.loc[:3, "a"] = "never"
    rtol = 1e-5 if kind == "float32" else 1e-12  # scikit-learn's means of float32 are float32
    done = []
    for encoder in (TargetEncoder(smooth=smooth), reference.TargetEncoder(smooth=smooth)):
        np.random.seed(5)  # noqa: NPY002
        done.append((encoder.fit_transform(X, y), encoder))
    (A, ours), (B, theirs) = done
    close(A, B, rtol)
    close(ours.transform(new), theirs.transform(new), rtol)
    close(ours.target_mean_, theirs.target_mean_, rtol)
    assert ours.target_type_ == theirs.target_type_ and np.array_equal(ours.classes_, theirs.classes_)
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    for a, b in zip(ours.encodings_, theirs.encodings_, strict=True):
        close(a, b, rtol)
    for a, b in zip(ours.categories_, theirs.categories_, strict=True):
        assert a.dtype == b.dtype and pd.Series(a).equals(pd.Series(b))


@pytest.mark.parametrize("cv", [
    2, 7, None, KFold(4), KFold(3, shuffle=True, random_state=1), StratifiedKFold(3, shuffle=True, random_state=1),
    LeaveOneOut(), [(np.arange(30, 60), np.arange(30)), (np.arange(30), np.arange(30, 60))],
    [(np.arange(5), np.arange(30)), ([1, 1, 2], np.arange(30, 60))],
    [(np.arange(60) >= 30, np.arange(60) < 30), (np.arange(60) < 30, np.arange(60) >= 30)],
], ids=str)  # fmt: skip
@pytest.mark.parametrize("kind", ["binary", "numbers", "classes"])
def test_folds(cv, kind):
    if kind == "numbers" and isinstance(cv, StratifiedKFold):
        return  # refused by the splitter
    X, y, both = table(60, gaps=False), target(kind, 60), []
    for encoder in (TargetEncoder(cv=cv), reference.TargetEncoder(cv=cv)):
        np.random.seed(2)  # noqa: NPY002
        both.append(encoder.fit_transform(X, y))
    close(*both)


def test_an_iterator_of_folds_and_groups():
    X, y = table(60), target("numbers", 60)
    groups = np.arange(60) // 7
    folds = list(GroupKFold(3).split(X, y, groups))
    close(TargetEncoder(cv=iter(folds)).fit_transform(X, y), reference.TargetEncoder(cv=folds).fit_transform(X, y))
    with sklearn.config_context(enable_metadata_routing=True):
        ours = TargetEncoder(cv=GroupKFold(3)).fit_transform(X, y, groups=groups)
        close(ours, reference.TargetEncoder(cv=GroupKFold(3)).fit_transform(X, y, groups=groups))
    with pytest.raises(ValueError, match="groups"):
        TargetEncoder(cv=GroupKFold(3)).fit_transform(X, y, groups=groups)


def test_a_number_of_folds_draws_as_a_seeded_splitter():
    X, y = table(), target("binary")
    np.random.seed(0)  # noqa: NPY002
    drawn = TargetEncoder(cv=5).fit_transform(X, y)
    close(drawn, TargetEncoder(cv=StratifiedKFold(5, shuffle=True, random_state=0)).fit_transform(X, y))


@pytest.mark.parametrize("seed", range(12))
def test_random_tables(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(12, 3000))
    pool = np.array([f"n{k}" for k in range(rng.integers(1, 400))], dtype=object)
    X = pool[np.minimum(rng.geometric(0.05, (n, 3)) - 1, len(pool) - 1)]
    X = X.astype(str) if seed % 2 else X
    y = target(KINDS[seed % 6], n, seed)
    both = []
    for encoder in (TargetEncoder(), reference.TargetEncoder()):
        np.random.seed(seed)  # noqa: NPY002
        both.append(encoder.fit_transform(X, y))
    close(*both)


def test_given_categories_and_training_rows_that_are_unknown():
    X, y = np.array([["a"], ["b"], ["z"], ["a"], ["z"], ["b"]] * 5, dtype=object), target("numbers", 30)
    folds = KFold(3)
    ours = TargetEncoder(categories=[["a", "b"]], cv=folds)
    theirs = reference.TargetEncoder(categories=[["a", "b"]], cv=folds)
    A, B = ours.fit_transform(X, y), theirs.fit_transform(X, y)
    known, second = X[:, 0] != "z", X[:, 0] == "b"  # scikit-learn counts the unknown rows in the first category
    close(A[second], B[second])
    only = TargetEncoder(categories=[["a", "b"]]).fit(X[known], y[known])
    with pytest.raises(AssertionError):
        close(theirs.encodings_[0][:1], only.encodings_[0][:1], rtol=1e-3)
    smooth = TargetEncoder(categories=[["a", "b"]], smooth=0).fit(X, y)
    close(smooth.encodings_[0], [y[X[:, 0] == c].mean() for c in "ab"])
    for train, test in folds.split(X):
        rows = test[~known[test]]
        close(A[rows, 0], np.full(len(rows), y[train].mean()))  # each fold's own; scikit-learn: the last fold's
    close(B[~known, 0], np.full((~known).sum(), y[train].mean()))


def test_no_answer_of_a_row_reaches_its_own_column():
    X, y = table(80), target("numbers", 80)
    cv = KFold(4, shuffle=True, random_state=0)
    before = TargetEncoder(cv=cv).fit_transform(X, y)
    for row in (0, 17, 79):
        other = y.copy()
        other[row] += 100
        after = TargetEncoder(cv=cv).fit_transform(X, other)
        assert np.array_equal(before[row], after[row]) and not np.array_equal(before, after)


@pytest.mark.parametrize("options, X, y, kind, text", [
    ({"smooth": -1}, [["a"]], [1.5], ValueError, "smooth=-1"),
    ({"smooth": "much"}, [["a"]], [1.5], ValueError, "smooth='much'"),
    ({"smooth": np.nan}, [["a"]], [1.5], ValueError, "smooth=nan"),
    ({"target_type": "count"}, [["a"]], [1.5], ValueError, "target_type='count'"),
    ({"target_type": "binary"}, [["a"], ["b"], ["c"]], [1, 2, 3], ValueError, "3 classes"),
    ({"target_type": "continuous"}, [["a"], ["b"]], ["x", "y"], ValueError, "(?i)convert|numeric|invalid"),
    ({"cv": 1}, [["a"], ["b"]], [1.5, 2], ValueError, "cv=1"),
    ({"cv": 3}, [["a"], ["b"]], [1.5, 2], ValueError, "cv=3.*n_samples=2"),
    ({"cv": 2}, [["a"], ["b"]], [0, 1], ValueError, "members in each class"),
    ({"cv": "five"}, [["a"], ["b"]], [1.5, 2], ValueError, "cv='five'"),
    ({"cv": TimeSeriesSplit(2)}, [["a"]] * 9, np.arange(9) / 2, ValueError, "exactly once"),
    ({"cv": ShuffleSplit(2, random_state=0)}, [["a"]] * 9, np.arange(9) / 2, ValueError, "exactly once"),
    ({"cv": []}, [["a"]] * 9, np.arange(9) / 2, ValueError, "exactly once"),
    ({}, [["a"], ["b"]], [[1, 0], [0, 1]], ValueError, "multilabel"),
    ({}, [["a"], ["b"]], [1.5], ValueError, "inconsistent"),
    ({}, [["a"], ["b"]], [1.5, np.nan], ValueError, "NaN"),
    ({}, [["a"], ["b"]], None, ValueError, "None"),
    ({"categories": "all"}, [["a"], ["b"]], [1.5, 2], ValueError, "categories='all'"),
    ({}, np.array([[1], ["1"]], object), [1.5, 2], TypeError, "column 0 holds 1 and '1'"),
    ({}, pd.DataFrame({"g": [[1], [2]]}), [1.5, 2], TypeError, r"'g' holds \[1\]"),
    ({}, pd.DataFrame({"g": [1.0, np.inf]}), [1.5, 2], ValueError, "'g' contains infinity"),
    ({}, np.empty((0, 1)), [], ValueError, "0 sample"),
])  # fmt: skip
def test_refused_by_name(options, X, y, kind, text):
    with pytest.raises(kind, match=text):
        TargetEncoder(**options).fit_transform(X, y)


def test_rare_classes_are_warned_of():
    with pytest.warns(UserWarning, match="only 2 members"):
        TargetEncoder(cv=4).fit_transform([["a"]] * 12, [0] * 10 + [1] * 2)


def test_frames_pickles_and_threads():
    from threadpoolctl import threadpool_limits

    X, y = table(30_000), target("numbers", 30_000)
    cv = KFold(5, shuffle=True, random_state=0)
    encoder = TargetEncoder(cv=cv).set_output(transform="pandas")
    out = encoder.fit_transform(X, y)
    assert out.columns.tolist() == list("abcd") and out.index.equals(X.index)
    with threadpool_limits(1):
        assert out.equals(TargetEncoder(cv=cv).set_output(transform="pandas").fit_transform(X, y))
    again = pickle.loads(pickle.dumps(encoder))
    assert again.transform(X[:9]).equals(encoder.transform(X[:9]))
