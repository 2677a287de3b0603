"The server as clients meet it: its own process, the Open Inference Protocol, bad input, SIGKILL, SIGTERM, roll-out."

import copy
import gzip
import html
import json
import os
import random
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

START = (
    "import sys; from mlbook.serving import serve; serve(sys.argv[1], port=int(sys.argv[2]), store=sys.argv[3] or None)"
)
ROW = {"distance": 700.0, "hour": 8, "carrier": "UA"}


def flights_like(rows=400, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "distance": rng.normal(900, 300, rows),
            "hour": rng.integers(5, 23, rows),
            "carrier": rng.choice(["UA", "AA", "DL"], rows),
        }
    )
    return frame, (frame.hour + 4 * (frame.carrier == "UA") + rng.normal(0, 3, rows) > 15).astype(int)


def model_of(flip=False):
    frame, y = flights_like()
    return TableModel(TablePreprocessor(), LogisticRegression(), {"name": "late"}).fit(frame, 1 - y if flip else y)


class Process:
    "A server process; its line of greeting names the port."

    def __init__(self, source, store="", start=START):
        self.process = subprocess.Popen(
            [sys.executable, "-c", start, str(source), "0", store], stdout=subprocess.PIPE, text=True
        )
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
    registry.register(
        "minutes", TableModel(TablePreprocessor(), LinearRegression(), {}).fit(numbers, 2.0 * numbers.hour + 1)
    )
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
    answer = server.client.post(
        "/predict", json={"rows": frame.to_dict("records"), "id": "mine", "model": "late"}
    ).json()
    assert list(answer) == ["id", "model", "version", "predict", "predict_proba", "classes"]
    assert (answer["id"], answer["model"], answer["version"], answer["classes"]) == ("mine", "late", "1", [0, 1])
    np.testing.assert_allclose(answer["predict_proba"], model_of().predict_proba(frame), rtol=1e-12)
    made = [server.client.post("/predict", json={"rows": [ROW], "model": "late"}).json()["id"] for _ in range(2)]
    assert made[0] != made[1]


def test_a_missing_value_is_null_or_the_token_nan(server):
    lines = [
        json.dumps({"rows": [ROW | {"distance": None}], "model": "late"}),
        json.dumps({"rows": [ROW | {"distance": float("nan")}], "model": "late"}),
    ]
    null, token = (server.client.post("/predict", content=text).json()["predict_proba"] for text in lines)
    assert null == token
    body = json.dumps({"inputs": [tensor("distance", [float("nan")], "FP64"), *good_inputs()[1:]]})
    assert server.client.post("/v2/models/late/infer", content=body).json()["outputs"][1]["data"] == pytest.approx(
        null[0]
    )


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
    text = b"UA"
    parts = [struct.pack("<d", 700.0), struct.pack("<q", 8), struct.pack("<I", len(text)) + text]
    inputs = [{"name": n, "shape": [1, 1], "datatype": t, "parameters": {"binary_data_size": len(p)}}
              for n, t, p in zip(["distance", "hour", "carrier"], ["FP64", "INT64", "BYTES"], parts)]  # fmt: skip
    head = json.dumps(
        {"id": "b", "inputs": inputs, "outputs": [{"name": "predict_proba", "parameters": {"binary_data": True}}]}
    ).encode()
    raw, headers = head + b"".join(parts), {"Inference-Header-Content-Length": str(len(head))}
    want = server.client.post("/predict", json={"rows": [ROW], "model": "late"}).json()["predict_proba"][0]
    for coding, pack in {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}.items():
        answer = server.client.post(
            "/v2/models/late/infer", content=pack(raw), headers=headers | {"Content-Encoding": coding}
        )
        size = int(answer.headers["inference-header-content-length"])
        assert json.loads(answer.content[:size])["id"] == "b"
        assert struct.unpack("<2d", answer.content[size:]) == pytest.approx(want)


