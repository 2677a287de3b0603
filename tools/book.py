"""The one way to build the book: python tools/book.py setup|export|run|clean|readme|docs|test|lab|bench [...].

Only the standard library is imported at the top, so that `setup` works with nothing but Python."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def call(*command, **kwargs):
    "Run a command in the project's folder with its virtual environment's Python; stop when it fails."
    subprocess.run([str(PYTHON), *map(str, command)], cwd=kwargs.pop("cwd", ROOT), check=True, **kwargs)


def notebooks(names=()):
    "The notebooks in the order of the book: all of them, or those whose path contains one of the names."
    found = sorted(NBS.glob("*.ipynb")) + sorted((NBS / "solutions").glob("*.ipynb"))
    found = [f for f in found if not names or any(n in str(f.relative_to(NBS)) for n in names)]
    if not found:
        raise SystemExit(f"no notebook in nbs/ is named like {' or '.join(names)}")
    return found


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, notebook):
    "Write a notebook in one step, so that nobody ever sees half of it."
    spare = path.with_suffix(".tmp")
    spare.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    os.replace(spare, path)


def environment(folder, *packages):
    "A virtual environment with the project and these packages; a finished one says so by the file `ready`."
    python = folder / PYTHON.relative_to(VENV)
    if not python.exists():
        try:
            import ensurepip  # noqa: F401
        except ImportError:
            raise SystemExit("this Python has no ensurepip: install your system's python3-venv package first") from None
        import venv

        venv.create(folder, with_pip=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-e", *packages], cwd=ROOT, check=True)
    (folder / "ready").touch()
    return python


def setup():
    "Create .venv, install the project with everything that its tests and pages need, and the git hooks."
    environment(VENV, ".[dev]")
    if (ROOT / ".git").exists():
        subprocess.run(["git", "config", "core.hooksPath", "tools/hooks"], cwd=ROOT, check=False)


def export(target=ROOT):
    "Write mlbook/ from the exported cells of nbs/ (into another folder, to compare), and the protocol's descriptor."
    from nbdev.doclinks import nbdev_export

    target = Path(target)
    os.chdir(target)  # nbdev finds its configuration from here
    nbdev_export()
    proto = target / "proto" / "mlbook.proto"
    if proto.exists():
        out = target / "mlbook" / "data" / "mlbook.binpb"
        out.parent.mkdir(parents=True, exist_ok=True)
        call("-m", "grpc_tools.protoc", f"-I{proto.parent}", f"--descriptor_set_out={out}", proto)


def exported_files(package):
    return {str(f.relative_to(package)): f.read_bytes() for f in package.rglob("*") if f.suffix in {".py", ".binpb"}}


def fresh_export():
    "The files of mlbook/ that differ from an export of nbs/ into an empty folder."
    with tempfile.TemporaryDirectory() as folder:
        for name in ("pyproject.toml", "nbs", "proto", "README.md", "LICENSE"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, Path(folder, name))
            elif source.exists():
                shutil.copy(source, folder)
        Path(folder, "tools").mkdir()
        call(ROOT / "tools" / "book.py", "export", folder)
        new, old = exported_files(Path(folder, "mlbook")), exported_files(ROOT / "mlbook")
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def clean_one(path):
    "Keep a notebook's outputs, drop what differs between machines, number the code cells 1..n."
    from nbdev.clean import nbdev_clean

    nbdev_clean(str(path))
    notebook = read(path)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(code, 1):
        cell["execution_count"] = count
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = count
    write(path, notebook)


def clean(*names):
    "Clean the notebooks whose name is given (as a path or a part of it), or all."
    for path in notebooks([Path(name).name for name in names]):
        clean_one(path)


def run(*names):
    "Execute notebooks from top to bottom, then clean them; a notebook that fails keeps its old outputs."
    import nbformat
    from nbclient import NotebookClient

    for path in notebooks(names):
        start = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
        nbformat.write(notebook, path)
        clean_one(path)
        took, size = time.perf_counter() - start, path.stat().st_size / 1000
        print(f"{path.relative_to(ROOT)}: {took:.1f} s, {size:.0f} KB", flush=True)


def readme(target=ROOT):
    "Write README.md from nbs/index.ipynb: its text, the code that is shown, and its pictures as files in assets/."
    target, parts, pictures = Path(target), [], 0
    for cell in read(NBS / "index.ipynb")["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        data = [output.get("data", {"text/plain": output.get("text", "")}) for output in cell["outputs"]]
        said = dict(re.findall(r'^#\| (fig-cap|fig-alt): "(.*)"$', source, re.M))
        for image in [base64.b64decode("".join(d["image/png"])) for d in data if "image/png" in d]:
            pictures += 1
            (target / "assets" / f"index-{pictures}.png").write_bytes(image)
            parts.append(f"![{said['fig-alt']}](assets/index-{pictures}.png)\n\n*{said['fig-cap']}*")
        if not re.search(r"^#\| ?(echo: false|include: false|export:|default_exp:)", source, re.M):
            shown = "\n".join(line for line in source.splitlines() if not line.startswith("#|")).strip()
            text = "".join("".join(d.get("text/plain", "")) for d in data if "image/png" not in d).rstrip()
            parts += [f"```python\n{shown}\n```", f"```text\n{text}\n```" if text else ""]
    body = "\n\n".join(part.strip() for part in parts if part.strip())
    links = re.sub(r"\]\((\w+\.ipynb)", r"](nbs/\1", body)
    (target / "README.md").write_text(links + "\n", encoding="utf-8", newline="\n")


def test(*arguments):
    "Run every test, a file in each of up to four processes; SLOW=1 in the environment adds those marked slow."
    slow = os.environ.get("SLOW") == "1"
    chosen = arguments or ("--nbval", "nbs", "tests")
    marks = [] if slow else ["-m", "not slow"]
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}  # scikit-learn then skips no check
    spread = ["-n", min(4, os.cpu_count() or 1), "--dist", "loadfile"]
    call("-m", "pytest", "-q", *spread, *marks, *chosen, env=environment)


def docs():
    "Render the site into _site/."
    from site_pages import build

    build()


def lab():
    call("-m", "jupyterlab", NBS)


def bench(*names):
    "Time mlbook beside its peers in an environment of their own, and refresh the chapters that show the results."
    python = environment(ROOT / "benchmarks" / ".venv", ".[serve]", "-r", "benchmarks/requirements.txt")
    done = subprocess.run([python, "benchmarks/run.py", *names], cwd=ROOT, check=False)
    changed = {cell["chapter"] for cell in json.loads((ROOT / "benchmarks/results.json").read_text())["cells"]}
    run(*sorted(changed))
    raise SystemExit(done.returncode)


def main(arguments):
    steps = {f.__name__: f for f in (setup, export, run, clean, readme, docs, test, lab, bench)}
    if not arguments or arguments[0] not in steps:
        raise SystemExit(f"usage: python tools/book.py {'|'.join(steps)} [names]")
    step, names = steps[arguments[0]], arguments[1:]
    step(*names)


if __name__ == "__main__":
    main(sys.argv[1:])
