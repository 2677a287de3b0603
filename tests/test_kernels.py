"Kernel machines against libsvm at equal tolerance, the duality gap, and scikit-learn's contract for estimators."

import pickle
import tracemalloc
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.svm as reference
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_approximation import RBFSampler as ReferenceSampler
from sklearn.metrics.pairwise import pairwise_kernels, rbf_kernel
from sklearn.utils.estimator_checks import parametrize_with_checks

from mlbook.svm import SVC, SVR, DualProblem, KernelTable, RBFSampler, solve_dual

WEIGHTS = "gamma='scale' does not look at weights, as in scikit-learn, whose own list has these two"
KNOWN = dict.fromkeys(
    ("check_sample_weight_equivalence_on_dense_data", "check_sample_weight_equivalence_on_sparse_data"), WEIGHTS
)


@parametrize_with_checks(
    [SVC(), SVR(), RBFSampler()],
    expected_failed_checks=lambda estimator: {} if isinstance(estimator, RBFSampler) else KNOWN,
)
def test_contract(estimator, check):
    check(estimator)


def crossed(n=300, columns=4, seed=0):
    "Classes by the sign of a product of two columns, with noise."
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns))
    return X, (X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=n) > 0).astype(int)


KERNELS = [
    {},
    {"C": 20, "gamma": 0.1},
    {"C": 0.1, "gamma": 3.0},
    {"gamma": "auto"},
    {"kernel": "poly", "coef0": 1.0, "degree": 2},
    {"kernel": "linear"},
    {"kernel": "sigmoid", "gamma": 0.01},
    {"class_weight": "balanced"},
    {"class_weight": {0: 3.0}},
]


@pytest.mark.parametrize("options", KERNELS, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_two_classes_decide_as_libsvm(options, seed):
    X, y = crossed(seed=seed)
    weight = [None, np.random.default_rng(seed).integers(0, 4, len(y)), np.linspace(0.1, 2, len(y))][seed]
    ours, theirs = (m(tol=1e-7, **options).fit(X, y, weight) for m in (SVC, reference.SVC))
    scores = ours.decision_function(X)
    np.testing.assert_allclose(scores, theirs.decision_function(X), atol=2e-4)  # libsvm's kernel is float32
    assert (ours.predict(X) == theirs.predict(X))[np.abs(scores) > 2e-4].all()
    assert ours.dual_coef_.sum() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=2e-4)
    if options.get("kernel") == "linear":
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-4)
    if weight is None:
        assert len(set(ours.support_) ^ set(theirs.support_)) <= 2
        np.testing.assert_array_equal(ours.support_vectors_, X[ours.support_])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_gap_between_loss_and_bound_closes(kind):
    X, y = crossed(1500)
    X, s = X.astype(kind), np.where(y == 1, 1.0, -1.0)
    model = SVC(C=5, gamma=0.5, tol=1e-5).fit(X, y)
    K = rbf_kernel(X.astype(float), gamma=0.5)
    beta = np.zeros(len(y))
    beta[model.support_] = model.dual_coef_[0]
    assert (beta * s >= 0).all() and np.abs(beta).max() <= 5 and beta.sum() == pytest.approx(0, abs=1e-9)
    f = K @ beta + model.intercept_[0]
    np.testing.assert_allclose(model.decision_function(X), f, atol=1e-4)
    loss = 0.5 * beta @ K @ beta + 5 * np.maximum(0, 1 - s * f).sum()
    bound = s @ beta - 0.5 * beta @ K @ beta
    assert 0 <= loss - bound < 1e-5 * bound


