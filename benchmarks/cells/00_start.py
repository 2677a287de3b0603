"How long a user waits before anything happens: imports, help, and the whole story on a cold cache."

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def seconds(code):
    "Seconds that the last line printed by a fresh interpreter says."
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return float(done.stdout.split()[-1])


def import_book():
    return seconds(
        "import time; t = time.perf_counter(); import mlbook; mlbook.metrics.f1_score; print(time.perf_counter() - t)"
    )


def import_estimator():
    first = "import time, sklearn.linear_model; t = time.perf_counter(); "
    return seconds(first + "from mlbook.linear_model import LogisticRegression; print(time.perf_counter() - t)")


def run_shell(*arguments, **environment):
    start = time.perf_counter()
    command = [sys.executable, "-c", "from mlbook.cli import main; main()", *arguments]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=os.environ | environment)
    return time.perf_counter() - start


def whole_story():
    with tempfile.TemporaryDirectory() as folder:
        settings = (ROOT / "settings.ini").read_text(encoding="utf-8").replace("folder = runs", f"folder = {folder}")
        (Path(folder) / "settings.ini").write_text(settings, encoding="utf-8")
        return run_shell("run", str(Path(folder) / "settings.ini"), NUMBA_CACHE_DIR=folder)


def cell(words, chapter, limit, ours, **more):
    return {"id": words, "chapter": chapter, "limit": limit, "threads": 2, "ours": ours} | more


CELLS = [
    cell("00 import mlbook and its metrics", "96_command_line", 0.3, import_book),
    cell("00 import an estimator, after scikit-learn", "96_command_line", 0.3, import_estimator),
    cell("00 mlbook --help", "96_command_line", 0.5, lambda: run_shell("--help")),
    cell("00 mlbook run, nothing compiled", "96_command_line", 180.0, whole_story, rounds=1),
]
