"The command line on good and bad input: one line, status 2, no traceback, nothing half-written."

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.datasets import load_breast_cancer, load_diabetes

from mlbook.cli import main


def mlbook(*arguments):
    return CliRunner().invoke(main, [str(a) for a in arguments])


def refused(result, *words):
    "One line on stderr that holds the words, exit status 2, nothing on stdout."
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1 and "Traceback" not in result.output
    for word in words:
        assert str(word) in result.stderr, result.stderr
    assert result.stdout == ""


@pytest.fixture
def cancer(tmp_path):
    frame = load_breast_cancer(as_frame=True).frame
    frame["target"] = np.array(["malignant", "benign"])[frame.target]
    frame["ward"] = np.array(["north", "south", None], dtype=object)[np.arange(len(frame)) % 3]
    frame.to_csv(tmp_path / "cancer.csv", index=False)
    return tmp_path / "cancer.csv"


@pytest.mark.parametrize("suffix", [".pb", ".pkl"])
def test_train_evaluate_predict_inspect(cancer, tmp_path, suffix):
    model = tmp_path / f"cancer{suffix}"
    result = mlbook("train", cancer, "--target", "target", "--out", model, "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["task"] == "classification" and facts["score"]["accuracy"] > 0.93 > facts["baseline"]["accuracy"]
    result = mlbook("evaluate", model, cancer, "--json")
    assert result.exit_code == 0 and json.loads(result.stdout)["accuracy"] > 0.95
    result = mlbook("predict", model, cancer, "-o", tmp_path / "answers.csv")
    assert result.exit_code == 0, result.output
    answers = pd.read_csv(tmp_path / "answers.csv")
    assert list(answers) == ["prediction", "proba_benign", "proba_malignant"]
    assert np.allclose(answers.filter(like="proba").sum(axis=1), 1)
    assert (answers.prediction == pd.read_csv(cancer).target).mean() > 0.95
    result = mlbook("inspect", model)
    assert result.exit_code == 0 and "LogisticRegression" in result.stdout


def test_regression_is_found_from_the_target(tmp_path):
    load_diabetes(as_frame=True).frame.to_parquet(tmp_path / "d.parquet")
    result = mlbook("train", tmp_path / "d.parquet", "--target", "target", "--out", tmp_path / "d.pb", "--json")
    facts = json.loads(result.stdout)
    assert facts["task"] == "regression" and facts["score"]["rmse"] < 0.8 * facts["baseline"]["rmse"]
    assert list(pd.read_csv(_answers(tmp_path / "d.pb", tmp_path / "d.parquet"))) == ["prediction"]


def _answers(model, data):
    out = model.with_suffix(".csv")
    assert mlbook("predict", model, data, "-o", out).exit_code == 0
    return out


def test_the_last_fifth_by_date_is_held_out(tmp_path):
    n = 200
    frame = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=n), "x": np.arange(n) % 7, "y": np.arange(n) % 2})
    frame.sample(frac=1, random_state=0).to_csv(tmp_path / "t.csv", index=False)
    result = mlbook("train", tmp_path / "t.csv", "--target", "y", "--out", tmp_path / "t.pb", "--json")
    assert result.exit_code == 0, result.output
    assert "last fifth by when" in json.loads(result.stdout)["held_out"]


