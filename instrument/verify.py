"""`instrument verify`: a recorded training made again on the CPU, its checksums compared.

found                                             | exit code
--------------------------------------------------|----------
all checksums agree, to the end of the run        | 0
one differs (its step is named)                   | 1
it cannot be said, or not to the end, and why not | 2
it was stopped by Ctrl-C                          | 130
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

import instrument
from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.deeds import Deed, DeedKind
from instrument.learning.digits import Digits, check_digits, load_digits
from instrument.learning.gestures import LEARNING
from instrument.learning.machine import cpu_in_words, version_of
from instrument.learning.saved import SavedMoment, digest_of, read
from instrument.learning.script import Birth, Branch
from instrument.runs.moments import Gathering, Kept
from instrument.runs.tape import Tape, find_run
from instrument.signals.frames import DEEDS, METRICS, SNAPSHOTS
from instrument.signals.mistake import Mistake
from instrument.written_over import check_target

if TYPE_CHECKING:
    from instrument.learning.replay import Outcome

AGREES, DIFFERS, UNSAID, STOPPED = 0, 1, 2, 130
UNHEARD_STEPS = 1000
"""A run may have made so many steps after its last metric frame: not every step is measured."""
STEPS_PER_METRIC = 100
"""More steps than a CPU makes from one metric frame to the next: a bound for damaged files."""


@dataclass(frozen=True)
class Script:
    """What a run file says of its training. `deeds` are sorted by their numbers."""

    deeds: Sequence[Deed]
    metrics: int
    """How many metric frames there are, and the last step any of them claims."""
    last_step: int
    kept: Kept | None
    """The first saved moment: that of its beginning where the training is a branch."""
    trained: bool
    """Whether a step was said after its first deed."""
    incomplete: str
    """Why something may be missing at the end, as a clause; empty when the file is whole."""

    def most_steps(self, first_step: int) -> int:
        """How far deeds can reach in a training that began at `first_step`."""
        heard = first_step + STEPS_PER_METRIC * self.metrics
        return min(self.last_step, heard) + UNHEARD_STEPS


@dataclass(frozen=True)
class Verdict:
    """What verifying has found. `seconds`: how long it took."""

    run: str
    outcome: "Outcome"
    incomplete: str
    elsewhere: str
    """How this machine differs from the one of the recording; empty when it is alike."""
    seconds: float

    @property
    def code(self) -> int:
        """The exit code, see above."""
        if self.outcome.first_off is not None:
            return DIFFERS
        return UNSAID if self.incomplete or not self.outcome.checks else AGREES

    @property
    def sentence(self) -> str:
        """For the performer."""
        found, off = self.outcome, self.outcome.first_off
        took = f"({self.seconds:.0f} s)"
        counted = f"{self.run}: {found.agreed} of {found.checks} checksums agree"
        if not found.checks:
            return f"{self.run}: no checksum can be compared; {self.incomplete or 'there is none'}"
        end = f"; nothing can be said of what follows: {self.incomplete}" if self.incomplete else ""
        if off is None:
            began = f" from step {found.first_step:,} on" if found.first_step else ""
            return f"{counted} over {found.steps - found.first_step:,} steps{began} {took}{end}"
        said = (
            f"{counted} {took}; the first that differs is at step {off.step:,}, "
            f"deed {off.number} (the last before it that agrees: step {found.agreed_step:,})"
        )
        if found.last_agrees:
            said += "; the last one agrees again: what came between was taken back"
        if self.elsewhere:
            said += f"; that was to be expected: {self.elsewhere}"
        return said + end

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        found, off = self.outcome, self.outcome.first_off
        return {
            "run": self.run, "verified": self.code == AGREES, "checks": found.checks,
            "agreed": found.agreed, "first_step": found.first_step, "steps": found.steps,
            "first_difference": None if off is None else {"step": off.step, "deed": off.number},
            "last_agreement_before": found.agreed_step, "last_agrees": found.last_agrees,
            "incomplete": self.incomplete, "elsewhere": self.elsewhere,
            "seconds": round(self.seconds, 3), "sentence": self.sentence,
        }  # fmt: skip


def verify(name: str, summary: Path | None = None) -> int:
    """Verify a run by its name or file, print what was found; the exit code. Raises `Mistake`."""
    if summary is not None and not summary.absolute().parent.is_dir():
        raise Mistake(f"{summary}: the folder {summary.absolute().parent} does not exist")
    check_target(summary, force=True)
    run = find_run(name)
    console = Console(highlight=False, soft_wrap=True)
    try:
        verdict = judge(run, console)
    except KeyboardInterrupt:
        print(f"{run.stem}: stopped by Ctrl-C, nothing can be said", file=sys.stderr)
        return STOPPED
    except (MemoryError, RuntimeError) as error:  # torch says so when memory is short
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise Mistake(f"{run}: the training cannot be made again here ({reason})") from error
    console.print(verdict.sentence, markup=False)
    if summary is not None:
        try:
            summary.write_text(json.dumps(verdict.to_dict(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise Mistake(f"--json {summary}: cannot be written ({error.strerror})") from error
    return verdict.code


def judge(run: Path, console: Console) -> Verdict:
    """Make the training of a run again and compare. Raises `Mistake` where nothing can be compared."""
    tape = Tape(run)
    script = read_script(tape)
    birth = _birth(tape, script)
    saved = _beginning(tape, script, birth)
    digits = _images(tape, birth)
    from instrument.learning.replay import Replay  # torch takes its time, a mistake shall not

    elsewhere = _elsewhere(tape, birth)
    if elsewhere:
        console.print(f"{run.stem}: {elsewhere}; other last bits are to be expected", markup=False)
    began_s = wall_clock()
    most_steps = script.most_steps(0 if saved is None else saved.facts.steps)
    try:
        replay = Replay(birth, digits, script.deeds, most_steps, saved)
    except ValueError as error:
        raise Mistake(f"{run}: the saved moment it began from is damaged: {error}") from None
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(f"{run.stem}, {replay.steps:,} steps", total=max(1, replay.steps))
        for steps in replay.run():
            bar.update(task, completed=steps)
    incomplete = replay.outcome.stopped or script.incomplete
    return Verdict(run.stem, replay.outcome, incomplete, elsewhere, wall_clock() - began_s)


def read_script(tape: Tape) -> Script:
    """The deeds of a run, and how far they can reach."""
    deeds: list[Deed] = []
    unreadable = metrics = last_step = 0
    gathering, kept, trained = Gathering(), None, False
    for recorded in tape.frames():
        if recorded.topic == METRICS.name:
            metrics += 1
            last_step = max(last_step, recorded.frame.step)
            trained |= bool(deeds)
        elif recorded.topic == SNAPSHOTS.name and kept is None:
            kept = gathering.take(recorded.at_s, recorded.frame)
        elif recorded.topic == DEEDS.name:
            try:
                deeds.append(Deed.from_frame(recorded.frame))
            except ValueError:
                unreadable += 1
    damaged = tape.damaged + unreadable
    incomplete = "the file is cut short" if tape.cut_short or tape.broke_off else ""
    if not incomplete and damaged:
        incomplete = f"{damaged} parts of the file are damaged"
    deeds.sort(key=lambda deed: deed.number)
    return Script(deeds, metrics, last_step, kept, trained, incomplete)


def _birth(tape: Tape, script: Script) -> Birth:
    """Who was born; `Mistake` for a run of which nothing can be made again."""
    header = tape.header
    if not script.deeds:
        if rehearsed := header.source.get("rehearsed"):
            raise Mistake(
                f"{tape.path}: this is the recording of a rehearsal, in which nothing was trained; "
                f"verify the run that was rehearsed ({rehearsed})"
            )
        why = script.incomplete or "it is of an older version, or the training never began"
        raise Mistake(f"{tape.path}: no deeds are in this run, so it cannot be made again; {why}")
    try:
        if script.deeds[0].number != 0:
            raise ValueError(f"its first deed is number {script.deeds[0].number}")
        birth = Birth.of(script.deeds[0])
    except ValueError as error:
        raise Mistake(f"{tape.path}: the beginning of this training is lost ({error})") from error
    except Mistake as mistake:
        raise Mistake(f"{tape.path}: this training cannot have been: {mistake}") from None
    if birth.cpu in ("cuda", "mps"):
        raise Mistake(
            f"{tape.path}: was learned on {birth.cpu}; only what was learned on the CPU can be made "
            "again bit for bit (perform --device cpu)"
        )
    own = [path for path in header.controls if path.startswith(f"{LEARNING.path}.")]
    if own != [spec.path for spec in LEARNING.specs]:
        raise Mistake(
            f"{tape.path}: was recorded by version {header.versions.get('instrument', 'unknown')}, "
            "which had other learning controls; verify it with that version"
        )
    if not any(deed.kind is DeedKind.CHECK for deed in script.deeds):
        why = script.incomplete or "the show was too short"
        raise Mistake(f"{tape.path}: no checksum is in this run, so nothing can be compared; {why}")
    return birth


def _beginning(tape: Tape, script: Script, birth: Birth) -> SavedMoment | None:
    """The saved moment a branched training began from; None for one that was born. Raises `Mistake`."""
    try:
        branch = Branch.found(script.deeds)
        if branch is None:
            return None
        kept = script.kept
        if kept is None and not script.trained:
            raise Mistake(
                f"{tape.path}: the show ended before this training went on from {branch.run}; nothing was "
                f"learned in it, so there is nothing to verify (verify {branch.run})"
            )
        if kept is None or kept.number != 0 or digest_of(kept.content) != branch.digest:
            raise ValueError("it is not in the file as it was")
        saved = read(kept.content, branch.run, number=branch.number)
        facts = saved.facts
        if (facts.net, facts.seed, facts.batch) != (birth.net, birth.seed, birth.batch):
            raise ValueError("it is that of another training")
        return saved
    except ValueError as error:
        raise Mistake(
            f"{tape.path}: this training went on from a saved moment of another run, and that moment "
            f"cannot be used: {error}"
        ) from None


def _images(tape: Tape, birth: Birth) -> Digits:
    """The same images as then. Raises `Mistake`."""
    source = tape.header.source
    where, size, channels = (source.get(name) for name in ("digits", "size", "channels"))
    if type(where) is not str or type(size) is not int or type(channels) is not int:
        raise Mistake(f"{tape.path}: the header does not say what was learned")
    said: list[str] = []
    try:
        LearningConfig(digits=where, size=size, channels=channels)
        check_digits(where)
        digits = load_digits(where, said.append, size, channels)
    except Mistake as mistake:
        raise Mistake(f"{tape.path}: what was learned cannot be read again: {mistake}") from None
    except (OSError, ValueError) as error:  # a path that no system can mean
        raise Mistake(f"{tape.path}: what was learned cannot be read again ({error})") from None
    if digits.digest[: len(birth.images)] != birth.images or not birth.images:
        also = f" ({said[-1]})" if said else ""
        raise Mistake(
            f"{tape.path}: {where} holds other images now than when this run learned them{also}; "
            "bring those back to verify it"
        )
    return digits


def _elsewhere(tape: Tape, birth: Birth) -> str:
    """How recording and this machine differ, as a clause."""
    here = {
        "torch": (tape.header.source.get("torch"), version_of("torch")),
        "CPU": (birth.cpu, cpu_in_words()),
        "twos-and-sevens": (tape.header.versions.get("instrument"), instrument.__version__),
    }
    differ = [f"{what} {then}, here {now}" for what, (then, now) in here.items() if then != now]
    return f"it was recorded with {'; '.join(differ)}" if differ else ""
