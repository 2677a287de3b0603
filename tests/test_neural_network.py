"""Networks: slopes of every layer and loss by finite differences, PyTorch's steps, bad input, files."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from mlbook.neural_network import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    Network,
    Sequential,
    one_epoch,
)
from mlbook.optimizers import SGD, Adam, AdamW
from mlbook.serialization import load, save

OUT = Dense(3, "identity")


def data(net, loss, n=7, seed=0):
    "X, y and weights of rows that fit a network of three outputs."
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3 if LOSSES[loss].coded else rng.integers(0, 2, (n, 3))
    return rng.normal(size=(n, *net.shape)).astype(net.dtype), net.targets(y), rng.uniform(0.5, 2, n)


def slope_error(layers, loss, shape, parts=1, seed=0, penalty=0.1):
    "Largest difference between slopes and finite differences, in double precision."
    net, rng = Network(layers, loss, np.float64).build(shape, seed), np.random.default_rng(seed)
    net.halves = [net] + [net.twin() for _ in range(parts - 1)]
    net.weights += rng.normal(scale=0.2, size=len(net.weights))
    X, y, s = data(net, loss, seed=seed)

    def f():
        for part in net.halves:
            for layer in part.layers:
                layer.rng = np.random.default_rng(1)
        return net.loss_and_slopes(X, y, s, penalty)

    f()
    slopes, found = net.slopes.copy(), np.empty(len(net.weights))
    for k, value in enumerate(net.weights.copy()):
        sides = []
        for move in (1e-5, -1e-5):
            net.weights[k] = value + move
            sides.append(f())
        net.weights[k], found[k] = value, (sides[0] - sides[1]) / 2e-5
    return np.abs(slopes - found).max()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_of_every_activation_and_loss(name, loss):
    assert slope_error([Dense(4, name), Activation("tanh"), Activation(name), OUT], loss, (3,)) < 1e-7


@pytest.mark.parametrize(
    "layers",
    [
        [Conv2D(3), Flatten(), OUT],
        [Conv2D(2, 5, "gelu"), MaxPool2D(2), Conv2D(2, activation="tanh"), Flatten(), OUT],
        [Activation("tanh"), BatchNorm(), Conv2D(2, 1), BatchNorm(), Activation("gelu"), Conv2D(2), Flatten(), OUT],
        [Flatten(), Dropout(0.3), Dense(5), Dropout(0.5), BatchNorm(), OUT],
        [Flatten(), OUT],
    ],
    ids=["conv", "pool", "norm", "dropout", "one"],
)
def test_slopes_of_every_layer(layers):
    assert max(slope_error(layers, "cross_entropy", (4, 6, 2), seed=seed) for seed in range(3)) < 1e-7


def test_parts_of_a_batch_add_up():
    layers = [Dense(5), OUT]
    for parts in (2, 3):
        assert slope_error(layers, "cross_entropy", (4,), parts) < 1e-7
    net = Network(layers, dtype=np.float64).build((4,), 0)
    X, y, s = data(net, "cross_entropy")
    whole, slopes = net.loss_and_slopes(X, y, s), net.slopes.copy()
    net.halves = [net, net.twin()]
    assert np.isclose(net.loss_and_slopes(X, y, s), whole, rtol=1e-13) and np.allclose(net.slopes, slopes, atol=1e-14)


def test_a_wide_network_learns_in_halves_with_the_same_bits():
    X = np.random.default_rng(0).normal(size=(400, 20))
    fits = [
        Sequential([Dense(256), Dense(256), OUT]).fit(X, np.arange(400) % 3, epochs=2, random_state=0) for _ in range(2)
    ]
    assert len(fits[0].network().halves) == 2 and (fits[0].weights_ == fits[1].weights_).all()


def test_row_weights_are_repetitions():
    net, times = Network([Dense(5, "tanh"), OUT], dtype=np.float64).build((4,), 0), np.arange(7) % 3
    X, y, _ = data(net, "cross_entropy")
    weighted, slopes = net.loss_and_slopes(X, y, times.astype(float)), net.slopes.copy()
    repeated = net.loss_and_slopes(np.repeat(X, times, 0), np.repeat(y, times))
    assert np.isclose(weighted, repeated) and np.allclose(slopes, net.slopes)


def test_an_epoch_stops_at_a_loss_that_is_no_number():
    net = Network([Dense(5), OUT]).build((4,), 0)
    X, y, _ = data(net, "cross_entropy", 40)
    X[3] = np.nan
    assert np.isnan(one_epoch(net, Adam(), X, y, 8, rng=0)) and np.isfinite(net.weights).all()


def test_single_precision_is_close_to_double():
    X, found = np.random.default_rng(0).normal(size=(60, 4)), []
    for dtype in (np.float32, np.float64):
        net, optimizer = Network([Dense(20, "gelu"), OUT], dtype=dtype).build((4,), 0), Adam(0.01)
        y = net.targets(np.arange(60) % 3)
        found += [[one_epoch(net, optimizer, X.astype(dtype), y, 20, rng=k) for k in range(5)]]
        assert net.output(X.astype(dtype)).dtype == dtype
    assert np.allclose(*found, rtol=1e-4)


def test_steps_are_those_of_torch():
    "Losses of five AdamW steps and the first line of the last layer, as PyTorch 2 found them from the same start."
    net = Network([Conv2D(3, activation="gelu"), MaxPool2D(), BatchNorm(), Flatten(), OUT], dtype=np.float64)
    net.build((4, 4, 2), 0)
    X, y, _ = data(net, "cross_entropy")
    mine = AdamW(0.01, weight_decay=0.1)
    for loss in (2.204140698203216, 1.9461779275528333, 1.710236833280834, 1.5007366701645048, 1.310436353709443):
        assert np.isclose(net.loss_and_slopes(X, y), loss, rtol=1e-10)
        net.weights[:] = mine.update([net.weights], [net.slopes])[0]
    assert np.allclose(net.layers[-1].parameters[0][0], [0.14303756095, -0.173704253567, -0.372988667664], atol=1e-8)


def test_classes_numbers_counts_and_zero_or_one():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    z = X[:, 0] * X[:, 1]
    for loss, y, units in (
        ("squared_error", z, 1),
        ("squared_error", np.c_[z, -z], 2),
        ("log_loss", z > 0, 1),
        ("cross_entropy", (z > 0) + (z > 1), 3),
        ("poisson", rng.poisson(np.exp(z)), 1),
    ):
        model = Sequential([Dense(30), Dense(units, "identity")], loss, Adam(0.01))
        said = model.fit(X, y, epochs=60, batch_size=30, random_state=0).predict(X)
        assert said.shape == np.shape(y)
        error = np.mean(said != y) if said.dtype.kind == "i" else np.mean((said - y) ** 2) / np.var(y)
        assert error < (0.8 if loss == "poisson" else 0.15), loss
        if loss in ("log_loss", "cross_entropy"):
            assert model.predict_proba(X).shape == (300, units)
        else:
            with pytest.raises(ValueError, match="gives numbers, no probabilities"):
                model.predict_proba(X)


def test_fit_repeats_and_leaves_its_parameters_alone():
    X, y = np.random.default_rng(0).normal(size=(100, 3)), np.arange(100) % 3
    layers, optimizer = [Dense(8), Dropout(0.2), OUT], Adam(0.01)
    model = Sequential(layers, optimizer=optimizer, weight_decay=0.01)
    first = model.fit(X, y, random_state=3).weights_
    second = clone(model).fit(X, y, random_state=3).weights_
    assert (first == second).all() and model.layers is layers and optimizer.state == {"step": 0}
    assert not layers[0].parameters
    assert (model.fit(X, y, random_state=4).weights_ != first).any()


def test_a_fit_that_is_interrupted_leaves_the_network_of_before():
    class Interrupted(SGD):
        def move(self, params, grads, rate):
            if self.state["step"] == 7:
                raise KeyboardInterrupt
            return super().move(params, grads, rate)

    X, y = np.random.default_rng(0).normal(size=(100, 3)), np.arange(100) % 3
    model = Sequential([Dense(5), OUT]).fit(X, y, random_state=0)
    before, curve = model.predict_proba(X), model.curve_
    with pytest.raises(KeyboardInterrupt):
        model.set_params(optimizer=Interrupted(0.1)).fit(X, y, batch_size=20)
    assert (model.predict_proba(X) == before).all() and model.curve_ is curve


def test_early_stopping_keeps_the_best_weights():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 5)), rng.integers(0, 3, 100)  # nothing to learn
    for validation in (0.3, (X[:30], y[:30][::-1])):
        model = Sequential([Dense(50), OUT], optimizer=Adam(0.01))
        model.fit(X, y, epochs=200, batch_size=10, validation=validation, patience=4, random_state=0)
        watched = model.curve_["validation"]
        assert len(watched) == len(model.curve_["loss"]) == model.best_epoch_ + 5 < 200
        assert watched[model.best_epoch_] == min(watched)
    found = model.network().mean_loss(X[:30].astype(np.float32), y[:30][::-1].copy())
    assert np.isclose(found, min(watched), rtol=1e-5)


@pytest.mark.parametrize("suffix", ["pkl", "pb"])
def test_a_saved_network_answers_the_same(tmp_path, suffix):
    X, y = np.random.default_rng(0).normal(size=(60, 4, 4, 1)), np.arange(60) % 3
    layers = [Conv2D(4), BatchNorm(), MaxPool2D(), Flatten(), Dropout(), OUT]
    model = Sequential(layers, optimizer=Adam(0.01)).fit(X, y, validation=0.2, random_state=0)
    save(model, tmp_path / f"net.{suffix}")
    found = load(tmp_path / f"net.{suffix}")
    assert (found.predict_proba(X) == model.predict_proba(X)).all() and found.curve_ == model.curve_
    assert len(pickle.dumps(model)) < 10_000  # no buffers


def test_own_layers():
    class Square(Layer):
        def forward(self, a, training):
            self.a = a
            return a * a

        def backward(self, d):
            return 2 * self.a * d

    assert slope_error([Dense(4, "identity"), Square(), OUT], "squared_error", (3,)) < 1e-7


BAD_LAYERS = {
    r"layers\[0\] is 'Dense', not a layer": ["Dense"],
    r"layers\[0\]: units=0": [Dense(0)],
    r"layers\[0\]: activation 'bent' must be one of 'identity'": [Dense(2, "bent")],
    r"layers\[0\]: rate=1": [Dropout(1), OUT],
    r"layers\[0\]: momentum=1": [BatchNorm(1), OUT],
    r"layers\[0\]: Conv2D needs images \(height, width, channels\), got rows of shape \(4,\)": [Conv2D(2), OUT],
    r"layers\[1\]: MaxPool2D needs images": [Dense(3), MaxPool2D()],
}
BAD_IMAGE_LAYERS = {
    r"layers\[0\]: Dense cannot read rows of shape \(4, 6, 1\): put Flatten": [Dense(2)],
    r"layers\[0\]: size 2 must be odd": [Conv2D(2, 2)],
    r"layers\[0\]: filters=0.5": [Conv2D(0.5)],
    r"layers\[0\]: MaxPool2D: size 3 must divide": [MaxPool2D(3)],
    r"the last layer gives rows of shape \(4, 6, 2\)": [Conv2D(2)],
}


@pytest.mark.parametrize("message", [*BAD_LAYERS, *BAD_IMAGE_LAYERS])
def test_layers_that_do_not_fit_are_named(message):
    shape = (5, 4) if message in BAD_LAYERS else (5, 4, 6, 1)
    with pytest.raises(ValueError, match=message):
        Sequential((BAD_LAYERS | BAD_IMAGE_LAYERS)[message]).fit(np.ones(shape), np.zeros(5, int))


@pytest.mark.parametrize(
    "message, options",
    [
        ("epochs=0", {"epochs": 0}),
        ("batch_size=0", {"batch_size": 0}),
        ("patience=0", {"patience": 0, "validation": 0.5}),
        ("patience needs rows to watch", {"patience": 3}),
        ("validation=1", {"validation": 1.0}),
        ("leaves none on one side", {"validation": 0.01}),
    ],
)
def test_wrong_options_of_fit_are_named(message, options):
    with pytest.raises(ValueError, match=message):
        Sequential([OUT]).fit(np.ones((6, 4)), np.zeros(6, int), **options)


def test_wrong_data_are_named():
    X, y = np.ones((6, 4)), np.zeros(6, int)
    gap, huge = X.copy(), X.copy()
    gap[2, 3], huge[1, 0] = np.nan, 1e200
    model = Sequential([OUT]).fit(X, y)
    with np.errstate(over="ignore"):
        for message, task in {
            r"X holds nan in row 2, place \[3\]": lambda: Sequential([OUT]).fit(gap, y),
            r"X holds inf in row 1, place \[0\]": lambda: Sequential([OUT]).fit(huge, y),
            "X has 6 rows, y 5": lambda: Sequential([OUT]).fit(X, y[:5]),
            "codes of classes, 0 to 2": lambda: Sequential([OUT]).fit(X, y + 3),
            "codes of classes, 0 to 2.*np.unique": lambda: Sequential([OUT]).fit(X, list("abcabc")),
            "y has 1 columns, the last layer 3": lambda: Sequential([OUT], "squared_error").fit(X, y),
            "y holds nan in row 0": lambda: Sequential([Dense(1)], "squared_error").fit(X, y * np.nan),
            "loss 'hinge' must be one of": lambda: Sequential([OUT], "hinge").fit(X, y),
            "weight_decay=-1": lambda: Sequential([OUT], weight_decay=-1).fit(X, y),
            "optimizer 'adam' must be one of mlbook.optimizers": lambda: Sequential([OUT], optimizer="adam").fit(X, y),
            r"X has rows of shape \(3,\), the network learned from \(4,\)": lambda: model.predict(X[:, :3]),
            "X must hold at least one row": lambda: model.predict(X[:0]),
        }.items():
            with pytest.raises(ValueError, match=message):
                task()


def test_an_explosion_says_so_and_keeps_the_last_good_weights():
    X, y = np.random.default_rng(0).normal(size=(100, 3)), np.arange(100.0)
    with np.errstate(all="ignore"):
        with pytest.raises(ValueError, match="explodes to .* in epoch 1 at learning rate 100: try 10, and scale"):
            Sequential([Dense(5), Dense(1, "identity")], "squared_error", SGD(100.0)).fit(X, y)
        late = Sequential([Dense(1, "identity")], "squared_error", SGD(lambda step: 0.01 if step < 10 else 100.0))
        with pytest.warns(ConvergenceWarning, match="explodes to .* in epoch 5 .* weights of epoch 3"):
            late.fit(X, y, batch_size=50, random_state=0)
    assert np.isfinite(late.weights_).all() and len(late.curve_["loss"]) == 5 and late.best_epoch_ == 3


def test_a_bar_on_a_terminal_and_silence_elsewhere(monkeypatch, capsys):
    import io
    import sys

    X, y = np.ones((6, 4)), np.zeros(6, int)
    Sequential([OUT]).fit(X, y)
    assert capsys.readouterr() == ("", "")
    screen = io.StringIO()
    screen.isatty = lambda: True
    monkeypatch.setattr(sys, "stdout", screen)
    Sequential([OUT]).fit(X, y)
    assert "loss" in screen.getvalue()
