"""`Moments`: from what every control stands at to what the painter is told. No GL; main thread."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from instrument.picture.controls import LAYERS, LayerControls, PictureControls, picture_groups
from instrument.picture.look_inputs import Input
from instrument.picture.looks import Look
from instrument.picture.moment import UNSEEN, Layer, Moment
from instrument.picture.palette import COLOURS, GROUNDS, INKS, Colour, colour
from instrument.signals.controls import Bank


class Moments:
    """Reads `values`, float64 (controls,) in their units, which its owner keeps filling."""

    def __init__(self, looks: Sequence[Look], bank: Bank, values: np.ndarray) -> None:
        self._looks, self._bank, self._values = tuple(looks), bank, values
        groups = picture_groups(self._looks)
        self.controls: PictureControls = bank.bind(groups[0], values)
        self._layers: list[LayerControls] = [bank.bind(g, values) for g in groups[1 : 1 + LAYERS]]
        self._numbers = {
            (look.name, i.name): [bank.number[f"picture.{look.name}.{n}"] for n, _ in i.controls]
            for look in self._looks
            for i in look.inputs
        }
        self._kinds = {(look.name, i.name): i.kind for look in self._looks for i in look.inputs}
        self.happened: frozenset[int] = frozenset()
        """Numbers of the controls that are acts and were done since the last picture."""

    @property
    def look(self) -> str:
        """Name of the look at the bottom."""
        return self._looks[int(min(len(self._looks) - 1, max(0.0, self.controls.look)))].name

    @property
    def accent(self) -> Colour:
        """The one colour."""
        return colour(COLOURS, self.controls.accent)

    @property
    def seen(self) -> tuple[str, ...]:
        """Names of all looks that are seen now, from the bottom up."""
        return (self.look, *(layer.look for layer in self._layers_now()))

    def _layers_now(self) -> tuple[Layer, ...]:
        return tuple(
            Layer(self._looks[int(layer.look) - 1].name, layer.level, int(layer.blend))
            for layer in self._layers
            if layer.level > UNSEEN and 1 <= int(layer.look) <= len(self._looks)
        )

    def moment(
        self, uniforms: dict[str, Any], elapsed_s: float, black: float, opening_s: float | None
    ) -> Moment:
        """One picture. `black` 0..1 scales it; `opening_s`: the first fade, while nothing is there yet."""
        controls = self.controls
        grow = 2.0 ** (-controls.zoom * elapsed_s)
        angle = 2.0 * math.pi * controls.rotation * elapsed_s
        cosine, sine = math.cos(angle) * grow, math.sin(angle) * grow
        return Moment(
            look=self.look,
            elapsed_s=elapsed_s,
            uniforms=uniforms,
            inputs=self._inputs,
            layers=self._layers_now(),
            brightness=controls.brightness,
            feedback=controls.feedback,
            turn=(cosine, sine, -sine, cosine),
            sorting=controls.sort,
            threshold=controls.threshold,
            tear=controls.tear,
            mosaic=max(1, int(controls.mosaic)),
            bloom=controls.bloom,
            greys=int(controls.greys),
            lines=controls.lines,
            invert=controls.invert >= 0.5,
            ink=colour(INKS, controls.ink),
            ground=colour(GROUNDS, controls.ground),
            crossfade_s=controls.crossfade if opening_s is None else opening_s,
            black=black,
        )

    def waiting(self, uniforms: dict[str, Any], elapsed_s: float, black: float) -> Moment:
        """What is seen before there is any data."""
        return Moment("", elapsed_s, uniforms, self._inputs, black=black)

    def _inputs(self, look: Look) -> dict[str, Any]:
        return {i.name: self._value(look, i) for i in look.inputs if i.controls}

    def _value(self, look: Look, given: Input) -> Any:
        """An input that came with a saved file has no control yet: it stands at its default."""
        key = (look.name, given.name)
        numbers = self._numbers.get(key)
        if numbers is None or self._kinds[key] != given.kind:
            return given.default
        if given.kind == "event":
            return numbers[0] in self.happened
        return given.uniform(*(float(self._values[number]) for number in numbers))
