"The server as clients meet it: a process of its own, the Open Inference Protocol, bad input, SIGKILL, SIGTERM, roll-out."

import gzip
import json
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zlib

import httpx
import numpy as np
import pandas as pd
import pytest

from mlbook.linear_model import LinearRegression, LogisticRegression
from mlbook.preprocessing import TablePreprocessor
from mlbook.registry import Registry
from mlbook.serialization import TableModel, save

START = "import sys; from mlbook.serving import serve; serve(sys.argv[1], port=int(sys.argv[2]), store=sys.argv[3] or None)"
ROW = {"distance": 700.0, "hour": 8, "carrier": "UA"}


def flights_like(rows=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"distance": rng.normal(900, 300, rows), "hour": rng.integers(5, 23, rows), "carrier": rng.choice(["UA", "AA", "DL"], rows)})
    return frame, (frame.hour + 4 * (frame.carrier == "UA") + rng.normal(0, 3, rows) > 15).astype(int)


def model_of(flip=False):
    frame, y = flights_like()
    return TableModel(TablePreprocessor(), LogisticRegression(), {"name": "late"}).fit(frame, 1 - y if flip else y)


class Process:
    "A server process; its line of greeting names the port."

    def __init__(self, source, store=""):
        self.process = subprocess.Popen([sys.executable, "-c", START, str(source), "0", store], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = re.search(r"http://\S+", line)[0]
        self.client = httpx.Client(base_url=self.url, timeout=20)

    def stop(self, how=signal.SIGTERM):
        self.client.close()
        self.process.send_signal(how)
        status = self.process.wait(30)
        self.process.stdout.close()
        return status


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    registry = Registry(folder / "registry")
    registry.register("late", model_of())
    registry.promote("late", 1, "first")
    frame, _ = flights_like()
    numbers = frame[["distance", "hour"]]
    registry.register("minutes", TableModel(TablePreprocessor(), LinearRegression(), {}).fit(numbers, 2.0 * numbers.hour + 1))
    running = Process(folder / "registry", f"sqlite:///{folder}/p.db")
    running.folder = folder
    yield running
    assert running.stop() in (0, -signal.SIGTERM)


def tensor(name, values, datatype, shape=None):
    return {"name": name, "shape": shape or [len(values)], "datatype": datatype, "data": values}


def good_inputs():
    return [tensor("distance", [700.0], "FP64"), tensor("hour", [8], "INT64"), tensor("carrier", ["UA"], "BYTES")]


def test_predict_equals_the_model(server):
    frame, _ = flights_like(rows=20, seed=1)
    answer = server.client.post("/predict", json={"rows": frame.to_dict("records"), "id": "mine", "model": "late"}).json()
    assert list(answer) == ["id", "model", "version", "predict", "predict_proba", "classes"]
    assert (answer["id"], answer["model"], answer["version"], answer["classes"]) == ("mine", "late", "1", [0, 1])
    np.testing.assert_allclose(answer["predict_proba"], model_of().predict_proba(frame), rtol=1e-12)
    made = [server.client.post("/predict", json={"rows": [ROW], "model": "late"}).json()["id"] for _ in range(2)]
    assert made[0] != made[1]


def test_a_missing_value_is_null_or_the_token_nan(server):
    lines = [json.dumps({"rows": [ROW | {"distance": None}], "model": "late"}), json.dumps({"rows": [ROW | {"distance": float("nan")}], "model": "late"})]
    null, token = (server.client.post("/predict", content=text).json()["predict_proba"] for text in lines)
    assert null == token
    body = json.dumps({"inputs": [tensor("distance", [float("nan")], "FP64"), *good_inputs()[1:]]})
    assert server.client.post("/v2/models/late/infer", content=body).json()["outputs"][1]["data"] == pytest.approx(null[0])


def test_metadata_and_health(server):
    get = server.client.get
    assert get("/v2").json() == get("/v2/").json() and set(get("/v2").json()) == {"name", "version", "extensions"}
    assert get("/v2/health/live").json() == {"live": True} and get("/v2/health/ready").json() == {"ready": True}
    for address in ("/v2/models/late", "/v2/models/late/versions/1"):
        about = get(address).json()
        assert get(f"{address}/ready").json() == {"ready": True}
        assert [t["name"] for t in about["inputs"]] == ["distance", "hour", "carrier"] and about["versions"] == ["1"]
        assert about["outputs"][1] == {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]}
    listed = server.client.post("/v2/repository/index", content=b"").json()
    assert [(m["name"], m["state"]) for m in listed] == [("late", "READY"), ("minutes", "READY")]


