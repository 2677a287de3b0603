"Model files: what is written comes back; what is cut, altered, foreign or hostile is refused, and runs nothing."

import hashlib
import io
import os
import pickle
import random

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from mlbook.linear_model import LinearRegression, LogisticRegression
from mlbook.preprocessing import OneHotEncoder, TablePreprocessor
from mlbook.serialization import (
    NUMBER_TYPES,
    TRAILER,
    ModelFileError,
    TableModel,
    encode,
    inspect,
    load,
    message,
    pickle_globals,
    save,
)

BOTH = pytest.mark.parametrize("suffix", [".pb", ".pkl"])
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 3))


def fitted():
    return LogisticRegression().fit(X, (X[:, 0] > 0).astype(int))


def written(path, content):
    path.write_bytes(content)
    return path


def sealed(value):
    "A Protobuf file made by a stranger who knows the format, field by field."
    body = value.SerializeToString()
    return message("File")(
        magic="mlbook.model", format=1, sha256=hashlib.sha256(body).digest(), body=body
    ).SerializeToString()


def sealed_pickle(body):
    return body + TRAILER + hashlib.sha256(body).digest()


@BOTH
def test_table_models_come_back(tmp_path, suffix):
    frame = pd.DataFrame({"hour": [1.0, 2, None, 4] * 5, "carrier": ["AA", "UA", "AA", None] * 5})
    metadata = {"name": "m", "nested": {"rate": [0.5, None]}}
    classes = TableModel(TablePreprocessor(), LogisticRegression(), metadata), np.array(["late", "on time"] * 10)
    numbers = TableModel(TablePreprocessor(), LinearRegression()), np.arange(20.0)
    for model, y in (classes, numbers):
        model.fit(frame, y)
        save(model, tmp_path / f"m{suffix}")
        again = load(tmp_path / f"m{suffix}")
        assert type(again) is TableModel and again.metadata == model.metadata
        np.testing.assert_array_equal(again.predict(frame), model.predict(frame))
        mapping = {name: frame[name].to_numpy() for name in frame}
        np.testing.assert_array_equal(again.predict(mapping), model.predict(frame))


def ragged(*items):
    found = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        found[i] = item
    return found


VALUES = [None, True, False, 0, -(2**63), 2**63 - 1, 0.1, -0.0, float("inf"), "", "ä\n日", b"\0\xff",
          [], (), {}, [1, (2, [None])], {"a": {"b": 1}, 3: "c"},
          np.float32(0.1), np.int8(-3), np.bool_(True), np.str_("x"), np.datetime64("2013-07-01"),
          np.empty((0, 3)), np.array(5.0), np.array(["AA", "longer"]), np.array([[True], [False]]),
          np.arange(6, dtype=">i4").reshape(2, 3).T, np.array([1 + 2j]),
          ragged([5]), ragged([1, 2], [3, 4]), ragged("x", None, 1.5)]  # fmt: skip


@BOTH
@pytest.mark.parametrize(
    "value", VALUES, ids=lambda v: f"{type(v).__name__}-{str(v)[:12]}".encode("ascii", "replace").decode()
)
def test_every_value_comes_back(tmp_path, suffix, value):
    model = fitted()
    model.extra_ = value
    save(model, tmp_path / f"m{suffix}")
    again = load(tmp_path / f"m{suffix}").extra_
    assert type(again) is type(value)
    if isinstance(value, np.ndarray):
        assert (
            again.shape == value.shape
            and again.dtype.newbyteorder("=") == value.dtype.newbyteorder("=")
            and again.flags.writeable
        )
        assert again.tolist() == value.tolist()
    else:
        assert repr(again) == repr(value)


@BOTH
@pytest.mark.parametrize("kind", NUMBER_TYPES.values(), ids=NUMBER_TYPES)
def test_a_number_type_of_numpy_may_be_a_parameter(tmp_path, suffix, kind):
    model = fitted()
    model.extra_ = {"dtype": kind, "nested": [kind, (kind,)]}
    save(model, tmp_path / f"m{suffix}")
    again = load(tmp_path / f"m{suffix}").extra_
    assert again["dtype"] is kind and again["nested"][0] is kind and again["nested"][1][0] is kind


