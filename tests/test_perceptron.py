"The perceptrons, step by step against scikit-learn's, and what they refuse."

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import sklearn.neural_network as reference
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

import mlbook.neural_network as ours
from mlbook.neural_network import MLPClassifier, MLPRegressor, SparseRows, answers, set_rate, whole_slope
from mlbook.optimizers import SGD
from mlbook.serialization import load, save

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:column .* of X holds")


@parametrize_with_checks([MLPClassifier(max_iter=20), MLPRegressor(max_iter=20)])
def test_contract(estimator, check):
    check(estimator)


def standardised(load):
    X, y = load(return_X_y=True)
    return (X - X.mean(0)) / (X.std(0) + 1e-3), y


@pytest.fixture(scope="module")
def data():
    digits = [part[:1000] for part in standardised(load_digits)]
    cancer, (D, d) = standardised(load_breast_cancer), standardised(load_diabetes)
    many = make_multilabel_classification(300, random_state=0)
    d = (d - d.mean()) / d.std()
    return {"digits": digits, "cancer": cancer, "labels": (many[0] / 10, many[1]), "diabetes": (D, d),
            "outputs": (D, np.column_stack([d, d**2])), "counts": (D, np.round(d - d.min()))}  # fmt: skip


def twins(name, rows, weight=None, **options):
    "The same model of ours and of scikit-learn, fitted."
    kind = "MLPRegressor" if name in ("diabetes", "outputs", "counts") else "MLPClassifier"
    options = {"random_state": 5, "max_iter": 3} | options | ({"loss": "poisson"} if name == "counts" else {})
    with warnings.catch_warnings(action="ignore"):
        return [getattr(m, kind)(**options).fit(*rows[name], weight) for m in (ours, reference)]


def same(mine, theirs, tolerance):
    for name in ("coefs_", "intercepts_"):
        for a, b in zip(getattr(mine, name), getattr(theirs, name), strict=True):
            assert a.shape == b.shape and a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)
    np.testing.assert_allclose(mine.loss_curve_, theirs.loss_curve_, rtol=1e-5 if tolerance > 1e-6 else 1e-9)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "validation_scores_"):
        assert getattr(mine, name) == getattr(theirs, name), name
    assert mine.best_loss_ == pytest.approx(theirs.best_loss_, rel=1e-5)


@pytest.mark.parametrize("name", ["digits", "cancer", "labels", "diabetes", "outputs", "counts"])
@pytest.mark.parametrize("options", [
    {}, {"activation": "tanh", "hidden_layer_sizes": (20, 10)}, {"activation": "logistic", "alpha": 1.0},
    {"activation": "identity", "hidden_layer_sizes": ()}, {"shuffle": False, "batch_size": 64, "beta_1": 0.5},
    {"solver": "sgd", "learning_rate_init": 0.01}, {"solver": "sgd", "nesterovs_momentum": False},
    {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.01},
    {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.05, "power_t": 0.3},
    {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.01, "tol": 1.0, "n_iter_no_change": 1,
     "max_iter": 12},
])  # fmt: skip
def test_equal_starts_take_equal_steps(data, name, options):
    same(*twins(name, data, **options), 1e-9)


@pytest.mark.parametrize("name", ["digits", "cancer", "diabetes"])
def test_row_weights_count_as_in_scikit_learn(data, name):
    weight = np.random.default_rng(0).integers(0, 3, len(data[name][0])).astype(float)
    same(*twins(name, data, weight), 1e-9)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_ten_steps_in_single_precision(data, solver):
    X, y = data["digits"]
    for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-9)):
        rows = {"digits": (X.astype(dtype), y)}  # five batches of 200
        pair = twins("digits", rows, max_iter=2, solver=solver)
        same(*pair, tolerance)
        assert pair[0].coefs_[0].dtype == pair[0].predict_proba(rows["digits"][0]).dtype == dtype


@pytest.mark.parametrize("name", ["digits", "cancer", "labels", "diabetes", "outputs"])
def test_answers_are_those_of_scikit_learn(data, name):
    mine, theirs = twins(name, data)
    X = data[name][0]
    for method in ("predict", "predict_proba", "predict_log_proba"):
        if hasattr(theirs, method):
            a, b = getattr(mine, method)(X), getattr(theirs, method)(X)
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, atol=1e-9)
    assert mine.score(X, data[name][1]) == pytest.approx(theirs.score(X, data[name][1]))


