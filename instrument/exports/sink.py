"""`Sink`: whoever takes a run, frame by frame; and what all of them are told of it before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from instrument.runs.header import RunHeader
from instrument.signals.controls import Bank
from instrument.signals.frames import MetricFrame
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.spec import Kind, Spec
from instrument.signals.streams import StreamSpec, stream_numbers


class Sink(Protocol):
    """One format. Times are seconds from the first frame of the run."""

    topics: frozenset[str]
    """Names of the topics it hears."""

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """One frame of the run; it is kept by nobody. Raises `Mistake` where the file cannot be written."""

    def close(self) -> None:
        """The run is over: write what is left. Raises `Mistake`."""

    def drop(self) -> None:
        """Close without finishing; never raises."""


@dataclass(frozen=True)
class Run:
    """What is known of a run before its first frame. `bank`: the controls as this version knows them."""

    name: str
    header: RunHeader
    bank: Bank
    streams: tuple[StreamSpec, ...]
    """Those that are asked for, in the order of the run or as they were named."""

    @property
    def places(self) -> np.ndarray:
        """Where the streams are in a `MetricFrame`, int (streams,)."""
        number = stream_numbers(self.header.streams)
        return np.array([number[stream.name] for stream in self.streams], np.intp)

    def only(self, streams: Sequence[StreamSpec]) -> "Run":
        """The same run with other streams."""
        return Run(self.name, self.header, self.bank, tuple(streams))

    def spec(self, control: int) -> Spec | None:
        """The control of this number in the run, None where this version has none of its name."""
        path = self.path(control)
        return self.bank.spec(path) if path in self.bank else None

    def path(self, control: int) -> str:
        """Path of the control of this number, '' where the run has none."""
        return self.header.controls[control] if control < len(self.header.controls) else ""

    @property
    def facts(self) -> dict[str, str]:
        """Where the run comes from, in words."""
        header = self.header
        return {
            "run": self.name, "preset": header.preset, "date": header.date,
            "seed": str(header.seed), "net": str(header.source.get("net", "")),
            "digits": str(header.source.get("digits", "")),
            "instrument": header.versions.get("instrument", ""), "format": str(header.format),
        }  # fmt: skip


def values_of(frame: MetricFrame, places: np.ndarray) -> np.ndarray:
    """The streams at these places, float32 (streams,); NaN for those that the frame does not say."""
    said: np.ndarray = np.ctypeslib.as_array(frame.streams)[places]
    return np.where(places < frame.count, said, np.float32(np.nan))


def value_text(spec: Spec | None, position: float) -> tuple[float | None, str]:
    """A position in the control's unit, and as it is read; nothing where the control is not known."""
    if spec is None or not 0.0 <= position <= 1.0:
        return None, ""
    value = spec.map(position)
    return value, spec.text(value)


def is_act(spec: Spec | None) -> bool:
    """Whether it happens once and does not stay."""
    return spec is not None and spec.kind is Kind.TRIGGER


def streams_named(text: str | None, known: Sequence[StreamSpec]) -> tuple[StreamSpec, ...] | None:
    """The streams of ``a,b,c``; None where nothing was said. Raises `Mistake` for what is none."""
    if text is None:
        return None
    number = stream_numbers(known)
    chosen = []
    for name in dict.fromkeys(word.strip() for word in text.split(",")):
        if name not in number:
            raise Mistake(
                f"--streams: this run has no stream '{name}'{did_you_mean(name, number)} "
                "('instrument streams' lists them)"
            )
        chosen.append(known[number[name]])
    return tuple(chosen)
