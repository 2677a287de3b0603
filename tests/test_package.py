"The package as people install it: light to import, and whole in a wheel; its first page keeps its word."

import ast
import re
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


def test_every_public_part_can_be_reached_from_the_package():
    parts = sorted(f.stem for f in (ROOT / "mlbook").glob("*.py") if not f.stem.startswith("_"))
    code = "import mlbook; print(*mlbook._modules); print(*dir(mlbook))"
    said, shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert sorted(said.split()) == parts, "list every module in _modules of nbs/index.ipynb"
    assert {*parts, "__version__"} <= set(shown.split())
    assert loaded_by("import mlbook; dir(mlbook)") == set(), "dir() alone imports nothing"
    code = "import mlbook; [getattr(mlbook, name) for name in mlbook._modules]; mlbook.nonsense"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert re.search("AttributeError: .*mlbook.*nonsense", failed.stderr), failed.stderr


def test_the_python_of_the_readme_runs_alone_and_says_what_is_printed_below(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```\s*(?:```text\n(.*?)```)?", text, re.S)
    assert blocks, "the README shows no Python"
    for code, printed in blocks:
        *_, last = ast.parse(code).body
        if isinstance(last, ast.Expr):
            code = code[: code.rindex(ast.get_source_segment(code, last))] + f"print(repr({ast.unparse(last)}))"
        command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + code]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, f"{code}\n{done.stderr}"
        assert done.stdout.strip() == printed.strip(), f"{code}\nprints {done.stdout}, the README says {printed}"


def test_the_readme_is_the_first_page(tmp_path):
    sys.path.insert(0, str(ROOT / "tools"))
    from book import readme

    (tmp_path / "assets").mkdir()
    readme(tmp_path)
    remedy = "run `tools/book.py readme`"
    for file in ["README.md", *(f"assets/{f.name}" for f in (tmp_path / "assets").iterdir())]:
        assert (ROOT / file).read_bytes() == (tmp_path / file).read_bytes(), f"{file} is not nbs/index.ipynb: {remedy}"
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in text and "make test" in text, "the two commands"
    assert len(list((ROOT / "assets").glob("index-*.png"))) == len(re.findall(r"!\[.{20,}\]\(assets/index-", text)) == 1
    for target in re.findall(r"\]\(([^):#]+)\)", text):
        assert (ROOT / target).exists(), f"README.md links to {target}, which does not exist"


def test_no_name_is_defined_twice_in_a_module():
    "Several notebooks may write one module: a name of the second would silently replace that of the first."
    for path in (ROOT / "mlbook").rglob("*.py"):
        seen = set()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
            names += [t.id for t in node.targets if isinstance(t, ast.Name)] if isinstance(node, ast.Assign) else []
            twice = seen.intersection(names)
            assert not twice, f"{path.name} defines {twice} twice: give the second another name, or import the first"
            seen.update(names)


def test_only_bases_and_data_are_taken_from_scikit_learn():
    allowed = ("sklearn.base", "sklearn.utils", "sklearn.exceptions", "sklearn.datasets")
    for path in (ROOT / "mlbook").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith("sklearn") or name.startswith(allowed), f"{path.name} imports {name}"


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_environment(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    wheel = next(tmp_path.glob("*.whl"))
    venv.create(tmp_path / "env", with_pip=True)
    bin = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([bin / "python", "-m", "pip", "install", "-q", str(wheel)], check=True, capture_output=True)
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i % 9},{int(i % 9 > 4)}\n" for i in range(60)))
    for command in (
        ["train", "t.csv", "--target", "y", "--out", "m.pb"],
        ["evaluate", "m.pb", "t.csv"],
        ["predict", "m.pb", "t.csv"],
    ):
        subprocess.run([bin / "mlbook", *command], cwd=tmp_path, check=True, capture_output=True)
    code = "from mlbook.datasets import load_flights; assert len(load_flights()) == 336776"
    subprocess.run([bin / "python", "-c", code], cwd=tmp_path, check=True)
    answer = subprocess.run([bin / "mlbook", "serve", "m.pb"], cwd=tmp_path, capture_output=True, text=True)
    assert answer.returncode == 2 and "mlbook[serve]" in answer.stderr
