"""Tests run in several processes: their notebook kernels talk through socket files, as two could pick the same port."""

import os
import shutil
import tempfile

from jupyter_client.connect import ConnectionFileMixin

if os.name == "posix":
    ConnectionFileMixin.transport.default_value = "ipc"


def pytest_configure(config):
    "One short folder for the sockets of all processes (a socket's path has about 100 letters at most)."
    if os.name == "posix" and not hasattr(config, "workerinput"):
        os.environ["JUPYTER_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="mlbook-", dir="/tmp")


def pytest_unconfigure(config):
    if os.name == "posix" and not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["JUPYTER_RUNTIME_DIR"], ignore_errors=True)