class Raw:
    "Bytes on a socket, as no client library would send them; the answer's status, headers and body."

    def __init__(self, server, sent, shut=False):
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(sent)
            if shut:
                connection.shutdown(socket.SHUT_WR)
            answer = connection.makefile("rb")
            first = answer.readline()
            self.status = int(first.split()[1]) if first else None
            self.headers = {}
            while (line := answer.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                self.headers[name.decode().lower()] = value.strip().decode()
            self.body = answer.read(int(self.headers.get("content-length", 0)))


def test_what_is_no_http_is_refused_in_json(server):
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\n"
    for sent in (b"GARBAGE\r\n\r\n", b"GET /v2 HTTP/1.1\r\n\r\n",
                 head + b"content-length: -5\r\n\r\n", head + b"content-length: " + b"9" * 30 + b"\r\n\r\n",
                 head + b"transfer-encoding: chunked\r\n\r\nZZ\r\n"):  # fmt: skip
        answer = Raw(server, sent)
        assert answer.status == 400 and answer.headers["content-type"] == "application/json"
        assert set(json.loads(answer.body)) == {"error"}


def test_a_large_body_is_refused_before_it_is_sent(server):
    answer = Raw(server, b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000000\r\n\r\n")
    assert answer.status == 413 and "larger than" in json.loads(answer.body)["error"]
    whole = server.client.post("/predict", content=bytes(64_000_001))
    parts = server.client.post("/predict", content=(bytes(1_000_000) for _ in range(70)))
    assert whole.status_code == parts.status_code == 413


def test_clients_that_go_away_leave_nothing(server):
    before = stored(server)
    for _ in range(20):
        Raw(server, b'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"rows"', shut=True)
    assert server.client.get("/v2/health/ready").status_code == 200 and stored(server) == before
    assert re.search(r'path="/predict",status="499"} [1-9]', server.client.get("/metrics").text)


def test_a_client_that_is_too_slow_is_cut_off():
    import asyncio

    from starlette.requests import Request

    from mlbook.serving import RequestError, read_body

    async def never():
        await asyncio.sleep(5)

    with pytest.raises(RequestError, match="0.05 seconds") as caught:
        asyncio.run(read_body(Request({"type": "http", "headers": []}, never), 10, 0.05))
    assert caught.value.status == 408


def test_methods_slashes_and_headers(server):
    client = server.client
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        for path, allowed in {"/predict": {"POST"}, "/v2": {"GET", "HEAD"}, "/v2/models/late/infer/": {"POST"}}.items():
            answer = client.request(method, path)
            assert answer.status_code == 405 and answer.headers["content-type"] == "application/json"
            assert set(answer.headers["allow"].split(", ")) == allowed and set(answer.json()) == {"error"}
    head = client.head("/v2/models/late")
    assert head.status_code == 200 and head.content == b"" and int(head.headers["content-length"]) > 0
    assert (
        client.head("/nowhere").status_code == 404
        and client.head("/nowhere").headers["content-type"] == "application/json"
    )
    for path in ("/v2/", "/v2/models/late/", "/v2/models/late/ready/", "/docs/", "/metrics/"):
        assert client.get(path, follow_redirects=False).status_code == 200
    for path in ("/v2/models//ready", "/v2/models/late/infer/x", "/%00%ff"):
        answer = client.get(path)
        assert answer.status_code == 404 and answer.headers["content-type"] == "application/json"
    body = {"rows": [ROW], "model": "late"}
    for accept in ("text/html", "application/xml", "*/*;q=0"):
        assert (
            client.post("/predict", json=body, headers={"accept": accept}).headers["content-type"] == "application/json"
        )
    assert client.post("/predict/", content=json.dumps(body), headers={"content-type": "text/plain"}).status_code == 200
    for coding, status in {"": 200, "identity": 200, "gzip, deflate": 415, "gzip;q=1": 415}.items():
        assert client.post("/predict", json=body, headers={"content-encoding": coding}).status_code == status
    member = gzip.compress(json.dumps(body).encode())
    assert client.post("/predict", content=member, headers={"content-encoding": "x-GZIP"}).status_code == 200
    assert client.post("/predict", content=member + b"more", headers={"content-encoding": "gzip"}).status_code == 400


def test_mutated_requests_are_answered_or_refused_but_never_break(server):
    dice = random.Random(7)
    odd = [None, True, -1, 2**63, 10**400, 1.5, "", "x", "\0", "x" * 3000, [], {}, [[]], [None], "NaN", [[[[1]]]]]

    def mutated(thing):
        key = dice.choice(list(thing) if isinstance(thing, dict) else range(len(thing))) if thing else None
        if key is None or dice.random() < 0.1:
            return copy.deepcopy(dice.choice(odd))
        inside = isinstance(thing[key], (dict, list)) and dice.random() < 0.7
        thing[key] = mutated(thing[key]) if inside else copy.deepcopy(dice.choice(odd))
        return thing

    seen = set()
    for _ in range(400):
        good = [
            ("/predict", {"id": "f", "rows": [dict(ROW)], "model": "late", "version": 1}),
            ("/v2/models/late/infer", {"inputs": good_inputs()}),
            ("/labels", {"labels": [{"request_id": "f", "row": 0, "label": 1}]}),
            ("/v2/models/minutes/infer", {"inputs": [tensor("X", [[9.0, 8.0]], "FP32", [1, 2])]}),
        ]
        path, body = dice.choice(good)
        answer = server.client.post(path, content=json.dumps(mutated(body)))
        seen.add(answer.status_code)
        assert answer.status_code in (200, 400, 404, 409, 413), (body, answer.text)
        assert (
            answer.status_code == 200
            or answer.headers["content-type"] == "application/json"
            and len(answer.json()["error"]) <= 500
        )
    assert {200, 400, 404} <= seen


def test_tritonclient(server):
    http = pytest.importorskip("tritonclient.http")
    client = http.InferenceServerClient(server.url.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("late")
    assert client.get_server_metadata()["name"] == "mlbook" and len(client.get_model_repository_index()) == 2
    values = {"distance": np.array([700.0]), "hour": np.array([8]), "carrier": np.array(["UA"], dtype=object)}
    want = server.client.post("/predict", json={"rows": [ROW], "model": "late"}).json()["predict_proba"]
    for binary in (True, False):
        for coding in (None, "gzip", "deflate"):
            inputs = [
                http.InferInput(n, v.shape, {"f": "FP64", "i": "INT64", "O": "BYTES"}[v.dtype.kind])
                for n, v in values.items()
            ]
            for made, value in zip(inputs, values.values()):
                made.set_data_from_numpy(value, binary_data=binary)
            answer = client.infer("late", inputs, request_id="t", request_compression_algorithm=coding)
            np.testing.assert_allclose(answer.as_numpy("predict_proba"), want)
            assert answer.get_response()["id"] == "t"
    with pytest.raises(Exception, match="no model 'nobody'"):
        client.get_model_metadata("nobody")
    with pytest.raises(Exception, match="Not Found"):
        client.get_model_config("late")
    client.close()


def test_tritonclient_rolls_out_and_is_refused_by_name(server):
    http = pytest.importorskip("tritonclient.http")
    client = http.InferenceServerClient(server.url.removeprefix("http://"))
    table = http.InferInput("X", [2, 2], "FP32").set_data_from_numpy(np.array([[900, 8], [900, 9]], np.float32))
    answer = client.infer("minutes", [table], outputs=[http.InferRequestedOutput("predict", binary_data=False)])
    np.testing.assert_allclose(answer.as_numpy("predict"), [17, 19], rtol=1e-6)
    assert client.get_model_metadata("minutes", "1")["outputs"] == [
        {"name": "predict", "datatype": "FP64", "shape": [-1]}
    ]
    for options, word in [
        ({"sequence_id": 5}, "sequence_id"),
        ({"outputs": [http.InferRequestedOutput("predict", class_count=2)]}, "classification"),
    ]:
        with pytest.raises(Exception, match=word):
            client.infer("minutes", [table], **options)
    assert client.infer("minutes", [table], timeout=1_000_000, priority=1).as_numpy("predict").shape == (2,)
    client.unload_model("minutes")
    assert not client.is_model_ready("minutes")
    assert [(m["name"], m["state"]) for m in client.get_model_repository_index()] == [
        ("late", "READY"),
        ("minutes", "UNAVAILABLE"),
    ]
    client.load_model("minutes")
    assert (
        client.is_model_ready("minutes")
        and client.is_model_ready("minutes", "1")
        and not client.is_model_ready("minutes", "2")
    )
    with pytest.raises(Exception, match="parameters"):
        client.load_model("minutes", config="{}")
    client.close()


def test_a_missing_text_of_a_python_client(server):
    known = server.client.post("/predict", json={"rows": [ROW | {"carrier": None}], "model": "late"}).json()[
        "predict_proba"
    ]
    for word in ("None", "nan"):
        body = {"inputs": [*good_inputs()[:2], tensor("carrier", [word], "BYTES")]}
        assert server.client.post("/v2/models/late/infer", json=body).json()["outputs"][1]["data"] == known[0]


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
    ("/v2/models/late/infer", infer_with(1, data=[None]), 400, "INT64"),
    ("/v2/models/late/infer", infer_with(0, data=[True]), 400, "FP64"),
    ("/v2/models/late/infer", infer_with(0, data=5), 400, "list"),
    ("/v2/models/late/infer", infer_with(0, datatype="BF16"), 400, "BF16"),
    ("/v2/models/late/infer", infer_with(0, datatype="BYTES", data=["700"]), 400, "distance"),
    ("/v2/models/late/infer", infer_with(0, shape=[2**31]), 400, "shape"),
    ("/v2/models/late/infer", infer_with(0, shape=[2**31 - 1]), 413, "2147483647"),
    ("/v2/models/late/infer", infer_with(0, shape=[True]), 400, "shape"),
    ("/v2/models/late/infer", infer_with(0, shape=[]), 400, "shape"),
    ("/v2/models/late/infer", infer_with(0, shape=[1] * 1000), 400, "shape"),
    ("/v2/models/late/infer", infer_with(0, shape=[1, 2], data=[1, 2]), 400, "distance"),
    ("/v2/models/late/infer", infer_with(0, data=[[[700.0]]]), 400, "distance"),
    ("/v2/models/late/infer", infer_with(0, name="hour"), 400, "two tensors"),
    ("/v2/models/late/infer", infer_with(0, name="distanse"), 400, "distanse"),
    ("/v2/models/late/infer", {"inputs": good_inputs() + [tensor("more", [1], "INT8")]}, 400, "more"),
    ("/v2/models/late/infer", {"inputs": [tensor("X", [[1, 2, 3]], "FP64", [1, 3])]}, 400, "carrier"),
    ("/v2/models/minutes/infer", {"inputs": [tensor("X", [[1, 2, 3]], "FP64", [1, 3])]}, 400, "2 columns"),
    ("/v2/models/minutes/infer", {"inputs": [tensor("X", [[1, 2], [3]], "FP64", [2, 2])]}, 400, "shape"),
    ("/v2/models/minutes/infer", {"inputs": [tensor("X", [900, 8], "FP64", [2])]}, 400, "columns"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "outputs": [{"name": "predict"}] * 2}, 400, "twice"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "parameters": {"binary_data_output": "yes"}}, 400,
     "binary_data_output"),
    ("/v2/models/late/infer", {"inputs": good_inputs(), "id": 5}, 400, "id"),
    ("/v2/models/late/infer", b'{"inputs": [' + b"[" * 90_000, 400, ""),
    ("/predict", {"rows": [ROW], "model": "late", "id": "x" * 201}, 400, "200"),
    ("/predict", {"rows": [ROW], "model": "late", "version": [1]}, 400, "version"),
    ("/predict", {"rows": [ROW], "model": "x" * 5000}, 404, "xxx"),
    ("/predict", {"rows": [ROW | {"distance": "700"}], "model": "late"}, 400, "distance"),
    ("/predict", {"rows": [{"distance": 1.7e308, "hour": -1.7e308}], "model": "minutes"}, 400, "row 0"),
    ("/predict", b"null", 400, "object"),
    ("/predict", b'"rows"', 400, "object"),
    ("/labels", {"labels": [{"request_id": "a", "row": 0, "label": None}]}, 400, "label 0"),
    ("/labels", b'{"labels": [{"request_id": "a", "row": 0, "label": NaN}]}', 400, "label 0"),
    ("/labels", {"labels": [{"request_id": "nobody asked", "row": 0, "label": 1}]}, 404, "nobody asked"),
    ("/labels", {"labels": [{"id": "no such id", "label": 1}]}, 404, "no such id"),
    ("/v2/repository/models/nobody/unload", {}, 404, "nobody"),
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
    for raw, coding, status in [
        (bomb, "gzip", 413),
        (b"junk", "gzip", 400),
        (gzip.compress(b"{}")[:-2], "gzip", 400),
        (b"{}", "br", 415),
    ]:
        answer = server.client.post("/predict", content=raw, headers={"Content-Encoding": coding})
        assert answer.status_code == status and "error" in answer.json()


def test_header_length_that_does_not_fit(server):
    for size in ("-1", "x", "999999", "²"):
        answer = server.client.post(
            "/v2/models/late/infer",
            json={"inputs": good_inputs()},
            headers={b"Inference-Header-Content-Length": size.encode("latin-1")},
        )
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
    rows = PredictionStore(f"sqlite:///{server.folder}/p.db").read(
        "late", start="2013-04-01T00:00+00:00", end="2013-04-02T00:00+00:00"
    )
    assert list(rows.hour) == [8, 20] and rows.label.tolist()[1] == 1 and pd.isna(rows.label[0])
    assert set(rows.time) == {"2013-04-01T12:00:00+00:00"}


def test_classifiers_and_regressors_are_read_from_one_store(tmp_path):
    from mlbook.serving import PredictionStore

    store, when = PredictionStore(f"sqlite:///{tmp_path}/mixed.db"), "2013-04-01T12:00:00+00:00"
    store.add("a", "late", 1, when, [{"x": 1.0}], [1], [[0.2, 0.8]])
    store.add("b", "delay", 1, when, [{"x": 2.0}], [12.5])
    rows = store.read().set_index("model")
    assert rows.proba["late"] == 0.8 and pd.isna(rows.proba["delay"]) and rows.prediction["delay"] == 12.5
    store.engine.dispose()


def test_the_docs_page_shows_values_of_this_model(tmp_path):
    from mlbook.serving import example_row, served

    frame = pd.DataFrame({"hour": [5.0, 7, 21] * 10, "carrier": ["AA", "UA", "AA"] * 10})
    model = TableModel(TablePreprocessor(), LogisticRegression()).fit(frame, np.array([0, 0, 1] * 10))
    assert example_row(served("m", 1, model)) == {"hour": 7.0, "carrier": "AA"}


def test_a_label_reaches_exactly_the_prediction_that_was_meant(server):
    from mlbook.serving import PredictionStore

    when = {"time": "2012-05-05T05:00:00+00:00"}
    answers = [
        server.client.post("/predict", json={"rows": [ROW | {"hour": h}], "id": "again", "model": "late"} | when)
        for h in (6, 20)
    ]
    stems = [answer.headers["prediction-id"] for answer in answers]
    assert [answer.json()["id"] for answer in answers] == ["again", "again"] and stems[0] != stems[1]
    by_request = {"labels": [{"request_id": "again", "row": 0, "label": 1}]}
    refused = server.client.post("/labels", json=by_request)
    assert refused.status_code == 409 and all(f"{stem}-0" in refused.json()["error"] for stem in stems)
    read = PredictionStore(f"sqlite:///{server.folder}/p.db").read
    span = dict(start="2012-05-05T00:00+00:00", end="2012-05-06T00:00+00:00")
    assert read("late", **span).label.isna().all()
    assert server.client.post("/labels", json={"labels": [{"id": f"{stems[1]}-0", "label": 1}]}).json() == {"stored": 1}
    kept = read("late", **span).set_index("hour").label
    assert kept[20] == 1 and pd.isna(kept[6])
    mixed = {"labels": [{"id": f"{stems[0]}-0", "label": 0}, {"request_id": "again", "row": 7, "label": 0}]}
    assert server.client.post("/labels", json=mixed).status_code == 404 and pd.isna(
        read("late", **span).set_index("hour").label[6]
    )


def test_a_regressor_has_no_probabilities(server):
    answer = server.client.post(
        "/predict", json={"rows": [{"distance": 900, "hour": 8, "more": 1}], "model": "minutes", "id": "r"}
    ).json()
    assert answer == {
        "id": "r",
        "model": "minutes",
        "version": "1",
        "predict": [pytest.approx(17)],
        "predict_proba": None,
        "classes": None,
    }


def test_metrics_count_rows_errors_and_unseen_values(server):
    server.client.post("/predict", json={"rows": [ROW | {"carrier": "ZZ"}] * 3, "model": "late"})
    page = server.client.get("/metrics").text
    assert re.search(r'mlbook_unseen_categories_total\{column="carrier",model="late"\} [3-9]', page)
    assert 'mlbook_rows_total{model="late",version="1"}' in page and 'status="400"' in page
    assert "mlbook_request_seconds_bucket" in page and 'mlbook_errors_total{fault="client"' in page
    assert 'mlbook_model_info{model="late",version="1"} 1.0' in page
    assert server.client.get("/metrics").headers["content-type"].startswith("text/plain; version=")


def test_docs_need_no_other_host(server):
    page = server.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html") and "curl" in page.text
    commands = re.findall(r"curl -X POST (\S+?) -d '(.*?)'</pre>", page.text)
    answers = {
        address: server.client.post(address, content=html.unescape(body))
        for address, body in commands
        if "/labels" not in address
    }
    assert len(answers) == 3 and all(answer.status_code == 200 for answer in answers.values())
    assert "<script" not in page.text and "default-src 'none'" in page.headers["content-security-policy"]
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


QUICK = """import sys, mlbook.serving as s
s.BUSY = 0.4
s.serve(sys.argv[1], port=int(sys.argv[2]), store=sys.argv[3] or None)"""


@pytest.fixture
def alone(tmp_path):
    "A server of one file that waits 0.4 seconds for a busy database."
    save(model_of(), tmp_path / "late.pb")
    running = Process(tmp_path / "late.pb", f"sqlite:///{tmp_path}/p.db", QUICK)
    running.folder = tmp_path
    yield running
    if running.process.poll() is None:
        running.stop()


def count(path):
    with sqlite3.connect(path) as db:
        return db.execute("select count(*) from predictions").fetchone()[0]


def test_a_locked_database_is_a_503_and_then_goes_on(alone):
    lock = sqlite3.connect(alone.folder / "p.db", isolation_level=None)
    lock.execute("begin immediate")
    refused = [alone.client.post("/predict", json={"rows": [ROW]}) for _ in range(2)]
    assert {r.status_code for r in refused} == {503} and "locked" in refused[0].json()["error"]
    assert alone.client.get("/v2/health/live").status_code == 200
    lock.execute("commit")
    lock.close()
    assert alone.client.post("/predict", json={"rows": [ROW]}).status_code == 200 and count(alone.folder / "p.db") == 1


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted")
def test_a_deleted_or_replaced_database_is_a_503(alone):
    assert alone.client.post("/predict", json={"rows": [ROW]}).status_code == 200
    (alone.folder / "p.db").rename(alone.folder / "away.db")
    for _ in range(2):
        assert alone.client.post("/predict", json={"rows": [ROW]}).status_code == 503
        assert alone.client.get("/v2/health/ready").status_code == 503
        sqlite3.connect(alone.folder / "p.db").close()  # another file under the old name
        (alone.folder / "p.db").touch()


@pytest.mark.skipif(not hasattr(os, "prlimit") and sys.platform != "linux", reason="limits of Linux")
def test_a_full_disk_is_a_503_and_then_goes_on(alone):
    import resource

    assert alone.client.post("/predict", json={"rows": [ROW]}).status_code == 200
    pid, size = alone.process.pid, (alone.folder / "p.db-wal").stat().st_size
    old = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    answers = [alone.client.post("/predict", json={"rows": [ROW] * 200}) for _ in range(3)]
    assert {a.status_code for a in answers} == {503} and "kept" in answers[0].json()["error"]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, old)
    assert alone.client.post("/predict", json={"rows": [ROW]}).status_code == 200 and count(alone.folder / "p.db") == 2


