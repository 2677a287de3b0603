"Selection of columns against scikit-learn, against brute force, and with input that must be refused by name."

import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.feature_selection as reference
from scipy.special import digamma
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.feature_selection as ours
from mlbook.linear_model import LinearRegression, LogisticRegression

SELECTORS = [
    ours.VarianceThreshold(), ours.CorrelationThreshold(), ours.SelectKBest(k=1), ours.SelectPercentile(),
    ours.SelectFpr(alpha=1.0), ours.SelectFdr(alpha=1.0), ours.SelectFwe(alpha=1.0), ours.RFE(LogisticRegression()),
    ours.RFE(LinearRegression()), ours.SelectFromModel(LinearRegression()),
]  # fmt: skip


@parametrize_with_checks(SELECTORS, xfail_strict=True)
def test_contract(estimator, check):
    check(estimator)


def tables(seed=0, rows=150):
    "Dense, Fortran, float32, counts, CSR, a frame; classes and a number that the first column knows."
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(rows, 6)), rng.integers(0, 3, rows)
    X[:, 0] += y
    counts = rng.integers(0, 5, (rows, 6)) * 1.0
    kinds = {"dense": X, "fortran": np.asfortranarray(X), "float32": X.astype(np.float32), "counts": counts,
             "whole": counts.astype(int), "csr": scipy.sparse.csr_array(counts), "frame": pd.DataFrame(X)}  # fmt: skip
    return kinds, y, X[:, 0] * 2 + rng.normal(size=rows)


def agree(found, told, tolerance):
    found, told = np.atleast_2d(*(np.asarray(v, float) for v in (found, told)))
    np.testing.assert_allclose(found, told, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", list(tables()[0]))
@pytest.mark.parametrize("seed", range(3))
def test_scores_of_single_columns(kind, seed):
    kinds, y, z = tables(seed)
    X = kinds[kind]
    rough = kind in ("float32", "whole")  # scikit-learn adds in float32 there
    agree(ours.f_classif(X, y), reference.f_classif(X, y), 2e-5 if rough else 1e-11)
    agree(ours.f_classif(X, np.array(list("abc"))[y]), ours.f_classif(X, y), 0)
    for options in ({}, {"center": False}, {"force_finite": False}):
        agree(ours.r_regression(X, z, **options), reference.r_regression(X, z, **options), 1e-12)
        agree(ours.f_regression(X, z, **options), reference.f_regression(X, z, **options), 1e-11)
    if kind in ("counts", "csr", "whole"):
        agree(ours.chi2(X, y), reference.chi2(X, y), 1e-12)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 3, 7])
def test_mutual_information(seed, k):
    kinds, y, z = tables(seed, 200)
    mixed = np.where(np.arange(6) % 2, kinds["counts"], kinds["dense"])
    mask = np.arange(6) % 2 == 1
    cases = [
        (kinds["dense"], "auto"), (kinds["counts"], "auto"), (kinds["counts"], True), (kinds["csr"], "auto"),
        (mixed, mask), (mixed, np.flatnonzero(mask)), (kinds["frame"], False), (kinds["fortran"], "auto"),
    ]  # fmt: skip
    for X, discrete in cases:
        options = {"discrete_features": discrete, "n_neighbors": k, "random_state": seed}
        for name, target in (("mutual_info_classif", y), ("mutual_info_regression", z)):
            agree(getattr(ours, name)(X, target, **options), getattr(reference, name)(X, target, **options), 1e-12)


def test_mutual_information_is_the_same_from_any_number_of_threads_and_leaves_its_input_alone():
    kinds, y, z = tables(rows=4000)
    X = kinds["dense"].copy()
    found = [ours.mutual_info_regression(X, z, random_state=0, copy=False, n_jobs=n) for n in (None, 1, 2, -1)]
    assert all((f == found[0]).all() for f in found) and (X == kinds["dense"]).all()
    assert (found[0] == reference.mutual_info_regression(X, z, random_state=0)).all()


def test_small_classes_equal_brute_force():
    "scikit-learn measures these distances by x² - 2xy + y², which cancels."
    rng = np.random.default_rng(0)
    for _ in range(100):
        n, k = rng.integers(8, 60), int(rng.integers(1, 5))
        x, code = rng.normal(size=n) * 10.0 ** rng.integers(-3, 4) + 1000, rng.integers(0, 8, n)
        kept = np.bincount(code)[code] > 1
        if not kept.any():
            continue
        x, (_, code) = x[kept], np.unique(code[kept], return_inverse=True)
        apart, sizes = np.abs(x[:, None] - x), np.bincount(code)
        near = np.minimum(k, sizes - 1)[code]
        same = np.sort(np.where(code[:, None] == code, apart, np.inf), axis=1)
        count = (apart < same[np.arange(len(x)), near][:, None]).sum(1)
        truth = digamma(len(x)) + np.mean(digamma(near) - digamma(sizes[code]) - digamma(count))
        found = ours._info_classes(x, np.argsort(x), code, sizes, k, digamma(np.arange(len(x) + 1.0)))
        assert abs(found - max(0, truth)) < 1e-12


