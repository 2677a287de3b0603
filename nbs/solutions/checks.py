"What the exercises are checked against: each function raises AssertionError naming the case that failed."


def check_2_1(answer):
    assert answer == 2 + 2, "two and two, counted on your fingers"


def check_41_1(answer):
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 2)), rng.integers(0, 2, 50)
    small, large = (np.abs(LogisticRegression().fit(s * X, y).predict_proba(s * X) - 0.5).mean() for s in (1, 10))
    assert answer == ("away" if large > small else "towards"), "think of what the same sums cost in penalty now"


def check_41_2(answer):
    import math

    assert abs(answer - math.log(3)) < 0.006, "3 to 1: the natural logarithm, not that of base 10"


def check_41_3(answer):
    import numpy as np
    from scipy.special import softmax

    for scores in ([0.0, 1.0, 2.0], [1000.0, 1001.0], [-1000.0, 0.0, -1000.0]):
        found = answer(np.array(scores))
        assert np.allclose(found, softmax(scores)), f"wrong for the scores {scores}"


def check_41_4(answer):
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    X, y = np.arange(10.0)[:, None], np.array(["no"] * 5 + ["yes"] * 5)
    model = LogisticRegression().fit(X, y)
    for threshold in (0.1, 0.5, 0.9):
        truth = model.classes_[(model.predict_proba(X)[:, 1] >= threshold).astype(int)]
        assert (answer(model, threshold)(X) == truth).all(), f"wrong at the threshold {threshold}"


def check_20_1(answer):
    import numpy as np
    from sklearn.metrics import precision_score, recall_score

    y = np.array([1, 0, 0, 1, 0])
    recall, how = answer
    assert recall == recall_score(y, np.ones(5)), "the recall: how many late flights are missed?"
    right = "share" if precision_score(y, np.ones(5)) == y.mean() else "one minus"
    assert how == right, "the precision: of all alarms, how many were right?"


def check_20_2(answer):
    assert abs(answer - 80 / 150) < 0.006, "two times the hits, over two times the hits and both kinds of mistakes"


def check_20_3(answer):
    import numpy as np
    from sklearn.metrics import precision_score

    rng = np.random.default_rng(0)
    for n in (20, 50):
        y, p = rng.integers(0, 2, n), rng.integers(0, 2, n)
        assert abs(answer(y, p) - precision_score(y, p)) < 1e-12, f"wrong for {n} random labels"


def check_20_4(answer):
    import numpy as np
    from sklearn.metrics import recall_score

    rng = np.random.default_rng(0)
    labels = ["late", "on time", "cancelled"]
    blocks = [(np.array(labels)[rng.integers(0, 3, n)], np.array(labels)[rng.integers(0, 3, n)]) for n in (30, 1, 7)]
    found = list(answer(iter(blocks), labels))
    assert len(found) == 3, "one figure after each block, please"
    for k in (1, 2, 3):
        y, p = (np.concatenate([block[side] for block in blocks[:k]]) for side in (0, 1))
        assert abs(found[k - 1] - recall_score(y, p, average="macro")) < 1e-12, f"wrong after block {k}"


def check_21_1(answer):
    import numpy as np
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    y, score = rng.integers(0, 2, 50), rng.random(50).round(1)
    both = roc_auc_score(y, score) + roc_auc_score(y, -score)
    assert abs(answer - (both - 0.7)) < 1e-9, "what do the figures of a score and of its negative add up to?"


def check_21_2(answer):
    from sklearn.metrics import roc_auc_score

    truth = roc_auc_score([1, 1, 0, 0, 0], [3, 1, 2, 1, 0])
    assert abs(answer - truth) < 0.0006, "six pairs: count the right ones, and half of the tie"


def check_21_3(answer):
    import numpy as np
    from sklearn.metrics import log_loss

    rng = np.random.default_rng(0)
    cases = {"random probabilities": (rng.integers(0, 2, 40), rng.random(40))}
    cases["a certain and wrong answer"] = ([1, 0], [0.0, 0.3])
    cases["a certain and right answer"] = ([1, 0], [1.0, 0.3])
    for name, (y, p) in cases.items():
        with np.errstate(all="ignore"):
            found = answer(y, p)
        assert abs(found - log_loss(y, p)) < 1e-9, f"wrong for {name}"


def check_21_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    for n in (10, 60):
        y, p = np.append([0, 1], rng.integers(0, 2, n)), rng.random(n + 2)
        truth = 1 - ((y - p) ** 2).mean() / y.var()
        assert abs(answer(y, p) - truth) < 1e-12, f"wrong for {n + 2} random rows"
    assert abs(answer(y, np.full(len(y), y.mean()))) < 1e-12, "guessing the share must have a skill of 0"


def check_01_1(answer):
    assert answer == 23, "count the hours from one local midnight to the next"


def check_01_2(answer):
    assert abs(answer - 0.5) < 1e-9, "the share of pairs (late, punctual) in which the late one has the higher score"


def check_01_3(answer):
    import pandas as pd

    times = pd.Series(pd.to_datetime(["2013-04-01 03:59", "2013-04-01 04:00", "2013-12-01 04:59"], utc=True))
    assert list(answer(times)) == [3, 4, 11], "an instant near midnight is in the wrong month"


def check_01_4(answer):
    assert answer([1, 3, 5], 4) == 3, "a time between two measurements"
    assert answer([1, 3, 5], 3) == 3, "a measurement at the very moment"
    assert answer([1, 3, 5], 0) is None, "a time before the first measurement"
