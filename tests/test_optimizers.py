"Gradient descent, momentum, mini-batches and `minimise`: against PyTorch's documented rule, theory and scikit-learn."

import itertools
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from mlbook.optimizers import SGD, Descent, Optimizer, batches, minimise

NOTEBOOK = Path(__file__).resolve().parent.parent / "nbs" / "30_optimizers.ipynb"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def bowl(curvature, dtype=float):
    h = np.asarray(curvature, dtype)
    return lambda params: (float(h @ params[0] ** 2) / 2, [h * params[0]])


def walk(rule, curvature, start, steps):
    path = [np.array(start, float)]
    for _ in range(steps):
        path += rule.update([path[-1]], [curvature * path[-1]])
    return np.array(path)


# ---- against PyTorch


def torch_sgd(theta, slope_of, lr, momentum, weight_decay, nesterov, steps):
    "The pseudocode of torch.optim.SGD's page (dampening 0), in its letters."
    b = None
    for t in range(1, steps + 1):
        g = slope_of(theta, t)
        if weight_decay != 0:
            g = g + weight_decay * theta
        if momentum != 0:
            b = momentum * b + g if t > 1 else g
            g = g + momentum * b if nesterov else b
        theta = theta - lr * g
    return theta


def wavy(theta, t):  # a slope that depends on the place and on the step
    return np.array([1.0, 8.0, 0.1]) * theta + np.sin(t * np.array([1.0, 2.0, 3.0]))


RULES = [(0.0, False), (0.3, False), (0.9, False), (0.3, True), (0.9, True)]


@pytest.mark.parametrize("momentum, nesterov", RULES)
@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 2e-6)])
def test_a_hundred_steps_are_those_of_torch(momentum, nesterov, weight_decay, dtype, tolerance):
    start = np.array([1.0, -2.0, 0.5])
    theirs = torch_sgd(start, wavy, 0.05, momentum, weight_decay, nesterov, 100)
    rule, w = SGD(0.05, momentum, nesterov, weight_decay), [start.astype(dtype)]
    for t in range(1, 101):
        w = rule.update(w, [wavy(w[0], t).astype(dtype)])
    assert w[0].dtype == dtype and np.abs(w[0] - theirs).max() < tolerance
    assert rule.state["step"] == 100


STORED = {  # momentum, nesterov, weight_decay: computed by torch_sgd
    (0.0, False, 0.0): [0.0590675809, 0.0364947217, 0.3268289503],
    (0.9, False, 0.0): [0.0283358303, 0.0286416730, 0.0114827809],
    (0.9, True, 0.0): [0.0881725301, 0.0659640354, 0.0349917411],
    (0.5, False, 0.1): [0.0571139582, 0.0261708330, 0.0810676713],
    (0.9, True, 0.05): [0.0887764897, 0.0661538419, 0.0389677615],
}


@pytest.mark.parametrize("case", STORED, ids=str)
def test_stored_places_after_a_hundred_steps(case):
    momentum, nesterov, weight_decay = case
    rule, w = SGD(0.05, momentum, nesterov, weight_decay), [np.array([1.0, -2.0, 0.5])]
    for t in range(1, 101):
        w = rule.update(w, [wavy(w[0], t)])
    np.testing.assert_allclose(w[0], STORED[case], atol=1e-9)


def test_without_momentum_it_is_plain_descent():
    slopes = np.random.default_rng(0).normal(size=(20, 4))
    a, b, left, right = SGD(0.1), Optimizer(0.1), [np.ones(4)], [np.ones(4)]
    for g in slopes:
        left, right = a.update(left, [g]), b.update(right, [g])
    assert np.array_equal(left[0], right[0]) and np.allclose(left[0], 1 - 0.1 * slopes.sum(0))
    assert a.state == b.state == {"step": 20}


# ---- the protocol