@pytest.mark.parametrize("n", [2, 16, 17, 33, 700])
def test_boxes_find_the_neighbours_of_brute_force(n):
    rng = np.random.default_rng(n)
    for x in (rng.normal(size=n), rng.integers(0, 3, n) * 1.0, np.zeros(n)):
        y = rng.integers(0, 50, n) * 0.1
        apart = np.sort(np.maximum(np.abs(x[:, None] - x), np.abs(y[:, None] - y)), axis=1)
        for k in {1, min(5, n - 1), n - 1}:
            assert (ours._plane_distances(x, y, k) == apart[:, k]).all()


def test_an_offset_costs_no_digit():
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 80, (500, 3)) / 8, rng.integers(0, 3, 500)
    z = rng.normal(size=500)
    agree(ours.f_classif(X + 1e9, y), ours.f_classif(X, y), 1e-9)
    agree(ours.r_regression(X + 1e9, z), ours.r_regression(X, z), 1e-9)
    agree(ours.VarianceThreshold().fit(X + 1e9).variances_, X.var(0), 1e-12)
    agree(ours.CorrelationThreshold().fit(X + 1e9).correlations_, np.corrcoef(X.T), 1e-9)


def test_constant_columns():
    y = np.arange(30) % 2
    X = np.column_stack([np.full(30, 0.1), 0.1 + 0.2 * y, np.arange(30)])
    for table in (X, scipy.sparse.csr_array(X)):
        with pytest.warns(UserWarning, match="constant"):
            f, p = ours.f_classif(table, y)
        assert np.isnan(f[0]) and np.isnan(p[0]) and f[1] == np.inf and p[1] == 0
        assert ours.r_regression(table, np.arange(30))[0] == 0
        assert np.isnan(ours.r_regression(table, np.arange(30), force_finite=False)[0])
        f, p = ours.f_regression(table, np.arange(30))
        assert f[0] == 0 and p[0] == 1 and f[2] > 1e15 and p[2] < 1e-100
        assert ours.VarianceThreshold().fit(table).get_support().tolist() == [False, True, True]
    gaps = np.where(np.arange(30)[:, None] == 0, np.nan, X)
    assert ours.VarianceThreshold().fit(gaps).variances_[0] == 0


@pytest.mark.parametrize("threshold", [0.0, 0.3])
def test_variances(threshold):
    kinds, *_ = tables()
    X = kinds["dense"].copy()
    X[::7, 2] = np.nan
    for table in (X, X.astype(np.float32), kinds["csr"], kinds["csr"].tocsc(), kinds["whole"]):
        both = [m.VarianceThreshold(threshold).fit(table) for m in (ours, reference)]
        np.testing.assert_allclose(both[0].variances_, both[1].variances_, rtol=1e-12)
        assert (both[0].get_support() == both[1].get_support()).all()
    empty = ours.VarianceThreshold().fit(np.column_stack([np.full(5, np.nan), np.arange(5)]))
    assert np.isnan(empty.variances_[0]) and empty.get_support().tolist() == [False, True]


@pytest.mark.parametrize(
    "make",
    [lambda m: m.SelectKBest(k=3), lambda m: m.SelectKBest(k="all"), lambda m: m.SelectKBest(m.chi2, k=2),
     lambda m: m.SelectPercentile(percentile=50), lambda m: m.SelectPercentile(percentile=0.1), lambda m: m.SelectFpr(),
     lambda m: m.SelectFdr(), lambda m: m.SelectFwe(alpha=0.5), lambda m: m.VarianceThreshold(1.5)],
)  # fmt: skip
def test_masks_and_what_follows_from_them(make):
    kinds, y, _ = tables()
    for X in (kinds["counts"], kinds["csr"], pd.DataFrame(kinds["counts"].astype(np.float32)).add_prefix("c")):
        with warnings.catch_warnings(action="ignore"):
            mine, theirs = (make(m).fit(X, y) for m in (ours, reference))
            kept, told = mine.transform(X), theirs.transform(X)
        assert (mine.get_support() == theirs.get_support()).all()
        assert mine.get_support(indices=True).tolist() == theirs.get_support(indices=True).tolist()
        assert mine.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
        assert type(kept) is type(told) and kept.dtype == told.dtype and abs(kept - told).sum() == 0
        if 0 < kept.shape[1]:
            back, truth = mine.inverse_transform(kept), theirs.inverse_transform(told)
            assert type(back) is type(truth) and back.dtype == truth.dtype and abs(back - truth).sum() == 0


