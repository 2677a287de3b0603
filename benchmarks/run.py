"""mlbook beside its peers: python benchmarks/run.py [--only ID ...].

Every file of benchmarks/cells/ holds a list CELLS. A cell names its data, our call and the peer's. The two run by
turns (ours, theirs, ours, theirs, ...), each time in a fresh process of one environment with equally many threads.
The first call of a process is warm-up (compiling, importing) and is a figure of its own; the median of the later
calls counts. What a call returns is its quality, or is judged by the cell's `judge` outside the time. A cell whose
quality is worse than the peer's by more than its tolerance fails: it says so, and the exit status is 1. A peer that
is not installed is skipped by name. A cell may have a `limit` in seconds instead of a peer; its call returns seconds
that it measured itself. Peak memory is what the calls, with their imports, add to the process's peak so far; Windows
does not tell. Results go to benchmarks/results.json after each cell; cells not run now keep their old figures.
"""

import argparse
import importlib.metadata
import json
import math
import os
import platform
import runpy
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGES = ("mlbook", "numpy", "scipy", "pandas", "numba", "scikit-learn", "scikit-learn-intelex", "celer", "torch")
POOLS = ("OPENBLAS", "OMP", "MKL", "NUMBA")
MARK = "benchmark-result:"


def load_cells(folder):
    "The cells of every file of the folder, by id."
    cells = [cell for path in sorted(Path(folder).glob("*.py")) for cell in runpy.run_path(str(path))["CELLS"]]
    names = [cell["id"] for cell in cells]
    if twice := sorted({n for n in names if names.count(n) > 1}):
        raise SystemExit(f"cell id {twice[0]!r} is used twice in {folder}: rename one")
    return {cell["id"]: cell for cell in cells}


def peak_mb():
    "The highest memory of this process so far in MB, or None where the system does not tell."
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def one_side(cell, side):
    "In a fresh process: one warm-up call, then 3 to 50 timed calls, about a second of them."
    if "limit" in cell:
        taken = float(cell["ours"]())
        return {"first": taken, "seconds": taken, "quality": taken, "mb": None, "versions": {}}
    data, before = cell["data"](), peak_mb()
    seconds = []
    while len(seconds) < 4 or (sum(seconds[1:]) < 1 and len(seconds) < 51):
        start = time.perf_counter()
        try:
            result = cell[side](data)
        except ModuleNotFoundError as error:
            return {"missing": error.name}
        seconds.append(time.perf_counter() - start)
    quality = float(cell["judge"](result, data) if "judge" in cell else result)
    return {
        "first": seconds[0], "seconds": statistics.median(seconds[1:]), "quality": quality,
        "mb": None if before is None else peak_mb() - before,
        "versions": {p: v for p in PACKAGES if (v := version(p))},
    }  # fmt: skip