def test_one_matrix_named_x(server):
    body = {"inputs": [tensor("X", [[900.0, 8.0], [900.0, 9.0]], "FP64", [2, 2])]}
    answer = server.client.post("/v2/models/minutes/infer", json=body).json()
    assert [o["name"] for o in answer["outputs"]] == ["predict"]
    assert answer["outputs"][0]["data"] == pytest.approx([17, 19])


def test_binary_tensors_and_compressed_bodies(server):
    text = "UA".encode()
    parts = [struct.pack("<d", 700.0), struct.pack("<q", 8), struct.pack("<I", len(text)) + text]
    inputs = [{"name": n, "shape": [1, 1], "datatype": t, "parameters": {"binary_data_size": len(p)}}
              for n, t, p in zip(["distance", "hour", "carrier"], ["FP64", "INT64", "BYTES"], parts)]  # fmt: skip
    head = json.dumps({"id": "b", "inputs": inputs, "outputs": [{"name": "predict_proba", "parameters": {"binary_data": True}}]}).encode()
    raw, headers = head + b"".join(parts), {"Inference-Header-Content-Length": str(len(head))}
    want = server.client.post("/predict", json={"rows": [ROW], "model": "late"}).json()["predict_proba"][0]
    for coding, pack in {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}.items():
        answer = server.client.post("/v2/models/late/infer", content=pack(raw), headers=headers | {"Content-Encoding": coding})
        size = int(answer.headers["inference-header-content-length"])
        assert json.loads(answer.content[:size])["id"] == "b"
        assert struct.unpack("<2d", answer.content[size:]) == pytest.approx(want)