def test_frames_keep_their_dtypes():
    frame = pd.DataFrame({"a": [0, 1, 2, 3], "b": [1.5, 1, 1, 2], "c": [True, False, True, True]})
    kept = ours.VarianceThreshold(0.1).set_output(transform="pandas").fit(frame).transform(frame)
    assert kept.dtypes.astype(str).to_dict() == {"a": "int64", "b": "float64", "c": "bool"}


def test_near_copies():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 30_000))
    X = np.column_stack([a, b, -2 * a + 1e-3 * b, np.ones(30_000), b * 1e6, a + b])
    sieve = ours.CorrelationThreshold(1.0).fit(X)
    assert sieve.copy_of_.tolist() == [0, 1, 2, 3, 1, 5]
    sieve = ours.CorrelationThreshold(0.99).fit(X)
    assert sieve.copy_of_.tolist() == [0, 1, 0, 3, 1, 5] and sieve.transform(X).shape == (30_000, 4)
    with np.errstate(invalid="ignore"):
        agree(sieve.correlations_, np.nan_to_num(np.corrcoef(X.T)), 1e-12)


@pytest.mark.parametrize(
    "options", [{}, {"step": 2}, {"step": 0.3}, {"n_features_to_select": 0.4}, {"n_features_to_select": 1}]
)
def test_elimination(options):
    kinds, y, z = tables(rows=120)
    for model, target in ((LinearRegression(), z), (LogisticRegression(), y)):
        mine, theirs = (m.RFE(model, **options).fit(kinds["dense"], target) for m in (ours, reference))
        assert (mine.ranking_ == theirs.ranking_).all() and (mine.support_ == theirs.support_).all()
        assert mine.n_features_ == theirs.n_features_ and mine.score(kinds["dense"], target) == theirs.score(
            kinds["dense"], target
        )
        assert (mine.predict(kinds["dense"]) == theirs.predict(kinds["dense"])).all()
    assert mine.classes_.tolist() == [0, 1, 2] and mine.predict_proba(kinds["dense"]).shape == (120, 3)
    assert not hasattr(ours.RFE(LinearRegression()), "predict_proba")