def test_a_broken_new_version_leaves_the_old_one_in_service(alone):
    good = (alone.folder / "late.pb").read_bytes()
    (alone.folder / "late.pb").write_bytes(good[:-20])
    answer = alone.client.post("/v2/repository/models/late/load")
    assert answer.status_code == 503 and "old one stays" in answer.json()["error"]
    assert alone.client.post("/predict", json={"rows": [ROW]}).status_code == 200
    save(model_of(flip=True), alone.folder / "late.pb")
    assert alone.client.post("/v2/repository/models/late/load").status_code == 200
    assert (
        alone.client.post("/predict", json={"rows": [ROW]}).json()["predict"]
        == model_of(flip=True).predict(pd.DataFrame([ROW])).tolist()
    )


def test_what_cannot_be_served_is_said_at_the_start(tmp_path):
    from mlbook.serving import create_app

    save(model_of(), tmp_path / "late.pb")
    save(TablePreprocessor(), tmp_path / "steps.pb")
    (tmp_path / "empty").mkdir()
    (tmp_path / "no.db").write_bytes(b"this is no database, and it is longer than a header" * 30)
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("create table labels (a text)")
    wrong = [
        ("nothing.pb", None, "nothing.pb"),
        ("empty", None, "no model in this folder"),
        ("steps.pb", None, "TablePreprocessor"),
        ("late.pb", "nonsense", "nonsense"),
        ("late.pb", "sqlite://", "forgotten"),
        ("late.pb", "what:///x.db", "what"),
        ("late.pb", f"sqlite:///{tmp_path}/no/p.db", "unable to open"),
        ("late.pb", f"sqlite:///{tmp_path}/no.db", "not a database"),
        ("late.pb", f"sqlite:///{tmp_path}/other.db", "labels"),
    ]
    for source, store, words in wrong:
        with pytest.raises(ValueError, match=words):
            create_app(tmp_path / source, store)