@BOTH
def test_an_encoder_with_a_dtype_comes_back(tmp_path, suffix):
    table = np.array([["AA"], ["UA"], ["AA"]], dtype=object)
    encoder = OneHotEncoder(dtype=np.float64).fit(table)
    save(encoder, tmp_path / f"m{suffix}")
    again = load(tmp_path / f"m{suffix}")
    assert again.dtype is np.float64 and (again.transform(table) != encoder.transform(table)).nnz == 0


@BOTH
@pytest.mark.parametrize("kind", [float, dict, np.matrix, np.object_, np.str_, np.void, np.longdouble, np.number])
def test_no_other_type_is_saved(tmp_path, suffix, kind):
    model = fitted()
    model.extra_ = kind
    with pytest.raises(ModelFileError, match=f"m{suffix}"):
        save(model, tmp_path / f"m{suffix}")


def test_a_made_up_number_type_is_refused(tmp_path):
    for name in ("object", "str", "void", "float", "float128", "datetime64", "os.system", ""):
        value = message("Value")()
        value.estimator.name = "mlbook.preprocessing.OneHotEncoder"
        encode("dtype", value.estimator.state.keys.add())
        value.estimator.state.values.add().number_type = name
        with pytest.raises(ModelFileError, match="number type of NumPy"):
            load(written(tmp_path / "f.pb", sealed(value)))


@BOTH
def test_nan_keeps_its_place(tmp_path, suffix):
    model = fitted()
    model.extra_ = {"array": np.array([1, np.nan, -np.inf]), "number": float("nan")}
    save(model, tmp_path / f"m{suffix}")
    again = load(tmp_path / f"m{suffix}").extra_
    np.testing.assert_array_equal(again["array"], [1, np.nan, -np.inf])
    assert np.isnan(again["number"])


@BOTH
def test_every_cut_and_altered_byte_is_refused(tmp_path, suffix):
    save(fitted(), tmp_path / f"whole{suffix}")
    whole = (tmp_path / f"whole{suffix}").read_bytes()
    dice = random.Random(0)
    cases = [whole[:n] for n in range(len(whole))]
    for at in range(len(whole)):
        cases.append(whole[:at] + bytes([whole[at] ^ dice.randrange(1, 256)]) + whole[at + 1 :])
        cases.append(whole[:at] + bytes([dice.randrange(256)]) + whole[at:])
        cases.append(whole[:at] + whole[at + 1 :])
    cases += [whole + b"\0", whole + whole, whole + b"\x2a\x03abc", b"hello", bytes(range(256)) * 9]
    for case in cases:
        if case != whole:
            with pytest.raises(ModelFileError, match=f"f{suffix}"):
                load(written(tmp_path / f"f{suffix}", case))


def test_suffix_and_first_bytes_agree(tmp_path):
    for suffix, other in [(".pb", ".pkl"), (".pkl", ".pb")]:
        save(fitted(), tmp_path / f"m{suffix}")
        with pytest.raises(ModelFileError, match="rename"):
            load(written(tmp_path / f"wrong{other}", (tmp_path / f"m{suffix}").read_bytes()))
    with pytest.raises(ModelFileError, match="use .pb"):
        save(fitted(), tmp_path / "m.joblib")
    with pytest.raises(ModelFileError, match="nowhere"):
        save(fitted(), tmp_path / "nowhere" / "m.pb")
    for path in (tmp_path, tmp_path / "none.pb"):
        with pytest.raises(ModelFileError, match="cannot be read"):
            load(path)


def test_plain_pickle_reads_it_and_the_first_bytes_name_protobuf(tmp_path):
    save(fitted(), tmp_path / "m.pkl")
    save(fitted(), tmp_path / "m.pb")
    np.testing.assert_array_equal(pickle.loads((tmp_path / "m.pkl").read_bytes()).coef_, load(tmp_path / "m.pb").coef_)
    assert (tmp_path / "m.pb").read_bytes()[2:14] == b"mlbook.model"


class Stranger:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.system, (f"echo > {self.target}",)


