"AdaGrad, RMSProp, Adam, AdamW against PyTorch's documented pseudocode and stored values; schedules; bad input."

import doctest
import math
import pickle

import numpy as np
import pytest

import mlbook.optimizers as module
from mlbook.optimizers import (
    AdaGrad,
    Adam,
    AdamW,
    CosineDecay,
    ExponentialDecay,
    InverseRoot,
    ReduceOnPlateau,
    RMSProp,
    StepDecay,
    WarmUp,
    in_range,
    rate_at,
    whole,
)

ALL = [AdaGrad, RMSProp, Adam, AdamW]
any_rule = pytest.mark.parametrize("rule", ALL, ids=lambda r: r.__name__)


# ---- PyTorch's pseudocode, transcribed from the pages of torch.optim, one array at a time


def torch_adagrad(theta, slope, steps, lr=0.01, eps=1e-10):
    state_sum = np.zeros_like(theta)
    for t in range(steps):
        g = slope(theta, t)
        state_sum = state_sum + g**2
        theta = theta - lr * g / (np.sqrt(state_sum) + eps)
    return theta


def torch_rmsprop(theta, slope, steps, lr=0.01, alpha=0.99, eps=1e-8):
    v = np.zeros_like(theta)
    for t in range(steps):
        g = slope(theta, t)
        v = alpha * v + (1 - alpha) * g**2
        theta = theta - lr * g / (np.sqrt(v) + eps)
    return theta


def torch_adam(theta, slope, steps, lr=0.001, betas=(0.9, 0.999), eps=1e-8, decoupled=0.0):
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in range(steps):
        g = slope(theta, t)
        theta = theta - lr * decoupled * theta
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        m_hat, v_hat = m / (1 - betas[0] ** (t + 1)), v / (1 - betas[1] ** (t + 1))
        theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta


CASES = [
    (AdaGrad, {}, torch_adagrad, {}),
    (AdaGrad, {"learning_rate": 0.3, "epsilon": 0.1}, torch_adagrad, {"lr": 0.3, "eps": 0.1}),
    (RMSProp, {}, torch_rmsprop, {}),
    (RMSProp, {"learning_rate": 0.1, "rho": 0.5, "epsilon": 0.2}, torch_rmsprop,
     {"lr": 0.1, "alpha": 0.5, "eps": 0.2}),
    (RMSProp, {"rho": 0.0}, torch_rmsprop, {"alpha": 0.0}),
    (Adam, {}, torch_adam, {}),
    (Adam, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.3}, torch_adam,
     {"lr": 0.1, "betas": (0.5, 0.7), "eps": 0.3}),
    (Adam, {"beta_1": 0.0, "beta_2": 0.0}, torch_adam, {"betas": (0.0, 0.0)}),
    (AdamW, {}, torch_adam, {"decoupled": 0.01}),
    (AdamW, {"learning_rate": 0.1, "weight_decay": 0.4}, torch_adam, {"lr": 0.1, "decoupled": 0.4}),
    (AdamW, {"weight_decay": 0.0}, torch_adam, {}),
]  # fmt: skip


def bowl(shape, dtype, seed):
    "A start, and the noisy slope of a bowl whose bends differ a millionfold."
    rng = np.random.default_rng(seed)
    bend = 10.0 ** rng.uniform(-3, 3, shape)
    noise = rng.normal(size=(100, *shape))
    return rng.normal(size=shape).astype(dtype), lambda w, t: (bend * (w + noise[t])).astype(dtype)


@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-10), (np.float32, 1e-5)])
@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0].__name__} {c[1]}")
def test_a_hundred_steps_are_those_of_pytorch(case, dtype, tolerance):
    rule, ours, transcription, theirs = case
    starts = [bowl(shape, dtype, seed) for seed, shape in enumerate([(4, 5), (7,), ()])]
    optimizer, params = rule(**ours), [start for start, _ in starts]
    for t in range(100):
        params = optimizer.update(params, [slope(w, t) for w, (_, slope) in zip(params, starts)])
    for w, (start, slope) in zip(params, starts):
        # in double precision: what single precision may lose is the rounding of 100 steps
        truth = transcription(start.astype(float), lambda w, t, s=slope: s(w, t).astype(float), 100, **theirs)
        assert w.dtype == dtype and w.shape == start.shape
        np.testing.assert_allclose(w, truth, rtol=0, atol=tolerance)


