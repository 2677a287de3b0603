"The registry: numbers are given once, service is changed in one step, and going back goes back."

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from mlbook.linear_model import LinearRegression
from mlbook.registry import Registry
from mlbook.serialization import ModelFileError

X = np.arange(12.0).reshape(6, 2) % 5


def line(slope):
    return LinearRegression().fit(X, slope * X[:, 0])


@pytest.fixture
def registry(tmp_path):
    registry = Registry(tmp_path / "models")
    for slope in (1.0, 2.0, 3.0):
        registry.register("late", line(slope), metrics={"slope": slope}, note=f"slope {slope:g}")
    return registry


def slope(model):
    return round(float(model.coef_[0]), 6)


def test_load_takes_production_else_the_newest(registry):
    assert registry.production("late") is None and slope(registry.load("late")) == 3
    registry.promote("late", 1, "the first")
    assert (
        registry.production("late") == 1 and slope(registry.load("late")) == 1 and slope(registry.load("late", 2)) == 2
    )
    assert [v["version"] for v in registry.versions("late")] == [1, 2, 3]
    assert [v["metrics"]["slope"] for v in registry.versions("late")] == [1, 2, 3]
    assert registry.path("late", 2).parts[-3:] == ("late", "2", "model.pb")
    assert registry.names() == ["late"]


def test_rollbacks_go_back_one_promotion_each(registry):
    for version in (1, 2, 2, 3):
        registry.promote("late", version, "better")
    assert registry.rollback("late", "3 is bad") == 2
    assert registry.rollback("late", "2 is bad too") == 1
    with pytest.raises(ValueError, match="no version before 1"):
        registry.rollback("late", "no further")
    registry.promote("late", 3, "mended")
    assert registry.rollback("late", "not mended") == 1 == registry.production("late")
    assert [h["version"] for h in registry.history("late")] == [1, 2, 2, 3, 2, 1, 3, 1]
    assert [h["reason"] for h in registry.history("late")][4] == "3 is bad"


def test_a_history_written_before_rollbacks_were_marked_is_read(registry):
    old = {"production": 2, "history": [{"version": v, "reason": "", "time": ""} for v in (1, 2)]}
    (registry.root / "late" / "registry.json").write_text(json.dumps(old))
    assert registry.rollback("late", "back") == 1


def test_unknown_things_are_named(registry):
    for version in (0, 4, -1, "1"):
        with pytest.raises(ValueError, match=rf"no version {version}.*\[1, 2, 3\]"):
            registry.load("late", version)
        with pytest.raises(ValueError, match=f"no version {version}"):
            registry.promote("late", version, "")
    with pytest.raises(ValueError, match=r"'early'.*\['late'\]"):
        registry.load("early")
    for name in ("../late", "", ".git", "a b", "a/b", "late\n"):
        with pytest.raises(ValueError, match="use letters"):
            registry.register(name, line(1.0))
    with pytest.raises(ValueError, match="no version before None"):
        registry.rollback("late", "never promoted")


def test_other_folders_and_files_are_passed_over(registry):
    for name in (".git", "lost and found", "empty"):
        (registry.root / name).mkdir()
    (registry.root / "notes.txt").write_text("mine")
    (registry.root / "late" / "7").mkdir()  # a registration under way in another process
    (registry.root / "late" / "²").mkdir()
    assert registry.names() == ["late"] and len(registry.versions("late")) == 3
    with pytest.raises(ValueError, match="no version 7"):
        registry.load("late", 7)
    assert Registry(registry.root / "nothing").names() == []


def test_a_registration_that_fails_leaves_nothing(registry):
    before = sorted(registry.root.rglob("*"))
    with pytest.raises(ModelFileError, match="object"):
        registry.register("late", object())
    with pytest.raises(TypeError):
        registry.register("late", line(1.0), metrics={"day": object()})
    assert sorted(registry.root.rglob("*")) == before
    assert registry.register("late", line(4.0)) == 4


def test_a_place_that_cannot_be_written_is_named(registry, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="file.*cannot be written"):
        Registry(tmp_path / "file").register("late", line(1.0))


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file stands here")
    with pytest.raises(ValueError, match="taken.*cannot be written"):
        Registry(tmp_path / "taken").register("late", line(1.0))