def test_tritonclient(server):
    http = pytest.importorskip("tritonclient.http")
    client = http.InferenceServerClient(server.url.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("late")
    assert client.get_server_metadata()["name"] == "mlbook" and len(client.get_model_repository_index()) == 2
    values = {"distance": np.array([700.0]), "hour": np.array([8]), "carrier": np.array(["UA"], dtype=object)}
    want = server.client.post("/predict", json={"rows": [ROW], "model": "late"}).json()["predict_proba"]
    for binary in (True, False):
        for coding in (None, "gzip", "deflate"):
            inputs = [http.InferInput(n, v.shape, {"f": "FP64", "i": "INT64", "O": "BYTES"}[v.dtype.kind]) for n, v in values.items()]
            for made, value in zip(inputs, values.values()):
                made.set_data_from_numpy(value, binary_data=binary)
            answer = client.infer("late", inputs, request_id="t", request_compression_algorithm=coding)
            np.testing.assert_allclose(answer.as_numpy("predict_proba"), want)
            assert answer.get_response()["id"] == "t"
    with pytest.raises(Exception, match="no model 'nobody'"):
        client.get_model_metadata("nobody")
    client.close()


def infer_with(place, **changes):
    inputs = good_inputs()
    inputs[place] |= changes
    return {"inputs": inputs}


BAD = [
    ("/predict", b"{not json", 400, "JSON"),
    ("/predict", b"[1]", 400, "object"),
    ("/predict", b"", 400, "JSON"),
    ("/predict", b"\xff\xfe", 400, "JSON"),
    ("/predict", b"[" * 100_000, 400, ""),
    ("/predict", {"rows": [], "model": "late"}, 400, "rows"),
    ("/predict", {"rows": [ROW], "rouws": 1, "model": "late"}, 400, "rouws"),
    ("/predict", {"rows": [ROW]}, 400, "late"),
    ("/predict", {"rows": [{"hour": 8, "carrier": "UA"}], "model": "late"}, 400, "distance"),
    ("/predict", {"rows": [ROW | {"distance": "far"}], "model": "late"}, 400, "distance"),
    ("/predict", {"rows": [ROW | {"distance": [1]}], "model": "late"}, 400, "distance"),
    ("/predict", {"rows": [ROW] * 10_001, "model": "late"}, 413, "10001"),
    ("/predict", {"rows": [ROW], "model": "late", "time": "soon"}, 400, "time"),
    ("/predict", {"rows": [ROW], "model": "late", "id": 5}, 400, "id"),
    ("/predict", {"rows": [ROW], "model": "nobody"}, 404, "nobody"),
    ("/predict", {"rows": [ROW], "model": ["late"]}, 400, "model"),
    ("/predict", {"rows": [ROW], "model": "late", "version": 9}, 404, "9"),
    ("/predict", {"rows": [ROW], "model": "late", "version": "²"}, 404, "version"),
    ("/predict", {"rows": [ROW | {"distance": 10**400}], "model": "late"}, 400, ""),
    ("/predict", b'{"model": "late", "rows": [{"distance": Infinity, "hour": 8, "carrier": "UA"}]}', 400, "distance"),
    ("/predict", b'{"model": "late", "id": "\\ud800", "rows": [{"distance": 1, "hour": 8, "carrier": "UA"}]}', 400, ""),
    ("/v2/models/nobody/infer", {"inputs": good_inputs()}, 404, "nobody"),
    ("/v2/models/late/versions/7/infer", {"inputs": good_inputs()}, 404, "7"),
    ("/v2/models/late/infer", {}, 400, "inputs"),
    ("/v2/models/late/infer", {"inputs": good_inputs()[:2]}, 400, "carrier"),
    ("/v2/models/late/infer", infer_with(0, shape=[2]), 400, "shape"),
    ("/v2/models/late/infer", infer_with(0, shape=[-1]), 400, "shape"),
    ("/v2/models/late/infer", infer_with(0, shape=[1, 1, 1]), 400, "distance"),
    ("/v2/models/late/infer", infer_with(0, datatype="FP65"), 400, "FP65"),
    ("/v2/models/late/infer", infer_with(0, datatype=["FP64"]), 400, "datatype"),
    ("/v2/models/late/infer", infer_with(0, name=["distance"]), 400, "name"),
    ("/v2/models/late/infer", infer_with(0, data=["x"]), 400, "FP64"),
    ("/v2/models/late/infer", infer_with(1, data=[1.5]), 400, "INT64"),
    ("/v2/models/late/infer", infer_with(1, data=[2**70]), 400, "INT64"),
    ("/v2/models/late/infer", infer_with(1, datatype="UINT8", data=[300]), 400, "UINT8"),
    ("/v2/models/late/infer", infer_with(1, data=[{}]), 400, "INT64"),
    ("/v2/models/late/infer", infer_with(2, data=[{"a": 1}]), 400, "carrier"),
    ("/v2/models/late/infer", infer_with(0, parameters={"binary_data_size": 8}), 400, "binary_data_size"),
    ("/v2/models/late/infer", infer_with(0, parameters={"shared_memory_region": "r"}), 400, "shared_memory_region"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "outputs": [{"name": "logits"}]}, 400, "logits"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "outputs": 5}, 400, "outputs"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "parameters": 5}, 400, "parameters"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "parameters": {"sequence_id": 5}}, 400, "sequence_id"),
    ("/v2/models/late/infer", {"inputs": [tensor("X", [], "FP64", [0, 3])]}, 400, "no rows"),
    ("/v2/models/late/infer", infer_with(0, data=["5"]), 400, "FP64"),
    ("/predict", {"rows": [ROW], "model": "late", "time": "0001-01-01T00:00:00+14:00"}, 400, "time"),
    ("/labels", {"labels": [{"request_id": "a", "row": 2**70, "label": 1}]}, 400, "label 0"),
    ("/labels", {"labels": []}, 400, "labels"),
    ("/labels", {"labels": [{"request_id": "a", "row": 0}]}, 400, "label 0"),
    ("/v2/repository/models/nobody/load", {}, 404, "nobody"),
    ("/v2/repository/models/late/load", {"parameters": {"config": "{}"}}, 400, "parameters"),
    ("/nowhere", {}, 404, ""),
    ("/v2/health/live", {}, 405, ""),
]  # fmt: skip


