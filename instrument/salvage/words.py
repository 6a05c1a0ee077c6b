"""What checking and repairing have found, in lines for a terminal and as JSON."""

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

from instrument.runs.header import FORMAT
from instrument.salvage.check import DAMAGED, NOTHING, WHOLE, Report
from instrument.salvage.findings import clock_text
from instrument.salvage.repair import Repaired
from instrument.signals import places
from instrument.signals.spoken import counted, printable

VERDICTS = {
    WHOLE: "whole", DAMAGED: "damaged but playable, {}", NOTHING: "holds no frame that can be played, {}",
}  # fmt: skip


def report_lines(report: Report) -> list[str]:
    """What a check has found: one line of the whole, then the findings with their places."""
    survey, name = report.survey, shlex.quote(_said_as(report.survey.path))
    number = survey.header.format if survey.header else 0
    verdict = VERDICTS[report.code].format(counted(report.damages, "fault", ",d"))
    if paused := report.code == NOTHING and not report.damages:
        verdict = "whole, but holds no frame that can be played"
    held = f"{clock_text(survey.length_s)}, {report.frames:,} frames, format {number}"
    lines = [f"{name}: {verdict}: {held}", *(f"  {finding}" for finding in report.findings)]
    if paused:
        lines.append(
            "the recording paused from its first moment to its end, as where the disk is full"
        )
    elif report.code == NOTHING:
        lines.append("a whole copy of it is the only cure; perform records another")
    elif report.damages:
        lines.append(
            f"`instrument runs repair {name} -o NEW` saves what can be read into a new file"
        )
    elif number != FORMAT:
        lines.append(f"`instrument runs repair {name} -o NEW` writes it in format {FORMAT}")
    else:
        lines.append(f"`instrument verify {name}` says whether its training can be made again")
    return [printable(line) for line in lines]


def _said_as(path: Path) -> str:
    """A run as it is named on the command line: those in the folders of runs need no folder."""
    return path.stem if path.parent in places.folders("runs") else str(path)


def report_to_dict(report: Report) -> dict[str, Any]:
    """A check as JSON values."""
    survey = report.survey
    return {
        "file": str(survey.path), "bytes": survey.size, "whole": not report.damages,
        "damages": report.damages, "seconds": survey.length_s, "frames": report.frames,
        "topics": report.of_topic, "format": survey.header.format if survey.header else 0,
        "findings": [asdict(finding) for finding in report.findings],
    }  # fmt: skip


def repaired_lines(result: Repaired) -> list[str]:
    """What was saved and what was lost, in seconds and frames."""
    lines = [f"{result.new}: {result.saved:,} frames saved, {clock_text(result.seconds)}"]
    lines += [f"  {clock_text(hole.at_s)}, byte {hole.at_byte:,}: {hole}" for hole in result.holes]
    lines += [f"  {count:,} {reason} are left out" for reason, count in result.left_out.items()]
    if result.cut_short:
        lines.append("  the end was missing; what was recorded after that is lost")
    lines.append(_loss(result))
    if result.format_before != FORMAT:
        lines.append(f"format {result.format_before} became format {FORMAT}")
    if result.lent is not None:
        lines.append(f"its header is that of {result.lent.name}")
    return [printable(line) for line in lines]


def _loss(result: Repaired) -> str:
    seconds = sum(hole.lasts_s or 0.0 for hole in result.holes)
    if not result.lost and not seconds:
        return "nothing is lost" if result.counted else "nothing that is in the file is lost"
    return f"lost: {seconds:.2f} s, {'' if result.counted else 'at least '}{result.lost:,} frames"
