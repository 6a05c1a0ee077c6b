"""`Pass`: one program drawn over a whole picture; and the texture unit of everything a pass reads."""

from typing import Any

import moderngl

from instrument.picture.language import TEXTURES, VERTEX

FREE_UNIT = 38
"""From here on units (GL promises 48 in all) belong to the targets of a look's own passes."""
PAINTED = (
    "now", "before", "hold", "picture", "glow", "inputImage", "over",
)  # fmt: skip
UNITS = {name: unit for unit, name in enumerate((*TEXTURES, *PAINTED))}
assert len(UNITS) <= FREE_UNIT
"""Texture unit by the name of the sampler: the same in every pass."""


class Pass:
    """A program over the whole picture, and which uniforms it really has."""

    def __init__(self, ctx: moderngl.Context, corners: moderngl.Buffer, fragment: str) -> None:
        self.program = ctx.program(vertex_shader=VERTEX, fragment_shader=fragment)
        self.array = ctx.vertex_array(self.program, [(corners, "2f", "corner")])
        self.names = {
            name for name in self.program if isinstance(self.program[name], moderngl.Uniform)
        }
        for name, unit in UNITS.items():
            if name in self.names:
                self.set(name, unit)

    def set(self, name: str, value: Any) -> None:
        """A uniform by name; one that the compiler dropped is passed over."""
        if name in self.names:
            uniform: Any = self.program[name]
            uniform.value = value

    def set_all(self, values: dict[str, Any]) -> None:
        """The same for many; arrays come as bytes."""
        for name in self.names & values.keys():
            uniform: Any = self.program[name]
            value = values[name]
            if isinstance(value, bytes):
                uniform.write(value[: uniform.array_length * uniform.dimension * 4])
            else:
                uniform.value = value


def texture_of(framebuffer: moderngl.Framebuffer) -> moderngl.Texture:
    """The picture a framebuffer draws into."""
    texture = framebuffer.color_attachments[0]
    assert isinstance(texture, moderngl.Texture)
    return texture
