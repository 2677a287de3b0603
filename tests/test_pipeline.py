"The whole story on a slice of the flights: alarm, gate, roll-out, incident, nothing lost, nothing left behind."

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mlbook import pipeline
from mlbook.datasets import FEATURES, load_flights
from mlbook.registry import Registry

SETTINGS = """[data]
sample = 0.12
[replay]
from = 2013-04-01
until = {until}
[incident]
start = {incident}
[output]
folder = {folder}
"""


def settings_file(folder, until="2013-12-01", incident="2013-10-01"):
    path = folder / "settings.ini"
    path.write_text(SETTINGS.format(until=until, incident=incident, folder=(folder / "runs").as_posix()))
    return path


def test_fresh_settings_are_those_of_the_repository():
    here = pipeline.read_settings(Path(__file__).parent.parent / "settings.ini")
    assert here.replay == pipeline.Replay() and here.train == pipeline.Train() and here.data == pipeline.Data()
    assert here.monitor == pipeline.Monitor()


def test_a_server_that_cannot_start_says_why(tmp_path):
    with pytest.raises(OSError, match="did not start"):
        with pipeline.Server(tmp_path / "nothing", f"sqlite:///{tmp_path}/p.db", tmp_path / "log"):
            pass


@pytest.fixture(scope="module")
def year():
    "A tenth of the labelled flights, their months and labels."
    flights = load_flights()
    flights = flights[flights.late.notna()].iloc[::10]
    return flights.assign(time=flights.time_hour.dt.tz_convert("America/New_York"), late=flights.late.astype(int))


def a_run(folder, past, live):
    "A run whose store is a table in memory: `live` with the answers of a model of `past`."
    run = SimpleNamespace(past=past, settings=pipeline.Settings(), tables={}, months={}, swap_due=False, refused=None,
                          before=None, alarm=None, registry=Registry(folder), said=[])  # fmt: skip
    run.say = lambda step, text: run.said.append(step)
    rule = {"rate": float(past.late.mean()), "threshold": 0.0, "patience": 2}
    model = pipeline.fit(past, past.late.to_numpy(), run.settings, alarm=rule, profile={})
    pipeline.promote(run, model, "first")
    rows = live.assign(label=live.late, proba=model.predict_proba(live[FEATURES])[:, 1], version="1")
    run.stored = lambda start, end: rows[(rows.time >= start) & (rows.time < end)]
    return run


MONTH_ENDS = [(pd.Timestamp(2013, m, 1) + pd.offsets.MonthEnd(0)).date() for m in range(4, 13)]


def test_the_loop_alarms_in_july_and_promotes_one_of_two(year, tmp_path):
    run = a_run(tmp_path, year[year.month <= 3], year[year.month > 3])
    for day in MONTH_ENDS[:4]:
        pipeline.month_end(run, day)
    assert run.alarm == "2013-07" and run.registry.production("flights") == 2 and run.swap_due
    verdicts = run.tables["gate"].set_index("version").verdict
    assert verdicts[2] == "promote" and verdicts[3].startswith("refuse") and run.refused == 3
    assert run.registry.versions("flights")[2]["note"].startswith("refuse")


def test_the_loop_does_not_alarm_when_the_months_are_shuffled(year, tmp_path):
    mixed = np.random.default_rng(0).permutation(year.month)
    time = pd.to_datetime({"year": 2013, "month": mixed, "day": 15}).dt.tz_localize("America/New_York").array
    mixed = year.assign(month=mixed, time=time)
    run = a_run(tmp_path, mixed[mixed.month <= 3], mixed[mixed.month > 3])
    for day in MONTH_ENDS:
        pipeline.month_end(run, day)
    assert run.alarm is None and set(run.said) == {"register", "watch"}


def test_labels_swapped_at_random_promote_nothing(year, tmp_path):
    luck = year.assign(late=np.random.default_rng(0).permutation(year.late))
    run = a_run(tmp_path, luck[luck.month <= 3], luck[(luck.month > 3) & (luck.month <= 7)])
    rows = pd.concat([run.stored(*pd.to_datetime(["2013-04-01", "2013-08-01"]).tz_localize("America/New_York"))])
    pipeline.retrain(run, rows)
    assert set(run.tables["gate"].verdict) == {"refuse"} and run.registry.production("flights") == 1
    assert not run.swap_due


