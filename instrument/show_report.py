"""Parts of the report of a show, and the file it is written into."""

import json
from pathlib import Path
from typing import Any

from instrument.clock import process_began_s
from instrument.health import Health
from instrument.signals.mistake import Mistake


def milestones(first_picture_s: float | None, health: Health) -> dict[str, float | None]:
    """Seconds from the start of the process to the first picture, sound and training step."""
    began_s = process_began_s()
    moments = {
        "first_picture_s": first_picture_s,
        "first_sound_s": health.first_sound_s,
        "first_step_s": health.first_step_s,
    }
    return {
        name: None if moment_s is None else round(moment_s - began_s, 3)
        for name, moment_s in moments.items()
    }


def write_report(report: dict[str, Any], path: Path) -> None:
    """Write a report as JSON. Raises `Mistake` when the place cannot be written."""
    try:
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise Mistake(f"--report {path}: cannot be written ({error.strerror})") from error