@pytest.mark.parametrize("rule", [Optimizer, SGD, lambda rate: SGD(rate, 0.9), lambda rate: SGD(rate, 0.9, True, 0.1)])
def test_lists_of_arrays_keep_their_shapes_and_dtypes(rule):
    params = [np.ones((2, 3), np.float32), np.ones(()), np.ones(0), np.ones(4, np.float32)]
    grads = [np.full(p.shape, 0.5) for p in params]
    kept, rule = [p.copy() for p in params], rule(np.float64(0.1))
    new = rule.update(rule.update(params, grads), grads)
    assert [p.dtype for p in new] == [p.dtype for p in params]
    assert [np.shape(p) for p in new] == [p.shape for p in params]
    assert all(np.array_equal(p, k) for p, k in zip(params, kept)) and (grads[0] == 0.5).all()


def test_what_is_remembered_is_a_copy_of_nothing_the_caller_owns():
    rule, g = SGD(0.1, 0.9), np.ones(2)
    rule.update([np.zeros(2)], [g])
    g[:] = 7
    assert rule.state["speed"][0].tolist() == [1, 1]
    restored = SGD(0.1, 0.9)
    restored.state = rule.state
    assert np.allclose(restored.update([np.zeros(2)], [np.ones(2)])[0], -0.19)


def test_a_rate_may_be_a_function_of_the_step():
    seen = []
    rule = Optimizer(lambda t: seen.append(t) or 1 / (1 + t))
    w = [np.zeros(1)]
    for _ in range(4):
        w = rule.update(w, [np.ones(1)])
    assert seen == [0, 1, 2, 3] and np.isclose(w[0][0], -(1 + 1 / 2 + 1 / 3 + 1 / 4))


@pytest.mark.parametrize("options, words", [
    ({"learning_rate": 0}, "learning_rate 0"), ({"learning_rate": -1.0}, "learning_rate -1.0"),
    ({"learning_rate": np.nan}, "learning_rate nan"), ({"learning_rate": np.inf}, "learning_rate inf"),
    ({"learning_rate": "adaptive"}, "'adaptive' must be a number"), ({"momentum": 1.0}, r"momentum 1.0 must lie in"),
    ({"momentum": -0.1}, "momentum -0.1"), ({"nesterov": True}, "needs a momentum"),
    ({"weight_decay": -1}, "weight_decay -1"), ({"weight_decay": np.nan}, "weight_decay nan"),
])  # fmt: skip
def test_settings_without_meaning_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        SGD(**options)


@pytest.mark.parametrize("params, grads, words", [
    ([np.ones(2)], [np.ones(3)], r"grads\[0\] has the shape \(3,\)"), ([np.ones(2)], [], "0 gradients for 1"),
    ([np.ones(2), np.ones(2, int)], [np.ones(2)] * 2, r"params\[1\] must be an array of float32 or float64"),
    ([1.0], [1.0], r"params\[0\] must be an array"),
])  # fmt: skip
def test_parameters_that_do_not_fit_are_refused(params, grads, words):
    rule = Optimizer()
    with pytest.raises(ValueError, match=words):
        rule.update(params, grads)
    assert rule.state == {"step": 0}, "a refused step does not count"


# ---- batches


@pytest.mark.parametrize("n, size", [(1, 1), (10, 1), (10, 3), (10, 10), (1000, 64)])
@pytest.mark.parametrize("replace", [False, True])
def test_an_epoch_has_as_many_rows_as_the_table(n, size, replace):
    parts = list(batches(n, size, replace, random_state=0))
    rows = np.concatenate(parts)
    assert len(rows) == n and {len(p) for p in parts[:-1]} <= {size} and 1 <= len(parts[-1]) <= size
    assert rows.min() >= 0 and rows.max() < n
    if not replace:
        assert sorted(rows) == list(range(n))


