"""Tests run in several processes, but notebook kernels start one after the other: two could pick the same port."""

import tempfile
from pathlib import Path

import nbval.kernel
import pytest
from filelock import FileLock

TURN = FileLock(Path(tempfile.gettempdir()) / "mlbook-kernels.lock")
start = nbval.kernel.start_new_kernel


def start_in_turn(*arguments, **options):
    with TURN:
        return start(*arguments, **options)


nbval.kernel.start_new_kernel = start_in_turn


@pytest.fixture
def turn():
    "Held while a kernel starts."
    return TURN
