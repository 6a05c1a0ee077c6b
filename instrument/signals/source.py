"""`Source`: where the frames come from. Training (live) and Playback (a recorded run) are both one."""

from collections.abc import Sequence
from typing import Any, Protocol

from instrument.signals.streams import StreamSpec


class Source(Protocol):
    """Publishes metric, tile and weight frames, and gestures with the step of their effect."""

    @property
    def kind(self) -> str:
        """``live`` or ``rehearsal``."""

    @property
    def streams(self) -> Sequence[StreamSpec]:
        """What the numbers of its metric frames are, in order; known before `start`."""

    @property
    def description(self) -> dict[str, Any]:
        """What a run file says of it (net, digits, seed, ...): JSON values only."""

    @property
    def ended(self) -> bool:
        """Whether it has nothing more to say (the end of a recorded run)."""

    @property
    def published(self) -> int:
        """Metric frames put on the bus so far."""

    def start(self) -> None:
        """Begin in a thread of its own; returns at once."""

    def stop(self) -> None:
        """End within a second; returns when it has ended."""

    def report(self) -> dict[str, Any]:
        """``{"device", "net", "steps", "steps_per_s", "state"}``, counted."""