# five steps from 1 with these slopes, computed with fifty decimal digits
SLOPES = [0.5, -0.25, 100.0, 0.01, -3.0]
STORED = [
    (AdaGrad(), 0.98477115262666632978),
    (RMSProp(), 0.84792168799376037574),
    (Adam(), 0.99714288657052141665),
    (AdamW(), 0.99709295360163827668),
    (Adam(0.1, 0.8, 0.95, 0.5), 0.77862525605822058873),
    (AdamW(0.1, 0.8, 0.95, weight_decay=0.3), 0.59292875231391003494),
]


@pytest.mark.parametrize("optimizer, truth", STORED, ids=lambda v: type(v).__name__)
def test_stored_values(optimizer, truth):
    params = [np.ones(1)]
    for g in SLOPES:
        params = optimizer.update(params, [np.array([g])])
    assert abs(params[0][0] - truth) < 1e-14


# ---- arrays of all kinds


@any_rule
def test_layout_and_precision_of_slopes_do_not_matter(rule):
    rng = np.random.default_rng(0)
    W, slopes = rng.normal(size=(6, 4, 3)), rng.normal(size=(5, 6, 4, 3))
    ways = [
        lambda a: a,
        np.asfortranarray,
        lambda a: a.transpose(1, 0, 2).copy().transpose(1, 0, 2),
        lambda a: np.repeat(a, 2, axis=0)[::2],
    ]
    answers = []
    for start in ways:
        for way in ways:
            optimizer, params = rule(0.1), [start(W)]
            for g in slopes:
                params = optimizer.update(params, [way(g)])
            answers.append(params[0])
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-12)
    single = rule(0.1).update([W.astype(np.float32)], [slopes[0].astype(np.float32)])[0]
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, rule(0.1).update([W], [slopes[0]])[0], atol=1e-6)


@any_rule
def test_old_arrays_stay_and_state_is_explicit(rule):
    params = [np.ones((2, 3)), np.ones(4, np.float32), np.ones(0)]
    grads = [np.full_like(p, 3) for p in params]
    optimizer = rule(0.5)
    first = optimizer.update(params, grads)
    assert all((p == 1).all() for p in params) and all((g == 3).all() for g in grads)
    assert all((p < 1).all() and p.dtype == q.dtype for p, q in zip(first[:2], params)) and first[2].shape == (0,)
    names = {"mean", "square"} if issubclass(rule, Adam) else {"square"}
    assert set(optimizer.state) == names | {"step"} and optimizer.state["step"] == 1
    for name in names:
        assert [m.shape for m in optimizer.state[name]] == [(2, 3), (4,), (0,)]
        assert [m.dtype for m in optimizer.state[name]] == [np.float64, np.float32, np.float64]


@any_rule
def test_a_saved_optimizer_goes_on_as_the_one_in_memory(rule):
    start, slope = bowl((5,), np.float64, 3)
    optimizer, params = rule(WarmUp(3, CosineDecay(0.1, 20))), [start]
    for t in range(10):
        params = optimizer.update(params, [slope(params[0], t)])
    copy = pickle.loads(pickle.dumps(optimizer))
    ends = []
    for one in (optimizer, copy):
        w = params
        for t in range(10, 20):
            w = one.update(w, [slope(w[0], t)])
        ends.append(w[0])
    assert (ends[0] == ends[1]).all()


@any_rule
def test_a_schedule_is_asked_for_each_step(rule):
    asked = []
    optimizer, params = rule(lambda step: asked.append(step) or np.float64(0.1)), [np.ones(2, np.float32)]
    for _ in range(3):
        params = optimizer.update(params, [np.ones(2, np.float32)])
    assert asked == [0, 1, 2] and params[0].dtype == np.float32


@any_rule
def test_the_unit_of_the_slope_does_not_matter(rule):
    start, slope = bowl((6,), np.float64, 5)
    ends = []
    for factor in (1.0, 1e4):
        optimizer, w = rule(0.05, epsilon=1e-30), [start]
        for t in range(50):
            w = optimizer.update(w, [factor * slope(w[0], t)])
        ends.append(w[0])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-9)


@any_rule
def test_a_slope_that_is_always_zero_moves_nothing(rule):
    options = {"weight_decay": 0.0} if rule is AdamW else {}
    optimizer, w = rule(0.1, **options), [np.arange(3.0)]
    for _ in range(5):
        w = optimizer.update(w, [np.zeros(3)])
    assert (w[0] == np.arange(3.0)).all()


