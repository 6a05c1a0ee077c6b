"""The bars of a rendering: how far, how many times as fast as it plays, how long it still takes."""

from typing import Any

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from instrument.units import seconds_to_text

WORDS = {
    "sound": "sound",
    "again": "picture (finished before, drawn again)",
    "picture": "picture",
}
"""What is rendered, and what is written beside its bar."""


class Reached(ProgressColumn):
    """``1:12 of 3:00``, times in the film."""

    def render(self, task: Task) -> Text:
        """See `ProgressColumn`."""
        whole = "?" if not task.total else seconds_to_text(task.total)
        return Text(f"{seconds_to_text(task.completed)} of {whole}")


class Speed(ProgressColumn):
    """``1.4x``: seconds of the film in one second."""

    def render(self, task: Task) -> Text:
        """See `ProgressColumn`."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.2f}x")


class Bars:
    """Bars for sound and pictures, made as they are first heard of. Any thread."""

    def __init__(self, **words: Any) -> None:
        """`words` go to rich's `Progress`."""
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), Reached(), Speed(),
            TimeRemainingColumn(compact=True), transient=True, **words,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}

    def show(self, what: str, at_s: float, whole_s: float) -> None:
        """`what` (of `WORDS`) has come to a second of the film. Any thread."""
        total = whole_s or None
        if what not in self._tasks:
            self._tasks[what] = self.progress.add_task(WORDS[what], total=total)
        self.progress.update(self._tasks[what], completed=at_s, total=total)