def test_a_bare_estimator_and_a_models_own_folder(tmp_path):
    from starlette.testclient import TestClient

    from mlbook.serving import create_app

    X, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    registry = Registry(tmp_path / "models")
    registry.register("bare", LogisticRegression().fit(X, y))
    client = TestClient(create_app(tmp_path / "models" / "bare"))
    body = {"inputs": [tensor("X", X[:2].tolist(), "FP64", [2, 3])]}
    answer = client.post("/v2/models/bare/infer", json=body).json()
    np.testing.assert_array_equal(
        np.reshape(answer["outputs"][1]["data"], (2, 2)), registry.load("bare").predict_proba(X[:2])
    )
    rows = [dict(zip(["x0", "x1", "x2"], row)) for row in X[:2].tolist()]
    assert client.post("/predict", json={"rows": rows}).json()["model"] == "bare"
    refused = client.post("/predict", json={"rows": [rows[0] | {"x1": None}]})
    assert refused.status_code == 400 and "x1" in refused.json()["error"]


def test_sigterm_finishes_the_request_under_way(tmp_path):
    save(model_of(), tmp_path / "late.pb")
    running = Process(tmp_path / "late.pb", f"sqlite:///{tmp_path}/p.db")
    lock = sqlite3.connect(tmp_path / "p.db", isolation_level=None)
    lock.execute("begin immediate")  # holds the answer back until the signal has been sent
    answers = []
    asker = threading.Thread(
        target=lambda: answers.append(httpx.post(f"{running.url}/predict", json={"rows": [ROW]}, timeout=20))
    )
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