@pytest.mark.parametrize(
    "options",
    [{}, {"threshold": "median"}, {"threshold": "1.25*mean"}, {"threshold": 0.1}, {"max_features": 2},
     {"max_features": lambda X: X.shape[1] // 3, "threshold": -np.inf}, {"norm_order": 2},
     {"importance_getter": lambda model: model.coef_}],
)  # fmt: skip
def test_selection_by_a_model(options):
    kinds, y, z = tables()
    for X, model, target in ((kinds["dense"], LinearRegression(), z), (kinds["frame"], LogisticRegression(), y)):
        mine, theirs = (m.SelectFromModel(model, **options).fit(X, target) for m in (ours, reference))
        assert (mine.get_support() == theirs.get_support()).all() and np.isclose(
            mine.threshold_, theirs.threshold_, rtol=1e-12
        )
        ready = ours.SelectFromModel(model.fit(X, target), prefit=True, **options | {"max_features": None})
        assert ready.transform(X).shape[1] >= mine.get_support().sum()


def test_selection_by_a_model_with_an_l1_penalty_and_in_blocks():
    from sklearn.linear_model import Lasso, SGDClassifier

    kinds, y, z = tables()
    mine, theirs = (m.SelectFromModel(Lasso(alpha=0.1)).fit(kinds["dense"], z) for m in (ours, reference))
    assert mine.threshold_ == theirs.threshold_ == 1e-5 and (mine.get_support() == theirs.get_support()).all()
    blocks = [m.SelectFromModel(SGDClassifier(random_state=0)) for m in (ours, reference)]
    for selector in blocks:
        selector.partial_fit(kinds["dense"][:70], y[:70], classes=[0, 1, 2]).partial_fit(kinds["dense"][70:], y[70:])
    assert (blocks[0].get_support() == blocks[1].get_support()).all()
    assert not hasattr(ours.SelectFromModel(LinearRegression()), "partial_fit")


X4, Y4 = np.arange(12.0).reshape(4, 3) % 5, [0, 0, 1, 1]
REFUSED = {
    "one class": lambda: ours.f_classif(X4, [1, 1, 1, 1]),
    "as many classes": lambda: ours.f_classif(X4, [1, 2, 3, 4]),
    "non-negative": lambda: ours.chi2(-X4, Y4),
    "NaN": lambda: ours.f_classif(np.full((4, 2), np.nan), Y4),
    "infinity": lambda: ours.mutual_info_classif(np.full((4, 2), np.inf), Y4),
    "n_samples = 2": lambda: ours.f_regression(X4[:2], [1.0, 2.0]),
    "n_neighbors=0": lambda: ours.mutual_info_regression(X4, Y4, n_neighbors=0),
    "n_neighbors=4": lambda: ours.mutual_info_regression(X4, Y4, n_neighbors=4),
    "n_jobs=0": lambda: ours.mutual_info_regression(X4, Y4, n_jobs=0),
    "discrete_features='all'": lambda: ours.mutual_info_classif(X4, Y4, discrete_features="all"),
    "mask of 2 columns": lambda: ours.mutual_info_classif(X4, Y4, discrete_features=[True, False]),
    "continuous features": lambda: ours.mutual_info_classif(scipy.sparse.csr_array(X4), Y4, discrete_features=False),
    "occurs once": lambda: ours.mutual_info_regression(np.arange(4.0)[:, None], Y4, discrete_features=True),
    "Unknown label type": lambda: ours.mutual_info_classif(X4, [0.1, 0.2, 0.3, 0.4]),
    "k=-1": lambda: ours.SelectKBest(k=-1).fit(X4, Y4),
    "percentile=101": lambda: ours.SelectPercentile(percentile=101).fit(X4, Y4),
    "alpha=2": lambda: ours.SelectFpr(alpha=2).fit(X4, Y4),
    "no p-values": lambda: ours.SelectFdr(ours.mutual_info_classif).fit(X4, Y4),
    "score_func='f'": lambda: ours.SelectKBest("f").fit(X4, Y4),
    "threshold=-1": lambda: ours.VarianceThreshold(-1).fit(X4),
    "meets the variance": lambda: ours.VarianceThreshold().fit(np.ones((3, 2))),
    "only one sample": lambda: ours.VarianceThreshold().fit(np.ones((1, 2))),
    "threshold=1.5": lambda: ours.CorrelationThreshold(1.5).fit(X4),
    "step=0": lambda: ours.RFE(LinearRegression(), step=0).fit(X4, Y4),
    "n_features_to_select=1.5": lambda: ours.RFE(LinearRegression(), n_features_to_select=1.5).fit(X4, Y4),
    "neither coef_": lambda: ours.SelectFromModel(ours.VarianceThreshold()).fit(X4, Y4).get_support(),
    "'1.5*middle'": lambda: ours.SelectFromModel(LinearRegression(), threshold="1.5*middle").fit(X4, Y4).threshold_,
    "max_features=-2": lambda: ours.SelectFromModel(LinearRegression(), max_features=-2).fit(X4, Y4),
    "norm_order=0": lambda: ours.SelectFromModel(LinearRegression(), norm_order=0).fit(X4, Y4),
    "different shape": lambda: ours.SelectKBest(k=1).fit(X4, Y4).inverse_transform(X4),
}  # fmt: skip


@pytest.mark.parametrize("words", list(REFUSED))
def test_bad_input_is_refused_by_name(words):
    with pytest.raises(ValueError, match=words.replace("*", r"\*")):
        REFUSED[words]()


def test_nothing_left_is_said():
    with pytest.warns(UserWarning, match="No features were selected"):
        assert ours.SelectKBest(k=0).fit(X4, Y4).transform(X4).shape == (4, 0)
    with pytest.warns(UserWarning, match="greater than n_features"):
        assert ours.SelectKBest(k=9).fit(X4, Y4).get_support().all()


def test_arguments_are_routed_to_the_model():
    import sklearn

    kinds, _, z = tables()
    weight = np.arange(150.0)
    plain = ours.RFE(LinearRegression()).fit(kinds["dense"], z, sample_weight=weight)
    with sklearn.config_context(enable_metadata_routing=True):
        model = LinearRegression().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        asked = ours.RFE(model).fit(kinds["dense"], z, sample_weight=weight)
        asked.score(kinds["dense"], z, sample_weight=weight)
        once = ours.SelectFromModel(model).fit(kinds["dense"], z, sample_weight=weight)
    assert (asked.estimator_.coef_ == plain.estimator_.coef_).all() and hasattr(once.estimator_, "coef_")
