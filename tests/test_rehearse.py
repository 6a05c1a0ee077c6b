"""A whole rehearsal in a process of its own, its deck under the hand of an OSC program."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from perform_stand import Ear, Played

from instrument.runs.tape import Tape

pytestmark = pytest.mark.slow

RUN = "first_light"
QUIET = ("--headless", "--sound", "null", "--no-standby", "--no-midi", "--no-query", "--no-announce",
         "--lines", 120)  # fmt: skip


class Rehearsal:
    """A show that plays the shipped run, and a program that hears it."""

    def __init__(self, home: Path, *words: object) -> None:
        environment = {"TWOS_AND_SEVENS_HOME": str(home)}
        self.show = Played("--rehearse", RUN, *QUIET, *words, environment=environment)
        self.ear = Ear(self.show.port, "/deck/*", "/deck/standing/*", "/step", "/learning/*")

    def until(self, address: str, low: float, high: float) -> float:
        """Hear until a value lies there."""
        self.ear.until(
            lambda told: low <= told.get(address, -1.0) <= high, f"{address} in {low} to {high}"
        )
        return float(self.ear.values[address])


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    made = Rehearsal(tmp_path, "--record", tmp_path / "tonight.mcap")
    yield made
    if made.show.process.poll() is None:
        made.show.process.kill()
        made.show.process.wait()


def test_a_run_is_held_sought_and_looped_over_osc(rehearsal: Rehearsal, tmp_path: Path) -> None:
    """Seek by second and step, hold, skip, loop; the training's steps follow; nothing breaks."""
    ear = rehearsal.ear
    rehearsal.until("/deck/standing/position_s", 0.1, 20.0)
    ear.say("/deck/seek", 60.0)
    rehearsal.until("/deck/standing/position_s", 60.0, 75.0)
    assert rehearsal.until("/step", 5500, 9000) > 5500
    ear.say("/deck/play", 0)
    rehearsal.until("/deck/standing/speed", 0.0, 0.0)
    ear.say("/deck/seek_step", 2000)
    rehearsal.until("/step", 1999, 2001)
    at_s = rehearsal.until("/deck/standing/position_s", 15.0, 25.0)
    ear.say("/deck/skip", -10.0)
    rehearsal.until("/deck/standing/position_s", at_s - 10.1, at_s - 9.9)
    ear.say("/deck/mark_in", 30.0)
    ear.say("/deck/mark_out", 31.0)
    ear.say("/deck/loop", 1)
    ear.say("/deck/seek", 0)
    rehearsal.until("/deck/standing/position_s", 0.0, 0.0)
    ear.say("/deck/seek", 30.5)
    ear.say("/deck/play", 1)
    for low, high in ((30.7, 31.0), (30.0, 30.3), (30.7, 31.0)):
        rehearsal.until("/deck/standing/position_s", low, high)
    assert ear.values["/deck/standing/loop"] == "0:30 to 0:31"
    assert rehearsal.show.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line or "failed" in line for line in rehearsal.show.said)
    steps = [r.frame.step for r in Tape(tmp_path / "tonight.mcap").frames() if r.topic == "metrics"]
    assert len(steps) > 100 and min(steps) < 300 and max(steps) > 6000


def test_a_rehearsal_begins_at_a_step_without_its_hands(tmp_path: Path) -> None:
    """``--at step:5000 --mute-hands``: there it begins, and the recorded hands do nothing."""
    made = Rehearsal(tmp_path, "--at", "step:5000", "--mute-hands")
    made.until("/step", 5000, 9000)
    made.ear.until(lambda told: told.get("/deck/mute_hands") == 1, "hands that are muted")
    assert made.show.end(signal.SIGTERM) == 0


def test_at_the_end_it_leaves_by_itself(tmp_path: Path) -> None:
    """As rehearsals always did."""
    made = Rehearsal(tmp_path, "--at", "1:35")
    made.show.until_said("the run is over")
    assert made.show.process.wait(timeout=60.0) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--mute-hands",), "name it with --rehearse"),
        (("--at", "1:33"), "name the run with --rehearse"),
        (("--rehearse", RUN, "--at", "later"), "no place in a run"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(words: tuple[str, ...], said: str) -> None:
    """Before the curtain."""
    show = Played(*words, "--headless")
    assert show.process.wait(timeout=60.0) == 2
    show._reader.join()
    assert said in "\n".join(show.said)