@pytest.mark.parametrize("path, body, status, text", BAD, ids=range(len(BAD)))
def test_bad_input_is_the_clients_error_in_json(server, path, body, status, text):
    before = stored(server)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.client.post(path, content=raw)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"} and text in answer.json()["error"]
    assert stored(server) == before, "a refused request must leave nothing in the store"


def stored(server):
    with sqlite3.connect(server.folder / "p.db") as db:
        return db.execute("select count(*) from predictions").fetchone()[0]


def test_a_packed_bomb_and_a_broken_stream_are_refused(server):
    bomb = gzip.compress(b" " * 80_000_000)
    for raw, coding, status in [(bomb, "gzip", 413), (b"junk", "gzip", 400), (gzip.compress(b"{}")[:-2], "gzip", 400), (b"{}", "br", 415)]:
        answer = server.client.post("/predict", content=raw, headers={"Content-Encoding": coding})
        assert answer.status_code == status and "error" in answer.json()


def test_header_length_that_does_not_fit(server):
    for size in ("-1", "x", "999999", "²"):
        answer = server.client.post("/v2/models/late/infer", json={"inputs": good_inputs()}, headers={b"Inference-Header-Content-Length": size.encode("latin-1")})
        assert answer.status_code == 400 and "Content-Length" in answer.json()["error"]


def test_label_joins_its_row_and_the_last_truth_wins(server):
    from mlbook.serving import PredictionStore

    body = {"rows": [ROW, ROW | {"hour": 20}], "id": "joined", "model": "late", "time": "2013-04-01T08:00:00-04:00"}
    assert server.client.post("/predict", json=body).status_code == 200
    for truth in (0, 1):
        answer = server.client.post("/labels", json={"labels": [{"request_id": "joined", "row": 1, "label": truth}]})
        assert answer.json() == {"stored": 1}
    twice = [{"request_id": "joined", "row": 1, "label": v} for v in (0, 1)]
    assert server.client.post("/labels", json={"labels": twice}).json() == {"stored": 2}
    rows = PredictionStore(f"sqlite:///{server.folder}/p.db").read("late", start="2013-04-01T00:00+00:00", end="2013-04-02T00:00+00:00")
    assert list(rows.hour) == [8, 20] and rows.label.tolist()[1] == 1 and pd.isna(rows.label[0])
    assert set(rows.time) == {"2013-04-01T12:00:00+00:00"}


def test_metrics_count_rows_errors_and_unseen_values(server):
    server.client.post("/predict", json={"rows": [ROW | {"carrier": "ZZ"}] * 3, "model": "late"})
    page = server.client.get("/metrics").text
    assert re.search(r'mlbook_unseen_categories_total\{column="carrier",model="late"\} [3-9]', page)
    assert 'mlbook_rows_total{model="late",version="1"}' in page and 'status="400"' in page
    assert "mlbook_request_seconds_bucket" in page