@pytest.mark.parametrize("solver", ["adam", "adamw", "sgd", "lbfgs"])
def test_sparse_rows_give_what_dense_rows_give(data, solver):
    X, y = data["digits"]
    X = np.where(np.abs(X) > 0.7, X, 0)
    a, b = (MLPClassifier((8,), max_iter=4, solver=solver, random_state=0).fit(T, y)
            for T in (X, scipy.sparse.csr_array(X)))  # fmt: skip
    np.testing.assert_allclose(a.coefs_[0], b.coefs_[0], atol=1e-9)
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(scipy.sparse.csc_matrix(X)), atol=1e-9)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu", "gelu"])
@pytest.mark.parametrize("name", ["digits", "labels", "diabetes", "counts"])
def test_the_slope_of_all_rows_is_the_measured_one(data, activation, name):
    X, y = (part[:60] for part in data[name])
    options = {"loss": "poisson"} if name == "counts" else {}
    kind = MLPRegressor if name in ("diabetes", "counts") else MLPClassifier
    model = kind(hidden_layer_sizes=(4, 3), activation=activation, max_iter=1, random_state=0, **options).fit(X, y)
    network = ours._network(model, X.shape[1], np.float64)
    ours._take_weights(model, network)
    weight, rng = np.random.default_rng(1).random(60), np.random.default_rng(0)
    target = network.targets(y)
    f, w = whole_slope([network], (X, target, weight), 0.7), network.weights.copy()
    for _ in range(5):
        move = rng.normal(size=len(w))
        steep = (f(w + 1e-6 * move)[0] - f(w - 1e-6 * move)[0]) / 2e-6
        assert f(w)[1] @ move == pytest.approx(steep, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", ["cancer", "diabetes"])
def test_lbfgs_reaches_the_optimum_of_scikit_learn(data, name):
    options = {"hidden_layer_sizes": (3,), "activation": "tanh", "alpha": 10.0, "tol": 1e-7, "max_iter": 2000}
    mine, theirs = twins(name, data, solver="lbfgs", **options)
    assert mine.loss_ == pytest.approx(theirs.loss_, rel=1e-6)
    assert mine.n_iter_ <= 2000 and not hasattr(mine, "partial_fit")


def test_lbfgs_stops_at_max_fun_and_max_iter(data):
    for limit in ({"max_fun": 5}, {"max_iter": 5}):
        with pytest.warns(ConvergenceWarning, match="max_fun=5|after 5 steps"):
            model = MLPClassifier((5,), solver="lbfgs", random_state=0, **limit).fit(*data["cancer"])
        assert model.n_iter_ == 5 and model.score(*data["cancer"]) > 0.8


def test_lbfgs_weights_are_repetitions(data):
    X, y = data["cancer"]
    count = np.random.default_rng(0).integers(0, 4, len(y))
    options = {"hidden_layer_sizes": (3,), "solver": "lbfgs", "alpha": 5.0, "tol": 1e-7, "max_iter": 1000,
               "activation": "tanh", "random_state": 0}  # fmt: skip
    a = MLPClassifier(**options).fit(X, y, count.astype(float))
    b = MLPClassifier(**options).fit(np.repeat(X, count, 0), np.repeat(y, count))
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), atol=1e-4)


def test_adamw_shrinks_the_weights_and_not_the_biases():
    X, y = np.zeros((50, 3)), np.zeros(50)
    y[0] = 1e-9
    first = MLPRegressor(hidden_layer_sizes=(), solver="adamw", alpha=0.5, max_iter=1, random_state=0, batch_size=50)
    start = MLPRegressor(hidden_layer_sizes=(), solver="sgd", learning_rate_init=1e-12, max_iter=1, random_state=0)
    a, b = first.fit(X, y), start.fit(X, y)
    np.testing.assert_allclose(a.coefs_[0], b.coefs_[0] * (1 - 0.001 * 0.5), rtol=1e-9)
    np.testing.assert_allclose(np.abs(a.intercepts_[0] - b.intercepts_[0]), 0.001, rtol=1e-5)


def test_wide_layers_learn_alike_with_two_halves(data):
    X, y = data["digits"]
    mine, theirs = twins("digits", data, hidden_layer_sizes=(256, 256), max_iter=1)
    same(mine, theirs, 1e-9)
    assert len(ours._network(mine, X.shape[1], np.float64).halves) == 2