@pytest.mark.parametrize("shape", ["ovr", "ovo"])
@pytest.mark.parametrize("break_ties", [False, True])
def test_many_classes_decide_as_libsvm(shape, break_ties):
    if shape == "ovo" and break_ties:
        with pytest.raises(ValueError, match="break_ties"):
            SVC(decision_function_shape="ovo", break_ties=True).fit([[0.0], [1.0]], [0, 1]).predict([[0.0]])
        return
    for X, y in (load_iris(return_X_y=True), load_digits(n_class=5, return_X_y=True)):
        names = np.array(["e", "d", "c", "b", "a"])[y]
        options = {"decision_function_shape": shape, "break_ties": break_ties, "tol": 1e-7, "class_weight": "balanced"}
        ours, theirs = (m(**options).fit(X, names) for m in (SVC, reference.SVC))
        np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-4)
        assert (ours.predict(X) == theirs.predict(X)).all()
        if len(ours.support_) == len(theirs.support_):
            np.testing.assert_array_equal(ours.support_, theirs.support_)
            np.testing.assert_allclose(ours.dual_coef_, theirs.dual_coef_, atol=1e-3)
        np.testing.assert_allclose(ours.class_weight_, theirs.class_weight_)
        assert ours.n_support_.sum() == len(ours.support_) and ours.n_iter_.shape == theirs.n_iter_.shape


@pytest.mark.parametrize("options", [{}, {"C": 30}, {"epsilon": 10, "C": 50}, {"epsilon": 0}, {"kernel": "linear"}])
def test_regression_predicts_as_libsvm(options):
    X, y = load_diabetes(return_X_y=True)
    weight = np.random.default_rng(0).uniform(0, 2, len(y))
    for w in (None, weight):
        ours, theirs = (m(tol=1e-7, **options).fit(X, y, w) for m in (SVR, reference.SVR))
        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)
        assert abs(len(ours.support_) - len(theirs.support_)) <= 2 and np.ndim(ours.n_iter_) == 0
        assert ours.n_support_.shape == theirs.n_support_.shape


def test_blocks_and_a_kept_matrix_agree():
    X, y = crossed(2500)
    models = [SVC(C=10, tol=1e-6, cache_size=size).fit(X, y) for size in (200, 1)]
    theirs = reference.SVC(C=10, tol=1e-6).fit(X, y).decision_function(X)
    for model in models:
        np.testing.assert_allclose(model.decision_function(X), theirs, atol=3e-4)
    target = X[:, 0] ** 2
    ours = [SVR(tol=1e-6, cache_size=size).fit(X, target).predict(X) for size in (200, 1)]
    for found in ours:
        np.testing.assert_allclose(found, reference.SVR(tol=1e-6).fit(X, target).predict(X), atol=3e-4)


def test_memory_stays_far_below_the_kernel_matrix():
    X, y = crossed(5000)
    SVC(cache_size=1).fit(X[:1500], y[:1500])  # compiled
    tracemalloc.start()
    model = SVC(cache_size=1).fit(X, y)
    model.decision_function(X)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert peak < 40, f"{peak:.0f} MB; the matrix alone has 100"


def test_float32_rounding_is_seen_and_doubles_take_over():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1500, 3)) + [1e6, -1e6, 0]  # centring keeps the digits
    near = X - X.mean(0)
    s = np.where(near[:, 0] * near[:, 1] > 0, 1.0, -1.0)
    model = SVC(C=1000, gamma=0.3, tol=1e-4, cache_size=1).fit(X, s)
    K, beta = rbf_kernel(near, gamma=0.3), np.zeros(1500)
    beta[model.support_] = model.dual_coef_[0]
    loss = 0.5 * beta @ K @ beta + 1000 * np.maximum(0, 1 - s * (K @ beta + model.intercept_[0])).sum()
    bound = s @ beta - 0.5 * beta @ K @ beta
    assert model.fit_status_ == 0 and 0 <= loss - bound < 1e-5 * bound


def test_weights_equal_repeats_when_gamma_is_fixed():
    X, y = crossed(120)
    weight = np.random.default_rng(0).integers(0, 4, len(y))
    options = {"gamma": 0.3, "tol": 1e-9}
    for model, target in ((SVC, y), (SVR, X[:, 0] ** 2)):
        ask = "decision_function" if model is SVC else "predict"
        weighted = model(**options).fit(X, target, weight)
        repeated = model(**options).fit(np.repeat(X, weight, 0), np.repeat(target, weight))
        np.testing.assert_allclose(getattr(weighted, ask)(X), getattr(repeated, ask)(X), atol=1e-7)
        assert (weight[weighted.support_] > 0).all()


