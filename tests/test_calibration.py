"Calibration against scikit-learn with the same splits, its contract for estimators, and saved models."

import inspect
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.optimize
import scipy.sparse
import scipy.stats
import sklearn.calibration as reference
import sklearn.isotonic
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import KFold, LeaveOneOut, ShuffleSplit, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.calibration as ours
from mlbook.calibration import CalibratedClassifierCV, FrozenEstimator, IsotonicRegression, SigmoidCalibration
from mlbook.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from mlbook.serialization import load, save

METHODS = ["sigmoid", "isotonic", "temperature"]


@parametrize_with_checks(
    [
        CalibratedClassifierCV(LogisticRegression(), cv=3),
        IsotonicRegression(),
    ],
    xfail_strict=True,
)
def test_contract(estimator, check):
    check(estimator)


@pytest.mark.parametrize("name", ["CalibratedClassifierCV", "CalibrationDisplay.from_predictions", "calibration_curve"])
def test_the_parameters_are_those_of_scikit_learn(name):
    mine, theirs = ours, reference
    for part in name.split("."):
        mine, theirs = getattr(mine, part), getattr(theirs, part)
    assert list(inspect.signature(mine).parameters) == list(inspect.signature(theirs).parameters)


def scored(seed, n=300, classes=2):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, classes)) * 3 - 1
    scores = scores[:, 0] if classes == 2 else scores
    chance = 1 / (1 + np.exp(-0.6 * scores - 0.5)) if classes == 2 else np.exp(0.4 * scores)
    if classes == 2:
        return scores, (rng.random(n) < chance).astype(int), rng.random(n)
    chance /= chance.sum(1, keepdims=True)
    return scores, np.array([rng.choice(classes, p=p) for p in chance]), rng.random(n)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("weighted", [False, True])
def test_sigmoid(seed, weighted):
    f, y, s = scored(seed)
    weight = s if weighted else None
    mine, theirs = SigmoidCalibration().fit(f, y, weight), reference._SigmoidCalibration().fit(f, y, weight)
    s = s if weighted else np.ones(len(f))
    target = np.where(y == 1, (s[y == 1].sum() + 1) / (s[y == 1].sum() + 2), 1 / (s[y == 0].sum() + 2))

    def loss(v):
        z = -(v[0] * f + v[1])
        r = s * (1 / (1 + np.exp(-z)) - target)
        return s @ (np.logaddexp(0, z) - target * z), np.array([-r @ f, -r.sum()])

    left = np.abs(loss([mine.a_, mine.b_])[1]).max()
    assert left < 1e-9 * s.sum(), "the slope of the loss is zero"
    np.testing.assert_allclose([mine.a_, mine.b_], [theirs.a_, theirs.b_], rtol=1e-6)  # L-BFGS stops at 1e-6
    exact = scipy.optimize.root(lambda v: loss(v)[1], [theirs.a_, theirs.b_], tol=1e-13).x
    np.testing.assert_allclose([mine.a_, mine.b_], exact, rtol=1e-8)
    assert loss([mine.a_, mine.b_])[0] <= loss([theirs.a_, theirs.b_])[0] * (1 + 1e-13)


