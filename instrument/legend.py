"""`Legend`: for every moving thing the stream that moves it, in words of people, strongest first. No GL.

What it says follows the mapping as it stands: routes and their pushes come from a `Modulator`, what a
look reads from its own header. It is asked only while somebody looks at it.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from instrument.mapping import Modulator, Of, Route
from instrument.picture.looks import Look
from instrument.signals.spoken import control_words, stream_words
from instrument.signals.streams import StreamSpec, stream_numbers

PICTURE, SOUND = "PICTURE", "SOUND"
REMEMBERED_S = 4.0
SEEN_PER_S = 10.0
STANDING = 0.05
"""A push that does not move counts as much as one that moved over this share of itself."""

Things = Mapping[str, Sequence[tuple[str, str]]]
"""For each look by its name: what moves in it, and the stream that moves it."""


@dataclass(frozen=True)
class LegendRow:
    """One moving thing. `at` 0..1 is where the stream stands, `push` -1..1 how far it pushes.

    `push` is None for what a look makes of a stream by itself; `at` is None where it makes it of something
    that is no stream of the show (weights, samples).
    """

    group: str
    thing: str
    stream: str
    at: float | None
    push: float | None


def things_of(
    looks: Sequence[Look], streams: Sequence[StreamSpec]
) -> dict[str, list[tuple[str, str]]]:
    """What moves in each look: what its header says, else its name and those streams it reads."""
    known = {stream.name for stream in streams}
    return {
        look.name: list(look.legend)
        or [(stream_words(look.name), name) for name in look.streams if name in known]
        for look in looks
    }


class Legend:
    """Watches pushes and says which are the strongest. One thread."""

    def __init__(self, streams: Sequence[StreamSpec], things: Things) -> None:
        self._streams = tuple(streams)
        self._place = stream_numbers(streams)
        self._things = things
        self._past: dict[tuple[str, str], deque[float]] = {}
        self._seen_s = float("-inf")
        self._rows: dict[tuple[str, str], LegendRow] = {}
        self._order: list[tuple[str, str]] = []

    def see(self, modulator: Modulator, values: np.ndarray, look: str, now_s: float) -> bool:
        """Look at the mapping as it stands; True when there was something new to see.

        At most ten times a second; `values`: the streams, float32 (streams,) or longer; `look`: the
        name of the one that is shown.
        """
        if now_s - self._seen_s < 1.0 / SEEN_PER_S:
            return False
        if now_s - self._seen_s > REMEMBERED_S:
            self._past.clear()
        self._seen_s = now_s
        self._rows = {}
        for thing, stream in self._things.get(look, ()):
            row = LegendRow(PICTURE, thing, stream_words(stream), self._at(stream, values), None)
            self._rows[f"look.{thing}", stream] = row
        for route, at, push in zip(modulator.routes, *modulator.moves(), strict=True):
            if not route.mute and self._is_shown(route, look):
                self._see_route(route, float(at), float(push))
        return True

    def _at(self, name: str, values: np.ndarray) -> float | None:
        """Where a stream stands in its own span; None for what is no stream of the show."""
        number = self._place.get(name)
        if number is None:
            return None
        spec, value = self._streams[number], float(values[number])
        share = (value - spec.low) / (spec.high - spec.low) if spec.high != spec.low else 0.0
        return min(1.0, max(0.0, share)) if np.isfinite(share) else 0.0

    def _is_shown(self, route: Route, look: str) -> bool:
        """Whether what it pushes is there: inputs of other looks are not."""
        room, _, rest = route.control.partition(".")
        of_look = rest.partition(".")[0]
        return room != "picture" or of_look not in self._things or of_look == look

    def _see_route(self, route: Route, at: float, push: float) -> None:
        key = (route.control, _stream_text(route))
        group = PICTURE if route.control.startswith("picture.") else SOUND
        before = self._rows.get(key)
        if before is not None and before.push is not None:
            push, at = push + before.push, max(at, before.at or 0.0)
        self._rows[key] = LegendRow(group, control_words(route.control), key[1], at, push)
        past = self._past.setdefault(key, deque(maxlen=int(REMEMBERED_S * SEEN_PER_S)))
        if before is not None and past:
            past.pop()
        past.append(push)

    def reorder(self) -> None:
        """Put what moves most first: how far it pushed to and fro within the last four seconds."""
        strength = {key: self._strength(key, row) for key, row in self._rows.items()}
        groups = (PICTURE, SOUND)
        self._order = sorted(
            self._rows, key=lambda key: (groups.index(self._rows[key].group), -strength[key])
        )

    def _strength(self, key: tuple[str, str], row: LegendRow) -> float:
        if row.push is None:
            return float("inf")
        past = self._past.get(key, ())
        moved = max(past) - min(past) if past else 0.0
        return moved + STANDING * abs(row.push)

    def rows(self) -> tuple[LegendRow, ...]:
        """Everything as it stands now, in the order last made; what is new since comes last."""
        known = [key for key in self._order if key in self._rows]
        new = [key for key in self._rows if key not in set(known)]
        if new:
            groups = (PICTURE, SOUND)
            known = sorted([*known, *new], key=lambda key: groups.index(self._rows[key].group))
        return tuple(self._rows[key] for key in known)

    def strongest(self, count: int) -> tuple[LegendRow, ...]:
        """The routes that move most, whatever they push; those that push nothing are left out."""
        routes = [(key, row) for key, row in self._rows.items() if row.push is not None]
        routes.sort(key=lambda pair: -self._strength(*pair))
        return tuple(row for key, row in routes[:count] if self._strength(key, row) > 1e-4)


def _stream_text(route: Route) -> str:
    """What pushes, in words; how many others take part stands behind it."""
    words = stream_words(route.stream)
    if route.of is not Of.LEVEL:
        words += f" {route.of}"
    more = len(route.plus) + len(route.factors)
    return f"{words} +{more}" if more else words