def test_a_pickle_that_would_run_code_is_refused_by_name_and_runs_nothing(tmp_path):
    target = tmp_path / "surprise"
    for protocol in range(3, 6):
        for hostile in (Stranger(target), [fitted(), Stranger(target)]):
            raw = pickle.dumps(hostile, protocol=protocol)
            for content in (raw, sealed_pickle(raw)):
                path = written(tmp_path / "evil.pkl", content)
                with pytest.raises(ModelFileError, match=rf"evil\.pkl.*{os.system.__module__}\.system"):
                    load(path)
                assert f"{os.system.__module__}.system" in inspect(path)["globals"]
    assert not target.exists()


def test_names_near_the_list_are_refused(tmp_path):
    near = [("numpy", "load"), ("builtins", "eval"), ("sklearn.linear_model._ridge", "Ridge"), ("mlbook.tree", "Tree"),
            ("mlbook.cli", "main"), ("mlbook.linear_model", "np.load"), ("mlbook.serialization", "save"),
            ("mlbook.serialization", "os.system"), ("mlbook.serialization", "BaseEstimator"),
            ("mlbook.serialization", "blame")]  # fmt: skip
    for module, name in near:
        orders = (
            b"\x80\x04\x8c"
            + bytes([len(module)])
            + module.encode()
            + b"\x8c"
            + bytes([len(name)])
            + name.encode()
            + b"\x93)R."
        )
        with pytest.raises(ModelFileError):
            load(written(tmp_path / "f.pkl", sealed_pickle(orders)))
        value = message("Value")()
        value.estimator.name = f"{module}.{name}"
        with pytest.raises(ModelFileError):
            load(written(tmp_path / "f.pb", sealed(value)))


def test_listed_names_are_those_that_pickle_would_find():
    class Finder(pickle.Unpickler):
        def find_class(self, module, name):
            asked.append((module, name))
            return super().find_class(module, name)

    for protocol in range(2, 6):
        for thing in (
            fitted(),
            [os.system, os.getcwd, os.system, len, TablePreprocessor],
            {"a": np.arange(3), "b": np.float32(1)},
        ):
            raw, asked = pickle.dumps(thing, protocol=protocol), []
            Finder(io.BytesIO(raw)).load()
            assert set(pickle_globals(raw)) == set(asked)
    hidden = (
        b"\x80\x04\x8c\x02os\x8c\x06system\x8c\x05numpy\x8c\x05dtype00\x93."  # the last two names are thrown away again
    )
    assert pickle_globals(hidden) == [("?", "?")]
    assert pickle_globals(b"\x80\x02(ios\nsystem\n.") == [("os", "system")]


def test_made_up_files_with_a_fitting_digest_are_refused(tmp_path):
    Value = message("Value")
    odd = [encode([1], Value()), Value()]
    for dtype, shape in [("zz", []), ("<f8", [7]), ("<f8", [2**40]), ("|V8", []), ("<U0", [3]), ("O", [3])]:
        value = Value()
        value.estimator.name = "mlbook.linear_model.LogisticRegression"
        encode("coef_", value.estimator.state.keys.add())
        array = value.estimator.state.values.add().array
        array.dtype = dtype
        array.shape.extend(shape)
        odd.append(value)
    for value in odd:
        with pytest.raises(ModelFileError, match="f.pb"):
            load(written(tmp_path / "f.pb", sealed(value)))
    for body in (b"\x80\x04garb", pickle.dumps([1]), b"\x80\x05.", b"\x80\x04N."):
        with pytest.raises(ModelFileError, match="f.pkl"):
            load(written(tmp_path / "f.pkl", sealed_pickle(body)))
    newer = message("File")(magic="mlbook.model", format=2, sha256=b"", body=b"").SerializeToString()
    with pytest.raises(ModelFileError, match="update mlbook"):
        load(written(tmp_path / "f.pb", newer))


@BOTH
def test_what_cannot_be_read_back_is_not_written(tmp_path, suffix):
    save(fitted(), tmp_path / f"m{suffix}")
    before = (tmp_path / f"m{suffix}").read_bytes()
    deep = []
    for _ in range(100_000 if suffix == ".pkl" else 60):
        deep = [deep]
    for bad in (Ridge(), TableModel(TablePreprocessor(), Ridge()), object(), [1], lambda: None):
        with pytest.raises(ModelFileError, match=f"m{suffix}"):
            save(bad, tmp_path / f"m{suffix}")
    for bad in (
        deep,
        Ridge(),
        lambda: None,
        *([2**70, "\ud800", np.zeros(2, dtype=[("a", "f8")])] if suffix == ".pb" else []),
    ):
        model = fitted()
        model.extra_ = bad
        with pytest.raises(ModelFileError, match=f"m{suffix}"):
            save(model, tmp_path / f"m{suffix}")
    assert (tmp_path / f"m{suffix}").read_bytes() == before and len(list(tmp_path.iterdir())) == 1


