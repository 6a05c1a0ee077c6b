"""Branching: a recorded training goes on live, from its file as a show begins, or out of a rehearsal."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from perform_stand import Ear, Played, until
from PIL import Image
from rich.console import Console

from instrument.arguments import At
from instrument.branching import Branching, beginning
from instrument.clock import wall_clock
from instrument.conductor import Conductor
from instrument.learning.config import LearningConfig
from instrument.learning.deeds import Deed, DeedKind
from instrument.learning.gestures import LEARNING
from instrument.learning.script import Branch
from instrument.learning.streams import STREAMS
from instrument.learning.trainer import Trainer
from instrument.learning.training import Training
from instrument.runs import playback
from instrument.runs.header import RunHeader
from instrument.runs.moments import Kept, saved_moments
from instrument.runs.playback import Playback
from instrument.runs.recorder import Recorder
from instrument.runs.reel import Reel
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus, Listener, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.deck import DECK
from instrument.signals.frames import (
    CONTROLS,
    DEEDS,
    METRICS,
    SNAPSHOTS,
    ControlFrame,
    DeckFrame,
    DeedFrame,
    MetricFrame,
    SnapshotFrame,
)
from instrument.signals.frames import DECK as DECK_SAID
from instrument.signals.gesture import Gesture, Moves
from instrument.signals.mistake import Mistake
from instrument.signals.show import SHOW
from instrument.units import seconds_to_text
from instrument.verify import AGREES, UNSAID, judge

pytestmark = pytest.mark.slow

BANK = Bank.of((SHOW, LEARNING, DECK))
SIDE, BATCH = 8, 16
WISHED = LearningConfig(device="cpu")
QUIET = ("--headless", "--sound", "null", "--size", "320x180", "--no-midi", "--no-query",
         "--no-announce", "--device", "cpu")  # fmt: skip


class Stage:
    """A bus with a conductor on it, and what was said."""

    def __init__(self) -> None:
        self.bus = Bus(new_show_name())
        self.conductor = Conductor(BANK, BANK.defaults.copy(), self.bus, wall_clock)
        self.said: list[str] = []
        self.conductor.start()

    def say(self, text: str, grave: bool) -> None:
        self.said.append(text)

    def turn(self, name: str, value: float) -> None:
        path = f"learning.{name}"
        position = BANK.spec(path).unmap(value)
        self.conductor.post(Gesture(path, position, "key", wall_clock()))


def steps_on(training: Training, count: int) -> None:
    goal = training.steps + count
    until(lambda: training.steps > goal, f"{count} steps")


def saved_with(training: Training, stage: Stage, fog: float) -> None:
    """Turn the fog, let it train, and wait for a moment that was said whole."""
    trainer: Any = training._trainer
    taken = trainer.saving.taken
    stage.turn("fog", fog)
    until(lambda: abs(trainer.course.felt.fog - fog) < 1e-6, "the fog")
    steps_on(training, 40)
    trainer.saving.hurry()
    until(lambda: trainer.saving.taken > taken and not trainer.saving.busy, "a moment")


def recorded(path: Path) -> None:
    """A training of small digits: two moments, and a hand on its fog before each."""
    stage = Stage()
    config = LearningConfig(batch=BATCH, device="cpu", size=SIDE, seed=11)
    training = Training(config, stage.bus, BANK, wall_clock)
    recorder = Recorder(path, stage.bus, RunHeader(
        preset="test", preset_text="", source=training.description, streams=STREAMS,
        controls=[spec.path for spec in BANK], seed=11,
    ))  # fmt: skip
    recorder.start()
    stage.turn("flywheel", 0.6)
    training.start()
    until(lambda: training.steps > 60, "sixty steps")
    for fog in (0.4, 0.1):
        saved_with(training, stage, fog)
        steps_on(training, 100)
    training.stop()
    recorder.stop()
    stage.conductor.stop()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The run file of that training; a check every 20 steps."""
    path = tmp_path_factory.mktemp("runs") / "night.mcap"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "check_steps", 20)
        recorded(path)
        yield path


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """What a replay asks of the processor is taken back for the tests after it."""
    yield
    torch.set_flush_denormal(False)


