"""The shape of the book. Every message names the notebook, the cell (counted from 1) and what to mend."""

import ast
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NBS = ROOT / "nbs"
sys.path.insert(0, str(ROOT / "tools"))
CHAPTERS = sorted(NBS.glob("*.ipynb"))
BOOK = CHAPTERS + sorted((NBS / "solutions").glob("*.ipynb"))
FINISHED = (
    "01_datasets",
    "04_columns",
    "10_cleaning",
    "11_features",
    "12_scaling",
    "13_imputing",
    "14_categories",
    "15_target_encoding",
    "16_text",
    "17_quantiles",
    "18_selection",
    "19_table",
    "20_metrics",
    "21_ranking",
    "22_multilabel",
    "23_comparison",
    "24_batches",
    "30_optimizers",
    "31_adaptive_rates",
    "32_subgradients",
    "33_second_order",
    "34_coordinates",
    "40_linear_regression",
    "41_logistic_regression",
    "42_svm",
    "46_neural_network",
    "47_calibration",
    "48_shrinkage",
    "49_other_losses",
    "54_kernels",
    "55_perceptron",
)
SECTIONS = ["The problem", "The idea", "The mathematics", "The code", "Agreement", "Behaviour", "Cost",
            "In production", "What you can take with you", "Exercises", "Sources"]  # fmt: skip
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|tmp|Users|usr|opt)/\S*|[A-Z]:\\\\?Users|\b0x[0-9a-f]{6,}")
each = pytest.mark.parametrize("path", BOOK, ids=lambda p: str(p.relative_to(NBS)))
finished = pytest.mark.parametrize("path", [p for p in CHAPTERS if p.stem in FINISHED], ids=lambda p: p.stem)


def cells(path, kind=None):
    "[(place of the cell, cell, its text)]"
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(n, c, "".join(c["source"])) for n, c in enumerate(found, 1) if kind in (None, c["cell_type"])]


def exported(text):
    return re.search(r"^#\|\s*export:", text, re.M) is not None


def headings(path):
    return [m for _, _, text in cells(path, "markdown") for m in re.findall(r"^## (.+)$", text, re.M)]


def definitions(text):
    return [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]


def code_lines(text):
    "Lines of code without blank lines, comments and docstrings."
    lines = {n for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.strip().startswith("#")}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines)


def outputs_text(cell):
    "What a code cell shows, as text (pictures left out)."
    shown = []
    for output in cell["outputs"]:
        shown.append("".join(output.get("text", "")))
        shown += ["".join(v) for k, v in output.get("data", {}).items() if k.startswith("text/")]
    return "\n".join(shown)


@each
def test_begins_with_a_title_and_one_line(path):
    (place, cell, text), *_ = cells(path)
    first = [line for line in text.splitlines() if line.strip()][:2]
    right = cell["cell_type"] == "markdown" and [line[:2] for line in first] == ["# ", "> "]
    assert right, f"{path.name}, cell {place}: begin with `# Title` and `> one line`"


@each
def test_sections_stand_in_order(path):
    known = [SECTIONS.index(h.split(":")[0].strip()) for h in headings(path) if h.split(":")[0].strip() in SECTIONS]
    wrong = next((b for a, b in zip(known, known[1:], strict=False) if b < a), None)
    assert wrong is None, f"{path.name}: '## {SECTIONS[wrong or 0]}' stands too late; the order is {SECTIONS}"


@finished
def test_a_finished_chapter_ends_with_what_the_reader_keeps(path):
    here = {h.split(":")[0].strip() for h in headings(path)}
    missing = [s for s in ("The problem", "The code", "Behaviour", "In production", *SECTIONS[-3:]) if s not in here]
    assert not missing, f"{path.name}: the sections {missing} are missing"


@finished
def test_a_finished_chapter_is_neither_thin_nor_endless(path):
    count, text = len(cells(path)), [t for _, _, t in cells(path, "markdown")]
    assert 50 <= count <= 80, f"{path.name}: {count} cells; between 50 and 80, please"
    words = sum(len(re.sub(r"\$[^$]*\$", "x", t).split()) for t in text)
    assert 1500 <= words <= 2500, f"{path.name}: {words} words of text; between 1,500 and 2,500, please"
    lessons = [code_lines(t) for _, _, t in cells(path, "code") if not exported(t)]
    middle = statistics.median(lessons)
    assert middle <= 5, f"{path.name}: half of the lesson cells have over {middle} lines; 3 are enough for most"
    exercises = sum(t.count('check("') for _, _, t in cells(path, "code"))
    assert exercises >= 4, f"{path.name}: {exercises} exercises; four at least"


