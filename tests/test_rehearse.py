"""A whole rehearsal in a process of its own, its deck under the hand of an OSC program."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from perform_stand import Ear, Played

from instrument.runs.reel import Reel
from instrument.runs.tape import Tape, find_run
from instrument.units import seconds_to_text

pytestmark = pytest.mark.slow

RUN = "noise_to_digits"
REEL = Reel(find_run(RUN))
QUIET = ("--headless", "--sound", "null", "--no-standby", "--no-midi", "--no-query", "--no-announce",
         "--lines", 120)  # fmt: skip


class Rehearsal:
    """A show that plays the shipped run, and a program that hears it."""

    def __init__(self, home: Path, *words: object) -> None:
        environment = {"TWOS_AND_SEVENS_HOME": str(home)}
        self.show = Played("--rehearse", RUN, *QUIET, *words, environment=environment)
        self.ear = Ear(self.show, "/deck/*", "/deck/standing/*", "/step")

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
    ear, length_s = rehearsal.ear, int(REEL.length_s)
    late_s, early_s, loop_s = length_s * 2 // 3, length_s // 4, length_s // 3
    rehearsal.until("/deck/standing/position_s", 0.1, length_s)
    ear.say("/deck/at_end", "hold")
    ear.until(lambda told: told.get("/deck/at_end") == "hold", "a deck that holds at its end")
    ear.say("/deck/seek", float(late_s))
    rehearsal.until("/deck/standing/position_s", late_s, length_s)
    rehearsal.until("/step", REEL.step_at(late_s), 1e9)
    ear.say("/deck/play", 0)
    rehearsal.until("/deck/standing/speed", 0.0, 0.0)
    step = REEL.step_at(early_s)
    ear.say("/deck/seek_step", step)
    rehearsal.until("/step", step - 1, step + 1)
    at_s = rehearsal.until("/deck/standing/position_s", early_s - 1, early_s + 1)
    ear.say("/deck/skip", -10.0)
    rehearsal.until("/deck/standing/position_s", at_s - 10.1, at_s - 9.9)
    ear.say("/deck/mark_in", float(loop_s))
    ear.say("/deck/mark_out", loop_s + 1.0)
    ear.say("/deck/loop", 1)
    ear.say("/deck/seek", 0)
    rehearsal.until("/deck/standing/position_s", 0.0, 0.0)
    ear.say("/deck/seek", loop_s + 0.5)
    ear.say("/deck/play", 1)
    for low, high in ((0.7, 1.0), (0.0, 0.3), (0.7, 1.0)):
        rehearsal.until("/deck/standing/position_s", loop_s + low, loop_s + high)
    begin, end = seconds_to_text(loop_s), seconds_to_text(loop_s + 1)
    assert ear.values["/deck/standing/loop"] == f"{begin} to {end}"
    assert rehearsal.show.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line or "failed" in line for line in rehearsal.show.said)
    steps = [r.frame.step for r in Tape(tmp_path / "tonight.mcap").frames() if r.topic == "metrics"]
    assert len(steps) > 20
    assert min(steps) < REEL.step_at(2.0) and max(steps) >= REEL.step_at(late_s)


def test_a_rehearsal_begins_at_a_step_without_its_hands(tmp_path: Path) -> None:
    """``--at step:N --mute-hands``: there it begins, and the recorded hands do nothing."""
    step = REEL.step_at(REEL.length_s / 4)
    made = Rehearsal(tmp_path, "--at", f"step:{step}", "--mute-hands")
    assert made.until("/step", 0, 1e9) >= step
    made.ear.until(lambda told: told.get("/deck/mute_hands") == 1, "hands that are muted")
    assert made.show.end(signal.SIGTERM) == 0


def test_at_the_end_it_leaves_by_itself(tmp_path: Path) -> None:
    """As rehearsals always did."""
    made = Rehearsal(tmp_path, "--at", seconds_to_text(REEL.length_s - 2.0))
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