def test_a_failed_promotion_leaves_the_old_state(registry, monkeypatch):
    registry.promote("late", 1, "first")

    def full(*args):
        raise OSError(28, "No space left on device")

    before = sorted(registry.root.rglob("*"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        registry.promote("late", 2, "second")
    monkeypatch.undo()
    assert registry.production("late") == 1 and len(registry.history("late")) == 1
    assert sorted(registry.root.rglob("*")) == before


def test_two_processes_never_share_a_number(tmp_path):
    code = ("import sys, time, numpy as np; from mlbook.linear_model import LinearRegression; from mlbook.registry import Registry\n"
            "m = LinearRegression().fit(np.eye(3), np.arange(3.0)); time.sleep(max(0, float(sys.argv[2]) - time.time()))\n"
            "print(*[Registry(sys.argv[1]).register('late', m, note=sys.argv[3]) for _ in range(15)])")  # fmt: skip
    start = str(time.time() + 3)
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), start, who], stdout=subprocess.PIPE, text=True)
        for who in "ab"
    ]
    numbers = [[int(n) for n in p.communicate(timeout=60)[0].split()] for p in both]
    assert all(p.returncode == 0 for p in both) and sorted(sum(numbers, [])) == list(range(1, 31))
    notes = {v["version"]: v["note"] for v in Registry(tmp_path).versions("late")}
    assert notes == {n: who for who, mine in zip("ab", numbers) for n in mine}
    assert all(slope(Registry(tmp_path).load("late", n)) is not None for n in (1, 30))


def test_a_number_is_never_given_twice(registry):
    import shutil

    registry.promote("late", 3, "newest")
    shutil.rmtree(registry.root / "late" / "3")
    assert registry.register("late", line(5.0)) == 4
    with pytest.raises(ValueError, match="no version 3"):
        registry.load("late")  # it never falls back to a version that nobody chose


def test_a_history_on_a_file_system_without_second_names(registry, monkeypatch):
    def unknown(*args):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", unknown)
    for version in (1, 2):
        registry.promote("late", version, f"to {version}")
    assert [h["version"] for h in registry.history("late")] == [1, 2]
    (registry.root / "late" / "history" / "000003.json").write_text('{"version": 3, "rea')  # died in the middle
    assert registry.production("late") == 2
    registry.promote("late", 3, "after the accident")
    assert [h["version"] for h in registry.history("late")] == [1, 2, 3]


PROMOTE = """import sys, time
from mlbook.registry import Registry
registry = Registry(sys.argv[1])
time.sleep(max(0, float(sys.argv[2]) - time.time()))
for k in range(int(sys.argv[4])):
    registry.promote("late", 1 + k % 3, f"{sys.argv[3]} {k}")
    print(k, flush=True)
"""


def test_promotions_by_many_processes_lose_no_line(registry):
    start, known = str(time.time() + 2.5), {f"{who} {k}" for who in "abc" for k in range(25)}
    writers = [subprocess.Popen([sys.executable, "-c", PROMOTE, str(registry.root), start, who, "25"]) for who in "abc"]
    assert [w.wait(60) for w in writers] == [0, 0, 0]
    reasons = [h["reason"] for h in registry.history("late")]
    assert len(reasons) == len(set(reasons)) == 75 and set(reasons) == known
    for who in "abc":  # each writer's own lines in its own order
        assert [r for r in reasons if r.startswith(who)] == [f"{who} {k}" for k in range(25)]


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_writer_leaves_a_whole_history(registry):
    writer = subprocess.Popen(
        [sys.executable, "-c", PROMOTE, str(registry.root), "0", "a", "100000"], stdout=subprocess.PIPE, text=True
    )
    said = [writer.stdout.readline() for _ in range(20)]
    writer.kill()
    said += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    kept = len(registry.history("late"))
    assert kept in (len(said), len(said) + 1)  # what was said is there; at most the line under way beside it
    registry.promote("late", 2, "goes on")
    assert registry.production("late") == 2 and len(registry.history("late")) == kept + 1
