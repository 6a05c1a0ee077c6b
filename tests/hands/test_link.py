"""Link: a session with a plain aalink in a network of its own, where nothing gets out."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from stand import Stand

from instrument.hands.link import LinkHand
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


def alone(*words: str) -> list[str]:
    """The command that runs something in a network namespace with nothing in it but lo."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare: Link would speak to the network of this machine")
    command = [unshare, "-rn", *words]
    if subprocess.run([unshare, "-rn", "true"], capture_output=True).returncode != 0:
        pytest.skip("may not open a network namespace: Link would speak to the network")
    return command


def test_two_programs_share_tempo_and_bar() -> None:
    """Joined to theirs; theirs follows `show.bpm` only while the clock is Link; ours follows theirs."""
    pytest.importorskip("aalink")
    done = subprocess.run(
        alone(sys.executable, str(HERE / "link_alone.py")),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    happened = json.loads(done.stdout)
    said = happened.pop("said")
    assert happened == dict.fromkeys(happened, True)
    assert said[0] == "Link is open: everybody in this network may set the tempo"
    assert "Link: one other is there" in said


def test_that_nobody_is_there_is_said_once() -> None:
    """Silence would not tell whether it works: after three seconds alone a sentence, and no second one."""
    pytest.importorskip("aalink")
    done = subprocess.run(
        alone(sys.executable, str(HERE / "link_alone.py"), "nobody"),
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    happened = json.loads(done.stdout)
    assert (happened["opened"], happened["early"], happened["told"]) == (True, 1, True)
    assert happened["said"][1:] == ["Link: nobody else is there yet"]


def test_without_the_package_a_sentence_says_how_to_get_it(
    stand: Stand, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for and not installed: before the curtain, with the cure."""
    monkeypatch.setitem(sys.modules, "aalink", None)
    with pytest.raises(Mistake, match=r"pip install 'twos-and-sevens\[link\]'"):
        LinkHand(stand.bank, bus, lambda heard: None, stand.say, stand.clock)
