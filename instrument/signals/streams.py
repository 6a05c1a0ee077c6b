"""`StreamSpec`: what a stream is. The room of learning declares them; everyone else reads the list."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class StreamSpec:
    """One number the training says per step.

    `low`..`high` is the span a route, a plot or a picture takes as 0..1 when it names no other;
    values beyond it are legal. `formula` is the line of docs/streams.md.
    """

    name: str
    low: float
    high: float
    help: str
    unit: str = ""
    formula: str = ""
    choices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As stored in the header of a run file."""
        return {**asdict(self), "choices": list(self.choices)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "StreamSpec":
        """The inverse of `to_dict`; unknown keys of later versions are passed over."""
        known = {k: record[k] for k in cls.__dataclass_fields__ if k in record}
        return cls(**{**known, "choices": tuple(known.get("choices", ()))})


def stream_numbers(streams: Sequence[StreamSpec]) -> dict[str, int]:
    """Name of each stream to its place in `MetricFrame.streams`."""
    return {stream.name: number for number, stream in enumerate(streams)}
