"""`LookPainter`: every look compiled, and the pictures its own passes paint into. Main thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moderngl

from instrument.picture.composing import WAITING
from instrument.picture.language import fragment_source, glsl_mistake
from instrument.picture.looks import Look, load_look
from instrument.picture.moment import Moment
from instrument.picture.passes import FREE_UNIT, UNITS, Pass, texture_of
from instrument.picture.passes_plan import PassPlan
from instrument.picture.renderer import drawing_clock
from instrument.signals.mistake import Mistake

TRIAL = (32, 18)
TRIES = 3
PATIENCE_S = 0.02
"""For so small a picture: at 640x360 it would be some seconds on a processor."""
SOUND_UNITS = {"audio": "waveform", "audioFFT": "bands"}


@dataclass
class Target:
    """A picture that passes paint into by turns: `shown` is read while the other is painted."""

    pictures: list[moderngl.Framebuffer]
    unit: int

    @property
    def shown(self) -> moderngl.Framebuffer:
        return self.pictures[0]


class LookPainter:
    """`looks` by name; the empty name is what is seen before there is any data."""

    def __init__(
        self,
        ctx: moderngl.Context,
        corners: moderngl.Buffer,
        looks: Sequence[Look],
        rows: dict[str, int],
        finish: Callable[[], Any],
        rest: Callable[[], Any],
        folders: Sequence[Path] = (),
    ) -> None:
        """`rows`: stream name to its row; `folders`: where includes are looked for.

        `finish` waits until all is drawn, `rest` after each pass of the show as far as is good there.
        """
        self.looks = {look.name: look for look in looks}
        self._ctx, self._corners, self._rows, self._finish = ctx, corners, rows, finish
        self._rest = rest
        self._folders = tuple(folders)
        self._programs: dict[str, tuple[Pass, ...]] = {"": (Pass(ctx, corners, WAITING),)}
        self._targets: dict[str, dict[str, Target]] = {}
        self.patience_s = PATIENCE_S
        """A look that takes longer for a small picture is not played."""
        self._trial = ctx.framebuffer([ctx.texture(TRIAL, 4)])
        self._clock = drawing_clock(ctx)

    def __contains__(self, name: str) -> bool:
        return name in self._programs

    def compile(self) -> dict[str, str]:
        """Compile every look; sentences with file and line about those that cannot be, by their names.

        Raises `Mistake` with the first of them where there is not one that can be played.
        """
        faults = {}
        for name, look in self.looks.items():
            try:
                self._programs[name] = self._compiled(look)
            except Mistake as mistake:
                faults[name] = str(mistake)
        if self.looks and len(faults) == len(self.looks):
            raise Mistake(next(iter(faults.values())))
        return faults

    def _compiled(self, look: Look) -> tuple[Pass, ...]:
        """A program for each of its passes, drawn once unseen: drivers finish compiling only then."""
        programs = tuple(self._program(look, number) for number in range(len(look.passes)))
        for program in programs:
            self._try(look, program)
        return programs

    def _try(self, look: Look, program: Pass) -> None:
        """Draw a small picture; `Mistake` where a whole one would hold the show up."""
        took_s: list[float] = []
        while len(took_s) < TRIES and (not took_s or min(took_s) > self.patience_s):
            began_s = self._clock()
            self._render(program, self._trial)
            self._finish()
            took_s.append(self._clock() - began_s)
        if min(took_s) > self.patience_s:
            raise Mistake(
                f"{look.path}: a picture of only {TRIAL[0]}x{TRIAL[1]} takes {min(took_s):.2f} s here; "
                "does a loop not end, or turn far too often?"
            )

    def _program(self, look: Look, number: int) -> Pass:
        try:
            program = Pass(self._ctx, self._corners, fragment_source(look, self._rows, number))
        except (moderngl.Error, ValueError) as error:
            raise glsl_mistake(look, error) from error
        for given in look.inputs:
            if given.kind in SOUND_UNITS:
                program.set(given.name, UNITS[SOUND_UNITS[given.kind]])
        for place, target in enumerate(targets_of(look)):
            program.set(target, FREE_UNIT + place)
        return program

    def reload(self, name: str) -> tuple[str, ...]:
        """Compile a look's file anew; on a `Mistake` the last good one stays.

        Controls are numbered once per show, so inputs that are new stand at their defaults until the next
        start; returns their names.
        """
        before = self.looks[name]
        fresh = load_look(before.path, self._folders)
        if fresh.under and fresh.under not in self.looks:
            raise Mistake(
                f"{fresh.path}: UNDER names '{fresh.under}', which is no look of this show"
            )
        compiled = self._compiled(fresh)
        self._programs[name], self.looks[name] = compiled, fresh
        self._targets.pop(name, None)
        known = {(i.name, i.kind) for i in before.inputs}
        return tuple(i.name for i in fresh.inputs if i.controls and (i.name, i.kind) not in known)

    def draw(self, name: str, into: moderngl.Framebuffer, moment: Moment) -> None:
        """Paint one look. What it paints over must be bound to ``inputImage``."""
        programs = self._programs[name]
        look = self.looks.get(name)
        values = moment.uniforms if look is None else {**moment.uniforms, **moment.inputs(look)}
        for program in programs:
            program.set_all(values)
        if look is None or len(programs) == 1:
            self._render(programs[0], into)
            return
        targets = self._targets_for(look, into.size)
        for program, plan in zip(programs, look.passes, strict=True):
            for target in targets.values():
                texture_of(target.shown).use(target.unit)
            turning = targets[plan.target].pictures if plan.target else None
            canvas = turning[1] if turning else into
            program.set("RENDERSIZE", canvas.size)
            self._render(program, canvas)
            if turning:
                turning.reverse()

    def _render(self, program: Pass, into: moderngl.Framebuffer) -> None:
        into.use()
        program.array.render()
        self._rest()

    def _targets_for(self, look: Look, size: tuple[int, int]) -> dict[str, Target]:
        made = self._targets.setdefault(look.name, {})
        for number, (name, plan) in enumerate(targets_of(look).items()):
            wanted = plan.size(size)
            if name not in made or made[name].shown.size != wanted:
                made[name] = self._target(plan, wanted, FREE_UNIT + number)
        return made

    def _target(self, plan: PassPlan, size: tuple[int, int], unit: int) -> Target:
        pictures = []
        for _ in range(2):
            dtype, width = ("f2", 8) if plan.floating else ("f1", 4)
            texture = self._ctx.texture(size, 4, bytes(size[0] * size[1] * width), dtype=dtype)
            texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture.repeat_x = texture.repeat_y = False
            pictures.append(self._ctx.framebuffer([texture]))
        return Target(pictures, unit)


def targets_of(look: Look) -> dict[str, PassPlan]:
    """The plans of a look's own pictures by their names, in the order of their units."""
    return {plan.target: plan for plan in reversed(look.passes) if plan.target}