@pytest.mark.parametrize("options", [{}, {"kernel": "linear"}, {"kernel": "poly", "coef0": 1.0}])
def test_sparse_tables(options):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 30)) * (rng.random((400, 30)) < 0.2)
    y = (X[:, :3].sum(1) + X[:, 3] * X[:, 4] > 0).astype(int)
    S = scipy.sparse.csr_array(X)
    for table in (S, scipy.sparse.csr_matrix(X), scipy.sparse.csc_array(X), S.astype(np.float32)):
        ours = SVC(tol=1e-6, **options).fit(table, y)
        theirs = reference.SVC(tol=1e-6, **options).fit(X, y)
        np.testing.assert_allclose(ours.decision_function(table), theirs.decision_function(X), atol=2e-4)
        np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=2e-4)
    assert scipy.sparse.issparse(ours.support_vectors_)
    if options.get("kernel") == "linear":
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-4)


@pytest.mark.parametrize("model", [SVC, SVR])
def test_precomputed_and_callable_kernels(model):
    X, y = crossed(200)
    K, peer = rbf_kernel(X, gamma=0.3), getattr(reference, model.__name__)
    truth = peer(gamma=0.3, tol=1e-7).fit(X, y)
    for kind, table in (("precomputed", K), (lambda A, B: rbf_kernel(A, B, gamma=0.3), X)):
        ours = model(kernel=kind, tol=1e-7).fit(table, y)
        np.testing.assert_allclose(ours.predict(table), truth.predict(X), atol=1e-4)
        assert ours.support_vectors_.size == 0
    words = ["late", "later", "latest", "sun", "sunny", "sunset"]
    letters = model(kernel=lambda A, B: [[len(set(a) & set(b)) for b in B] for a in A])
    found = letters.fit(words, [0, 0, 0, 1, 1, 1]).predict(["relate", "sunshine"])
    assert found[0] < 0.5 < found[1]


def test_data_frames_pickles_and_threads_of_input():
    X, y = crossed()
    frame = pd.DataFrame(X, columns=list("abcd"))
    model = SVC().fit(frame, y)
    assert model.feature_names_in_.tolist() == list("abcd")
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).predict(frame), model.predict(frame))
    single = SVC().fit(X.astype(np.float32), y)
    assert single.support_vectors_.dtype == np.float32
    np.testing.assert_allclose(single.decision_function(X[:9].astype(np.float32)), model.decision_function(frame)[:9],
                               atol=1e-3)  # fmt: skip


@pytest.mark.parametrize(
    "options, words",
    [
        ({"C": 0}, "C=0"),
        ({"C": -1.0}, "C=-1.0"),
        ({"gamma": 0}, "gamma=0"),
        ({"gamma": "wide"}, "gamma='wide'"),
        ({"kernel": "cosine"}, "kernel='cosine'"),
        ({"degree": -1, "kernel": "poly"}, "degree=-1"),
        ({"tol": 0.0}, "tol=0.0"),
        ({"cache_size": 0}, "cache_size=0"),
        ({"max_iter": -2}, "max_iter=-2"),
        ({"shrinking": "no"}, "shrinking='no'"),
        ({"coef0": "x"}, "coef0='x'"),
    ],
)
def test_bad_parameters_are_named(options, words):
    X, y = crossed(30)
    for model in (SVC, SVR):
        with pytest.raises(ValueError, match=words):
            model(**options).fit(X, y)


def test_bad_choices_of_one_model():
    X, y = crossed(30)
    with pytest.raises(ValueError, match="epsilon=-0.1"):
        SVR(epsilon=-0.1).fit(X, y)
    with pytest.raises(ValueError, match="probability=True.*CalibratedClassifierCV"):
        SVC(probability=True).fit(X, y)
    with pytest.raises(ValueError, match="decision_function_shape='rest'"):
        SVC(decision_function_shape="rest").fit(X, y)
    with pytest.raises(AttributeError, match="kernel='linear'"):
        _ = SVC().fit(X, y).coef_
    with pytest.raises(ValueError, match="n_components=0"):
        RBFSampler(n_components=0).fit(X)
    with pytest.raises(ValueError, match="gamma=-1"):
        RBFSampler(gamma=-1).fit(X)


