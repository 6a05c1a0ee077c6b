"""Fixtures of the salvage of runs."""

from pathlib import Path

import pytest
from run_stand import run_bytes, write


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A whole run of eight seconds in today's format, eight chunks."""
    return write(tmp_path / "run.mcap", run_bytes())
