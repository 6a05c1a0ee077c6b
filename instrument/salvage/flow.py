"""The frames of a run in the order of the file: whether time and steps go on as they should."""

from instrument.salvage.findings import Findings
from instrument.salvage.frames import Said
from instrument.salvage.survey import NS, Survey
from instrument.signals.frames import METRICS

PAUSE_S = 1.0
"""A training that says nothing for so long, while others do, is worth a word."""
DISORDER_S = 1.0
"""Frames of many threads lie a little out of order; more than this was not written so."""
MOST_PRINTED = 2**53
"""A step beyond is no step."""


class Flow:
    """Hears every frame in the order of the file."""

    def __init__(self, survey: Survey, findings: Findings) -> None:
        self._survey = survey
        self._findings = findings
        self._latest_ns: dict[str, int] = {}
        self._newest_ns = 0
        self._metric_ns = self._metric_sequence = self._step = -1
        self.frames = 0
        self.of_topic: dict[str, int] = {}

    def hear(self, said: Said, at_byte: int) -> None:
        """One message; `at_byte` is its chunk."""
        if said.topic is None:
            return
        if said.frame is None:
            self._damage("frames that cannot be used", f"a frame of {said.topic.name} cannot be used "
                         f"({said.why[:80]})", said.log_ns, at_byte)  # fmt: skip
            return
        self.frames += 1
        name = said.topic.name
        self.of_topic[name] = self.of_topic.get(name, 0) + 1
        self._order(name, said.log_ns, at_byte)
        self._newest_ns = max(self._newest_ns, said.log_ns)
        if said.topic is METRICS:
            self._metric(said, at_byte)

    def _damage(self, kind: str, text: str, log_ns: int, at_byte: int) -> None:
        self._findings.damage(kind, text, self._survey.second_of(log_ns), at_byte)

    def _note(self, kind: str, text: str, log_ns: int, at_byte: int) -> None:
        self._findings.note(kind, text, self._survey.second_of(log_ns), at_byte)

    def _order(self, name: str, log_ns: int, at_byte: int) -> None:
        latest_ns = self._latest_ns.get(name, log_ns)
        back_s = (latest_ns - log_ns) * NS
        if back_s > DISORDER_S:
            self._damage("places where time runs back", f"the time of {name} runs back by {back_s:.2f} s",
                         log_ns, at_byte)  # fmt: skip
            latest_ns = log_ns
        self._latest_ns[name] = max(latest_ns, log_ns)

    def _metric(self, said: Said, at_byte: int) -> None:
        step = min(said.frame.step, MOST_PRINTED)
        pause_s = (said.log_ns - self._metric_ns) * NS
        if self._metric_ns >= 0 and pause_s > PAUSE_S and self._newest_ns > self._metric_ns:
            missing = said.sequence - self._metric_sequence - 1
            lost = f"; {missing:,} are missing" if 0 < missing < 2**31 else ""
            self._note("pauses of the training", f"no metric frame for {pause_s:.2f} s{lost}",
                       self._metric_ns, at_byte)  # fmt: skip
        if step < self._step:
            self._note("steps back", f"the steps go back from {self._step:,} to {step:,} (a branch, or a "
                       "rehearsal that was wound)", said.log_ns, at_byte)  # fmt: skip
        self._metric_ns, self._metric_sequence, self._step = said.log_ns, said.sequence, step
