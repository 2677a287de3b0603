"The command line on good and bad input: one line, status 2, no traceback, nothing half-written."

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes

from mlbook.cli import main
from mlbook.pipeline import CLASSIFIERS, REGRESSORS
from mlbook.serialization import load


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
    assert result.exit_code == 0 and json.loads(result.stdout)["score"]["accuracy"] > 0.95
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


def test_what_is_nearly_a_number_is_read_and_told(tmp_path):
    rows = [f'"{900 + 7 * i:,}",{i % 9},2024-01-{i % 28 + 1:02d},{i % 2}' for i in range(60)]
    rows += ["unknown,many,?,1", "905,3,2024-01-03,0", "905,3,2024-01-03,0"]
    (tmp_path / "t.csv").write_text("\n".join(["pay,rooms,day,y", *rows]))
    model = tmp_path / "t.pb"
    result = mlbook("train", tmp_path / "t.csv", "--target", "y", "--out", model, "--json")
    facts = json.loads(result.stdout)
    assert facts["read"] == {"pay": "number", "day": "date"} and "last fifth by day" in facts["held_out"]
    assert (
        "'pay': read as numbers, 1 words such as 'unknown'" in result.stderr
        and "copies of earlier rows: 1" in result.stderr
    )
    assert "'rooms': 1 of 63 values are no number, such as 'many': taken as text" in result.stderr
    found = {(line["column"], line["action"]): line["rows"] for line in facts["cleaning"]}
    assert found["pay", "read"] == 62 and found["day", "missing"] == 0 and found["(all)", "keep"] == 1
    assert mlbook("evaluate", model, tmp_path / "t.csv").exit_code == 0
    assert mlbook("predict", model, tmp_path / "t.csv").exit_code == 0
    (tmp_path / "u.csv").write_text("pay,rooms,day\nwide,1,2024-02-01\n")
    refused(mlbook("predict", model, tmp_path / "u.csv"), "'pay'", "wide")


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
    "no name": (b",a,y\n0,1,0\n1,2,1\n", ["column 1", "no name"]),
    "names as a target": (b"a,y\n" + b"".join(b"%d,id%d\n" % (i, i) for i in range(40)), ["'y'", "name"]),
    "dates as a target": (b"a,y\n" + b"".join(b"%d,2024-01-%02d\n" % (i, i) for i in range(1, 29)), ["'y'", "dates"]),
    "only the target": (b"y\n" + b"0\n1\n" * 20, ["'y'", "only column"]),
    "cut UTF-16": (b"\xff\xfea", ["UTF-16"]),
    "too many columns": (",".join(f"c{k}" for k in range(10_001)).encode() + b"\n1\n", ["10,001 columns"]),
    "infinite feature": (b"a,y\n" + b"1,0\n2,1\n" * 20 + b"inf,1\n", ["'a'", "infinite"]),
    "infinite target": (
        b"a,y\n" + b"".join(b"%d,%d.5\n" % (i, i) for i in range(40)) + b"3,inf\n",
        ["'y'", "infinite"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_are_refused_in_one_line(case, tmp_path):
    content, words = BAD[case]
    (tmp_path / "bad.csv").write_bytes(content)
    refused(mlbook("train", tmp_path / "bad.csv", "--target", "y", "--out", tmp_path / "m.pb"), *words)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.csv"]  # nothing half-written


@pytest.mark.parametrize("task, kinds", [("classification", CLASSIFIERS), ("regression", REGRESSORS)])
def test_every_model_is_trained_saved_and_asked(task, kinds, tmp_path):
    load_frame = load_breast_cancer if task == "classification" else load_diabetes
    frame = load_frame(as_frame=True).frame
    frame.to_csv(tmp_path / "t.csv", index=False)
    for name in kinds:
        told = mlbook("train", tmp_path / "t.csv", "--target", "target", "--task", task, "--model", name, "--json",
                      "--out", tmp_path / "m.pb")  # fmt: skip
        facts = json.loads(told.stdout)
        assert facts["model"] == name and facts["beats_baseline"]
        model = load(tmp_path / "m.pb")
        fresh = clone(model.estimator).fit(model.preprocessor.transform(frame), frame.target)
        np.testing.assert_allclose(model.predict(frame), fresh.predict(model.preprocessor.transform(frame)), rtol=1e-9)
        assert name in mlbook("train", "--help").stdout


def test_missing_file_and_unknown_options(tmp_path, cancer):
    refused(mlbook("train", tmp_path / "none.csv", "--target", "y"), "none.csv", "no such file")
    refused(mlbook("train", cancer, "--target", "target", "--model", "tree5"), "tree5", "logistic")
    refused(mlbook("train", cancer, "--target", "target", "--out", tmp_path / "m.txt"), "m.txt", ".pb")
    refused(mlbook("train", cancer, "--target", "target", "--out", tmp_path / "no" / "folder" / "m.pb"), "folder")
    refused(mlbook("train", cancer), "--target")
    refused(mlbook("train", cancer, "--target", "target", "--task", "regression"), "target", "numbers")
    refused(mlbook("fly"), "fly")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "utf-16"])
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
    wrong = {
        "[serve]\nprot = 1\n": ["[serve]", "prot"],
        "[sevre]\nport = 1\n": ["[sevre]"],
        "[serve]\nport = many\n": ["[serve]", "port"],
        "[data]\nsample = 7\n": ["[data] sample", "7"],
        "nonsense": ["settings"],
        "[train]\nuntil = 31.3.2013\n": ["[train] until = 31.3.2013", "a day such as"],
        "[incident]\nstart = 2012-01-01\n": ["[incident] start", "replay"],
    }
    for text, words in wrong.items():
        (tmp_path / "s.ini").write_text(text)
        refused(mlbook("run", tmp_path / "s.ini"), *words)
    refused(mlbook("run", tmp_path / "none.ini"), "none.ini")


