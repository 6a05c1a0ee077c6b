"""The hands of a recorded show, played again: controls, acts and the mapping, as far as tonight's allow."""

from collections.abc import Callable, Sequence
from typing import Any

from instrument.runs.pace import Date
from instrument.signals.bus import Publisher
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, ROUTES, ControlFrame, GestureFrame, RoutesFrame
from instrument.signals.gesture import FOLLOW_HAND, Gesture, Moves
from instrument.signals.routes import NewRoutes, records_of
from instrument.signals.spec import Kind

ROOMS = ("learning.", "sound.", "picture.")
"""Hands that are played again; those of the show (panic, blackout) belong to tonight."""
ASKED = -1
MANY = 8
"""More than so many controls moved by one frame are a morph: they are posted as one."""

Post = Callable[[Gesture | Moves], None]
ChangeRoutes = Callable[[NewRoutes], None]


class RecordedHands:
    """Where the controls stood when the run began is the preset's to say; what moved since is posted.

    | the recording                      | then                                                           |
    |------------------------------------|----------------------------------------------------------------|
    | moves a control                    | it is posted; the conductor keeps what tonight's hand holds    |
    | moves many at once                 | they are posted as one                                         |
    | is jumped in                       | what it ever moved, and what stands there otherwise than at its|
    |                                    | beginning, is posted as one                                    |
    | asks for an act                    | it is passed on                                                |
    | changes the mapping                | it is changed, where it is the preset of the run that plays    |
    | is muted                           | nothing of this; what takes effect in the training is passed on|

    One thread.
    """

    def __init__(self, controls: Sequence[str], bank: Bank, post: Post) -> None:
        """`controls`: the paths of the run's, in its order; `bank`: tonight's."""
        self.muted = False
        self._bank, self._post = bank, post
        self._change_routes: ChangeRoutes | None = None
        self._numbers = [
            bank.number.get(path) if path.startswith(ROOMS) else None for path in controls
        ]
        self._began: list[float] = []
        self._standing: list[float] = []
        self._moved: set[int] = set()
        self._mapping = b""
        self.unfollowed = False
        """Whether a change of the mapping was passed over, as another preset plays."""

    def follow_mapping(self, change_routes: ChangeRoutes) -> None:
        """Hand changes of the mapping on. Before the start."""
        self._change_routes = change_routes

    def begin(self, controls: ControlFrame | None, routes: RoutesFrame | None) -> None:
        """What stood when the run began, and is not posted."""
        if controls is not None:
            self._began = self._standing = self._positions(controls)
        if routes is not None:
            self._mapping = _text(routes)

    # -- rolling ------------------------------------------------------------------------------------

    def move(self, frame: ControlFrame, date: Date) -> None:
        """Post what this frame moved."""
        positions = self._positions(frame)
        moved = [
            (number, position)
            for number, position, before in zip(
                self._numbers, positions, self._standing, strict=False
            )
            if number is not None and position != before and 0.0 <= position <= 1.0
        ]
        self._standing = positions
        self._moved.update(number for number, _ in moved)
        if self.muted:
            return
        if len(moved) > MANY:
            self._post_together(moved, date)
            return
        for number, position in moved:
            path = self._bank.specs[number].path
            self._post(Gesture(path, position, FOLLOW_HAND, date.time_s, due=date.due))

    def act(self, frame: GestureFrame, acts: Publisher[GestureFrame]) -> None:
        """Pass on acts and what took effect; moves come from the controls themselves."""
        number = self._numbers[frame.control] if frame.control < len(self._numbers) else None
        if number is None:
            return
        asked = frame.step == ASKED
        if asked and (self.muted or self._bank.specs[number].kind is not Kind.TRIGGER):
            return
        frame.control = number
        acts.send(frame)

    def map(self, frame: RoutesFrame, date: Date) -> None:
        """Change the mapping as it was changed."""
        self._change(frame, date, float(frame.fade_s))

    # -- jumping ------------------------------------------------------------------------------------

    def stand(self, standing: dict[str, Any], date: Date) -> None:
        """Everything as it stood at the place that was jumped to."""
        frame = standing.get(CONTROLS.name)
        if frame is not None:
            self._standing = self._positions(frame)
            self.give_back(date)
        routes = standing.get(ROUTES.name)
        if routes is not None:
            self._change(routes, date, 0.0)

    def give_back(self, date: Date) -> None:
        """Post all that the recording moves, where it stands in it now."""
        for number, position, began in zip(
            self._numbers, self._standing, self._began, strict=False
        ):
            if number is not None and position != began:
                self._moved.add(number)
        if not self.muted:
            self._post_together(
                [
                    (number, position)
                    for number, position in zip(self._numbers, self._standing, strict=False)
                    if number in self._moved and 0.0 <= position <= 1.0
                ],
                date,
            )

    # -- parts --------------------------------------------------------------------------------------

    def _positions(self, frame: ControlFrame) -> list[float]:
        return list(frame.positions[: min(frame.count, len(self._numbers))])

    def _post_together(self, moved: Sequence[tuple[int | None, float]], date: Date) -> None:
        if moved:
            numbers, where = zip(*moved, strict=True)
            self._post(Moves(numbers, where, date.time_s, date.due))

    def _change(self, frame: RoutesFrame, date: Date, fade_s: float) -> None:
        text = _text(frame)
        if text == self._mapping or self.muted:
            return
        if self._change_routes is None:
            self.unfollowed = True
            return
        try:
            records = records_of(frame)
        except (ValueError, RecursionError):
            return
        self._mapping = text
        self._change_routes(NewRoutes(records, FOLLOW_HAND, fade_s, date.due, date.time_s))


def _text(frame: RoutesFrame) -> bytes:
    return bytes(frame.text)[: frame.size]