def test_bad_data_are_named():
    X, y = crossed(30)
    gap = X.copy()
    gap[3, 2] = np.nan
    for model in (SVC(), SVR()):
        with pytest.raises(ValueError, match="column 2 of X contains NaN"):
            model.fit(gap, y)
    with pytest.raises(ValueError, match="one class"):
        SVC().fit(X, np.ones(30))
    with pytest.raises(ValueError, match="class 1 has no row of positive weight"):
        SVC().fit(X, y, np.where(y == 1, 0.0, 1.0))
    with pytest.raises(ValueError, match="[Nn]egative"):
        SVC().fit(X, y, np.full(30, -1.0))
    crooked = np.eye(30)
    crooked[4, 7] = 0.5
    with pytest.raises(ValueError, match=r"not symmetric: K\[4, 7\]=0.5"):
        SVC(kernel="precomputed").fit(crooked, y)
    with pytest.raises(ValueError, match="square"):
        SVC(kernel="precomputed").fit(X, y)
    with pytest.raises(ValueError, match=r"shape \(30,\).*shape \(30, 30\)"):
        SVC(kernel=lambda A, B: np.ones(30)).fit(X, y)
    with pytest.raises(ValueError, match="NaN or infinity"):
        SVC(kernel=lambda A, B: np.full((30, 30), np.nan)).fit(X, y)


def test_warnings_say_what_to_do():
    X, y = crossed()
    with pytest.warns(UserWarning, match="column 2 of X.*StandardScaler"):
        SVC().fit(X * [1, 1, 1e4, 1], y)
    with pytest.warns(ConvergenceWarning, match="a gap of .* after 5 steps.*max_iter"):
        model = SVC(max_iter=5).fit(X, y)
    assert model.fit_status_ == 1 and model.n_iter_.tolist() == [5]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SVC().fit(X, y).fit_status_ == 0


def test_equal_rows_with_other_labels_and_repeated_points():
    X = np.repeat([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]], 20, axis=0)
    y = np.tile([0, 1], 30)
    model = SVC(C=3).fit(X, y)  # nothing to learn: every row at its bound or balanced
    assert model.fit_status_ == 0 and np.abs(model.decision_function(X)).max() < 1 + 1e-3
    y = np.repeat([0, 1, 1], 20)
    theirs = reference.SVC(C=3, tol=1e-6).fit(X, y)
    np.testing.assert_allclose(
        SVC(C=3, tol=1e-6).fit(X, y).decision_function(X), theirs.decision_function(X), atol=1e-4
    )
    flat = SVR().fit(X, np.ones(60))
    assert len(flat.support_) == 0 and (flat.predict(X) == 1).all()


def test_more_rows_of_a_table_with_many_columns():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 700))
    y = (X[:, :5].sum(1) > 0).astype(int)
    ours, theirs = SVC(tol=1e-5).fit(X, y), reference.SVC(tol=1e-5).fit(X, y)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-4)


def test_the_solver_keeps_its_bounds_exactly():
    X, y = crossed(400)
    s = np.where(y == 1, 1.0, -1.0)
    cost = np.random.default_rng(0).uniform(0.1, 2, 400)
    low, high = np.minimum(0, cost * s), np.maximum(0, cost * s)
    K = pairwise_kernels(X, metric="rbf", gamma=2.0)
    found = solve_dual(DualProblem(KernelTable(None, None, K), s, low, high), np.zeros(400), 1e-8)
    beta = found.beta
    near = np.isclose(beta, low, atol=1e-9) | np.isclose(beta, high, atol=1e-9)
    assert ((beta == low) | (beta == high))[near].all() and found.gap < 1e-8


@pytest.mark.parametrize("gamma", [0.5, "scale"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_random_features_equal_the_reference(gamma, kind):
    X = crossed()[0].astype(kind)
    options = {"gamma": gamma, "n_components": 50, "random_state": 3}
    for table in (X, scipy.sparse.csr_array(X)):
        ours = RBFSampler(**options).fit_transform(table)
        theirs = ReferenceSampler(**options).fit_transform(table)
        assert ours.dtype == kind
        np.testing.assert_allclose(ours, theirs, atol=1e-5 if kind == np.float32 else 1e-12)
    assert RBFSampler(n_components=2).set_output(transform="pandas").fit_transform(X).columns[0] == "rbfsampler0"