def csv_of(folder, name, header, row, n=40):
    path = folder / name
    path.write_text(header + "\n" + "".join(row(k) + "\n" for k in range(n)), encoding="utf-8")
    return path


SHAPES = {
    "boolean target": ("a,y", lambda k: f"{k},{['true', 'false'][k % 2]}"),
    "whole numbers as floats": ("a,y", lambda k: f"{k},{k % 3}.0"),
    "only dates": ("a,y", lambda k: f"2024-01-{k % 28 + 1:02},{k % 2}"),
    "only text": ("a,y", lambda k: f"{'uv'[k % 2]},{['no', 'yes'][k % 2]}"),
    "a class of one row": ("a,y", lambda k: f"{k},{9 if k == 7 else k % 2}"),
    "time of day": ("a,y", lambda k: f"{k % 24:02}:30:00,{k % 2}"),
    "quoted newline": ("a,y", lambda k: f'"li\nne {k % 2}",{k % 2}'),
    "empty lines": ("a,y", lambda k: f"{k},{k % 2}\n"),
    "spaces in the header": ("a, y", lambda k: f"{k}, {k % 2}"),
    "decimal commas": ("a;y", lambda k: f"{k},5;{k % 2}"),
}


@pytest.mark.parametrize("case", SHAPES)
def test_tables_of_many_shapes_go_all_the_way(case, tmp_path):
    data, model = csv_of(tmp_path, "t.csv", *SHAPES[case]), tmp_path / "m.pb"
    calls = [
        ("train", data, "--target", "y", "--out", model),
        ("evaluate", model, data),
        ("inspect", model),
        ("predict", model, data, "-o", tmp_path / "p.parquet"),
        ("predict", model, data, "--json"),
    ]
    for words in calls:
        result = mlbook(*words)
        assert result.exit_code == 0, result.output
    assert len(pd.read_parquet(tmp_path / "p.parquet")) == 40


def test_decimal_commas_are_read_and_said(tmp_path):
    from mlbook.pipeline import read_table

    data = csv_of(tmp_path, "t.csv", *SHAPES["decimal commas"])
    assert read_table(data).a.tolist() == [k + 0.5 for k in range(40)]
    assert "decimal comma" in mlbook("train", data, "--target", "y", "--out", tmp_path / "m.pb").stderr


