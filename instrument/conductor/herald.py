"""`Herald`: what the conductor says on the bus, one publisher for each kind of thing."""

import numpy as np

from instrument.clock import Clock
from instrument.signals.bus import Bus, Publisher
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    NOTICES,
    ROUTES,
    STANDING,
    ControlFrame,
    GestureFrame,
    StandingFrame,
)
from instrument.signals.gesture import Gesture
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.routes import RouteOwner, routes_frame
from instrument.signals.texts import field_of


class Herald:
    """Conductor thread. Where a block `due` is given, what is new counts from that block of the sound on,
    which is at about `due_s`; 0 is at once."""

    def __init__(self, bus: Bus, clock: Clock, controls: int) -> None:
        """So many `controls`."""
        self.standing_frame = StandingFrame()
        """To be filled, and said by `standing`."""
        self._clock = clock
        self._controls: Publisher[ControlFrame] = bus.publisher(CONTROLS)
        self._acts: Publisher[GestureFrame] = bus.publisher(GESTURES)
        self._news = bus.publisher(NOTICES)
        self._mapping = bus.publisher(ROUTES)
        self._stand: Publisher[StandingFrame] = bus.publisher(STANDING)
        self._frame = ControlFrame(count=controls)
        self._framed = np.frombuffer(self._frame.positions, np.float32)[:controls]

    def positions(self, positions: np.ndarray, due: int = 0, due_s: float = 0.0) -> float:
        """Where all controls stand, float32 (controls,); returns the time of now."""
        now_s = self._clock()
        self._frame.due, self._frame.time_s = due, due_s if due else now_s
        self._framed[:] = positions
        self._controls.send(self._frame)
        for publisher in (self._acts, self._news, self._mapping, self._stand):
            publisher.meet()
        return now_s

    def routes(
        self, owner: RouteOwner, fade_s: float = 0.0, due: int = 0, due_s: float = 0.0
    ) -> None:
        """The mapping as it stands; it comes within `fade_s`."""
        time_s = due_s if due else self._clock()
        self._mapping.send(routes_frame(*owner.text(), time_s, fade_s, due))

    def act(self, gesture: Gesture, number: int) -> None:
        """A hand moved the control of this number, or asked for this act."""
        self._acts.send(
            GestureFrame(
                time_s=gesture.time_s,
                step=-1,
                control=number,
                position=gesture.position,
                who=field_of(gesture.who, 47),
            )
        )

    def standing(self) -> None:
        """Where the show stands, as it was filled in."""
        self._stand.send(self.standing_frame)

    def notice(self, notice: Notice) -> None:
        """One sentence for the performer."""
        self._news.send(notice_frame(notice, self._clock()))
