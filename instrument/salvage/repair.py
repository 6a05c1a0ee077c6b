"""`instrument runs repair`: what can be read of a run, in a new file. The old one stays as it is."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import instrument
from instrument.runs.opening import open_plain
from instrument.runs.tape import ENDING
from instrument.salvage.check import why_no_run
from instrument.salvage.frames import Frames
from instrument.salvage.holes import Hole, holes_of
from instrument.salvage.merge import Merge
from instrument.salvage.rebuilt import Rebuilt
from instrument.salvage.survey import Survey, Surveyor
from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write

RECORD = "twos-and-sevens repair"
"""Name of the MCAP metadata record that says where a repaired run comes from."""
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Repaired:
    """What became of a run."""

    new: Path
    saved: int
    """Frames."""
    seconds: float
    format_before: int
    holes: list[Hole]
    left_out: dict[str, int]
    """Frames that lie in chunks that can be read, and are not in the new file, by their reason."""
    lost: int
    """Frames that are lost as far as is known."""
    counted: bool
    """Whether the summary of the old file says how many there were, so that `lost` are all."""
    cut_short: bool
    lent: Path | None
    """The run whose header it has now."""


def repair(path: Path, new: Path, header_of: Path | None = None) -> Repaired:
    """Write what can be read of `path` into `new`, which must not be there. Raises `Mistake`.

    `header_of` is a run that lends its header and the descriptions of its topics where those of `path` are
    damaged.
    """
    _check_target(path, new)
    with _told(path), open_plain(path) as file:
        surveyor = Surveyor(path, file)
        survey = surveyor.look()
        lent = _lend(survey, header_of)
        header = survey.header
        if header is None:
            raise Mistake(why_no_run(survey))
        print_ = _sha256(file)
        frames = Frames(survey)
        merge = Merge(surveyor, frames)
        with _new_file(new, path) as target:
            with _into(new, path):
                rebuilt = Rebuilt(target, survey, header)
            try:
                for said in merge.messages():
                    with _into(new, path):
                        rebuilt.add(said)
            except ValueError as error:
                raise Mistake(f"{path}: changed while it was read; repair it again") from error
            if not rebuilt.ours:
                raise Mistake(f"{path}: holds no frame that can be read; take another copy")
            left_out = dict(merge.left_out)
            if frames.unknown:
                left_out["frames that nothing describes"] = sum(frames.unknown.values())
            result = Repaired(
                new, rebuilt.ours, survey.length_s, header.format, list(holes_of(survey)),
                left_out, *_lost(survey, rebuilt.written, left_out), not survey.ends_well, lent,
            )  # fmt: skip
            with _into(new, path):
                rebuilt.finish(RECORD, _record(path, survey, print_, result))
    return result


def _lost(survey: Survey, saved: int, left_out: dict[str, int]) -> tuple[int, bool]:
    """How many frames are lost, and whether these are all."""
    if survey.summary_whole and survey.statistics is not None and survey.second_at < 0:
        return max(0, int(survey.statistics.message_count) - saved), True
    return survey.known_lost + sum(left_out.values()), False


def _record(path: Path, survey: Survey, print_: str, result: Repaired) -> dict[str, str]:
    record = {
        "from": path.name, "sha256": print_, "bytes": survey.size,
        "by": instrument.__version__, "format_before": result.format_before,
        "saved_frames": result.saved, "lost_frames": result.lost, "lost_frames_are_all": result.counted,
        "left_out": result.left_out, "cut_short": result.cut_short,
        "header_of": result.lent.name if result.lent else "",
        "holes": [
            {"at_s": hole.at_s, "at_byte": hole.at_byte, "bytes": hole.bytes, "seconds": hole.lasts_s,
             "what": hole.what}
            for hole in result.holes
        ],
    }  # fmt: skip
    return {name: json.dumps(value) for name, value in record.items()}


def _lend(survey: Survey, header_of: Path | None) -> Path | None:
    """Take header and descriptions of another run where this one has none. Raises `Mistake`."""
    if header_of is None:
        return None
    with open_plain(header_of) as file:
        other = Surveyor(header_of, file).look()
    if other.header is None:
        raise Mistake(why_no_run(other))
    survey.schemas.update({k: v for k, v in other.schemas.items() if k not in survey.schemas})
    survey.channels.update({k: v for k, v in other.channels.items() if k not in survey.channels})
    if survey.header is not None:
        return None
    survey.header, survey.record = other.header, other.record
    return header_of


def _check_target(path: Path, new: Path) -> None:
    if new.suffix != ENDING:
        raise Mistake(f"{new}: a run is a file that ends in {ENDING}")
    try:
        same = new.exists() and new.samefile(path)
    except OSError:
        same = False
    if same:
        raise Mistake(f"{new}: is the run itself; it is never written over, say another name")
    if os.path.lexists(new):
        raise Mistake(f"{new}: is there already, and is never written over; say another name")
    if not new.absolute().parent.is_dir():
        raise Mistake(f"{new}: there is no folder {new.parent}; make it first")


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the disk of the run refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        raise Mistake(f"{path}: cannot be repaired ({error.strerror or error})") from error


@contextlib.contextmanager
def _into(new: Path, path: Path) -> Iterator[None]:
    """What the disk of the new file refuses."""
    try:
        yield
    except OSError as error:
        raise Mistake(f"{path.name} cannot be repaired: {cannot_write(new, error)}") from error


@contextlib.contextmanager
def _new_file(new: Path, path: Path) -> Iterator[BinaryIO]:
    """A new file; gone again when it does not become whole."""
    with _into(new, path):
        file = open(new, "xb")  # noqa: SIM115 - closed below, where it is not taken for the cause
    try:
        try:
            yield file
            with _into(new, path):
                file.flush()
                os.fsync(file.fileno())
        finally:
            with contextlib.suppress(OSError):  # what is not on the disk by now was told already
                file.close()
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _sha256(file: BinaryIO) -> str:
    made = hashlib.sha256()
    file.seek(0)
    while block := file.read(BLOCK):
        made.update(block)
    return made.hexdigest()