def moments_of(run: Path) -> list[Kept]:
    return saved_moments(Reel(run))


def deeds_of(run: Path) -> list[Deed]:
    return [Deed.from_frame(r.frame) for r in Tape(run).frames() if r.topic == "deeds"]


def checks_of(run: Path) -> dict[int, str]:
    return {deed.step: deed.text for deed in deeds_of(run) if deed.kind is DeedKind.CHECK}


# Which moment.


def test_a_place_in_a_run_finds_the_nearest_moment(night: Path) -> None:
    """By the second and by the step; net, images and hands are those of that moment."""
    birth, first, second = moments_of(night)
    assert (birth.step, first.step < second.step) == (0, True)
    night_s = Reel(night).length_s
    for at, kept in (
        (At(first.at_s + 0.01), first),
        (At(1e5), second),
        (At(step=second.step), second),
    ):
        begun = beginning(night, at, WISHED)
        saved = begun.saved
        assert saved is not None and (saved.number, saved.facts.steps) == (kept.number, kept.step)
        ends = f" (it ends at {seconds_to_text(night_s)})" if at == At(1e5) else ""
        assert begun.words == (
            f"branched from night at {at.words}{ends}: the saved moment of 0:{int(kept.at_s):02d} "
            f"(step {kept.step:,})"
        )
        config = begun.config
        assert (config.size, config.batch, config.seed, config.digits) == (
            SIDE,
            BATCH,
            11,
            "bundled",
        )
        fog = {first.number: 0.4, second.number: 0.1}[kept.number]
        assert begun.values["learning.fog"] == pytest.approx(fog)
        assert begun.values["learning.flywheel"] == pytest.approx(0.6)
        assert "learning.quake" not in begun.values


def test_the_beginning_of_a_run_is_its_birth(night: Path) -> None:
    """Where that is nearest the training begins anew from its seed, with the hands as they stood."""
    begun = beginning(night, At(0.0), replace(WISHED, memory_mb=100))
    assert begun.saved is None and begun.words == "branched from night at 0:00: its beginning"
    config = begun.config
    assert (config.seed, config.size, config.memory_mb, config.device) == (11, SIDE, 100, "cpu")


def heard(recorder: Recorder, count: int) -> None:
    until(lambda: sum(e.received for e in recorder._listeners.values()) >= count, "frames", 0.001)


def rewritten(run: Path, out: Path, change: Callable[[Any], Any], **source: Any) -> Path:
    """The same run on another bus and in another file; `change` may change or drop (None) a frame."""
    bus, tape = Bus(new_show_name()), Tape(run)
    header = replace(tape.header, source={**tape.header.source, **source})
    recorder = Recorder(out, bus, header)
    recorder.start()
    publishers = {topic.name: bus.publisher(topic) for topic in (METRICS, SNAPSHOTS, DEEDS)}
    sent = 0
    for recorded in tape.frames():
        if recorded.topic in publishers and (frame := change(recorded.frame)) is not None:
            frame.time_s = time.monotonic()
            publishers[recorded.topic].send(frame)
            sent += 1
            if sent % 32 == 0:
                heard(recorder, sent)
    heard(recorder, sent)
    recorder.stop()
    return out


def test_a_damaged_moment_gives_way_to_the_next_nearest(night: Path, tmp_path: Path) -> None:
    """Bytes that are no moment are passed over; without any, and without a birth, it is a sentence."""

    def damage(frame: Any) -> Any:
        if isinstance(frame, SnapshotFrame) and frame.number == 1 and frame.part == 0:
            frame.content[10] = 7
        return frame

    def bare_of(frame: Any) -> Any:
        return None if isinstance(frame, SnapshotFrame) else frame

    damaged = rewritten(night, tmp_path / "damaged.mcap", damage)
    begun = beginning(damaged, At(1e5), WISHED)
    assert begun.saved is not None and begun.saved.number == 0
    bare = rewritten(night, tmp_path / "bare.mcap", bare_of, branched={})
    with pytest.raises(Mistake, match="no moment of its training was saved"):
        beginning(bare, At(3.0), WISHED)