def fresh(cell, side, folder):
    "Run one side of a cell in a new process, its thread pools pinned to the cell's number of threads."
    threads = {f"{pool}_NUM_THREADS": str(cell["threads"]) for pool in POOLS}
    command = [sys.executable, __file__, "--cells", str(folder), "--side", side, "--only", cell["id"]]
    done = subprocess.run(command, env=os.environ | threads, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
    if done.returncode or not lines:
        raise SystemExit(f"cell {cell['id']!r}, side {side!r} broke:\n{done.stderr[-2000:]}")
    return json.loads(lines[-1].removeprefix(MARK))


def measure(cell, rounds, folder):
    "The cell's row of results.json and the versions used, or the name of the module that is missing."
    runs = {"ours": [], "theirs": []}
    for _ in range(cell.get("rounds", rounds)):
        for side in ("ours",) if "limit" in cell else ("ours", "theirs"):
            result = fresh(cell, side, folder)
            if "missing" in result:
                if side == "ours" or result["missing"].split(".")[0] == "mlbook":
                    raise SystemExit(f"cell {cell['id']!r}: module {result['missing']!r} is missing: run make bench")
                return result["missing"], {}
            runs[side].append(result)
    if "limit" in cell:
        return limit_row(cell, [r["seconds"] for r in runs["ours"]]), {}
    row = {k: cell[k] for k in ("id", "chapter", "peer", "goal", "threads", "quality")}
    for side, name in (("ours", "mlbook"), ("theirs", "peer")):
        figures = {k: [r[k] for r in runs[side]] for k in ("first", "seconds", "quality", "mb")}
        middle = statistics.median(figures["seconds"])
        quality = statistics.median(figures["quality"])
        row |= {
            f"{name}_s": middle,
            f"{name}_spread": (max(figures["seconds"]) - min(figures["seconds"])) / middle,
            f"{name}_first_call": statistics.median(figures["first"]),
            f"{name}_quality": quality if math.isfinite(quality) else None,
            f"{name}_peak_mb": None if None in figures["mb"] else max(figures["mb"]),
        }
    row["ratio"] = row["peer_s"] / row["mlbook_s"]
    row["ok"] = good_enough(row["mlbook_quality"], row["peer_quality"], cell)
    return row, runs["ours"][0]["versions"] | runs["theirs"][0]["versions"]


def limit_row(cell, seconds):
    "The row of a cell that has a limit in seconds in place of a peer: the ratio is limit / seconds, its goal 1."
    middle = statistics.median(seconds)
    nothing = dict.fromkeys(("mlbook_quality", "peer_quality", "mlbook_peak_mb", "peer_peak_mb"))
    row = {"id": cell["id"], "chapter": cell["chapter"], "peer": "limit", "goal": 1.0, "threads": cell["threads"]}
    spread = (max(seconds) - min(seconds)) / middle
    times = {"mlbook_s": middle, "mlbook_spread": spread, "peer_s": cell["limit"], "ratio": cell["limit"] / middle}
    return row | {"quality": "seconds"} | nothing | times | {"ok": True}


def good_enough(ours, theirs, cell):
    "Is our quality at most `tolerance` worse than the peer's? (Neither higher nor lower is better: the same.)"
    if ours is None or theirs is None:
        return False
    worse = {True: theirs - ours, False: ours - theirs, None: abs(ours - theirs)}
    return worse[cell["higher_is_better"]] <= cell["tolerance"]


def machine():
    "Cores, instruction set and memory: never a name."
    info = Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    wide = next((f for f in ("avx512f", "avx2", "avx") if f in flags), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else None
    return {
        "cores": os.cpu_count(),
        "instruction_set": f"{platform.machine()} {wide}".strip(),
        "memory_gb": memory and round(memory, 1),
    }


def merge(path, rows, versions, cells):
    "Write the results in one step: new rows replace old ones, rows of cells that no longer exist go."
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"versions": {}, "cells": []}
    found = {row["id"]: row for row in old["cells"]} | {row["id"]: row for row in rows}
    results = {
        "machine": machine(),
        "versions": {"python": platform.python_version()} | old["versions"] | versions,
        "cells": [found[name] for name in cells if name in found],
    }
    spare = path.with_suffix(".tmp")
    spare.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(spare, path)


def show(rows, skipped):
    from rich.console import Console
    from rich.table import Table

    table = Table("cell", "peer", "mlbook s", "peer s", "ratio", "goal", "quality", "mlbook", "peer", "")
    for r in rows:
        figures = ["" if r[k] is None else f"{r[k]:.3g}" for k in ("mlbook_s", "peer_s", "ratio", "goal")]
        quality = ["" if r[k] is None else f"{r[k]:.6g}" for k in ("mlbook_quality", "peer_quality")]
        state = "FAILED" if not r["ok"] else "" if r["ratio"] >= (r["goal"] or 0) else "below goal"
        table.add_row(r["id"], r["peer"], *figures, r["quality"], *quality, state)
    Console(width=150).print(table)
    for r in rows:
        if not r["ok"]:
            print(f"FAILED: {r['id']}: {r['quality']} is worse than the peer's beyond the tolerance")
    for name, module in skipped.items():
        print(f"skipped: {name} (module {module} is not installed)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", metavar="ID", help="cells to run, the same as --only")
    parser.add_argument("--only", nargs="+", metavar="ID", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cells", type=Path, default=HERE / "cells")
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    parser.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {options.rounds}")
    cells = load_cells(options.cells)
    only = options.ids + options.only
    if unknown := [name for name in only if name not in cells]:
        parser.error(f"no cell is called {unknown[0]!r}; there are: {', '.join(cells)}")
    chosen = [cells[name] for name in only or cells]
    if options.side:
        print(MARK + json.dumps(one_side(chosen[0], options.side)))
        return 0
    rows, skipped, versions = [], {}, {}
    for cell in chosen:
        row, used = measure(cell, options.rounds, options.cells)
        versions |= used
        if isinstance(row, str):
            skipped[cell["id"]] = row
        else:
            rows.append(row)
        merge(options.out, rows, versions, cells)  # an interrupted run keeps what it has measured
    show(rows, skipped)
    return int(not all(row["ok"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