def test_a_new_rate_keeps_the_speed():
    "Against scikit-learn's form v = momentum v - rate g, w += v, with a rate that changes."
    rng, rates = np.random.default_rng(0), [0.5, 0.5, 0.1, 0.02]
    w, v, optimizer, mine = np.zeros(3), np.zeros(3), SGD(0.5, 0.9), [np.zeros(3)]
    for rate in rates:
        g = rng.normal(size=3)
        set_rate(optimizer, rate)
        v = 0.9 * v - rate * g
        w, mine = w + v, optimizer.update(mine, [g])
    np.testing.assert_allclose(mine[0], w, rtol=1e-12)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_early_stopping_keeps_the_best_weights(data, kind):
    X, y = data["cancer" if kind == "MLPClassifier" else "diabetes"]
    model = getattr(ours, kind)(early_stopping=True, random_state=1, max_iter=60, n_iter_no_change=5).fit(X, y)
    assert model.best_validation_score_ == max(model.validation_scores_) and model.best_loss_ is None
    assert len(model.validation_scores_) == model.n_iter_ == len(model.loss_curve_)
    theirs = getattr(reference, kind)(early_stopping=True, random_state=1, max_iter=60, n_iter_no_change=5).fit(X, y)
    assert abs(model.score(X, y) - theirs.score(X, y)) < 0.05


def test_warm_start_and_partial_fit_go_on(data):
    X, y = data["digits"]
    for stream in (False, True):
        pair = []
        for m in (ours, reference):
            model = m.MLPClassifier(random_state=0, warm_start=not stream, max_iter=1)
            with warnings.catch_warnings(action="ignore"):
                for part in np.array_split(np.arange(1000), 5):
                    rows = (X[part], y[part])
                    model = model.partial_fit(*rows, classes=np.unique(y)) if stream else model.fit(X[:900], y[:900])
            pair.append(model)
        same(*pair, 1e-9)
        assert len(pair[0].loss_curve_) == 5


def test_partial_fit_of_numbers_and_labels(data):
    for name in ("diabetes", "labels"):
        X, y = data[name]
        options = {"classes": np.arange(y.shape[1])} if name == "labels" else {}
        kind = "MLPClassifier" if options else "MLPRegressor"
        pair = [getattr(m, kind)(random_state=0, solver="sgd").partial_fit(X, y, **options) for m in (ours, reference)]
        for model in pair:
            model.partial_fit(X, y)
        same(*pair, 1e-9)


@pytest.mark.parametrize("solver", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("kind", ["pickle", ".pkl", ".pb"])
def test_a_fitted_model_survives_the_disk(data, solver, kind, tmp_path):
    X, y = data["cancer"]
    model = MLPClassifier((5,), random_state=0, max_iter=3, solver=solver).fit(X, y)
    if kind == "pickle":
        again = pickle.loads(pickle.dumps(model))
    else:
        save(model, tmp_path / f"model{kind}")
        again = load(tmp_path / f"model{kind}")
    assert (again.predict_proba(X) == model.predict_proba(X)).all()
    for m in (model, again):
        m.partial_fit(X, y)
    np.testing.assert_array_equal(again.coefs_[0], model.coefs_[0])


def test_labels_of_any_kind_and_frames(data):
    X, y = data["cancer"]
    frame, names = pd.DataFrame(X, columns=[f"c{k}" for k in range(X.shape[1])]), np.array(["no", "yes"], object)[y]
    model = MLPClassifier((5,), random_state=0, max_iter=5).fit(frame, names)
    assert set(model.predict(frame)) <= {"no", "yes"} and list(model.feature_names_in_)[:2] == ["c0", "c1"]
    with pytest.raises(ValueError, match="column c2 of X contains NaN"):
        clone(model).fit(frame.assign(c2=np.nan), names)
    with pytest.raises(ValueError, match="column c2 of X contains NaN"):
        model.predict(frame.assign(c2=np.nan))


@pytest.mark.parametrize("options, words", [
    ({"hidden_layer_sizes": (5, 0)}, "hidden_layer_sizes.*has 0 in place 1"),
    ({"hidden_layer_sizes": (5.5,)}, "hidden_layer_sizes.*has 5.5 in place 0"),
    ({"activation": "swish"}, "activation"), ({"solver": "newton"}, "solver"), ({"alpha": -1}, "alpha"),
    ({"learning_rate": "fast"}, "learning_rate"), ({"learning_rate_init": 0}, "learning_rate_init"),
    ({"momentum": 1.0}, "momentum"), ({"batch_size": 0}, "batch_size"), ({"max_iter": 0}, "max_iter"),
    ({"early_stopping": True, "solver": "lbfgs"}, "early_stopping=True with solver='lbfgs'"),
    ({"early_stopping": True, "validation_fraction": 0.001}, "validation_fraction"),
    ({"beta_2": 1.0}, "beta_2"), ({"n_iter_no_change": 0}, "n_iter_no_change"), ({"max_fun": 0}, "max_fun"),
])  # fmt: skip
def test_bad_parameters_are_named(data, options, words):
    with pytest.raises(ValueError, match=words):
        MLPClassifier(**options).fit(*data["cancer"])


def test_bad_data_are_named(data):
    X, y = data["digits"]
    with pytest.raises(ValueError, match="first call"):
        MLPClassifier().partial_fit(X, y)
    model = MLPClassifier((5,), random_state=0, warm_start=True, max_iter=1).partial_fit(X, y, classes=np.arange(10))
    with pytest.raises(ValueError, match="99.*, which is not among the classes"):
        model.set_params(warm_start=False).partial_fit(X[:2], [1, 99])
    with pytest.raises(ValueError, match="is not the same as before"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="warm_start=True with the classes"):
        model.set_params(warm_start=True).fit(X[y < 5], y[y < 5])
    with pytest.raises(ValueError, match=r"set hidden_layer_sizes=\(5,\)"):
        model.set_params(hidden_layer_sizes=(7,)).fit(X, y)
    with pytest.raises(ValueError, match="columns that are not 0 and 1"):
        MLPClassifier().fit(X, np.column_stack([y, y]))
    with pytest.raises(ValueError, match="one class"):
        MLPClassifier().fit(X, np.zeros(len(y)))
    with pytest.raises(ValueError, match="loss='poisson' with y of -1"):
        MLPRegressor("poisson").fit(X[:3], [1.0, -1.0, 2.0])
    with pytest.raises(ValueError, match="early_stopping=True"):
        MLPClassifier(early_stopping=True).partial_fit(X, y, classes=np.arange(10))
    with pytest.raises(AttributeError, match="partial_fit"):
        MLPClassifier(solver="lbfgs").partial_fit(X, y)


def test_an_exploding_loss_stops_with_the_remedy(data):
    X, y = data["diabetes"]
    with pytest.raises(ValueError, match="exploded .* in epoch 1 at learning_rate_init=1000.*try 100"):
        MLPRegressor(solver="sgd", learning_rate_init=1000.0, random_state=0, batch_size=20).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="exploded .* weights before it are kept"):
        model = MLPRegressor(solver="sgd", learning_rate_init=0.6, random_state=0, hidden_layer_sizes=(),
                             momentum=0.0, batch_size=len(X), max_iter=3000, n_iter_no_change=3000)  # fmt: skip
        model.fit(X, y)
    assert np.isfinite(model.coefs_[0]).all() and np.isfinite(model.loss_curve_).all()


