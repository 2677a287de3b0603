"""A chapter proves its code: break one exported cell (a sign, an off-by-one), and the chapter must fail."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NBS = Path(__file__).resolve().parent.parent / "nbs"
# chapter: (what an exported cell says, what it must not say)
MUTATIONS = {
    "03_speed": [
        ("n_samples * k // parts", "n_samples * k // parts + 1"),
        ("if n_samples >= SMALL else 1", "if n_samples >= SMALL else 2"),
    ],
    "40_linear_regression": [
        ("y_mean - self.coef_ @ x_mean", "y_mean + self.coef_ @ x_mean"),
        ("X - x_mean", "X + x_mean"),
    ],
    "41_logistic_regression": [
        ("0.5 * (1 + np.tanh(0.5 * z))", "0.5 * (1 - np.tanh(0.5 * z))"),
        ("slope[p] += r", "slope[p] -= r"),
        ("e / ((1.0 + e) * (1.0 + e))", "e / (1.0 + e)"),
        ("part[:, p] = root", "part[:, p] = 1.0"),
        ("w + size * jump, new", "w - size * jump, new"),
        ("sigmoid(-scores), sigmoid(scores)", "sigmoid(scores), sigmoid(-scores)"),
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("chapter", sorted(p.stem for p in NBS.glob("[0-9]*.ipynb")))
def test_a_broken_cell_fails_its_chapter(chapter):
    assert MUTATIONS.get(chapter), f"{chapter}: name a mutation of one of its exported cells in {Path(__file__).name}"
    for right, wrong in MUTATIONS[chapter]:
        notebook = nbformat.read(NBS / f"{chapter}.ipynb", as_version=4)
        code = [c for c in notebook.cells if c.cell_type == "code"]
        broken = next((c for c in code if right in c.source and "#| export:" in c.source), None)
        assert broken, f"{chapter}: no cell holds {right!r} any more; change the mutation"
        broken.source = broken.source.replace(right, wrong)
        client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NBS)}})
        with pytest.raises(CellExecutionError):
            client.execute()
            pytest.fail(f"{chapter} ends well although {right!r} became {wrong!r}: no lesson checks it", pytrace=False)