def test_adamw_shrinks_by_rate_and_decay_whatever_the_slopes():
    with_decay, without = AdamW(CosineDecay(0.1, 50), weight_decay=0.5), Adam(CosineDecay(0.1, 50))
    rng, w, v, shrink = np.random.default_rng(0), [np.ones(3)], [np.ones(3)], 1.0
    for t in range(50):
        g = [rng.normal(size=3) * [1, 100, 1e-4]]
        shrink = 1 - CosineDecay(0.1, 50)(t) * 0.5
        before, pushed = w[0], without.update(v, g)
        w, push = with_decay.update(w, g), pushed[0] - v[0]
        v = pushed
        np.testing.assert_allclose(w[0], shrink * before + push, rtol=1e-12, atol=1e-13)


def test_adam_ends_at_the_wrong_end_and_descent_at_the_right_one():
    def end(optimizer, big=3.0):
        w = [np.zeros(1)]
        for t in range(3000):
            w = [np.clip(optimizer.update(w, [np.array([-1.0 if t % 3 else big])])[0], -1, 1)]
        return w[0][0]

    assert end(Adam(InverseRoot(0.1), beta_1=0.0, beta_2=0.1)) > 0.9
    assert end(RMSProp(InverseRoot(0.1), rho=0.1)) > 0.9
    assert end(AdaGrad(0.1)) < -0.9 and end(module.Optimizer(InverseRoot(0.1))) < -0.9


# ---- schedules


