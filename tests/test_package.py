"The package as people install it: light to import, and whole in a wheel."

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def loaded_by(code):
    "The heavy modules that a fresh interpreter holds after some code."
    heavy = ["numpy", "pandas", "sklearn", "matplotlib", "starlette", "sqlalchemy", "numba", "scipy"]
    code += f"\nimport sys; print(*[m for m in {heavy} if m in sys.modules])"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_imports_are_lazy():
    assert loaded_by("import mlbook") == set()
    assert "sklearn" not in loaded_by("import mlbook; mlbook.metrics.accuracy_score([0, 1], [0, 1])")
    assert loaded_by("from mlbook.linear_model import LogisticRegression") <= {"numpy", "scipy", "sklearn", "pandas"}


def test_only_bases_and_data_are_taken_from_scikit_learn():
    import ast

    allowed = ("sklearn.base", "sklearn.utils", "sklearn.exceptions", "sklearn.datasets")
    for path in (ROOT / "mlbook").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith("sklearn") or name.startswith(allowed), f"{path.name} imports {name}"


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(tmp_path):
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    wheel = next(tmp_path.glob("*.whl"))
    venv.create(tmp_path / "env", with_pip=True)
    bin = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([bin / "python", "-m", "pip", "install", "-q", str(wheel)], check=True, capture_output=True)
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i % 9},{int(i % 9 > 4)}\n" for i in range(60)))
    for command in (["train", "t.csv", "--target", "y", "--out", "m.pb"], ["evaluate", "m.pb", "t.csv"], ["predict", "m.pb", "t.csv"]):
        subprocess.run([bin / "mlbook", *command], cwd=tmp_path, check=True, capture_output=True)
    code = "from mlbook.datasets import load_flights; assert len(load_flights()) == 336776"
    subprocess.run([bin / "python", "-c", code], cwd=tmp_path, check=True)
    answer = subprocess.run([bin / "mlbook", "serve", "m.pb"], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 2 and "mlbook[serve]" in answer.stderr