def test_docs_need_no_other_host(server):
    page = server.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html") and "curl" in page.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page.text)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_sigkill_right_after_an_answer_loses_nothing(tmp_path):
    save(model_of(), tmp_path / "late.pb")
    running = Process(tmp_path / "late.pb", f"sqlite:///{tmp_path}/p.db")
    ids = [running.client.post("/predict", json={"rows": [ROW, ROW]}).json()["id"] for _ in range(20)]
    assert running.stop(signal.SIGKILL) == -signal.SIGKILL
    with sqlite3.connect(tmp_path / "p.db") as db:
        kept = db.execute("select request_id, count(*) from predictions group by 1").fetchall()
    assert dict(kept) == dict.fromkeys(ids, 2)


def test_a_roll_out_under_load_fails_no_request(tmp_path):
    registry = Registry(tmp_path / "registry")
    registry.register("late", model_of())
    registry.promote("late", 1, "first")
    running = Process(tmp_path / "registry", f"sqlite:///{tmp_path}/p.db")
    seen, done = [], threading.Event()

    def ask():
        with httpx.Client(base_url=running.url, timeout=20) as client:
            while not done.is_set():
                answer = client.post("/predict", json={"rows": [ROW]})
                seen.append((answer.status_code, answer.json()["version"], answer.json()["predict"][0]))

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    registry.register("late", model_of(flip=True))
    registry.promote("late", 2, "flipped on purpose")
    assert running.client.post("/v2/repository/models/late/load", content=b"").status_code == 200
    asked_after = running.client.post("/predict", json={"rows": [ROW]}).json()
    done.set()
    for asker in askers:
        asker.join()
    first, second = model_of().predict(pd.DataFrame([ROW]))[0], model_of(flip=True).predict(pd.DataFrame([ROW]))[0]
    assert asked_after["version"] == "2" and set(seen) <= {(200, "1", first), (200, "2", second)}
    assert running.client.post("/predict", json={"rows": [ROW], "version": 1}).json()["predict"] == [first]
    kept = len(seen) + 2
    running.stop()
    with sqlite3.connect(tmp_path / "p.db") as db:
        assert db.execute("select count(*) from predictions").fetchone()[0] == kept


def test_what_cannot_be_kept_is_not_answered(tmp_path):
    save(model_of(), tmp_path / "late.pb")
    running = Process(tmp_path / "late.pb", f"sqlite:///{tmp_path}/p.db")
    with sqlite3.connect(tmp_path / "p.db") as db:
        db.execute("drop table predictions")
    answer = running.client.post("/predict", json={"rows": [ROW]})
    assert answer.status_code == 503 and set(answer.json()) == {"error"} and "kept" in answer.json()["error"]
    running.stop()


def test_sigterm_finishes_the_request_under_way(tmp_path):
    save(model_of(), tmp_path / "late.pb")
    running = Process(tmp_path / "late.pb", f"sqlite:///{tmp_path}/p.db")
    lock = sqlite3.connect(tmp_path / "p.db", isolation_level=None)
    lock.execute("begin immediate")  # holds the answer back until the signal has been sent
    answers = []
    asker = threading.Thread(target=lambda: answers.append(httpx.post(f"{running.url}/predict", json={"rows": [ROW]}, timeout=20)))
    asker.start()
    time.sleep(0.5)
    running.process.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    lock.execute("commit")
    lock.close()
    asker.join()
    assert answers[0].status_code == 200 and running.process.wait(20) in (0, -signal.SIGTERM)
    running.process.stdout.close()
    with sqlite3.connect(tmp_path / "p.db") as db:
        assert db.execute("select request_id from predictions").fetchall() == [(answers[0].json()["id"],)]


def test_a_taken_port_is_said_in_one_line(tmp_path):
    from mlbook.serving import serve

    save(model_of(), tmp_path / "late.pb")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="choose another --port"):
            serve(tmp_path / "late.pb", port=taken.getsockname()[1])


def test_without_the_extra_the_import_says_what_to_install():
    code = "import sys; sys.modules['starlette'] = sys.modules['uvicorn'] = None\nimport mlbook.serving"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 'pip install "mlbook[serve]"' in done.stderr.splitlines()[-1]