@each
def test_the_first_screen_says_the_rule_and_what_to_know(path):
    if path.parent != NBS or path.stem == "index":
        return
    opening = "\n".join(text for _, _, text in cells(path, "markdown")[:3])
    rule = re.search(r"\*\*The rule:\*\*(.*)", opening)
    assert rule, f"{path.name}: the first screen lacks a line that begins with **The rule:**"
    assert len(rule[1].split()) <= 25, f"{path.name}: the rule has {len(rule[1].split())} words; 25 at most"
    assert re.search(r"minutes · know first: .* · `", opening), f"{path.name}: say minutes · know first · import line"


@each
def test_no_exported_cell_is_too_long(path):
    for place, _, text in cells(path, "code"):
        if exported(text):
            size = code_lines(text)
            assert size <= 60, f"{path.name}, cell {place}: {size} lines of code; cut it at an idea (60 at most)"


def test_nine_exported_cells_in_ten_hold_at_most_twenty_lines():
    sizes = {f"{p.name}, cell {n}": code_lines(t) for p in CHAPTERS for n, _, t in cells(p, "code") if exported(t)}
    long = [f"{place}: {size} lines" for place, size in sizes.items() if size > 20]
    many = f"{len(long)} of {len(sizes)} exported cells are over 20 lines; cut some of\n"
    assert len(long) <= len(sizes) / 10, many + "\n".join(long)


def test_no_line_of_code_is_too_wide():
    for path in BOOK:
        for place, _, text in cells(path, "code"):
            wide = [line for line in text.splitlines() if len(line) > 120 and not line.startswith("#|")]
            assert not wide, f"{path.name}, cell {place}: {len(wide[0])} columns; 120 at most: {wide[0][:60]}..."


def test_the_linter_finds_nothing():
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", ROOT], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


@finished
def test_each_exported_function_is_followed_by_a_lesson(path):
    "After a cell of exported functions, and before the next, a cell asserts something and shows a value."
    code = cells(path, "code")
    for k, (place, _, text) in enumerate(code):
        public = [n.name for n in definitions(text) if not n.name.startswith("_")] if exported(text) else []
        if not public:
            continue
        lesson = []
        for _, cell, after in code[k + 1 :]:
            if exported(after) and any(not n.name.startswith("_") for n in definitions(after)):
                break
            lesson.append((cell, after))
        proved = any("assert" in after and cell["outputs"] for cell, after in lesson)
        names = ", ".join(public)
        assert proved, f"{path.name}, cell {place}: show and assert something about {names} in the next cell"


@each
def test_every_picture_has_a_caption_and_a_description(path):
    for place, cell, text in cells(path, "code"):
        if any("image/png" in output.get("data", {}) for output in cell["outputs"]):
            for key in ("fig-cap", "fig-alt"):
                found = re.search(rf"^#\|\s*{key}:[ \t]*\S", text, re.M)
                assert found, f"{path.name}, cell {place}: a picture without `#| {key}:`"


@each
def test_the_file_is_small(path):
    size = path.stat().st_size / 1000
    assert size < 400, f"{path.name} weighs {size:.0f} KB: under 400, please; show fewer or smaller pictures"


@each
def test_cells_are_numbered_as_they_stand(path):
    for count, (place, cell, _) in enumerate(cells(path, "code"), 1):
        said, remedy = cell["execution_count"], f"run `tools/book.py run {path.stem}`"
        assert said == count, f"{path.name}, cell {place}: numbered {said} instead of {count}; {remedy}"


@each
def test_outputs_are_the_same_on_every_machine(path):
    for place, cell, _ in cells(path, "code"):
        found = MACHINE.search(outputs_text(cell))
        assert not found, f"{path.name}, cell {place}: {found[0]!r} differs between machines; keep it out of the output"
        broken = [o.get("ename") for o in cell["outputs"] if o["output_type"] == "error"]
        assert not broken, f"{path.name}, cell {place}: stored with an error, {broken[0]}"


@each
def test_few_cells_are_skipped(path):
    skipped = [place for place, _, text in cells(path, "code") if "NBVAL_SKIP" in text]
    assert len(skipped) <= 2, f"{path.name}: cells {skipped} are skipped by the tests; two at most"


@each
def test_code_is_written_whole(path):
    for place, _, text in cells(path, "code"):
        if exported(text):
            where = f"{path.name}, cell {place}"
            assert not re.search(r"^@patch", text, re.M), f"{where}: write the class whole, without @patch"
            kinds = {isinstance(n, ast.Import | ast.ImportFrom) for n in ast.parse(text).body}
            assert kinds != {True, False}, f"{where}: imports and other code in one exported cell; split it"


@each
def test_links_lead_to_chapters_that_exist(path):
    for place, _, text in cells(path, "markdown"):
        for link in re.findall(r"\]\(([^)#\s]+\.ipynb)", text):
            found = (path.parent / link).exists()
            assert found, f"{path.name}, cell {place}: no chapter {link}; write it as plain text"


def test_the_package_is_the_export_of_the_book():
    pytest.importorskip("nbdev")
    from book import fresh_export

    differ = fresh_export()
    assert not differ, f"mlbook/ differs from the notebooks in {differ}: run `tools/book.py export`"
