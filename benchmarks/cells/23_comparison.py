"A figure at every threshold beside scikit-learn, and bootstrap intervals beside a loop over drawn rows."

ROWS = 20_000


def answers():
    import numpy as np

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, ROWS)
    first, second = (np.where(rng.random(ROWS) < share, y, 1 - y) for share in (0.79, 0.80))
    return {"y": y, "first": first, "second": second, "score": (rng.normal(size=ROWS) + y).round(1)}


def thresholds(package):
    def run(data):
        from importlib import import_module

        metrics = import_module(package)
        return float(metrics.metric_at_thresholds(data["y"], data["score"], metrics.f1_score)[0].max())

    return run


def our_interval(data):
    from mlbook.metrics import bootstrap_interval, f1_score

    return bootstrap_interval(f1_score, data["y"], data["first"], n_resamples=100, random_state=0).value


def their_interval(data):
    import numpy as np
    from sklearn.metrics import f1_score
    from sklearn.utils import resample

    rng = np.random.RandomState(0)
    drawn = (resample(data["y"], data["first"], random_state=rng) for _ in range(100))
    np.quantile([f1_score(y, p) for y, p in drawn], [0.025, 0.975])
    return f1_score(data["y"], data["first"])


def our_difference(data):
    from mlbook.metrics import accuracy_score, paired_bootstrap

    columns = (data[name] for name in ("y", "first", "second"))
    return paired_bootstrap(accuracy_score, *columns, n_resamples=100, random_state=0).value


def their_difference(data):
    import numpy as np
    from sklearn.metrics import accuracy_score
    from sklearn.utils import resample

    rng, columns = np.random.RandomState(0), [data[name] for name in ("y", "first", "second")]
    drawn = (resample(*columns, random_state=rng) for _ in range(100))
    np.quantile([accuracy_score(y, b) - accuracy_score(y, a) for y, a, b in drawn], [0.025, 0.975])
    return accuracy_score(columns[0], columns[2]) - accuracy_score(columns[0], columns[1])


def cell(words, ours, theirs, goal, peer="scikit-learn"):
    return {
        "id": f"23 {words}", "chapter": "23_comparison", "peer": peer, "goal": goal, "threads": 2,
        "quality": "same value", "data": answers, "ours": ours, "theirs": theirs, "higher_is_better": True,
        "tolerance": 1e-12,
    }  # fmt: skip


LOOP = "scikit-learn in a loop"
CELLS = [
    cell("F1 at every threshold", thresholds("mlbook.metrics"), thresholds("sklearn.metrics"), 5.0),
    cell("interval of F1, 100 samples", our_interval, their_interval, 5.0, LOOP),
    cell("difference of two models, 100 samples", our_difference, their_difference, 5.0, LOOP),
]
