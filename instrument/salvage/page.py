"""The table of docs/runs.md: what lies in a run, by the frames and by how often they are kept."""

import ctypes
import re

from instrument.runs import sheet
from instrument.runs.budget import HEAVY
from instrument.runs.recorder import Rates
from instrument.signals.frames import TOPICS, Topic

HEAD = ("topic", "kept", "bytes at most", "what it says")


def topic_rows() -> list[tuple[str, ...]]:
    """A row for each topic that is recorded, and one for the pictures made from the samples."""
    rates = Rates()
    rows = [
        (topic.name, _kept(topic, rates.of(topic)), f"{ctypes.sizeof(topic.frame):,}", _help(topic))
        for topic in TOPICS
        if rates.of(topic) != 0
    ]
    pictures = (
        sheet.TOPIC, f"{1 / sheet.EVERY_S:g} a second, thinned", "some 20,000",
        f"The samples as a picture ({sheet.FORMAT}) for programs that show pictures.",
    )  # fmt: skip
    return [*rows, pictures]


def _kept(topic: Topic, rate: float | None) -> str:
    if rate is None:
        return "all"
    return f"{rate:g} a second" + (", thinned" if topic.name in HEAVY else "")


def _help(topic: Topic) -> str:
    """The first sentence of the frame's docstring."""
    text = " ".join((topic.frame.__doc__ or "").split())
    return re.split(r"(?<=[.])\s", text, maxsplit=1)[0].replace("``", "`")
