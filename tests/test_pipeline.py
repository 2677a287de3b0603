"The whole story on a slice of the flights: alarm, gate, roll-out, incident, nothing lost, nothing left behind."

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mlbook import pipeline

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


def test_a_server_that_cannot_start_says_why(tmp_path):
    with pytest.raises(OSError, match="did not start"):
        with pipeline.Server(tmp_path / "nothing", f"sqlite:///{tmp_path}/p.db", tmp_path / "log"):
            pass


@pytest.mark.slow
def test_the_story_on_a_slice(tmp_path):
    story = pipeline.run(settings_file(tmp_path))
    steps = [step for step, _ in story.said]
    assert story.alarm is not None and "07" in str(story.alarm)
    assert story.lost == 0 and set(story.answered) == {"1", "2"}
    assert steps.count("alarm") == 1 and any(step == "incident" and "temp degF->degC" in text for step, text in story.said)
    assert (story.found - story.settings.incident.start).days <= 5
    gate = story.tables["gate"].set_index("candidate").verdict
    assert gate["all months"] == "promote"
    page = (story.folder / "report.html").read_text(encoding="utf-8")
    assert "viewport" in page and "src=\"http" not in page and page.count("<img alt=") == 2
    with sqlite3.connect(story.folder / "predictions.db") as db:
        rows, ids = db.execute("select count(*), count(distinct id) from predictions").fetchone()
    assert rows == ids == story.sent["rows"] == len(story.live)
    assert {p.name for p in tmp_path.iterdir()} == {"settings.ini", "runs"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_leaves_no_process(tmp_path):
    path = settings_file(tmp_path)
    job = subprocess.Popen([sys.executable, "-c", "from mlbook.cli import main; main()", "run", str(path)], stdout=subprocess.PIPE, text=True)
    for line in job.stdout:
        if line.startswith("serve"):
            break
    time.sleep(1)
    job.send_signal(signal.SIGINT)
    job.wait(40)
    assert job.returncode == 130
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(tmp_path) not in left
