"""Cues, scenes and morphs of a run, out of what it said of where the show stood."""

from dataclasses import dataclass

from instrument.signals.frames import StandingFrame
from instrument.signals.texts import text_of

ARRIVED = 1.0


@dataclass(frozen=True)
class CueMark:
    """A cue that went. `number` is its place on the cue list, 0 for a scene gone to without one."""

    at_s: float
    number: int
    name: str


@dataclass(frozen=True)
class Morph:
    """Controls on their way to a scene, from its first second to its last."""

    begin_s: float
    end_s: float
    scene: str


class Cues:
    """Listens to `StandingFrame`s. `marks` and `morphs` are in the order of time."""

    def __init__(self) -> None:
        self.marks: list[CueMark] = []
        self.morphs: list[Morph] = []
        self._cue: tuple[int, str] = (0, "")
        self._scene = ""
        self._begun_s: float | None = None
        self._last_s = 0.0

    def hear(self, at_s: float, frame: StandingFrame) -> None:
        """One frame of the run, `at_s` from its beginning."""
        scene, cue = text_of(frame.scene), (int(frame.cue), text_of(frame.cue_name))
        fresh_scene = bool(self._scene) and scene != self._scene
        if cue != self._cue and cue[0]:
            went_s = max(0.0, at_s - max(0.0, frame.cue_s)) if frame.cue_s < at_s else 0.0
            self.marks.append(CueMark(went_s, *cue))
        elif fresh_scene:
            self.marks.append(CueMark(at_s, 0, scene))
        self._follow(at_s, frame.morph, fresh_scene or cue != self._cue)
        self._cue, self._scene, self._last_s = cue, scene, at_s

    def _follow(self, at_s: float, share: float, fresh: bool) -> None:
        """A morph begins where the share leaves 1 or another scene takes over, and ends at 1."""
        moving = share < ARRIVED
        if self._begun_s is not None and (fresh or not moving):
            self.morphs.append(Morph(self._begun_s, at_s, self._scene))
            self._begun_s = None
        if moving and self._begun_s is None:
            self._begun_s = at_s

    def end(self) -> None:
        """The run is over; a morph that is under way ends here."""
        if self._begun_s is not None:
            self.morphs.append(Morph(self._begun_s, self._last_s, self._scene))
            self._begun_s = None