@pytest.mark.parametrize("suffix", [".pb", ".pkl"])
def test_a_served_date_is_read_as_the_shell_reads_it(tmp_path, suffix):
    from click.testing import CliRunner

    from mlbook.cli import main

    rows = [f"{k % 28 + 1:02}.{k % 12 + 1:02}.{2013 + k // 60},{k % 7},{int(k % 12 > 5)}" for k in range(120)]
    data, model = tmp_path / "t.csv", tmp_path / f"m{suffix}"
    data.write_text("\n".join(["when,x,y", *rows]) + "\n")
    trained = CliRunner().invoke(main, ["train", str(data), "--target", "y", "--out", str(model)])
    assert trained.exit_code == 0, trained.output
    (tmp_path / "new.csv").write_text("when,x\n03.04.2013,5\n04.03.2013,5\n2013-04-03,5\n03.04.2013,6\n")
    words = ["predict", str(model), str(tmp_path / "new.csv"), "-o", str(tmp_path / "p.parquet")]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0, told.output
    told = pd.read_parquet(tmp_path / "p.parquet")[["proba_0", "proba_1"]].to_numpy()
    assert told[0].tolist() == told[2].tolist() != told[1].tolist()
    running = Process(model)
    try:
        for when, k in (("03.04.2013", 0), ("04.03.2013", 1), ("2013-04-03T00:00", 2)):
            answer = running.client.post("/predict", json={"rows": [{"when": when, "x": 5}]})
            assert answer.status_code == 200, answer.text
            np.testing.assert_allclose(answer.json()["predict_proba"][0], told[k], rtol=1e-12)
        for wrong in ("03/04/2013", "31.02.2013", "soon"):
            answer = running.client.post("/predict", json={"rows": [{"when": wrong, "x": 5}]})
            assert answer.status_code == 400 and "'when'" in answer.text and wrong in answer.text, answer.text
    finally:
        running.stop()
