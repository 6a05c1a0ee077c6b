"""The facts of a run by reading every byte of it."""

from dataclasses import replace
from pathlib import Path

from instrument.runs.header import RunHeader
from instrument.salvage.check import check
from instrument.salvage.facts import Facts, States
from instrument.salvage.flow import PAUSE_S
from instrument.salvage.frames import Said
from instrument.salvage.survey import NS
from instrument.signals.frames import GESTURES, METRICS, SNAPSHOTS
from instrument.signals.spoken import counted


class Ear:
    """Hears every frame of a run: how long its states lasted, its last step, its saved moments."""

    def __init__(self, header: RunHeader) -> None:
        self.states = States(header)
        self.step: int | None = None
        self.moments: set[int] = set()
        self._last: Said | None = None

    def hear(self, said: Said) -> None:
        """One message, in the order of the file."""
        if said.frame is None:
            return
        if said.topic is METRICS:
            self._metric(said)
        elif said.topic is SNAPSHOTS and said.frame.part + 1 == said.frame.parts:
            self.moments.add(said.frame.number)

    def _metric(self, said: Said) -> None:
        if self._last is not None:
            lasted_s = (said.log_ns - self._last.log_ns) * NS
            self.states.hear(self._last.frame, min(PAUSE_S, max(0.0, lasted_s)))
        self._last, self.step = said, int(said.frame.step)


def exact(quick: Facts, path: Path, header: RunHeader) -> Facts:
    """What `quick` estimates, exactly. Raises `Mistake` where the run cannot be read to its end."""
    ear = Ear(header)
    report = check(path, ear.hear)
    worst = next((str(finding) for finding in report.findings if finding.damage), "")
    more = f"; {counted(report.damages - 1, 'more fault')}" if report.damages > 1 else ""
    return replace(
        quick,
        length_s=report.survey.length_s,
        steps=ear.step,
        states=ear.states.shares(),
        sampled=False,
        gestures=report.of_topic.get(GESTURES.name, 0),
        moments=len(ear.moments),
        damage=f"{worst}{more}",
    )
