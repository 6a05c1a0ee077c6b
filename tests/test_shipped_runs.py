"""The shipped runs: what each of them is named for is in its file, and one can go on from it."""

import signal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from perform_stand import Ear, Played
from rich.console import Console

from instrument.learning.digits import load_digits
from instrument.learning.kinds import judge_for
from instrument.learning.saved import SavedMoment, read
from instrument.runs.header import FORMAT
from instrument.runs.moments import moments_from
from instrument.runs.reel import Reel
from instrument.runs.tape import Tape, find_run
from instrument.signals import places
from instrument.verify import AGREES, judge

NAMES = ("noise_to_digits", "collapse_and_return", "outright_failure")
MOST_BYTES, MOST_BYTES_TOGETHER = 8_000_000, 22_000_000


class Heard:
    """A whole run, read once: its streams by name, one row for each metric frame, and its tiles."""

    def __init__(self, name: str) -> None:
        self.tape = Tape(find_run(name))
        self.names = [stream.name for stream in self.tape.header.streams]
        recorded = list(self.tape.frames())
        self.seconds = recorded[-1].at_s - recorded[0].at_s
        said = [each for each in recorded if each.topic == "metrics"]
        self.at_s = np.array([each.at_s - recorded[0].at_s for each in said])
        self.rows = np.array([each.frame.streams[: len(self.names)] for each in said], np.float32)
        self.tiles = [
            (each.at_s - recorded[0].at_s, images(each.frame))
            for each in recorded
            if each.topic == "tiles"
        ]

    def stream(self, name: str, from_s: float = 0.0, to_s: float = 1e9) -> np.ndarray:
        """The values of one stream between two seconds."""
        during = (self.at_s >= from_s) & (self.at_s < to_s)
        return self.rows[during, self.names.index(name)]

    def states(self, stands_s: float = 1.0) -> list[str]:
        """What the training was in for so long at least, one after the other."""
        choices = next(s.choices for s in self.tape.header.streams if s.name == "state")
        words = [choices[int(state)] for state in self.stream("state")]
        stood: list[str] = []
        since = 0
        for number, word in enumerate(words):
            if word != words[since]:
                since = number
            if self.at_s[number] - self.at_s[since] >= stands_s and stood[-1:] != [word]:
                stood.append(word)
        return stood


def images(frame: Any) -> np.ndarray:
    """The tiles of a frame, float32 (count, 784) in 0..1."""
    pixels = np.frombuffer(frame.tiles, np.uint8)[: frame.count * 784]
    return pixels.reshape(frame.count, 784).astype(np.float32) / 255.0


@cache
def heard(name: str) -> Heard:
    return Heard(name)


@cache
def saved(name: str) -> tuple[SavedMoment, ...]:
    """The moments of a run that one can go on from."""
    kept = moments_from(Reel(find_run(name)))
    return tuple(read(each.content, name, each.at_s, each.number) for each in kept)


def judged(tiles: np.ndarray) -> np.ndarray:
    """How many of the tiles are each of the ten digits, and none (11,), by the shipped judge."""
    verdicts = judge_for(load_digits("bundled", print)).probabilities(tiles)
    return np.bincount(verdicts.argmax(axis=1), minlength=11)


def test_there_are_three_and_they_are_small() -> None:
    """These and no others; each below 8 MB, all together below 22."""
    found = sorted(path.stem for path in places.shipped("runs").glob("*.mcap"))
    assert found == sorted(NAMES)
    sizes = [find_run(name).stat().st_size for name in NAMES]
    assert max(sizes) < MOST_BYTES and sum(sizes) < MOST_BYTES_TOGETHER


@pytest.mark.parametrize("name", NAMES)
def test_each_is_whole_of_today_s_format_and_as_long_as_a_short_piece(name: str) -> None:
    """Nothing is cut, damaged or passed over; 45 to 90 seconds."""
    run = heard(name)
    assert run.tape.header.format == FORMAT
    assert not run.tape.cut_short and not run.tape.broke_off and not run.tape.damaged
    assert 45.0 <= run.seconds <= 90.0
    assert np.isfinite(run.rows[run.stream("nonfinite") == 0.0]).all()


def test_noise_becomes_digits() -> None:
    """It begins with noise and ends healthy; its last picture has many digits and nearly nothing else."""
    run = heard("noise_to_digits")
    assert run.states()[0] == "noise" and run.states()[-1] == "healthy"
    assert judged(run.tiles[0][1])[10] == 64
    last = judged(run.tiles[-1][1])
    assert last[10] <= 3 and np.count_nonzero(last[:10]) >= 8
    assert run.stream("reject", run.seconds - 10.0).mean() < 0.05


def test_collapse_comes_and_goes() -> None:
    """Healthy, collapsed for ten seconds, healthy again; ten digits before and after, few in between."""
    run = heard("collapse_and_return")
    states = run.states()
    first, last = states.index("healthy"), len(states) - 1 - states[::-1].index("healthy")
    assert "collapse" in states[first:last] and last == len(states) - 1
    collapsed = run.stream("similarity_centred") > 0.8
    digits = run.stream("reject") < 0.5
    assert np.count_nonzero(collapsed & digits) / len(run.at_s) * run.seconds > 10.0
    assert run.stream("modes", run.seconds - 3.0).min() >= 9


def test_a_failure_is_outright() -> None:
    """It had learned; it bursts more than once; from then on it is never healthy again, nor its samples."""
    run = heard("outright_failure")
    assert "healthy" in run.states()
    bursts = run.at_s[run.stream("nonfinite") > 0.0]
    assert len(bursts) > 1
    healthy_s = run.at_s[run.stream("state") == 0.0]
    assert healthy_s.max() < run.seconds - 15.0
    assert judged(run.tiles[-1][1])[10] >= 60


@pytest.mark.parametrize("name", NAMES)
def test_each_holds_a_moment_to_go_on_from(name: str) -> None:
    """In the compact form, taken while the net had learned something, of the net the header names."""
    kept = saved(name)
    assert kept and all(moment.facts.compact for moment in kept)
    assert kept[0].facts.net == heard(name).tape.header.source["net"]
    assert kept[0].facts.steps > 1000


@pytest.mark.slow
def test_the_one_that_fails_is_made_again_bit_for_bit() -> None:
    """Where the processor and torch are those of the recording; elsewhere it is said how they differ.

    The others take two minutes more: `instrument verify NAME`.
    """
    verdict = judge(find_run("outright_failure"), Console(quiet=True))
    assert verdict.outcome.checks >= 8
    assert verdict.code == AGREES or verdict.elsewhere, verdict.sentence


@pytest.mark.slow
def test_a_show_goes_on_from_a_shipped_run(tmp_path: Path) -> None:
    """`perform --branch noise_to_digits`: the training is live, and counts on from where the run was."""
    begins = saved("noise_to_digits")[0].facts.steps
    show = Played(
        "--branch", "noise_to_digits", "--at", 60, "--headless", "--sound", "null", "--size", "320x180",
        environment={"TWOS_AND_SEVENS_HOME": str(tmp_path)},
    )  # fmt: skip
    try:
        ear = Ear(show, "/{state,step}")
        ear.until(lambda told: told.get("/step", 0) > begins + 20, "a training that goes on")
    finally:
        code = show.end(signal.SIGTERM)
    assert code == 0, show.said