@pytest.mark.parametrize("spelling", ["{d:02}.{m:02}.2024", '"Jan {d}, 20{y}"', "2024/{m:02}/{d:02}"])
def test_dates_that_are_text_are_found_and_read_again(spelling, tmp_path):
    def row(k):
        return spelling.format(d=k % 28 + 1, m=k // 28 + 1, y=24 + k // 28) + f",{k},{k % 2}"

    data, model = csv_of(tmp_path, "t.csv", "when,x,y", row), tmp_path / "m.pb"
    facts = json.loads(mlbook("train", data, "--target", "y", "--out", model, "--json").stdout)
    assert facts["held_out"] == "the last fifth by when"
    assert mlbook("predict", model, data).exit_code == 0
    (tmp_path / "bad.csv").write_text("when,x\nsoon,1\nlater,2\n")
    refused(mlbook("predict", model, tmp_path / "bad.csv"), "'when'", "soon")


def test_a_date_that_could_be_two_is_said(tmp_path):
    data = csv_of(tmp_path, "t.csv", "when,x,y", lambda k: f"{k % 12 + 1:02}/{k % 7 + 1:02}/2024,{k},{k % 2}")
    result = mlbook("train", data, "--target", "y", "--out", tmp_path / "m.pb")
    assert result.exit_code == 0 and "%d/%m/%Y" in result.stderr and "%m/%d/%Y" in result.stderr


def test_what_cannot_be_written_is_refused_before_the_work(cancer, tmp_path):
    (tmp_path / "folder.pb").mkdir()
    refused(mlbook("train", cancer, "--target", "target", "--out", tmp_path / "folder.pb"), "folder.pb", "folder")
    assert mlbook("train", cancer, "--target", "target", "--out", tmp_path / "m.pb").exit_code == 0
    refused(mlbook("predict", tmp_path / "m.pb", cancer, "-o", tmp_path / "p.xlsx"), "p.xlsx", ".parquet")
    refused(mlbook("predict", tmp_path / "m.pb", tmp_path), "this is a folder")
    refused(mlbook("train", tmp_path, "--target", "y"), "this is a folder")


def test_evaluate_names_foreign_classes_and_says_the_baseline(cancer, tmp_path):
    model = tmp_path / "m.pb"
    assert mlbook("train", cancer, "--target", "target", "--out", model).exit_code == 0
    pd.read_csv(cancer).assign(target="unknown").to_csv(tmp_path / "other.csv", index=False)
    refused(mlbook("evaluate", model, tmp_path / "other.csv"), "unknown", "benign")
    assert "beats the baseline" in mlbook("evaluate", model, cancer).stdout


def test_a_model_that_learned_nothing_is_said_so(tmp_path):
    rng = np.random.default_rng(0)
    pd.DataFrame(rng.integers(0, 2, (60, 21))).rename(columns=str).to_csv(tmp_path / "coins.csv", index=False)
    result = mlbook("train", tmp_path / "coins.csv", "--target", "0", "--out", tmp_path / "m.pb")
    assert result.exit_code == 0 and "NOT better than the baseline" in result.stdout


def test_help_has_an_example_each_and_is_light():
    for command in ("train", "evaluate", "predict", "serve", "inspect", "run"):
        result = mlbook(command, "--help")
        assert result.exit_code == 0 and "Example: mlbook" in result.stdout
    heavy = ("numpy", "pandas", "sklearn", "matplotlib", "starlette")
    code = f"import sys, mlbook.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_columns_of_different_lengths_are_refused():
    from mlbook.preprocessing import TablePreprocessor

    prepare = TablePreprocessor(min_frequency=1).fit(pd.DataFrame({"a": range(8), "c": list("uvuvuvuv")}))
    with pytest.raises(ValueError, match="different lengths.*'a': 2.*'c': 1"):
        prepare.transform({"a": [1, 2], "c": ["u"]})
