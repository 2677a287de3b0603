"""The benchmark harness on tiny cells of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parent.parent / "benchmarks" / "run.py"
CELLS = """
import time
def cell(id, ours=1.0, theirs=1.0, **more):
    def slow(data):
        time.sleep(0.02)
        return theirs
    def fast(data):
        time.sleep(0.002)
        return ours
    return dict(id=id, chapter="00", peer="sleep", goal=2.0, threads=1, quality="score", data=dict,
                ours=fast, theirs=slow, higher_is_better=True, tolerance=0.01) | more
def absent(data):
    import no_such_peer
def threads(data):
    import os
    return {os.environ[k + "_NUM_THREADS"] for k in ("OPENBLAS", "OMP", "MKL", "NUMBA")} == {"3"}
CELLS = [cell("fast"), cell("worse", ours=0.5), cell("nan", ours=float("nan")), cell("absent", theirs=absent),
         cell("loss", ours=0.2, theirs=0.3, higher_is_better=False), cell("pinned", threads=3),
         cell("other", ours=1.5, higher_is_better=None), cell("same", ours=1.005, higher_is_better=None, goal=None)]
CELLS[3]["theirs"] = absent
CELLS[5]["ours"] = CELLS[5]["theirs"] = threads
"""


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "00.py").write_text(CELLS)

    def call(*only):
        command = [sys.executable, RUN, "--rounds", "1", "--cells", tmp_path / "cells", "--out", tmp_path / "r.json"]
        done = subprocess.run([*map(str, command), "--only", *only], capture_output=True, text=True, timeout=60)
        path = tmp_path / "r.json"
        return done, json.loads(path.read_text()) if path.exists() else None

    return call


def test_ratio_quality_and_machine(bench):
    done, results = bench("fast", "loss", "pinned")
    assert done.returncode == 0, done.stderr
    fast, loss, pinned = results["cells"][0], results["cells"][1], results["cells"][2]
    assert 2 < fast["ratio"] < 12 and fast["ok"] and fast["mlbook_s"] >= 0.002
    assert loss["ok"], "a lower loss is better"
    assert pinned["mlbook_quality"] == pinned["peer_quality"] == 1, "both sides get the cell's threads"
    assert set(results["machine"]) == {"cores", "instruction_set", "memory_gb"}
    assert "python" in results["versions"] and "numpy" in results["versions"]


def test_worse_quality_fails_and_old_rows_stay(bench):
    assert bench("fast")[0].returncode == 0
    done, results = bench("worse", "nan", "other", "same")
    assert done.returncode == 1 and "FAILED" in done.stdout
    verdicts = {"fast": True, "worse": False, "nan": False, "other": False, "same": True}
    assert {c["id"]: c["ok"] for c in results["cells"]} == verdicts


def test_missing_peer_is_skipped_by_name(bench):
    done, results = bench("absent")
    assert done.returncode == 0 and "no_such_peer" in done.stdout and results["cells"] == []


def test_unknown_cell_is_named(bench):
    done, results = bench("speed")
    assert done.returncode == 2 and "'speed'" in done.stderr and results is None