BAD = {
    "empty file": (b"", ["empty"]),
    "header only": (b"a,b,y\n", ["no row"]),
    "binary": (bytes(range(256)) * 20, ["binary"]),
    "duplicate names": (b"a,a,y\n1,2,0\n3,4,1\n", ["'a'", "twice"]),
    "ragged": (b"a,b,y\n1,2,0\n3,4\n5,6,1\n", ["ragged"]),
    "ragged, too many": (b"a,b,y\n1,2,0\n3,4,1,9\n5,6,1\n", ["ragged"]),
    "no target": (b"a,b,z\n1,2,0\n3,4,1\n", ["'y'", "target"]),
    "one class": (b"a,y\n" + b"1,no\n2,no\n" * 10, ["'y'", "'no'"]),
    "target all missing": (b"a,b,y\n" + b"1,2,\n2,3,\n" * 10, ["'y'", "missing"]),
    "too few rows": (b"a,y\n1,0\n2,1\n", ["10"]),
    "every feature constant": (b"a,b,y\n" + b"1,,0\n1,,1\n" * 20, ["constant"]),
    "infinite target": (b"a,y\n" + b"".join(b"%d,%d.5\n" % (i, i) for i in range(40)) + b"3,inf\n", ["'y'", "infinite"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_refused_in_one_line(case, tmp_path):
    content, words = BAD[case]
    (tmp_path / "bad.csv").write_bytes(content)
    refused(mlbook("train", tmp_path / "bad.csv", "--target", "y", "--out", tmp_path / "m.pb"), *words)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv"]  # nothing half-written


def test_missing_file_and_unknown_options(tmp_path, cancer):
    refused(mlbook("train", tmp_path / "none.csv", "--target", "y"), "none.csv", "no such file")
    refused(mlbook("train", cancer, "--target", "target", "--model", "tree5"), "tree5", "logistic")
    refused(mlbook("train", cancer, "--target", "target", "--out", tmp_path / "m.txt"), "m.txt", ".pb")
    refused(mlbook("train", cancer, "--target", "target", "--out", tmp_path / "no" / "folder" / "m.pb"), "folder")
    refused(mlbook("train", cancer), "--target")
    refused(mlbook("train", cancer, "--target", "target", "--task", "regression"), "target", "numbers")
    refused(mlbook("fly"), "fly")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1"])
def test_encodings_are_read(tmp_path, encoding):
    text = "größe,stadt,y\n" + "".join(f"{i},{'Köln' if i % 2 else 'Füssen'},{i % 2}\n" for i in range(40))
    (tmp_path / "t.csv").write_text(text, encoding=encoding)
    result = mlbook("train", tmp_path / "t.csv", "--target", "y", "--out", tmp_path / "m.pb", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["score"]["accuracy"] == 1.0


def test_predict_names_what_is_wrong_with_the_columns(cancer, tmp_path):
    model = tmp_path / "m.pb"
    assert mlbook("train", cancer, "--target", "target", "--out", model).exit_code == 0
    frame = pd.read_csv(cancer)
    frame[frame.columns[::-1]].to_csv(tmp_path / "reordered.csv", index=False)
    straight, reordered = mlbook("predict", model, cancer), mlbook("predict", model, tmp_path / "reordered.csv")
    assert reordered.exit_code == 0 and straight.stdout == reordered.stdout
    frame.drop(columns="mean radius").to_csv(tmp_path / "missing.csv", index=False)
    refused(mlbook("predict", model, tmp_path / "missing.csv"), "mean radius")
    frame.assign(**{"mean radius": "wide"}).to_csv(tmp_path / "text.csv", index=False)
    refused(mlbook("predict", model, tmp_path / "text.csv"), "mean radius", "wide")
    frame.assign(ward="east").to_csv(tmp_path / "unseen.csv", index=False)
    result = mlbook("predict", model, tmp_path / "unseen.csv")
    assert result.exit_code == 0 and f"{len(frame)} rows with a ward never seen" in result.stderr


def test_model_files_that_are_not(cancer, tmp_path):
    model = tmp_path / "m.pb"
    assert mlbook("train", cancer, "--target", "target", "--out", model).exit_code == 0
    whole = model.read_bytes()
    for name, content in {"cut.pb": whole[:-9], "altered.pb": whole[:900] + bytes([whole[900] ^ 1]) + whole[901:],
                          "foreign.pb": b"hello", "renamed.pkl": whole}.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
        refused(mlbook("predict", tmp_path / name, cancer), name)


def test_settings_name_section_and_key(tmp_path):
    for text, words in {"[serve]\nprot = 1\n": ["[serve]", "prot"], "[sevre]\nport = 1\n": ["[sevre]"],
                        "[serve]\nport = many\n": ["[serve]", "port"], "[data]\nsample = 7\n": ["[data] sample", "7"],
                        "nonsense": ["settings"], "[train]\nuntil = 31.3.2013\n": ["[train]", "until"]}.items():  # fmt: skip
        (tmp_path / "s.ini").write_text(text)
        refused(mlbook("run", tmp_path / "s.ini"), *words)
    refused(mlbook("run", tmp_path / "none.ini"), "none.ini")


def test_help_has_an_example_each_and_is_light():
    for command in ("train", "evaluate", "predict", "serve", "inspect", "run"):
        result = mlbook(command, "--help")
        assert result.exit_code == 0 and "Example: mlbook" in result.stdout
    code = "import sys, mlbook.cli; print([m for m in ('numpy', 'pandas', 'sklearn', 'matplotlib', 'starlette') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_columns_of_different_lengths_are_refused():
    from mlbook.preprocessing import TablePreprocessor

    prepare = TablePreprocessor(min_frequency=1).fit(pd.DataFrame({"a": range(8), "c": list("uvuvuvuv")}))
    with pytest.raises(ValueError, match="different lengths.*'a': 2.*'c': 1"):
        prepare.transform({"a": [1, 2], "c": ["u"]})