# Out of a rehearsal.


class Rehearsal:
    """A playback that may branch, on a stage."""

    def __init__(self, run: Path, wished: LearningConfig = WISHED) -> None:
        self.stage = Stage()
        self.playback = Playback(run, self.stage.bus, BANK, self.stage.conductor.post, wall_clock)
        self.source = Branching(
            self.playback, wished, self.stage.bus, BANK, wall_clock, self.stage.say,
            self.stage.conductor.post,
        )  # fmt: skip
        self.metrics = self.stage.bus.listener(METRICS)
        self.source.start()

    def hold_at(self, second: float) -> None:
        """The deck stands there."""
        for path, value in (("deck.play", 0.0), ("deck.seek", second)):
            self.stage.conductor.post(Gesture(path, BANK.spec(path).unmap(value), "key", 0.0))
        until(lambda: abs(self.playback.position_s - second) < 0.3, "the deck there")

    def end(self) -> None:
        self.source.stop()
        self.stage.conductor.stop()


Rehearse = Callable[..., Rehearsal]


@pytest.fixture
def rehearse() -> Iterator[Rehearse]:
    """Makes rehearsals; ends them."""
    made: list[Rehearsal] = []

    def make(run: Path) -> Rehearsal:
        made.append(Rehearsal(run))
        return made[-1]

    yield make
    for show in made:
        show.end()


def test_a_rehearsal_becomes_a_training(night: Path, rehearse: Rehearse) -> None:
    """It goes on from the moment's step, its controls where they stood, but for those a hand holds.

    They stand there before the first step: what it feels changes at the step of the moment only.
    """
    first = moments_of(night)[1]
    show = rehearse(night)
    stage = show.stage
    deeds = stage.bus.listener(DEEDS)
    show.hold_at(first.at_s)
    stage.turn("gravel", 0.25)
    assert show.source.kind == "rehearsal" and "rehearsed" in show.source.description
    deck, frame = stage.bus.listener(DECK_SAID), DeckFrame()
    until(lambda: deck.latest(frame) is not None and frame.run == b"night", "the deck")
    show.source.ask()
    until(lambda: show.source.kind == "live", "the training")
    assert not show.source.ended and show.source.description["branched"]["step"] == first.step
    until(lambda: show.source.report()["steps"] > first.step + 20, "live steps")
    steps = [frame.step for frame in show.metrics.drain()]
    live = steps[max(n for n, step in enumerate(steps) if step == first.step + 1) :]
    assert live == sorted(live) and len(live) >= 5
    said = [Deed.from_frame(frame) for frame in deeds.drain()]
    assert {deed.step for deed in said if deed.kind is DeedKind.FEEL} == {first.step}
    for name, value in (("fog", 0.4), ("flywheel", 0.6), ("gravel", 0.25)):
        assert stage.conductor.value(f"learning.{name}") == pytest.approx(value, abs=1e-5), name
        trainer: Any = show.source._training._trainer  # type: ignore[union-attr]
        assert getattr(trainer.course.felt, name) == pytest.approx(value, abs=1e-5)
    assert stage.conductor.value("deck.play") == 0.0 and show.playback.ended
    until(lambda: deck.latest(frame) is not None and frame.run == b"", "the deck's last word")
    show.source.ask()
    assert stage.said[-1] == "the training is live already"


