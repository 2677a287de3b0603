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


def check_60_1(answer):
    import pickle

    assert answer == pickle.loads(b"](K\x01K\x02K\x03e."), "what do the orders leave on top of the pile?"


def check_60_2(answer):
    import hashlib

    assert answer == 8 * hashlib.sha256().digest_size, "how many bits must be right by chance?"


def check_60_3(answer):
    for name, ours in {
        "mlbook.linear_model": True,
        "mlbook_evil.run": False,
        "os.system": False,
        "mlbooks.run": False,
    }.items():
        assert bool(answer(name)) == ours, f"wrong for {name}"


def check_60_4(answer):
    import pickle
    import subprocess

    import numpy as np

    class Surprise:
        def __reduce__(self):
            return subprocess.call, (["true"],)

    for thing, names in [
        (np.arange(3), []),
        ([Surprise(), np.float32(1)], ["subprocess.call"]),
        ([len, abs, len], ["builtins.abs", "builtins.len"]),
    ]:
        found = answer(pickle.dumps(thing, protocol=5))
        assert list(found) == names, (
            f"wrong for a pickle of {type(thing).__name__}s that asks for {len(names)} foreign names"
        )


def check_61_1(answer):
    from google.protobuf.wrappers_pb2 import UInt32Value

    assert bytes(answer) == UInt32Value(value=150).SerializeToString()[1:], (
        "the smaller group first, and it says that more follows"
    )


def check_61_2(answer):
    import numpy as np

    assert answer == round(np.zeros(10**6).nbytes / 1e6), "how many bytes is one float64?"


def check_61_3(answer):
    for n, code in {0: 0, -1: 1, 1: 2, -2: 3, 2: 4, -1000: 1999, 2**40: 2**41}.items():
        assert answer(n) == code, f"wrong for {n}"


def check_61_4(answer):
    from google.protobuf.wrappers_pb2 import UInt64Value

    for n in (1, 127, 128, 300, 2**21, 2**63):
        raw = UInt64Value(value=n).SerializeToString()[1:]
        found = answer(raw + b"\x08\x01")
        assert tuple(found) == (n, len(raw)), f"wrong for {n} with other fields behind it"


def check_63_1(answer):
    import tempfile
    from pathlib import Path

    from mlbook.registry import Registry

    with tempfile.TemporaryDirectory() as folder:
        for version in "123":
            Path(folder, "m", version).mkdir(parents=True)
            Path(folder, "m", version, "model.json").write_text("{}")
        registry = Registry(folder)
        for version in (1, 2, 3):
            registry.promote("m", version, "")
        registry.rollback("m", "")
        registry.rollback("m", "")
        registry.promote("m", 3, "")
        assert answer == registry.rollback("m", ""), "what is on the pile after the two rollbacks?"


def check_63_2(answer):
    left = [1, 2, 3]
    assert answer == max(left) + 1, "which folders are there, empty ones too?"


def check_63_3(answer):
    for names in (["1", "2", "10"], ["9", "10", "11"], ["7"]):
        assert answer(names) == max(map(int, names)), f"wrong for {names}"


def check_63_4(answer):
    history = [{"version": v, "time": f"2013-0{m}-01T00:00:00+00:00"} for v, m in [(1, 4), (2, 7), (1, 9)]]
    for time, version in {"2013-03": None, "2013-04-01T00:00:00+00:00": 1, "2013-08-01": 2, "2014-01-01": 1}.items():
        assert answer(history, time) == version, f"wrong at {time}"
    assert answer([], "2013") is None, "wrong for an empty history"


def check_70_1(answer):
    from http import HTTPStatus

    assert answer == HTTPStatus.BAD_REQUEST, "the client can mend it, and the address exists"


def check_70_2(answer):
    import struct

    assert answer == sum(len(struct.pack(f"<I{len(t)}s", len(t), t)) for t in (b"UA", b"AA", b"")), (
        "count the lengths too"
    )


def check_70_3(answer):
    import gzip
    import tracemalloc

    assert answer(gzip.compress(b"wine"), 4) == b"wine", "wrong for a body just as long as the limit"
    assert answer(gzip.compress(b"wines"), 4) is None, "wrong for a body one byte over the limit"
    bomb = gzip.compress(bytes(20_000_000))
    tracemalloc.start()
    found, most = answer(bomb, 1000), tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is None and most < 5_000_000, "too much was unpacked before the limit was looked at"


def check_70_4(answer):
    edges, counts = [0.01, 0.1, 1.0], [50, 90, 100]
    for q, edge in {0.5: 0.01, 0.51: 0.1, 0.9: 0.1, 0.99: 1.0, 1.0: 1.0}.items():
        assert answer(edges, counts, q) == edge, f"wrong for q={q}"