def test_every_order_and_every_draw_is_equally_likely():
    rng = np.random.default_rng(0)
    firsts = np.bincount([next(batches(5, 2, random_state=rng))[0] for _ in range(5000)])
    drawn = np.bincount(np.concatenate([list(batches(5, 5, True, rng))[0] for _ in range(1000)]))
    assert np.abs(firsts / 1000 - 1).max() < 0.12 and np.abs(drawn / 1000 - 1).max() < 0.12


def test_random_state_fixes_the_order_and_a_generator_goes_on():
    one, two = (np.concatenate(list(batches(50, 7, random_state=3))) for _ in range(2))
    assert np.array_equal(one, two)
    rng = np.random.default_rng(3)
    first, second = (np.concatenate(list(batches(50, 7, random_state=rng))) for _ in range(2))
    assert np.array_equal(one, first) and not np.array_equal(first, second)


@pytest.mark.parametrize("size", [0, -1, 11, 2.5, None])
def test_a_size_without_meaning_is_refused_at_once(size):
    with pytest.raises(ValueError, match="size .* must be a whole number from 1 to the number of rows, 10"):
        batches(10, size)


def test_rows_are_whole_numbers_too():
    for n in (0, 10.5, None):
        with pytest.raises(ValueError, match="size 1 must be a whole number"):
            batches(n, 1)


# ---- rates of convergence


@pytest.mark.parametrize("kappa", [2.0, 30.0, 400.0])
def test_the_factor_of_a_step_is_that_of_the_theory(kappa):
    root, h = np.sqrt(kappa), np.array([3.0, 3 * np.sqrt(kappa), 3 * kappa])
    cases = {
        (kappa - 1) / (kappa + 1): SGD(2 / (h[0] + h[-1])),
        (root - 1) / (root + 1): SGD(4 / (np.sqrt(h[0]) + np.sqrt(h[-1])) ** 2, ((root - 1) / (root + 1)) ** 2),
        1 - 1 / root: SGD(1 / h[-1], (root - 1) / (root + 1), nesterov=True),
    }
    for factor, rule in cases.items():
        steps = int(200 / -np.log(factor))  # until e^-200 is left
        left = np.linalg.norm(walk(rule, h, np.ones(3), steps), axis=1)
        half = steps // 2
        assert np.isclose(np.polyfit(range(half + 1), np.log(left[-half - 1 :]), 1)[0], np.log(factor), rtol=0.02)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_largest_stable_rate(momentum):
    "2 (1 + momentum) / h_max for the heavy ball, and so 2 / h_max without it."
    limit, h = 2 * (1 + momentum) / 10, np.array([1.0, 10.0])
    below, above = (walk(SGD(f * limit, momentum), h, [1.0, 1.0], 3000)[-1, 1] for f in (0.99, 1.01))
    assert abs(below) < 1e-6 and abs(above) > 1e6


def test_the_noise_ball_is_proportional_to_the_rate_and_a_falling_rate_shrinks_it():
    rng, walkers = np.random.default_rng(0), 5000
    for rate in (0.4, 0.1, 0.025):
        w, rule = [np.zeros(walkers)], Optimizer(rate)
        for _ in range(int(6 / rate)):
            w = rule.update(w, [w[0] + rng.normal(size=walkers)])
        assert np.isclose(w[0].var(), rate / (2 - rate), rtol=0.08)
    w, rule = [np.zeros(walkers)], Optimizer(lambda t: 1 / (t + 1))
    for t in range(1, 301):
        w = rule.update(w, [w[0] + rng.normal(size=walkers)])
        if t in (30, 300):
            assert np.isclose(w[0].var(), 1 / t, rtol=0.1)


# ---- minimise


def least_squares(X, y):
    def f(params, rows=slice(None)):
        A, (w, b) = X[rows], params
        wrong = A @ w + b - y[rows]
        return float(wrong @ wrong) / (2 * len(A)), [A.T @ wrong / len(A), wrong.mean()]

    return f


def table(n=300, m=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m)) @ (np.eye(m) + 0.3 * rng.normal(size=(m, m)))
    return X, X @ rng.normal(size=m) + 2 + rng.normal(size=n)