@pytest.mark.parametrize(("shift", "width"), [(0, 1), (1e6, 1), (0, 1e-9), (0, 1e12), (5, 0)])
def test_sigmoid_takes_scores_of_any_size(shift, width):
    f, y, _ = scored(0)
    model, plain = SigmoidCalibration().fit(f * width + shift, y), SigmoidCalibration().fit(f, y)
    said = model.predict(f * width + shift)
    if width:
        np.testing.assert_allclose(said, plain.predict(f), rtol=1e-5)
    else:
        np.testing.assert_allclose(
            said, (y.sum() * (y.sum() + 1) / (y.sum() + 2) + (y == 0).sum() / ((y == 0).sum() + 2)) / len(y)
        )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("increasing", [True, False, "auto"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_isotonic(seed, increasing, dtype):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 60, 200) / 7 if seed % 2 else rng.normal(size=200)  # with ties and without
    y = np.sin(x) + rng.normal(size=200) if seed < 2 else rng.integers(0, 2, 200).astype(float)
    weight, x = np.where(rng.random(200) < 0.1, 0, rng.random(200)), x.astype(dtype)
    new, tol = np.linspace(-4, 10, 500).astype(dtype), 1e-12 if dtype is np.float64 else 1e-5
    for s in (None, weight):
        for more in ({}, {"y_min": -0.3, "y_max": 0.4}):
            for way in ("clip", "nan"):
                options = {"increasing": increasing, "out_of_bounds": way, **more}
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    mine = IsotonicRegression(**options).fit(x, y, s)
                    theirs = sklearn.isotonic.IsotonicRegression(**options).fit(x, y, s)
                assert mine.increasing_ == theirs.increasing_ and (mine.X_min_, mine.X_max_) == (
                    theirs.X_min_,
                    theirs.X_max_,
                )
                found = mine.predict(new)
                assert found.dtype == mine.transform(new).dtype == dtype
                np.testing.assert_allclose(found, theirs.predict(new), rtol=0, atol=tol)
                np.testing.assert_allclose(
                    mine.f_(new), np.interp(new, theirs.X_thresholds_, theirs.y_thresholds_), atol=tol
                )
                assert mine.X_thresholds_.dtype == mine.y_thresholds_.dtype == dtype


def test_isotonic_names_what_is_wrong():
    x, y = [1.0, 2.0, 3.0], [0.0, 1.0, 0.5]
    cases = (
        ({"out_of_bounds": "stop"}, "out_of_bounds='stop'"),
        ({"increasing": "up"}, "increasing='up'"),
        ({"y_min": 2, "y_max": 1}, "y_max"),
        ({"y_min": "a"}, "y_min"),
    )
    for options, word in cases:
        with pytest.raises(ValueError, match=word):
            IsotonicRegression(**options).fit(x, y)
    for bad in ([1.0, np.nan, 3.0], [[1.0, 2.0]] * 3):
        with pytest.raises(ValueError, match="X"):
            IsotonicRegression().fit(bad, y)
    with pytest.raises(ValueError, match=r"T holds 5, outside \[1, 3\].*clip"):
        IsotonicRegression(out_of_bounds="raise").fit(x, y).predict([5.0])
    with pytest.warns(UserWarning, match="spans zero"):
        IsotonicRegression(increasing="auto").fit(np.arange(9), [0, 1, 0, 1, 0, 1, 0, 1, 0])
    assert IsotonicRegression().fit([1.0, 1.0], [0, 1]).predict([0.0, 9.0]).tolist() == [0.5, 0.5]  # one corner
    assert IsotonicRegression().fit(x, y).get_feature_names_out().tolist() == ["isotonicregression0"]
    with pytest.raises(NotFittedError):
        IsotonicRegression().predict(x)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("classes", [3, 10])
def test_temperature(seed, classes):
    Z, y, s = scored(seed, 400, classes)
    for weight in (None, s):
        mine, theirs = ours.TemperatureScaling().fit(Z, y, weight), reference._TemperatureScaling().fit(Z, y, weight)
        assert abs(mine.beta_ / theirs.beta_ - 1) < 1e-6
        np.testing.assert_allclose(mine.predict(Z), theirs.predict(Z), atol=1e-6)
    perfect, hopeless = np.eye(classes)[y], -np.eye(classes)[y]
    assert np.isclose(ours.TemperatureScaling().fit(perfect, y).beta_, np.exp(10))
    assert np.isclose(ours.TemperatureScaling().fit(hopeless, y).beta_, np.exp(-10))
    with pytest.raises(ValueError, match="places of columns"):
        ours.TemperatureScaling().fit(Z, y + 1)


def data(kind):
    X, y = load_wine(return_X_y=True)
    X = (X - X.mean(0)) / X.std(0) + np.random.default_rng(0).normal(size=X.shape)
    return (X, np.array(["no", "yes"])[(y > 0).astype(int)]) if kind == "two" else (X, y)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ensemble", [True, False])
@pytest.mark.parametrize("kind", ["two", "three"])
@pytest.mark.parametrize("inner", [LogisticRegression(), GaussianNB(var_smoothing=0.1)], ids=["scores", "proba"])
def test_classifier(method, ensemble, kind, inner):
    X, y = data(kind)
    splits = (3, StratifiedKFold(4, shuffle=True, random_state=0), list(StratifiedKFold(3).split(X, y)))
    for cv in splits:
        mine, theirs = (
            m.CalibratedClassifierCV(inner, method=method, cv=cv, ensemble=ensemble).fit(X, y)
            for m in (ours, reference)
        )
        assert len(mine.calibrated_classifiers_) == len(theirs.calibrated_classifiers_)
        np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
        assert (mine.predict(X) == theirs.predict(X)).mean() > 0.995
        assert mine.n_features_in_ == X.shape[1] and (mine.classes_ == theirs.classes_).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ensemble", [True, False])
def test_weights(method, ensemble):
    X, y = data("two")
    s = np.random.default_rng(1).random(len(X))
    inner = GaussianNB()
    mine, theirs = (
        m.CalibratedClassifierCV(inner, method=method, cv=4, ensemble=ensemble).fit(X, y, s) for m in (ours, reference)
    )
    np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    with pytest.warns(UserWarning, match="takes no sample_weight"):
        CalibratedClassifierCV(LinearDiscriminantAnalysis()).fit(X, y, s)
    with pytest.raises(ValueError, match="[Ww]eight"):
        CalibratedClassifierCV(inner).fit(X, y, 0 * s)


@pytest.mark.parametrize("method", METHODS)
def test_frozen(method):
    import sklearn.frozen

    X, y = data("three")
    inner = GaussianNB().fit(X[::2], y[::2])
    theirs = reference.CalibratedClassifierCV(sklearn.frozen.FrozenEstimator(inner), method=method).fit(
        X[1::2], y[1::2]
    )
    for frozen in (FrozenEstimator(inner), sklearn.frozen.FrozenEstimator(inner)):
        mine = CalibratedClassifierCV(frozen, method=method).fit(X[1::2], y[1::2])
        assert len(mine.calibrated_classifiers_) == 1 and mine.calibrated_classifiers_[0].estimator is frozen
        np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
        many = CalibratedClassifierCV(frozen, method=method, ensemble=True, cv=3).fit(X[1::2], y[1::2])
        assert len(many.calibrated_classifiers_) == 3
        CalibratedClassifierCV(frozen, method=method).fit(X[1::2], y[1::2], np.ones(len(y[1::2])))  # no warning
    with pytest.raises(NotFittedError):
        CalibratedClassifierCV(FrozenEstimator(GaussianNB())).fit(X, y)
    with pytest.raises(ValueError, match="frozen model knows"):
        CalibratedClassifierCV(FrozenEstimator(inner)).fit(X[y < 2], y[y < 2])


def test_tables_of_all_kinds():
    X, y = data("two")
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])])
    plain = CalibratedClassifierCV(GaussianNB()).fit(X, y)
    named = CalibratedClassifierCV(GaussianNB()).fit(frame, pd.Series(y))
    assert named.feature_names_in_.tolist() == list(frame)
    np.testing.assert_allclose(named.predict_proba(frame), plain.predict_proba(X), rtol=1e-12)
    sparse = scipy.sparse.csr_array(np.where(np.abs(X) > 1, X, 0))
    found = [
        CalibratedClassifierCV(LogisticRegression(tol=1e-10)).fit(T, y).predict_proba(T)
        for T in (sparse, sparse.toarray())
    ]
    np.testing.assert_allclose(*found, atol=1e-4)
    assert CalibratedClassifierCV(LogisticRegression()).fit(X.astype(np.float32), y).predict_proba(X).shape == (
        len(X),
        2,
    )
    assert CalibratedClassifierCV().fit(X, y).score(X, y) > 0.7  # the default estimator
    with joblib.parallel_config(backend="threading"):
        two = CalibratedClassifierCV(GaussianNB(), n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(two.predict_proba(X), plain.predict_proba(X))


class NoScores(ClassifierMixin, BaseEstimator):
    "A model whose scores are NaN."

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def decision_function(self, X):
        return np.full(len(X), np.nan)


@pytest.mark.parametrize(
    ("options", "rows", "word"),
    [
        ({"method": "platt"}, slice(None), "method='platt'"),
        ({"ensemble": 1}, slice(None), "ensemble=1"),
        ({"cv": 1}, slice(None), "cv=1"),
        ({"cv": "five"}, slice(None), "cv='five'"),
        ({"cv": 100}, slice(None), "rarest class of y has less than 100 examples"),
        ({"cv": KFold(2)}, slice(None), "fold 0 .* no row of class .*whole number as cv"),
        ({"cv": LeaveOneOut()}, slice(None), "fold 0 holds out no row of class"),
        ({"cv": ShuffleSplit(3, random_state=0), "ensemble": False}, slice(None), "each row once"),
        ({"cv": []}, slice(None), "cv must give folds"),
        ({"estimator": LinearRegression()}, slice(None), "neither decision_function nor predict_proba"),
        ({}, slice(0, 30), "one class"),
        ({"estimator": NoScores()}, slice(None), "scores of NoScores are NaN"),
    ],
)
def test_what_is_wrong_is_named(options, rows, word):
    X, y = data("two")
    order = np.argsort(y, kind="stable")
    with pytest.raises(ValueError, match=word):
        CalibratedClassifierCV(**{"estimator": GaussianNB()} | options).fit(X[order][rows], y[order][rows])


def test_routing():
    import sklearn

    X, y = data("two")
    s, groups = np.random.default_rng(0).random(len(X)), np.arange(len(X)) % 4
    with sklearn.config_context(enable_metadata_routing=True):
        inner = GaussianNB().set_fit_request(sample_weight=True)
        cv = sklearn.model_selection.GroupKFold(4)
        mine, theirs = (
            m.CalibratedClassifierCV(inner, cv=cv).set_fit_request().fit(X, y, sample_weight=s, groups=groups)
            for m in (ours, reference)
        )
    np.testing.assert_allclose(mine.predict_proba(X), theirs.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("suffix", [".pb", ".pkl"])
def test_saved_and_read_back(method, suffix, tmp_path):
    X, y = data("three")
    inner = LogisticRegression().fit(X, y)
    for estimator in (LogisticRegression(), FrozenEstimator(inner), SGDClassifier(random_state=0), None):
        model = CalibratedClassifierCV(estimator, method=method, cv=3).fit(X, y)
        save(model, tmp_path / f"m{suffix}")
        again = load(tmp_path / f"m{suffix}")
        np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
        assert again.predict(X).tolist() == pickle.loads(pickle.dumps(model)).predict(X).tolist()
        clone(again).fit(X, y)


def test_an_isotonic_line_is_saved(tmp_path):
    model = IsotonicRegression(out_of_bounds="clip").fit([1, 2, 3, 4], [0, 1, 0, 1])
    save(model, tmp_path / "m.pb")
    assert load(tmp_path / "m.pb").predict([0, 2.5, 9]).tolist() == model.predict([0, 2.5, 9]).tolist()


def test_reliability():
    rng = np.random.default_rng(0)
    p = rng.random(500)
    y = (rng.random(500) < p).astype(int)
    for strategy in ("uniform", "quantile"):
        found = ours.reliability(y, p, n_bins=7, strategy=strategy)
        theirs = reference.calibration_curve(y, p, n_bins=7, strategy=strategy)
        np.testing.assert_allclose(found[:2], theirs)
        for k, n, low, high in zip(found.prob_true * found.rows, *found[2:], strict=True):
            ci = scipy.stats.binomtest(round(k), int(n)).proportion_ci(method="wilson")
            np.testing.assert_allclose([low, high], [ci.low, ci.high], atol=1e-12)
    ece = ours.expected_calibration_error(y, p, n_bins=5)
    bins = np.minimum((p * 5).astype(int), 4)
    assert abs(ece - sum(abs((y - p)[bins == b].sum()) for b in range(5)) / 500) < 1e-12
    text = np.array(["a", "b"])[y]
    assert ours.reliability(text, p, pos_label="b").rows.tolist() == ours.reliability(y, p).rows.tolist()
    with pytest.raises(ValueError, match="outside"):
        ours.reliability(y, p + 0.5)
    with pytest.raises(ValueError, match="level"):
        ours.wilson_interval(1, 2, level=1.5)
    with pytest.raises(ValueError, match="count"):
        ours.wilson_interval(3, 2)


def test_brier_parts():
    rng = np.random.default_rng(1)
    p = rng.integers(0, 11, 300) / 10
    y = rng.integers(0, 2, 300)
    wrong, sharp, unsure = ours.brier_parts(y, p)
    assert abs(wrong - sharp + unsure - np.mean((p - y) ** 2)) < 1e-12
    assert ours.brier_parts(y, np.full(300, y.mean()))[:2] == pytest.approx((0, 0), abs=1e-12)
    with pytest.raises(ValueError, match="outside"):
        ours.brier_parts(y, p * 2)


def test_display():
    import matplotlib

    matplotlib.use("agg")
    X, y = data("two")
    model = GaussianNB().fit(X, y)
    mine = ours.CalibrationDisplay.from_estimator(model, X, y, n_bins=4, pos_label="yes")
    theirs = reference.CalibrationDisplay.from_estimator(model, X, y, n_bins=4, pos_label="yes")
    np.testing.assert_allclose(mine.line_.get_xydata(), theirs.line_.get_xydata())
    assert mine.ax_.get_xlabel() == theirs.ax_.get_xlabel() and mine.figure_ is mine.ax_.figure
    again = ours.CalibrationDisplay.from_estimator(model, X, y, ax=mine.ax_, name="again")
    assert [t.get_text() for t in again.ax_.get_legend().get_texts()] == ["Perfectly calibrated", "GaussianNB", "again"]
    with pytest.raises(ValueError, match="pos_label='si': choose"):
        ours.CalibrationDisplay.from_estimator(model, X, y, pos_label="si")
    with pytest.raises(NotFittedError):
        ours.CalibrationDisplay.from_estimator(GaussianNB(), X, y)
