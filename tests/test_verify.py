"""`instrument verify`: a real training, recorded from a real bus, is made again bit for bit."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mcap.reader import make_reader
from mcap.writer import Writer
from rich.console import Console

from instrument.cli import instrument
from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.deeds import DeedKind
from instrument.learning.gestures import LEARNING, PLACE
from instrument.learning.streams import STREAMS
from instrument.learning.trainer import Trainer
from instrument.learning.training import Training
from instrument.runs.header import RECORD, RunHeader
from instrument.runs.recorder import Recorder
from instrument.runs.tape import Tape
from instrument.runs.wire import MessageWriter, reader_of
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    DEEDS,
    GESTURES,
    ControlFrame,
    DeedFrame,
    GestureFrame,
)
from instrument.signals.mistake import Mistake
from instrument.verify import AGREES, DIFFERS, UNSAID, Verdict, judge, verify

pytestmark = pytest.mark.slow

CHECK_STEPS = 25
SIDE = 12


class Show:
    """A training and its recorder on a bus of their own, and hands."""

    def __init__(self, path: Path, seed: int) -> None:
        self.bus, self.bank = Bus(new_show_name()), Bank.of([LEARNING])
        self.positions = self.bank.defaults.copy()
        config = LearningConfig(batch=16, device="cpu", size=SIDE, seed=seed)
        self.training = Training(config, self.bus, self.bank, wall_clock)
        self.recorder = Recorder(path, self.bus, RunHeader(
            preset="test", preset_text="", source=self.training.description, streams=STREAMS,
            controls=[spec.path for spec in self.bank], seed=seed,
        ))  # fmt: skip
        self.effects = self.bus.listener(GESTURES)
        self.controls, self.gestures = self.bus.publisher(CONTROLS), self.bus.publisher(GESTURES)
        self.recorder.start()
        self.turn()
        self.training.start()
        self.until(lambda: self.training.steps > 3, "the first steps")

    def until(self, condition: Callable[[], Any], what: str) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}"
            time.sleep(0.001)

    def steps(self, count: int) -> None:
        """Let it make so many."""
        goal = self.training.steps + count
        self.until(lambda: self.training.steps >= goal, "steps")

    def turn(self, **values: float) -> None:
        for name, value in values.items():
            self.positions[PLACE[name]] = LEARNING.specs[PLACE[name]].unmap(value)
        frame = ControlFrame(time_s=wall_clock(), count=len(self.bank))
        np.frombuffer(frame.positions, np.float32)[: len(self.bank)] = self.positions
        self.controls.send(frame)

    def do(self, name: str, value: float = 1.0) -> None:
        """Ask for an act and wait until it has taken effect."""
        place = PLACE[name]
        position = LEARNING.specs[place].unmap(value)
        self.gestures.send(GestureFrame(step=-1, control=place, position=position, who=b"key"))
        self.felt(name)

    def felt(self, name: str) -> None:
        """Wait for the word that a gesture took effect."""

        def said() -> bool:
            frames = list(self.effects.drain())
            return any(f.step >= 0 and f.control == PLACE[name] for f in frames)

        self.until(said, f"the effect of {name}")

    def burst(self) -> None:
        """Weights that are no numbers, from outside: no deed tells of them, only the guard's RESTORE.

        Between two checks, so that no check falls on a step before the guard has seen it.
        """
        trainer = self.training._trainer
        assert trainer is not None
        bursts = trainer.rescue.bursts
        self.until(lambda: self.training.steps % CHECK_STEPS in range(3, 12), "a quiet moment")
        trainer.course.learner.g.theta.data[1000] = float("nan")
        self.until(lambda: trainer.rescue.bursts > bursts, "the guard")

    def end(self) -> None:
        self.training.stop()
        self.recorder.stop()
        lost = {name: port.lost for name, port in self.recorder._listeners.items() if port.lost}
        assert not lost.keys() - {"tiles"}, (
            "of walls only the newest two wait; nothing else may be lost"
        )


def played(path: Path) -> None:
    """A show in which everything is done that hands can do, and one burst."""
    show = Show(path, seed=11)
    show.do("quake", 0.3)
    show.steps(10)
    show.turn(collapse=0.9)
    show.felt("collapse")
    show.steps(60)
    show.turn(collapse=0.0)
    show.felt("collapse")
    show.steps(20)
    show.do("undo")
    show.steps(5)
    show.do("amnesia", 0)
    show.turn(fog=0.5, breath_depth=0.5, breath_rate=4.0, breath_on=16.0)
    show.felt("breath_on")
    show.steps(40)
    show.turn(twos_and_sevens=1.0, greed=2.0, gravel=0.3, tilt=3.0)
    show.felt("greed")
    show.steps(10)
    show.do("heal")
    show.steps(30)
    show.turn(scratch=0.2)
    show.felt("scratch")
    show.do("land")
    show.turn(breath_depth=0.0)
    show.steps(30)
    show.burst()
    show.steps(40)
    show.do("anti", 5)
    show.do("quake", 0.2)
    show.steps(60)
    show.end()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("runs") / "night.mcap"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "check_steps", CHECK_STEPS)
        played(path)
    yield path


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """What a replay asks of the processor is taken back for the tests after it."""
    yield
    torch.set_flush_denormal(False)


def deeds_of(run: Path) -> list[DeedFrame]:
    return [r.frame for r in Tape(run).frames() if r.topic == DEEDS.name]


def number_of(run: Path, kind: DeedKind, name: str = "") -> int:
    """Number of the last deed of a kind."""
    return max(
        frame.number for frame in deeds_of(run)
        if frame.kind == kind and (not name or frame.places[0] == PLACE[name])
    )  # fmt: skip


def rewritten(
    run: Path, out: Path, deed: Callable[[DeedFrame], bool | None] = lambda frame: None,
    source: dict[str, Any] | None = None, **header: Any,
) -> Path:  # fmt: skip
    """The same run with other deeds (`deed` changes a frame; True drops it) or another header."""
    with open(run, "rb") as old, open(out, "wb") as new:
        reader, writer = make_reader(old), Writer(new)
        writer.start()
        for record in reader.iter_metadata():
            entries = dict(record.metadata)
            if record.name == RECORD:
                told = json.loads(entries["source"]) | (source or {})
                entries |= {name: json.dumps(v) for name, v in header.items()}
                entries["source"] = json.dumps(told)
            writer.add_metadata(record.name, entries)
        channels: dict[int, int] = {}
        for schema, channel, message in reader.iter_messages(log_time_order=False):
            assert schema is not None
            if channel.id not in channels:
                number = writer.register_schema(schema.name, schema.encoding, schema.data)
                channels[channel.id] = writer.register_channel(
                    channel.topic, channel.message_encoding, number
                )
            data = message.data
            if channel.topic == DEEDS.name:
                frame = reader_of(schema, DEEDS).frame(data)
                if deed(frame):
                    continue
                data = MessageWriter(DEEDS, Tape(run).header).message(frame)
            writer.add_message(channels[channel.id], message.log_time, data, message.publish_time)
        writer.finish()
    return out


def judged(run: Path) -> Verdict:
    return judge(run, Console(quiet=True))


def called(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """`instrument verify ...` in this process: exit code, stdout, stderr."""
    with pytest.raises(SystemExit) as ended:
        instrument(["verify", *map(str, words)])
    return int(str(ended.value.code)), *capsys.readouterr()


def test_a_show_of_many_gestures_is_made_again_in_another_process(
    run: Path, tmp_path: Path
) -> None:
    """Every kind of deed, a guarded burst, and the end between two checks: all checksums agree."""
    kinds = [frame.kind for frame in deeds_of(run)]
    assert set(kinds) == set(DeedKind) - {DeedKind.MOVE, DeedKind.BRANCH}
    by_guard = {f.places[0] for f in deeds_of(run) if f.kind == DeedKind.RESTORE}
    assert by_guard == {0, 1}
    checks = kinds.count(DeedKind.CHECK)
    assert checks >= 9 and kinds[-1] == DeedKind.CHECK
    code = "from instrument.cli import instrument; instrument()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "verify", run, "--json", tmp_path / "found.json"],
        capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    assert ended.returncode == AGREES, ended.stdout + ended.stderr
    last = deeds_of(run)[-1].step
    words = f"night: {checks} of {checks} checksums agree over {last:,} steps ("
    assert ended.stdout.startswith(words) and ended.stderr == ""
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["verified"] and (found["checks"], found["agreed"]) == (checks, checks)
    assert found["steps"] == last and found["first_difference"] is None


def test_a_changed_quake_is_found(run: Path, tmp_path: Path) -> None:
    """One value in the last bit but few: the first check after it differs, its step is named, exit 1."""
    number = number_of(run, DeedKind.ACT, "quake")
    quake = deeds_of(run)[number]
    after = next(f for f in deeds_of(run)[number:] if f.kind == DeedKind.CHECK)

    def stronger(frame: DeedFrame) -> None:
        if frame.number == number:
            frame.values[0] *= 1 + 1e-6

    changed = rewritten(run, tmp_path / "changed.mcap", stronger)
    verdict = judged(changed)
    assert verdict.code == DIFFERS
    words = f"the first that differs is at step {after.step:,}, deed {after.number}"
    assert words in verdict.sentence
    assert verdict.outcome.agreed_step <= quake.step <= after.step
    assert verdict.to_dict()["first_difference"] == {"step": after.step, "deed": after.number}


def test_a_dropped_deed_is_found(run: Path, tmp_path: Path) -> None:
    """The gap is named; with the others numbered anew the checksums tell."""
    number = number_of(run, DeedKind.ACT, "quake")
    before = deeds_of(run)[number - 1].step
    verdict = judged(rewritten(run, tmp_path / "gap.mcap", lambda f: f.number == number))
    assert verdict.code == UNSAID
    assert f"deed {number} is missing (after step {before})" in verdict.sentence
    assert 0 < verdict.outcome.agreed == verdict.outcome.checks

    def closed(frame: DeedFrame) -> bool:
        dropped: bool = frame.number == number
        frame.number -= frame.number > number
        return dropped

    verdict = judged(rewritten(run, tmp_path / "closed.mcap", closed))
    assert verdict.code == DIFFERS and verdict.outcome.agreed_step <= before


def test_a_forged_checksum_is_found_and_the_rest_agrees(run: Path, tmp_path: Path) -> None:
    """One check that is wrong by itself: exit 1, and it is said that the last one agrees again."""
    number = next(f.number for f in deeds_of(run) if f.kind == DeedKind.CHECK)

    def forge(frame: DeedFrame) -> None:
        if frame.number == number:
            frame.text = b"0" * 32

    verdict = judged(rewritten(run, tmp_path / "forged.mcap", forge))
    assert verdict.code == DIFFERS and verdict.outcome.agreed == verdict.outcome.checks - 1
    assert "the last one agrees again" in verdict.sentence


def hostile(frame: DeedFrame, **fields: Any) -> None:
    for name, value in fields.items():
        if isinstance(value, list):
            getattr(frame, name)[: len(value)] = value
        else:
            setattr(frame, name, value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"step": 2**60}, "claims step"),
        ({"number": 2**63}, "is missing"),
        ({"kind": 99}, "is missing"),
        ({"kind": 4, "count": 2}, "is missing"),
        ({"kind": 1, "count": 2**32 - 1, "values": [float("nan")] * 8}, "not within 0..1"),
        ({"places": [2**32 - 1]}, "a control that is not there"),
        ({"kind": 3, "count": 2, "values": [1e300, 0.0]}, "no moment at all"),
        ({"kind": 3, "count": 2, "values": [7.0, 1e6]}, "never was"),
        ({"kind": 7, "text": b"\xff\xfe" * 70}, "went on"),
    ],
)
def test_hostile_deeds_are_a_sentence(
    run: Path, tmp_path: Path, fields: dict[str, Any], words: str
) -> None:
    """What cannot have been done is not done; what came before it is verified."""
    number = number_of(run, DeedKind.ACT, "amnesia")

    def change(frame: DeedFrame) -> None:
        if frame.number == number:
            hostile(frame, **fields)

    verdict = judged(rewritten(run, tmp_path / "hostile.mcap", change))
    assert verdict.code == UNSAID and words in verdict.sentence
    assert 0 < verdict.outcome.agreed == verdict.outcome.checks


def test_absurd_metric_steps_do_not_make_it_run_for_ever(run: Path, tmp_path: Path) -> None:
    """A last check at step 2^60 is refused, whatever the metric frames of the file claim."""
    last = deeds_of(run)[-1].number

    def late(frame: DeedFrame) -> None:
        if frame.number == last:
            frame.step = 2**60

    far = rewritten(run, tmp_path / "far.mcap", late)
    assert "claims step" in judged(far).sentence


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_run_cut_short_is_never_called_whole(run: Path, tmp_path: Path, share: float) -> None:
    """What is there is compared; exit 2 says that the end is not."""
    cut, data = tmp_path / "cut.mcap", run.read_bytes()
    cut.write_bytes(data[: int(share * len(data))])
    with contextlib.suppress(Mistake):
        verdict = judged(cut)
        assert verdict.code == UNSAID and "cut short" in verdict.sentence
        assert 0 < verdict.outcome.agreed == verdict.outcome.checks


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_damaged_run_is_a_sentence(
    run: Path, tmp_path: Path, place: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes in the middle of a chunk are overwritten: exit 2, in one line, no traceback."""
    damaged, data = tmp_path / "damaged.mcap", bytearray(run.read_bytes())
    with open(run, "rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None
    chunks = summary.chunk_indexes  # between them lie indexes, which nobody needs
    chunk = chunks[int(place * len(chunks))]
    at = chunk.chunk_start_offset + chunk.chunk_length // 2
    data[at : at + 64] = b"\xa5" * 64
    damaged.write_bytes(data)
    code, out, error = called(capsys, damaged)
    assert code == UNSAID, out + error
    assert len((out + error).strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"digits": "/no/such/folder"}, "cannot be read again: /no/such/folder"),
        ({"digits": "a\0b"}, "cannot be read again"),
        ({"digits": 7}, "does not say what was learned"),
        ({"size": "large"}, "does not say what was learned"),
        ({"size": 13}, "13 pixels a side"),
        ({"size": 16}, "holds other images now"),
        ({"channels": 3}, "holds other images now"),
    ],
)
def test_other_images_are_a_sentence(
    run: Path, tmp_path: Path, source: dict[str, Any], words: str
) -> None:
    """What was learned must be there, and be the same."""
    with pytest.raises(Mistake, match=words):
        judged(rewritten(run, tmp_path / "other.mcap", source=source))