def test_schedules_by_their_formulas():
    rng = np.random.default_rng(0)
    for _ in range(50):
        eta, every, factor, floor = rng.uniform(0.01, 2), int(rng.integers(1, 30)), rng.uniform(0.1, 0.9), rng.random()
        floor *= eta
        for step in (0, 1, 7, 100, 1000):
            assert math.isclose(StepDecay(eta, every, factor)(step), eta * factor ** (step // every))
            assert math.isclose(ExponentialDecay(eta, every, factor)(step), eta * np.exp(np.log(factor) * step / every))
            assert math.isclose(InverseRoot(eta, every)(step), eta * (1 + step / every) ** -0.5)
            part = min(step, every) / every
            truth = floor + (eta - floor) * np.cos(np.pi * part / 2) ** 2  # (1 + cos 2a) / 2 = cos² a
            assert math.isclose(CosineDecay(eta, every, floor)(step), truth, abs_tol=1e-15)


def torch_plateau(losses, lr, factor, patience, threshold, min_lr):
    "torch.optim.lr_scheduler.ReduceLROnPlateau, mode min, threshold relative, cooldown 0."
    best, bad, rates = math.inf, 0, []
    for loss in losses:
        if loss < best * (1 - threshold):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            lr, bad = max(lr * factor, min_lr), 0
        rates.append(lr)
    return rates


@pytest.mark.parametrize("patience, factor, threshold, floor",
                         [(0, 0.5, 0.0, 0.0), (2, 0.1, 1e-4, 1e-3), (5, 0.9, 0.05, 0.3)])  # fmt: skip
def test_plateau_as_pytorch(patience, factor, threshold, floor):
    losses = np.exp(np.random.default_rng(patience).normal(size=200) * 0.3 - np.arange(200) / 40)
    schedule, seen = ReduceOnPlateau(0.8, factor, patience, threshold, floor), []
    for loss in losses:
        schedule.observe(float(loss))
        seen.append(schedule(0))
    np.testing.assert_allclose(seen, torch_plateau(losses, 0.8, factor, patience, threshold, floor))
    assert seen[-1] < 0.8


def test_plateau_below_zero():
    schedule = ReduceOnPlateau(1.0, 0.5, patience=0, threshold=0.1)
    for loss, rate in ((-1.0, 1.0), (-1.05, 0.5), (-1.2, 0.5), (-1.0, 0.25)):
        schedule.observe(loss)
        assert schedule(0) == rate


def test_warm_up_with_every_schedule_behind_it():
    for then in (0.5, StepDecay(0.5, 3), CosineDecay(0.5, 9), InverseRoot(0.5), ReduceOnPlateau(0.5), lambda step: 0.5):
        schedule = WarmUp(4, then)
        np.testing.assert_allclose([schedule(s) for s in range(4)], [0.1, 0.2, 0.3, 0.4])
        assert [schedule(4 + s) for s in range(20)] == [rate_at(then, s) for s in range(20)]
        schedule.observe(1.0)
    nested = WarmUp(2, WarmUp(2, ReduceOnPlateau(0.9, patience=0)))
    nested.observe(1.0)
    nested.observe(1.0)
    assert math.isclose(nested(10), 0.09)


def test_schedules_are_values():
    assert CosineDecay(0.1, 5) == CosineDecay(0.1, 5) != CosineDecay(0.1, 6)
    assert StepDecay(0.1, 5) != ExponentialDecay(0.1, 5)
    assert repr(ExponentialDecay(0.1, 5)) == "ExponentialDecay(learning_rate=0.1, every=5, factor=0.1)"
    for schedule in (WarmUp(2, InverseRoot(0.1)), ReduceOnPlateau(0.1)):
        assert pickle.loads(pickle.dumps(schedule))(7) == schedule(7)


# ---- bad input


@pytest.mark.parametrize("make, name", [
    (lambda: AdaGrad(epsilon=0), "epsilon"), (lambda: RMSProp(epsilon=-1.0), "epsilon"),
    (lambda: RMSProp(rho=1), "rho"), (lambda: RMSProp(rho=np.nan), "rho"),
    (lambda: Adam(beta_1=1.0), "beta_1"), (lambda: Adam(beta_2=-0.1), "beta_2"),
    (lambda: Adam(epsilon="tiny"), "epsilon"), (lambda: Adam(beta_1=True), "beta_1"),
    (lambda: AdamW(weight_decay=-0.1), "weight_decay"), (lambda: AdamW(weight_decay=np.inf), "weight_decay"),
    (lambda: AdamW(beta_2=2), "beta_2"),
    (lambda: StepDecay(0, 5), "learning_rate"), (lambda: StepDecay(0.1, 0), "every"),
    (lambda: StepDecay(0.1, 2.0), "every"), (lambda: ExponentialDecay(0.1, 5, 1.0), "factor"),
    (lambda: InverseRoot(-0.1), "learning_rate"), (lambda: InverseRoot(0.1, True), "every"),
    (lambda: CosineDecay(0.1, -5), "steps"), (lambda: CosineDecay(0.1, 5, 0.2), "floor"),
    (lambda: WarmUp(0, 0.1), "steps"), (lambda: WarmUp(5, -0.1), "then"), (lambda: WarmUp(5, "cosine"), "then"),
    (lambda: ReduceOnPlateau(np.nan), "learning_rate"), (lambda: ReduceOnPlateau(0.1, 1.0), "factor"),
    (lambda: ReduceOnPlateau(0.1, patience=-1), "patience"), (lambda: ReduceOnPlateau(0.1, threshold=1), "threshold"),
    (lambda: ReduceOnPlateau(0.1, floor=0.5), "floor"), (lambda: ReduceOnPlateau(0.1).observe(np.nan), "learning_rate"),
])  # fmt: skip
def test_wrong_settings_are_named(make, name):
    with pytest.raises(ValueError, match=name):
        make()


def test_ranges():
    assert in_range("a", np.float32(0.5), 0, 1) == 0.5 and in_range("a", 3, 0) == 3
    assert in_range("a", 0, 0, 1, "[]") == 0 and in_range("a", 1, 0, 1, "[]") == 1
    for ends, bad in (("()", 0), ("()", 1), ("[)", 1), ("(]", 0)):
        with pytest.raises(ValueError, match=r"a=.*: give a number in "):
            in_range("a", bad, 0, 1, ends)
    assert whole("n", np.int64(3)) == 3
    with pytest.raises(ValueError, match="n=2: give a whole number, at least 3"):
        whole("n", 2, 3)


@any_rule
def test_other_shapes_are_refused(rule):
    with pytest.raises(ValueError, match="shape"):
        rule().update([np.zeros(5)], [np.zeros(3)])
    optimizer = rule()
    optimizer.update([np.zeros(5)], [np.zeros(5)])
    with pytest.raises(ValueError, match="a new model"):
        optimizer.update([np.zeros(4)], [np.zeros(4)])


def test_examples_in_the_docstrings():
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    for thing in (*ALL, StepDecay, ExponentialDecay, InverseRoot, CosineDecay, WarmUp, ReduceOnPlateau):
        for test in finder.find(thing, thing.__name__, globs=vars(module) | {"np": np}):
            runner.run(test)
    assert runner.tries >= 10 and runner.failures == 0