@pytest.mark.parametrize("rule", [SGD(0.3), SGD(0.2, 0.8), SGD(0.2, 0.8, True)], ids=["plain", "heavy", "Nesterov"])
def test_least_squares_against_scikit_learn(rule):
    X, y = table()
    (w, b), seen = minimise(least_squares(X, y), [np.zeros(4), np.zeros(())], rule, tol=1e-9, max_iter=5000)
    theirs = LinearRegression().fit(X, y)
    assert seen.converged and seen.slope <= 1e-9
    np.testing.assert_allclose(w, theirs.coef_, atol=1e-7)
    assert np.isclose(b, theirs.intercept_, atol=1e-7)
    assert np.isclose(seen.losses[-1], np.mean((theirs.predict(X) - y) ** 2) / 2)


def test_logistic_loss_against_scikit_learn():
    X, z = table()
    y = (z > 2).astype(float)

    def f(params):
        w, b = params
        s = X @ w + b
        wrong = 1 / (1 + np.exp(-s)) - y
        loss = np.mean(np.logaddexp(0, s) - y * s) + 0.05 * w @ w
        return loss, [X.T @ wrong / len(X) + 0.1 * w, wrong.mean()]

    (w, b), seen = minimise(f, [np.zeros(4), np.zeros(())], SGD(0.5, 0.8), tol=1e-9)
    theirs = LogisticRegression(C=1 / (0.1 * len(X)), tol=1e-12, max_iter=1000).fit(X, y)
    assert seen.converged and np.allclose(np.append(w, b), [*theirs.coef_[0], *theirs.intercept_], atol=1e-6)


def test_mini_batches_of_all_rows_are_full_steps():
    X, y = table()
    f, start = least_squares(X, y), [np.zeros(4), np.zeros(())]
    whole, seen = minimise(f, start, SGD(0.1), max_iter=10)
    parts, also = minimise(f, start, SGD(0.1), max_iter=10, n_samples=300, batch_size=300)
    assert all(np.allclose(a, b) for a, b in zip(whole, parts)) and np.allclose(seen.losses, also.losses)


@pytest.mark.parametrize("replace", [False, True])
def test_mini_batches_come_near_and_repeat(replace):
    X, y = table()
    options = {"n_samples": 300, "batch_size": 32, "replace": replace, "random_state": 1, "max_iter": 60}
    runs = [minimise(least_squares(X, y), [np.zeros(4), np.zeros(())], SGD(0.02, 0.5), **options) for _ in range(2)]
    (w, b), seen = runs[0]
    theirs = LinearRegression().fit(X, y)
    assert np.allclose(np.append(w, b), np.append(theirs.coef_, theirs.intercept_), atol=0.2)
    assert len(seen.losses) == 60 and seen == runs[1][1] and np.array_equal(w, runs[1][0][0])


def test_mini_batches_stop_at_a_flat_epoch():
    X, _ = table()
    y = X @ [1.0, 2, 3, 4] + 5  # no noise: every batch agrees where the bottom is
    options = {"n_samples": 300, "batch_size": 50, "random_state": 0, "tol": 1e-8}
    (w, b), seen = minimise(least_squares(X, y), [np.zeros(4), np.zeros(())], SGD(0.2), **options)
    assert seen.converged and len(seen.losses) < 1000 and np.allclose([*w, b], [1, 2, 3, 4, 5], atol=1e-6)


def test_single_precision_stays_single():
    (w,), seen = minimise(bowl([1, 4], np.float32), [np.ones(2, np.float32)], SGD(0.2, 0.3), tol=1e-6)
    assert w.dtype == np.float32 and seen.converged and isinstance(seen.losses[0], float)