def test_unscaled_columns_are_named(data):
    X, y = data["cancer"]
    with pytest.warns(UserWarning, match="column 3 of X holds values of about 1e\\+03.*StandardScaler"):
        MLPClassifier((3,), max_iter=1).fit(np.where(np.arange(X.shape[1]) == 3, 1000.0, X), y)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        MLPClassifier((3,), max_iter=1).fit(X, y)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_ctrl_c_keeps_the_weights(data, solver, monkeypatch):
    X, y = data["cancer"]
    plain, calls = ours.Network.part_loss, []

    def interrupted(self, *rows):
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return plain(self, *rows)

    monkeypatch.setattr(ours.Network, "part_loss", interrupted)
    with pytest.warns(match="stopped by Ctrl-C"):
        model = MLPClassifier((5,), solver=solver, random_state=0, learning_rate_init=0.02).fit(X, y)
    assert model.score(X, y) > 0.8


def test_verbose_says_nothing_in_a_log(data, capsys):
    MLPClassifier((3,), max_iter=2, verbose=True).fit(*data["cancer"])
    assert capsys.readouterr() == ("", "")


def test_verbose_moves_a_bar_on_a_terminal(data, monkeypatch):
    import io
    import sys

    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stdout", screen)
    MLPClassifier((3,), max_iter=2, verbose=True).fit(*data["cancer"])
    assert "loss" in screen.getvalue()


def test_sparse_rows_are_what_the_network_needs():
    table = scipy.sparse.csr_array(np.arange(6.0).reshape(3, 2))
    rows, W, out = SparseRows(table), np.ones((2, 2)), np.empty((2, 2))
    assert np.matmul(rows[1:], W, out=out).tolist() == [[5, 5], [9, 9]] and len(rows) == 3
    assert np.matmul(rows.T, np.ones((3, 2)), out=out).tolist() == [[6, 6], [9, 9]]


def test_answers_do_not_depend_on_the_block(data):
    X, y = data["digits"]
    model = MLPClassifier(max_iter=1, random_state=0, activation="gelu").fit(X, y)
    np.testing.assert_allclose(answers(model, np.vstack([X, X]))[1030], answers(model, X[30:31])[0], atol=1e-12)