def test_a_failed_roll_out_is_raised():
    def post(path, body):
        raise OSError("no such version")

    run = SimpleNamespace(swap_due=True, serving="1")
    with pytest.raises(OSError, match="no such version"):
        with pipeline.swapping(run, SimpleNamespace(post=post)) as version_for:
            assert version_for(0) == "1"


def test_a_taken_port_is_named_before_any_work(tmp_path):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        path = tmp_path / "s.ini"
        path.write_text(f"[serve]\nport = {port}\n[output]\nfolder = {tmp_path.as_posix()}/runs\n")
        with pytest.raises(ValueError, match=rf"\[serve\] port = {port}"):
            pipeline.run(path)
    assert not (tmp_path / "runs").exists()


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    folder = tmp_path_factory.mktemp("story")
    return pipeline.run(settings_file(folder, until="2014-01-01"))


@pytest.mark.slow
def test_the_story_on_a_slice(story):
    steps = [step for step, _ in story.said]
    assert story.alarm is not None and "07" in str(story.alarm)
    assert story.lost == 0 and set(story.answered) == {"1", "2"}
    assert steps.count("alarm") == 1
    assert any(step == "incident" and "temp degF->degC" in text for step, text in story.said)
    assert (story.found - story.settings.incident.start).days <= 5
    gate = story.tables["gate"].set_index("candidate").verdict
    assert gate["all months"] == "promote" and gate["last three months"].startswith("refuse")
    for step in ("load", "clean", "features", "scale", "fit", "evaluate", "save", "register", "serve", "watch", "gate",
                 "judge", "drill", "rollback", "stop", "stored", "repair", "compare", "choose", "report"):  # fmt: skip
        assert step in steps, step
    tried = story.tables["algorithms"]
    assert sorted(tried.algorithm) == sorted(pipeline.CLASSIFIERS) and tried.log_loss.is_monotonic_increasing


@pytest.mark.slow
def test_the_drill_is_kept_apart_and_ends_with_the_good_version(story):
    assert story.drill["lost"] == 0 and story.drill["answers the next day"] == 2
    assert story.registry.production("flights") == 2
    assert [c["version"] for c in story.registry.history("flights")] == [1, 2, 3, 2]
    with sqlite3.connect(story.folder / "predictions.db") as db:
        count = "select count(*), count(distinct id) from predictions where request_id {} 'drill %'"
        rows, ids = db.execute(count.format("not like")).fetchone()
        drill, _ = db.execute(count.format("like")).fetchone()
    assert rows == ids == story.sent["rows"] == len(story.live) and drill == story.drill["rows"]


@pytest.mark.slow
def test_the_report_stands_alone(story):
    page = (story.folder / "report.html").read_text(encoding="utf-8")
    assert "viewport" in page and "<script" not in page and "<link" not in page and "src=" not in page
    assert page.count('<svg role="img" aria-label=') == 2 and page.count("<figcaption>") == 2
    assert f"rows lost, of {story.sent['rows']:,}" in page
    assert {p.name for p in story.folder.parent.parent.iterdir()} == {"settings.ini", "runs"}


@pytest.mark.slow
def test_a_second_run_gives_the_same_figures(story, tmp_path):
    again = pipeline.run(settings_file(tmp_path, until="2014-01-01"))
    first, second = (json.loads((s.folder / "figures.json").read_text()) for s in (story, again))
    assert first == second


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("step", ["load", "evaluate", "save", "serve", "watch"])
def test_ctrl_c_leaves_no_process_and_whole_files(step, tmp_path):
    command = [sys.executable, "-c", "from mlbook.cli import main; main()", "run", str(settings_file(tmp_path))]
    job = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in job.stdout:
        if line.startswith(step):
            break
    job.send_signal(signal.SIGINT)
    _, said = job.communicate(timeout=60)
    assert job.returncode == 130 and len(said.strip().splitlines()) == 1 and "Ctrl-C" in said
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(tmp_path) not in left and not list(tmp_path.rglob("*.tmp"))
    for path in tmp_path.rglob("*.pb"):
        pipeline.load(path)
