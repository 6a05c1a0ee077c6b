"""Where things lie: the performer's own folder, and paths as they are written."""

from pathlib import Path

import pytest

from instrument.signals import places
from instrument.signals.mistake import Mistake


def test_a_path_of_somebodys_home_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no shell did it, as behind an equals sign (``--rehearse=~/tonight.mcap``)."""
    monkeypatch.setenv("HOME", "/home/mia")
    assert places.spelled_out(Path("~/tonight.mcap")) == Path("/home/mia/tonight.mcap")
    assert places.spelled_out(Path("here/tonight.mcap")) == Path("here/tonight.mcap")


def test_a_home_of_nobody_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path, why, the cure; of the performer's own folder also what names it."""
    with pytest.raises(Mistake, match="^~nobody_so/x.mcap: .* ~nobody_so; write the whole path"):
        places.spelled_out(Path("~nobody_so/x.mcap"))
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", "~nobody_so/shows")
    with pytest.raises(Mistake, match="TWOS_AND_SEVENS_HOME"):
        places.home()
