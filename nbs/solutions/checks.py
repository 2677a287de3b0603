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
    from sklearn.metrics import balanced_accuracy_score

    rng = np.random.default_rng(0)
    for k in (2, 5):
        y, p = rng.integers(0, k, 60), rng.integers(0, k, 60)
        assert abs(answer(y, p) - balanced_accuracy_score(y, p)) < 1e-12, f"wrong for {k} classes"


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


def check_80_1(answer):
    assert answer == "no", "every value as sent is one that is known: what is there to notice?"


def check_80_2(answer):
    import math

    truth = -0.25 * math.log(0.5) + 0.25 * math.log(1.5)
    assert abs(answer - truth) < 0.006, "each term: the change of the share times the logarithm of their ratio"


def check_80_3(answer):
    import numpy as np

    for p, q in (([5, 5], [2, 8]), ([10, 0], [5, 5]), ([1, 2, 3], [3, 2, 1])):
        a, b = (np.maximum(np.array(c) / np.sum(c), 1e-4) for c in (p, q))
        truth = ((b - a) * np.log(b / a)).sum()
        assert np.isclose(answer(p, q), truth), f"wrong for the counts {p} and {q}"


def check_80_4(answer):
    import numpy as np

    found = answer(np.array([32.0, 212.0, -459.67]))
    assert np.allclose(found, [273.15, 373.15, 0.0]), "ice melts at 273.15 K, water boils at 373.15 K"


def check_82_1(answer):
    assert answer == 0, "one minus a ratio: which ratio is it, when both are the same?"


def check_82_2(answer):
    assert abs(answer + 0.2) < 1e-9, "one minus 0.6 over 0.5"


def check_82_3(answer):
    for skills, truth in (([0.1, -0.1, 0.1, -0.1], None), ([0.1, -0.1, -0.1], 2), ([-1, -1, -1], 1), ([], None)):
        assert answer(skills) == truth, f"wrong for the skills {skills}"


def check_82_4(answer):
    import numpy as np

    rng = np.random.default_rng(0)
    gains, days = rng.normal(size=60), rng.integers(0, 7, 60)
    truth = np.mean([gains[days == d].mean() for d in np.unique(days)])
    assert np.isclose(answer(gains, days), truth), "a day with many rows counts as much as one with few"


def check_94_1(answer):
    assert abs(answer - 0.99) < 1e-9, "what is right if you always say the most frequent class?"


def check_94_2(answer):
    from sklearn.dummy import DummyRegressor
    from sklearn.metrics import root_mean_squared_error

    X, y = [[0]] * 4, [2, 4, 4, 10]
    truth = root_mean_squared_error(y, DummyRegressor().fit(X, y).predict(X))
    assert abs(answer - truth) < 0.006, "the differences from 5, squared, averaged, and the root of it"


def check_94_3(answer):
    import numpy as np
    import pandas as pd

    days = pd.Series(pd.date_range("2024-01-01", periods=50)).sample(frac=1, random_state=3)
    mask = np.asarray(answer(days))
    assert mask.sum() == 10, "a fifth of fifty rows is held out"
    assert days[mask].min() > days[~mask].max(), "a row that is learned from lies after one that is tested"


def check_94_4(answer):
    for loss, guess in ((0.3, 0.6), (0.7, 0.7), (0.9, 0.6)):
        found = answer({"log_loss": loss, "accuracy": 0.5}, {"log_loss": guess, "accuracy": 0.5})
        assert abs(found - (1 - loss / guess)) < 1e-9, f"wrong for the log losses {loss} and {guess}"


def check_95_1(answer):
    assert answer == 30, "the labels of the last day have not come yet"


def check_95_2(answer):
    assert answer == 5, "month 2 is alone below zero; months 4 and 5 are two running"


def check_95_3(answer):
    for failures in (0, 1, 2, 3, 5):
        calls = []

        def send(calls=calls, failures=failures):
            calls.append(1)
            if len(calls) <= failures:
                raise ConnectionError("refused")
            return "answered"

        try:
            found = answer(send)
        except ConnectionError:
            found = "gave up"
        truth = "answered" if failures < 3 else "gave up"
        assert found == truth, f"wrong when the first {failures} calls are refused"
        assert len(calls) == min(failures + 1, 3), f"{len(calls)} calls when the first {failures} are refused"


def check_95_4(answer):
    import pandas as pd

    names = ["a", "b", "c"]
    for gain, low, truth in (([1, 3, 2], [0.5, -1, 0.1], "c"), ([1, 2, 3], [-1, -1, -1], None), ([5, 1, 1], [1, 1, 1], "a")):
        found = answer(pd.DataFrame({"candidate": names, "gain": gain, "low": low}))
        assert found == truth, f"wrong for the gains {gain} with the lower ends {low}"


def check_96_1(answer):
    assert answer == 2, "neither success (0) nor Ctrl-C (130)"


def check_96_2(answer):
    assert answer == 143, "128 and the number of the signal"


def check_96_3(answer):
    import tempfile
    from pathlib import Path

    def full(chunks):
        yield from chunks
        raise OSError("the disk is full")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.txt")
        answer(path, ["old", "!"])
        assert path.read_text() == "old!", "what was written is not what was asked for"
        try:
            answer(path, full(["new"]))
        except OSError:
            pass
        assert path.read_text() == "old!", "the old file is lost when the disk is full"
        assert len(list(Path(folder).iterdir())) == 1, "half a file is left behind"


def check_96_4(answer):
    names = ["target", "age", "price"]
    for wrong, truth in (("tagret", "target"), ("prise", "price"), ("zzz", None)):
        assert answer(names, wrong) == truth, f"wrong for {wrong!r}"