def test_a_branch_in_the_same_breath_begins_where_the_deck_was_sent(
    night: Path, rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sought and branched at once, though the machine keeps the playback from hearing it for a second."""
    first, last = moments_of(night)[1:]
    show = rehearse(night)
    show.hold_at(first.at_s)
    monkeypatch.setattr(playback, "POLL_S", 1.0)
    seek = Gesture("deck.seek", BANK.spec("deck.seek").unmap(last.at_s), "key", wall_clock())
    show.stage.conductor.post(seek)
    show.source.ask()
    until(lambda: show.source.kind == "live", "the training")
    assert f"(step {last.step:,})" in show.stage.said[-1]


def test_where_it_cannot_be_the_rehearsal_rolls_on(
    night: Path, tmp_path: Path, rehearse: Rehearse
) -> None:
    """Images that are not there: a sentence, the deck rolls on, and it may be asked again."""
    missing = rewritten(
        night, tmp_path / "missing.mcap", lambda f: f, digits=str(tmp_path / "gone")
    )
    show = rehearse(missing)
    for _ in range(2):
        show.source.ask()
        until(lambda: not show.source.loading, "the end of loading")
        assert show.stage.said[-1].startswith(f"no branch: {tmp_path / 'gone'}: there is no such")
        until(lambda: show.stage.conductor.value("deck.play") == 1.0, "the deck rolls again")
    assert show.source.kind == "rehearsal" and not show.source.ended


def of_other_images(night: Path, tmp_path: Path) -> Path:
    """The same run, whose folder holds other images now than were learned."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(np.full((SIDE, SIDE), 80 * number, np.uint8)).save(folder / f"{number}.png")
    return rewritten(night, tmp_path / "other.mcap", lambda f: f, digits=str(folder), branched={})


def test_the_training_that_cannot_begin_leaves_the_bus(
    night: Path, tmp_path: Path, rehearse: Rehearse
) -> None:
    """Other images than were learned, three times over: there is room for the next try each time."""
    show = rehearse(of_other_images(night, tmp_path))
    for _ in range(3):
        show.source.ask()
        until(lambda: not show.source.loading, "the end of loading")
        assert show.stage.said[-1] == "no branch: the training could not begin"


def fogs(frames: Listener[ControlFrame]) -> set[float]:
    """Where the fog was said to stand, to three places."""
    number = BANK.number["learning.fog"]
    return {round(frame.positions[number], 3) for frame in frames.drain()}


def test_no_control_moves_for_a_training_that_cannot_begin(
    night: Path, tmp_path: Path, rehearse: Rehearse
) -> None:
    """No hand holds the fog, yet it is nowhere else for a moment, and the deck stands as it stood."""
    show = rehearse(of_other_images(night, tmp_path))
    conductor, frames = show.stage.conductor, show.stage.bus.listener(CONTROLS)
    show.hold_at(0.0)
    conductor.post(Moves([BANK.number["learning.fog"]], [0.875], wall_clock()))
    until(lambda: 0.875 in fogs(frames), "the fog")
    show.source.ask(playing=False)
    until(lambda: not show.source.loading, "the end of loading")
    conductor.post(Gesture("learning.gravel", 0.25, "key", wall_clock()))
    until(lambda: conductor.position("learning.gravel") == 0.25, "all that was posted before")
    assert show.stage.said[-1] == "no branch: the training could not begin"
    assert fogs(frames) == {0.875} and conductor.value("deck.play") == 0.0


def test_other_streams_are_refused_at_once(night: Path, tmp_path: Path, rehearse: Rehearse) -> None:
    """The mapping of the show was made for the run's streams; nothing is held, nothing is loaded."""
    show = rehearse(night)
    show.playback.header = replace(show.playback.header, streams=STREAMS[:-1])
    show.source.ask()
    assert "night says other streams than a training does today" in show.stage.said[-1]
    assert "perform --branch night" in show.stage.said[-1] and not show.source.loading
    assert show.stage.conductor.value("deck.play") == 1.0


# What a branch leaves in its file.


@pytest.fixture(scope="module")
def branch(night: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run file of a branch that nobody touched, from the first saved moment of the night."""
    path = tmp_path_factory.mktemp("runs") / "branch.mcap"
    stage = Stage()
    begun = beginning(night, At(step=moments_of(night)[1].step), WISHED)
    for name, value in begun.values.items():
        stage.turn(name.partition(".")[2], value)
    training = Training(begun.config, stage.bus, BANK, wall_clock, begun.saved)
    recorder = Recorder(path, stage.bus, RunHeader(
        preset="test", preset_text="", source=training.description, streams=STREAMS,
        controls=[spec.path for spec in BANK], seed=11,
    ))  # fmt: skip
    recorder.start()
    training.start()
    until(lambda: training.awake, "the training")
    steps_on(training, 150)
    trainer: Any = training._trainer
    until(lambda: not trainer.saving.busy, "its first moment")
    training.stop()
    recorder.stop()
    stage.conductor.stop()
    return path


def test_what_nobody_touches_is_the_original_again(night: Path, branch: Path) -> None:
    """Until the hand of the original moved again: every checksum that both say is the same."""
    first = moments_of(night)[1].step
    felt = [deed.step for deed in deeds_of(night) if deed.kind is DeedKind.FEEL]
    moved = min((step for step in felt if step > first), default=10**9)
    original, again = checks_of(night), checks_of(branch)
    common = [step for step in original.keys() & again.keys() if first < step <= moved]
    assert len(common) >= 4
    assert [original[step] for step in common] == [again[step] for step in common]
    assert not any(deed.kind is DeedKind.FEEL for deed in deeds_of(branch))


def test_a_branch_is_verified_from_the_moment_it_holds(branch: Path, tmp_path: Path) -> None:
    """Its own first moment and its deeds are enough; the run it came from is not looked at."""
    verdict = judge(branch, Console(quiet=True))
    assert verdict.code == AGREES and verdict.outcome.checks >= 8, verdict.sentence
    assert Tape(branch).header.source["branched"]["run"] == "night"
    birth, second, third, *_ = deeds_of(branch)
    assert (birth.kind, third.kind) == (DeedKind.BIRTH, DeedKind.CHECK)
    assert Branch.of(second).step == birth.step == moments_of(branch)[0].step


def test_a_branch_whose_moment_is_changed_or_gone_cannot_be_verified(
    branch: Path, tmp_path: Path
) -> None:
    """One bit of it, or one part: a sentence, and nothing is compared."""

    def one_bit(frame: Any) -> Any:
        if isinstance(frame, SnapshotFrame) and frame.part == 20:
            frame.content[99] ^= 1
        return frame

    def one_part(frame: Any) -> Any:
        return None if isinstance(frame, SnapshotFrame) and frame.part == 20 else frame

    for number, change in enumerate((one_bit, one_part)):
        other = rewritten(branch, tmp_path / f"{number}.mcap", change)
        with pytest.raises(Mistake, match="not in the file as it was"):
            judge(other, Console(quiet=True))


def test_a_show_that_ended_before_its_branch_began_is_told_as_such(
    branch: Path, tmp_path: Path
) -> None:
    """Its moment is not there whole and no step follows: nothing is damaged, there is nothing to verify."""

    def ended(frame: Any) -> Any:
        late = isinstance(frame, MetricFrame) or (
            isinstance(frame, SnapshotFrame) and frame.part >= 20
        )
        return None if late else frame

    with pytest.raises(
        Mistake, match=r"ended before this .* went on from night;.*\(verify night\)"
    ):
        judge(rewritten(branch, tmp_path / "ended.mcap", ended), Console(quiet=True))


@pytest.mark.parametrize(
    "text", [b"", b"{}", b'{"run":1}', b"\xff" * 100, b'{"run":"x","step":"1"}']
)
def test_hostile_facts_of_a_branch_are_a_sentence(
    branch: Path, tmp_path: Path, text: bytes
) -> None:
    """Whatever the second deed says."""

    def hostile(frame: Any) -> Any:
        if isinstance(frame, DeedFrame) and frame.number == 1:
            frame.text = text
        return frame

    with pytest.raises(Mistake, match="that moment cannot be used"):
        judge(rewritten(branch, tmp_path / "hostile.mcap", hostile), Console(quiet=True))


def test_a_branch_in_the_middle_ends_what_can_be_verified(branch: Path, tmp_path: Path) -> None:
    """A second deed of that kind is no deed that can have been done."""

    def again(frame: Any) -> Any:
        if isinstance(frame, DeedFrame) and frame.number == 5:
            frame.kind = DeedKind.BRANCH
        return frame

    verdict = judge(rewritten(branch, tmp_path / "again.mcap", again), Console(quiet=True))
    assert verdict.code == UNSAID and "a branch of what has begun already" in verdict.sentence
    assert verdict.outcome.agreed == verdict.outcome.checks > 0


# Whole shows.


@pytest.mark.slow
def test_perform_goes_on_from_a_run_and_from_its_branch(branch: Path, tmp_path: Path) -> None:
    """The branch of a branch, as a performer calls it: said, recorded, verified; no control has moved."""
    step, out = moments_of(branch)[0].step, tmp_path / "again.mcap"
    show = Played(*QUIET, "--branch", branch, "--at", f"step:{step}", "--record", out)
    assert f"branched from branch at step {step:,}: " in show.until_said("branched from")
    ear = Ear(show, "/step")
    ear.until(lambda told: told.get("/step", 0) > step + 60, "live steps")
    until(lambda: moments_of(out), "its first moment", 1.0)
    assert show.end(signal.SIGTERM) == 0
    verdict = judge(out, Console(quiet=True))
    assert verdict.code == AGREES, verdict.sentence
    assert [deed.kind for deed in deeds_of(out)][:2] == [DeedKind.BIRTH, DeedKind.BRANCH]
    assert not any(deed.kind is DeedKind.FEEL for deed in deeds_of(out))


def live_steps(run: Path) -> list[int]:
    """Steps in a file that is still written, from the birth of a training there on."""
    frames = list(Tape(run).frames()) if run.exists() else []
    born = [r.at_s for r in frames if r.topic == "deeds" and r.frame.kind == DeedKind.BIRTH]
    return [r.frame.step for r in frames if r.topic == "metrics" and born and r.at_s >= born[0]]


@pytest.mark.slow
def test_a_running_rehearsal_goes_live_over_osc(night: Path, tmp_path: Path) -> None:
    """/deck/branch: steps go on from the moment's, the sound is one and never begins anew, no traceback."""
    out = tmp_path / "out.mcap"
    show = Played(*QUIET, "--rehearse", night, "--record", out)
    ear = Ear(show, "/step")

    def rolls(told: dict[str, Any]) -> bool:
        ear.say("/deck/at_end", "hold")  # until the port is there; the run is short
        return bool(told.get("/step", 0) > 20)

    ear.until(rolls, "the run")
    ear.say("/deck/seek", 1e4)
    ear.say("/deck/branch")
    line = show.until_said("branched from night at")
    found = re.search(r"step ([\d,]+)\)", line)
    assert found is not None
    step = int(found[1].replace(",", ""))
    assert step == moments_of(night)[-1].step  # the deck was at the end already when it was asked
    until(lambda: len(live_steps(out)) > 15, "live steps", 1.0)
    assert show.end(signal.SIGTERM) == 0
    assert not any("Traceback" in line for line in show.said)
    live = live_steps(out)
    assert live[0] == step + 1 and live == sorted(live)
    sound = [r.frame for r in Tape(out).frames() if r.topic == "sound"]
    blocks = [frame.blocks for frame in sound]
    assert blocks == sorted(blocks) and len({frame.part for frame in sound}) == 1
    birth, branch, *_ = deeds_of(out)
    assert birth.step == Branch.of(branch).step == step
    assert judge(out, Console(quiet=True)).code == AGREES


@pytest.mark.slow
def test_a_show_that_ends_while_it_branches_ends_in_order() -> None:
    """Torch is being loaded and cannot be stopped: the show leaves with its own code and words."""
    show = Played(*QUIET, "--rehearse", "noise_to_digits")
    ear = Ear(show, "/step")
    ear.until(lambda told: told.get("/step", 0) > 20, "the run")
    ear.say("/deck/branch")
    show.until_said("branching at")
    assert show.end(signal.SIGINT) == 0
    assert show.said[-1] == "show: the end: Ctrl-C"
