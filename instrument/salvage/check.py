"""Reading every byte of a run, and saying what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from instrument.runs.no_run import look
from instrument.runs.opening import open_plain
from instrument.runs.readers import BY_NAME
from instrument.salvage.findings import Finding, Findings, clock_text
from instrument.salvage.flow import Flow
from instrument.salvage.frames import Frames, Said
from instrument.salvage.holes import holes_of
from instrument.salvage.index_check import INDEXES, IndexCheck
from instrument.salvage.strangers import foreign
from instrument.salvage.survey import Survey, Surveyor
from instrument.signals.mistake import Mistake

WHOLE, DAMAGED, NOTHING = 0, 1, 2


@dataclass(frozen=True)
class Report:
    """What checking a run has found. `damages` counts them all, said or not."""

    survey: Survey
    findings: list[Finding]
    damages: int
    frames: int
    of_topic: dict[str, int]
    """Frames of every topic by its name."""

    @property
    def code(self) -> int:
        """0 whole, 1 damaged but playable, 2 without a frame that could be played."""
        if not self.frames:
            return NOTHING
        return DAMAGED if self.damages else WHOLE


def check(path: Path, hear: Callable[[Said], None] = lambda said: None) -> Report:
    """Read a whole run; `hear` hears every message besides. Raises `Mistake` for a file that is no run."""
    findings = Findings()
    try:
        with open_plain(path) as file:
            index = IndexCheck(findings)
            surveyor = Surveyor(path, file, index.see)
            survey = surveyor.look()
            if survey.header is None:
                raise Mistake(why_no_run(survey))
            _say_file(survey, findings)
            index.finish(survey)
            flow = _flow(surveyor, findings, hear)
    except OSError as error:
        raise Mistake(f"{path}: cannot be read ({error.strerror or error})") from error
    return Report(survey, findings.all(), findings.damaged, flow.frames, flow.of_topic)


def why_no_run(survey: Survey) -> str:
    """Why a file without a header is no run, as a sentence."""
    if survey.header_fault:
        return survey.header_fault
    if not survey.begins_well:
        return f"{survey.path}: {look(survey.path)}"
    if any(channel.topic in BY_NAME for channel in survey.channels.values()):
        return (
            f"{survey.path}: is a run whose header cannot be read; `instrument runs repair` saves it with "
            "--header-of and another run of the same preset and version"
        )
    topics = [channel.topic for channel in survey.channels.values()]
    return f"{survey.path}: {foreign(survey.profile, survey.library, topics)}"


def _say_file(survey: Survey, findings: Findings) -> None:
    if not survey.begins_well:
        findings.damage(
            "beginnings",
            "it does not begin as MCAP does; only when it is repaired can it be played",
            at_byte=0,
        )
    if not survey.ends_well:
        findings.damage(
            "ends", f"cut short: the end is missing, and the index with it; what is there ends at "
            f"{clock_text(survey.length_s)}", at_byte=survey.size,
        )  # fmt: skip
    if survey.end_fault:
        findings.damage(INDEXES, survey.end_fault, at_byte=survey.size)
    for hole in holes_of(survey):
        findings.damage("damaged places", str(hole), hole.at_s, hole.at_byte)
    for at_byte, fault in survey.faults:
        findings.damage("chunks with a fault", f"the chunk {fault}, but can be read",
                        at_byte=at_byte)  # fmt: skip
    for at_byte in survey.repeated:
        findings.damage("chunks twice", "a chunk that was there before", at_byte=at_byte)
    if survey.second_at >= 0:
        findings.damage("runs", "another run begins; it is left out", at_byte=survey.second_at)


def _flow(surveyor: Surveyor, findings: Findings, hear: Callable[[Said], None]) -> Flow:
    survey = surveyor.survey
    frames, flow = Frames(survey), Flow(survey, findings)
    for place in survey.places:
        try:
            content = surveyor.walk.again(place.at_byte, place.end_byte)
        except ValueError as error:
            raise Mistake(f"{survey.path}: changed while it was read; check it again") from error
        for said in frames.of(content):
            flow.hear(said, place.at_byte)
            hear(said)
    for why in frames.unreadable.values():
        findings.damage("topics that cannot be read", f"topic {why}")
    for channel, count in frames.unknown.items():
        findings.damage("topics that are not described", f"{count:,} frames of a topic that nothing "
                        f"describes (number {channel})")  # fmt: skip
    for topic in frames.strange:
        findings.note("topics of others", f"topic {topic[:60]!r} is none of this version")
    return flow
