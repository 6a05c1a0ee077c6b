"""What bench/gestures.py measured, for the help texts: a small file beside the other data."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "gesture_times.json"


@cache
def measured() -> dict[str, Any]:
    """Name of a gesture to its sentence; empty where nothing has been measured yet."""
    try:
        said = json.loads(FILE.read_text(encoding="utf-8"))["help"]
    except (OSError, ValueError, KeyError):
        return {}
    return said if isinstance(said, dict) else {}


def quote(gesture: str) -> str:
    """``; x4: seen after 40 steps, back ...`` as measured, or nothing."""
    said = measured().get(gesture)
    return f"; {said}" if isinstance(said, str) and said else ""