def test_no_steps_at_all_and_a_start_at_the_bottom():
    start = [np.ones(2)]
    (w,), seen = minimise(bowl([1, 2]), start, SGD(0.1), max_iter=0)
    assert seen == Descent([], np.inf, False) and np.array_equal(w, start[0]) and w is not start[0]
    rule = SGD(0.1)
    (w,), seen = minimise(bowl([1, 2]), [np.zeros(2)], rule)
    assert seen == Descent([0.0], 0.0, True) and not w.any()


def test_the_start_is_left_as_it_was_and_the_slope_is_that_of_the_answer():
    start, h = [np.array([3.0, -1.0])], np.array([1.0, 5.0])
    (w,), seen = minimise(bowl(h), start, SGD(0.2, 0.5), tol=1e-5)
    assert start[0].tolist() == [3, -1] and seen.slope == np.abs(h * w).max() <= 1e-5
    assert seen.losses[-1] == float(h @ w**2) / 2


def test_a_schedule_is_told_the_loss_once_an_epoch():
    class Schedule:
        heard = ()

        def __call__(self, step):
            return 0.1

        def observe(self, loss):
            self.heard += (loss,)

    X, y = table()
    schedule = Schedule()
    options = {"n_samples": 300, "batch_size": 100, "max_iter": 4}
    _, seen = minimise(least_squares(X, y), [np.zeros(4), np.zeros(())], SGD(schedule), **options)
    assert list(schedule.heard) == seen.losses and len(seen.losses) == 4


# ---- divergence


@pytest.mark.parametrize("rate, words", [(3.0, "at learning rate 3: try 0.3"), (0.11, "at .* 0.11: try 0.011")])
@pytest.mark.parametrize("momentum", [0.0, 0.05])
def test_a_rate_that_is_too_long_is_named_with_a_better_one(rate, words, momentum):
    with pytest.raises(ValueError, match="loss rose 5 times in a row " + words):
        minimise(bowl([1, 20]), [np.ones(2)], SGD(rate, momentum))


def test_a_rate_that_falls_is_named_as_it_is_now():
    with pytest.raises(ValueError, match=r"rose 5 times in a row at learning rate 0.\d+: try 0.0\d+"):
        minimise(bowl([1, 200]), [np.ones(2)], SGD(lambda t: 1 / (2 + t)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_losses_and_slopes_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ValueError, match="at the start: look for NaN or infinity in the data"):
        minimise(lambda w: (bad, w), [np.ones(2)], SGD(0.1))
    with pytest.raises(ValueError, match="at the start: look for NaN"):
        minimise(lambda w: (1.0, [np.array([1.0, bad])]), [np.ones(2)], SGD(0.1))
    later = iter([3.0, 2.0, bad])
    with pytest.raises(ValueError, match=r"with slope 1 at learning rate 0.1: try 0.01"):
        minimise(lambda w: (next(later), [np.ones(2)]), [np.ones(2)], SGD(0.1))


def test_mini_batches_that_run_away_are_named():
    X, y = table()
    options = {"n_samples": 300, "batch_size": 30, "random_state": 0}
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="at learning rate 5: try 0.5"):
        minimise(least_squares(X, y), [np.zeros(4), np.zeros(())], SGD(5.0), **options)


def test_noise_and_momentum_are_no_divergence():
    X, y = table()
    f, start = least_squares(X, y), [np.zeros(4), np.zeros(())]
    bottom, _ = minimise(f, start, SGD(0.3), tol=1e-10, max_iter=5000)
    options = {"n_samples": 300, "batch_size": 10, "random_state": 0, "max_iter": 400}
    _, seen = minimise(f, bottom, SGD(0.05), **options)  # from the bottom the noise can only lift the loss
    assert len(seen.losses) == 400
    _, seen = minimise(bowl([1, 50]), [np.array([1.0, 0.0])], SGD(0.02, 0.99), max_iter=400, tol=0)
    assert max(np.diff(seen.losses)) > 0, "momentum overshoots, and that is in order"