def test_what_cannot_be_verified_at_all_is_one_sentence(run: Path, tmp_path: Path) -> None:
    """Runs without deeds, of a rehearsal, of a GPU, of other controls; births that are lost."""
    with pytest.raises(Mistake, match=r"no deeds are in this run.*older version"):
        judged(rewritten(run, tmp_path / "old.mcap", lambda frame: True))
    rehearsed = {"rehearsed": "night.mcap"}
    with pytest.raises(Mistake, match=r"rehearsal.*night\.mcap"):
        judged(rewritten(run, tmp_path / "again.mcap", lambda frame: True, rehearsed))
    with pytest.raises(Mistake, match="first deed is number 1"):
        judged(rewritten(run, tmp_path / "unborn.mcap", lambda frame: frame.number == 0))
    with pytest.raises(Mistake, match="other learning controls"):
        judged(rewritten(run, tmp_path / "controls.mcap", controls=["learning.heat"]))
    with pytest.raises(Mistake, match="no checksum"):
        judged(rewritten(run, tmp_path / "unchecked.mcap", lambda f: f.kind == DeedKind.CHECK))

    def elsewhere(frame: DeedFrame) -> None:
        frame.text = frame.text.replace(b"x86_64", b"cuda").replace(b"arm64", b"cuda")
        if frame.kind == DeedKind.BIRTH:
            frame.text = json.dumps(json.loads(frame.text) | {"cpu": "cuda"}).encode()

    with pytest.raises(Mistake, match="learned on cuda"):
        judged(rewritten(run, tmp_path / "gpu.mcap", elsewhere))