@BOTH
def test_a_failed_write_leaves_the_old_file(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"m{suffix}"
    save(fitted(), path)
    before = path.read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ModelFileError, match="No space left"):
        save(LinearRegression().fit(X, X[:, 0]), path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_inspect_builds_no_model(tmp_path, monkeypatch):
    import mlbook.serialization as module

    model = TableModel(TablePreprocessor(), fitted(), {"name": "late", "score": 0.7})
    for suffix in (".pb", ".pkl"):
        save(model, tmp_path / f"m{suffix}")
    monkeypatch.setattr(module, "find_estimator", lambda name: pytest.fail(f"built {name}"))
    facts = inspect(tmp_path / "m.pb")
    assert facts["class"] == "mlbook.serialization.TableModel" and facts["score"] == 0.7
    assert facts["estimator"] == "mlbook.linear_model.LogisticRegression"
    assert "mlbook.preprocessing.TablePreprocessor" in inspect(tmp_path / "m.pkl")["globals"]


def orders(*parts):
    "A pickle put together by hand: a text is pushed, bytes are orders."
    pushed = [p if isinstance(p, bytes) else b"\x8c" + bytes([len(p.encode())]) + p.encode() for p in parts]
    return b"\x80\x05" + b"".join(pushed) + b"."


NAME = b"\x93"  # find the class of the two texts
DTYPE = ("numpy", "dtype", NAME)
ARRAY = ("numpy._core.multiarray", "_reconstruct", NAME, "numpy", "ndarray", NAME)
FLOAT = (*DTYPE, "f8", b"\x85R")
TRICKS = {
    "an array of a thousand gigabytes": (*ARRAY, b"\x8a\x06\x00\x00\x00\x00\x00\x01\x85", b"C\x01b", b"\x87R"),
    "ndarray called": ("numpy", "ndarray", NAME, b"K\x05\x85\x85R"),
    "a record dtype": (*DTYPE, "V8", b"\x85R"),
    "a dtype of a class": (*DTYPE, "O", b"\x85R", b"(K\x03", "|", b"NN(K\x01tK\xffK\xffK\x3ftb"),
    "a dtype that lies about its size": (*DTYPE, "U2", b"\x85R", b"(K\x03", "<", b"NNNJ\xff\xff\xff\x7fK\x04K\x00tb"),
    "too few bytes": (*ARRAY, b"K\x00\x85C\x01b\x87R", b"(K\x01K\x09\x85", *FLOAT, b"\x89C\x08", b"12345678tb"),
    "objects from bytes": (
        *ARRAY,
        b"K\x00\x85C\x01b\x87R",
        b"(K\x01K\x01\x85",
        *DTYPE,
        "O",
        b"\x85R",
        b"\x89C\x08",
        b"12345678tb",
    ),
    "a scalar of objects": ("numpy._core.multiarray", "scalar", NAME, *DTYPE, "O", b"\x85RC\x08", b"12345678\x86R"),
    "an estimator called": ("mlbook.linear_model", "LogisticRegression", NAME, b")R"),
    "a number type called": ("numpy", "float64", NAME, b")R"),
    "a new number": ("numpy", "float64", NAME, b")\x81"),
    "a number type changed": ("numpy", "float64", NAME, b"}", "real", b"Nsb"),
    "an abstract number type": ("numpy", "number", NAME),
    "a method of a class": ("mlbook.linear_model", "LogisticRegression.fit", NAME, b")R"),
    "a class changed": ("mlbook.linear_model", "LogisticRegression", NAME, b"}", "predict", b"Nsb"),
    "a method hidden": ("mlbook.linear_model", "LogisticRegression", NAME, b")\x81}", "predict", b"Nsb"),
    "slots": ("mlbook.linear_model", "LogisticRegression", NAME, b")\x81N}", "predict", b"Ns\x86b"),
    "copyreg": ("copyreg", "_reconstructor", NAME, b")R"),
    "a name from the memo": ("os", b"\x94", "system", b"\x94", b"0", b"0", b"h\x00h\x01", NAME, "true", b"\x85R"),
    "instance": b"(ios\nsystem\n",
    "object": (b"(", "os", "system", NAME, b"o"),
    "an extension": b"\x82\x01",
    "a persistent id": b"Pname\n",
    "a foreign buffer": b"\x97",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_sealed_pickle_cannot_play_tricks(tmp_path, trick):
    "The digest of these files fits: only the reader stands between them and the process."
    body = orders(*TRICKS[trick]) if isinstance(TRICKS[trick], tuple) else b"\x80\x05" + TRICKS[trick] + b"."
    with pytest.raises(ModelFileError, match=r"f\.pkl"):
        load(written(tmp_path / "f.pkl", sealed_pickle(body)))
    assert LogisticRegression().fit(X, X[:, 0] > 0).predict(X).shape == (60,)  # the class is as it was


def test_random_orders_never_break_the_process(tmp_path):
    whole, dice = pickle.dumps(fitted(), protocol=5), random.Random(3)
    for _ in range(1500):
        body = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(2, len(body))
            body[at : at + dice.randrange(3)] = bytes(dice.choices(range(256), k=dice.randrange(3)))
        try:
            load(written(tmp_path / "f.pkl", sealed_pickle(bytes(body))))
        except ModelFileError:
            pass


EDITS = {
    "too few weights": lambda m: setattr(m, "coef_", m.coef_[:, :2]),
    "weights that are words": lambda m: setattr(m, "coef_", np.array([["a", "b", "c"]])),
    "weights that are objects": lambda m: setattr(m, "coef_", np.array([[None, 1, 2]], dtype=object)),
    "no weights": lambda m: delattr(m, "coef_"),
    "weights of no dimension": lambda m: setattr(m, "coef_", np.array(1.0)),
    "one class": lambda m: setattr(m, "classes_", m.classes_[:1]),
    "three classes": lambda m: setattr(m, "classes_", np.array([0, 1, 2])),
    "a number for an array": lambda m: setattr(m, "intercept_", "zero"),
    "a count that is a word": lambda m: setattr(m, "n_features_in_", "three"),
    "a count that is negative": lambda m: setattr(m, "n_features_in_", -1),
}


@BOTH
@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("inside", [False, True])
def test_a_state_altered_by_hand_is_named(tmp_path, suffix, edit, inside):
    model = (
        TableModel(TablePreprocessor(), LogisticRegression()).fit(pd.DataFrame(X, columns=list("abc")), X[:, 0] > 0)
        if inside
        else fitted()
    )
    EDITS[edit](model.estimator if inside else model)
    if inside and edit == "three classes":
        model.classes_ = model.estimator.classes_
    path = tmp_path / f"m{suffix}"
    if inside and "count" in edit:
        return  # the count of a part is looked at when it is asked
    save(model, path)  # saving is for every state; loading is for those that can answer
    with pytest.raises(ModelFileError, match="cannot be read"):
        load(path)


def test_a_file_of_two_gibibytes_is_refused_before_it_is_read(tmp_path):
    path = written(tmp_path / "large.pb", b"\x0a\x0cmlbook.model")
    os.truncate(path, 2**31)
    with pytest.raises(ModelFileError, match=r"large\.pb.*2 GiB"):
        load(path)


def test_a_model_too_large_for_protobuf_is_said(tmp_path, monkeypatch):
    import mlbook.serialization as module

    monkeypatch.setattr(module, "LARGEST", 1500)
    with pytest.raises(ModelFileError, match="2 GiB.*save as .pkl"):
        save(
            TableModel(TablePreprocessor(), LogisticRegression()).fit(
                pd.DataFrame(np.tile(X, 9), columns=list("abcdefghijklmnopqrstuvwxyz1")), X[:, 0] > 0
            ),
            tmp_path / "m.pb",
        )
    model = fitted()
    model.extra_ = np.zeros(1000)
    with pytest.raises(ModelFileError, match="8,000 bytes.*save as .pkl"):
        save(model, tmp_path / "m.pb")
    assert not list(tmp_path.iterdir())
