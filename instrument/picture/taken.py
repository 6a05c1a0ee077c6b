"""Names that an input or a target of a look cannot have: words of GLSL, and what is ours. No GL in here."""

import re

from instrument.picture.helpers import COLLAPSE, DECLARATIONS, HELPERS, ISF

_WORDS = """
    attribute const uniform varying layout centroid flat smooth noperspective patch sample subroutine
    in out inout float int void bool true false invariant precise precision lowp mediump highp
    discard return mat2 mat3 mat4 mat2x2 mat2x3 mat2x4 mat3x2 mat3x3 mat3x4 mat4x2 mat4x3 mat4x4
    vec2 vec3 vec4 ivec2 ivec3 ivec4 bvec2 bvec3 bvec4 uint uvec2 uvec3 uvec4 double dvec2 dvec3 dvec4
    if else for while do break continue switch case default struct main
    sampler1D sampler2D sampler3D samplerCube sampler2DArray sampler2DRect samplerBuffer isampler2D
    isampler3D usampler2D usampler3D sampler2DShadow common partition active asm class union enum
    typedef template this resource goto inline noinline public static extern external interface long
    short half fixed unsigned superp input output hvec2 hvec3 hvec4 fvec2 fvec3 fvec4 filter image1D
    image2D image3D sizeof cast namespace using buffer shared coherent volatile restrict readonly
    writeonly atomic_uint
"""
GLSL_WORDS = frozenset(_WORDS.split())
"""Keywords of GLSL 3.30 and what it keeps for later, and those of 4.x that drivers know as well."""

DECLARED = re.compile(
    r"^(?:uniform|in)\s+\w+\s+([^;]+);|;\s*uniform\s+\w+\s+([^;]+);", re.MULTILINE
)
FUNCTION = re.compile(r"^\w+\s+(\w+)\(", re.MULTILINE)
MACRO = re.compile(r"^#define\s+(\w+)", re.MULTILINE)


def _ours() -> frozenset[str]:
    lists = [first or second for first, second in DECLARED.findall(DECLARATIONS)]
    names = {re.sub(r"\[.*", "", name).strip() for text in lists for name in text.split(",")}
    names |= set(FUNCTION.findall(HELPERS + COLLAPSE)) | set(MACRO.findall(ISF))
    more = ("PASSINDEX", "iTime", "iTimeDelta", "iFrame", "iResolution", "picture_color")
    return frozenset(names.union(more))


OURS = _ours()
"""What stands before every look under a name of its own: uniforms, textures, helpers, macros."""


def why_taken(name: str) -> str:
    """Why a name of a look's own cannot be this one, as the end of a sentence; '' where it can."""
    if name in GLSL_WORDS or name.startswith("gl_") or "__" in name:
        return "is a word of GLSL"
    if name in OURS:
        return "is ours already (docs/looks.md says what it is)"
    return ""