def test_another_torch_and_cpu_are_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the recording was made with others, a difference is said to be expected."""

    def other(frame: DeedFrame) -> None:
        if frame.kind == DeedKind.BIRTH:
            frame.text = json.dumps(json.loads(frame.text) | {"cpu": "Z80"}).encode()
        if frame.kind == DeedKind.CHECK:
            frame.text = b"0" * 32

    changed = rewritten(run, tmp_path / "z80.mcap", other, {"torch": "0.1"})
    code, out, _ = called(capsys, changed)
    first, last = out.strip().splitlines()
    assert "recorded with torch 0.1, here" in first and "CPU Z80, here" in first
    assert code == DIFFERS and "that was to be expected" in last


def test_names_and_files_that_are_no_runs_end_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stderr, no traceback."""
    (tmp_path / "no.mcap").write_bytes(b"no run")
    for words in (["no_such_run"], [tmp_path / "no.mcap"], []):
        code, out, error = called(capsys, *words)
        assert code == UNSAID and out == ""
        assert len(error.strip().splitlines()) == 1, error


def test_a_summary_that_cannot_be_written_is_told_first(run: Path, tmp_path: Path) -> None:
    """Before the training is made again."""
    with pytest.raises(Mistake, match="does not exist"):
        verify(str(run), tmp_path / "nowhere" / "found.json")
    with pytest.raises(Mistake, match="is a folder; say the name of a file in it"):
        verify(str(run), tmp_path)