@pytest.mark.parametrize("options, words", [
    ({"params": np.ones(2)}, r"use \[params\]"), ({"params": []}, "at least one array"),
    ({"batch_size": 5}, "belong together"),
    ({"n_samples": 5}, "belong together"), ({"replace": True}, "belong together"), ({"max_iter": -1}, "max_iter -1"),
    ({"max_iter": 2.5}, "max_iter 2.5"), ({"tol": -1}, "tol -1"), ({"tol": np.nan}, "tol nan"),
    ({"n_samples": 5, "batch_size": 6}, "size 6"), ({"params": [np.ones(2, int)]}, r"params\[0\] must be an array"),
])  # fmt: skip
def test_minimise_refuses_by_name(options, words):
    options = {"params": [np.ones(2)]} | options
    with pytest.raises(ValueError, match=words):
        minimise(bowl([1, 2]), optimizer=SGD(0.1), **options)


# ---- the picture with two sliders

START, CURVATURE = np.array([-1.1, 0.25]), np.array([1.0, 20.0])


def drawn(rate, momentum):
    "The points and the sentence that the picture must show, from the package."
    path = walk(SGD(rate, momentum), CURVATURE, START, 40)
    left = np.linalg.norm(path[-1]) / np.linalg.norm(START)
    share = f"{100 * left:.1f}" if left >= 0.001 else "less than 0.1"
    fate = f"after 40 steps {share} % of the distance is left." if left <= 1 else "the walk runs away."
    place = np.clip(path * [150, -150] + [180, 85], -999, 1999)
    return place, f"Learning rate {rate:.3f}, momentum {momentum:.2f}: {fate}"


def points(d):
    return np.array([[float(v) for v in p.split()] for p in d[1:].split("L")])


@pytest.fixture(scope="module")
def shown():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    pages = ["".join(o.get("data", {}).get("text/html", "")) for c in cells for o in c.get("outputs", ())]
    (page,) = [p for p in pages if "descent-line" in p]
    return page


def test_the_picture_is_drawn_before_any_script_runs(shown):
    place, words = drawn(0.09, 0.0)
    assert np.abs(points(re.search(r'id="descent-line" d="([^"]*)"', shown)[1]) - place).max() < 0.051
    assert f'aria-live="polite" style="margin:.4em 0 0">{words}</p>' in shown
    script = re.search(r"<script>(.*?)</script>", shown, re.S)[1]
    assert len(script.encode()) < 4096 and "http" not in shown
    names = re.findall(r'\bid="([^"]+)"', shown)
    assert len(names) == len(set(names)) == 5, "ids are fixed and occur once"
    for slider in re.findall(r"<input[^>]*>", shown):
        assert 'type="range"' in slider and re.search(r"<label[^>]*>[^<]+" + re.escape(slider) + "</label>", shown)


@pytest.fixture(scope="module")
def page(shown):
    if not CHROMIUM:
        pytest.skip("chromium is missing: install Debian's package chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 360, "height": 800})
        opened.set_content(f"<!doctype html><html lang=en><body>{shown}</body></html>")
        yield opened
        browser.close()


@pytest.mark.parametrize("rate, momentum", list(itertools.product([0.005, 0.095, 0.105, 0.13, 0.2], [0.0, 0.4, 0.95])))
def test_the_sliders_draw_what_the_package_computes(page, rate, momentum):
    for name, value in (("rate", rate), ("momentum", momentum)):
        page.evaluate(
            "([name, value]) => { const e = document.getElementById('descent-' + name);"
            " e.value = value; e.dispatchEvent(new Event('input')); }",
            [name, value],
        )
    place, words = drawn(rate, momentum)
    seen = points(page.get_attribute("#descent-line", "d"))
    assert seen.shape == place.shape and np.abs(seen - place).max() < 0.051
    assert page.inner_text("#descent-says") == words
    assert page.get_attribute("#descent-dots", "d").count("h0") == 41


def test_the_picture_fits_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
