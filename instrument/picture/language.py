"""What a look may read: the one set of uniforms, textures and helpers. No GL in here.

Three dialects are filled where a look uses them: ISF (TIME, TIMEDELTA, FRAMEINDEX, RENDERSIZE, DATE,
PASSINDEX, isf_FragNormCoord, gl_FragColor, IMG_PIXEL and its kin), glslViewer (u_time, u_delta, u_frame,
u_resolution) and Shadertoy (iTime, iTimeDelta, iFrame, iResolution, mainImage). Inputs of the header are
uniforms of their own names, so are the targets of its passes. Row 0 is at the bottom, as everywhere in GL;
`pixel()` counts from the top left. On a processor (Mesa's llvmpipe) both sides of every `if` are paid for,
and / and % of integers are slow: `over` is not.

Streams: each name under STREAMS in the header is a constant ``S_<name>``, its row (or -1 where this
show has no such stream: it then reads 0).

The GLSL itself lies in `helpers.py`; what it offers is the table in docs/looks.md, written from `OFFERED`.
"""

import re
from pathlib import Path

from instrument.picture.helpers import COLLAPSE, DECLARATIONS, HELPERS, ISF, TEXTURES
from instrument.picture.looks import Look
from instrument.picture.taken import OURS
from instrument.signals.mistake import Mistake

VERTEX = """#version 330 core
in vec2 corner;
out vec2 isf_FragNormCoord;
void main() { isf_FragNormCoord = corner * .5 + .5; gl_Position = vec4(corner, 0., 1.); }
"""

__all__ = ["TEXTURES", "VERTEX", "fragment_source", "glsl_mistake"]

FOR_OTHERS = re.compile(
    r"^[ \t]*(?:#[ \t]*(?:version|extension)[^\n]*|uniform[ \t]+\w+[ \t]+(?:"
    + "|".join(sorted(OURS))
    + r")[ \t]*;)",
    re.MULTILINE,
)
"""What other hosts need said and stands here already: version, extensions, uniforms of our names."""
ERROR_LINE = re.compile(r"^(?:ERROR:\s*)?(\d+)[:(](\d+)(?:\(\d+\)|\))?\s*:\s*(.*)$", re.MULTILINE)
"""Mesa ``1:12(5): error: ...``, NVIDIA ``1(12) : error ...``, Apple ``ERROR: 1:12: ...``."""
QUOTED = re.compile(r"[`'\"](\w+)['\"]")
OWN_OUTPUT = re.compile(r"^\s*(?:layout\s*\([^)]*\)\s*)?out\s+vec4\s+\w+\s*;", re.MULTILINE)

MAIN = re.compile(r"\bvoid\s+main\s*\(")
FINITE = """
void main() {
  look_main();
  vec4 c = picture_color;
  picture_color = vec4(
    abs(c.r) < 65000. ? c.r : 0., abs(c.g) < 65000. ? c.g : 0.,
    abs(c.b) < 65000. ? c.b : 0., abs(c.a) < 65000. ? c.a : 0.);
}
"""
"""What is no number would stay for ever in a picture that keeps what was painted before."""
HINTS = {
    "iMouse": "there is no mouse on stage: take a point2D of INPUTS",
    "iDate": "take DATE",
    "iSampleRate": "it is no matter here",
    "u_mouse": "there is no mouse on stage: take a point2D of INPUTS",
    "iChannel": "take an image of INPUTS called inputImage, an audioFFT, a TARGET of PASSES, or our data",
}
"""What to do about words of other hosts, by how they begin."""


def fragment_source(look: Look, rows: dict[str, int], number: int = 0) -> str:
    """The GLSL 330 fragment shader of pass `number` of a look; `rows`: name of each stream to its row.

    PASSINDEX is a constant, for what other passes are painted with would be paid for on a processor.

    The look's own lines keep their numbers and files, so errors name them.
    """
    body = FOR_OTHERS.sub("", look.source)
    body = re.sub(r"\bgl_FragColor\b", "picture_color", body)
    rows_text = "".join(f"const int S_{s} = {rows.get(s, -1)};\n" for s in look.streams)
    inputs = "".join(f"uniform {i.glsl} {i.name};\n" for i in look.inputs)
    targets = dict.fromkeys(plan.target for plan in look.passes if plan.target)
    own = "".join(f"uniform sampler2D {target};\n" for target in targets)
    collapse = COLLAPSE if {"similarity_centred", "reject"} <= set(look.streams) else ""
    shadertoy = dialect = ""
    if re.search(r"\bvoid\s+mainImage\s*\(", body):
        shadertoy = (
            "\nvoid main() { vec4 c = vec4(0.); mainImage(c, gl_FragCoord.xy);"
            " picture_color = vec4(c.rgb, 1.); }\n"
        )
        dialect = "uniform float iTime, iTimeDelta; uniform int iFrame; uniform vec3 iResolution;\n"
    own_output = OWN_OUTPUT.search(body)
    output = "" if own_output and not shadertoy else "out vec4 picture_color;\n"
    head = (
        f"#version 330 core\n{DECLARATIONS}{ISF}const int PASSINDEX = {number};\n{dialect}"
        f"{rows_text}{HELPERS}{collapse}{inputs}{own}{output}"
    )
    body += shadertoy
    if look.passes[number].floating and output:
        body = f"{MAIN.sub('void look_main(', body)}{FINITE}"
    return f"{head}#line 1 1\n{body}"


def glsl_mistake(look: Look, error: Exception) -> Mistake:
    """The driver's first complaint, with the file and line it is about."""
    text = str(error)
    found = ERROR_LINE.search(text)
    for other in ERROR_LINE.finditer(text):
        if not other.group(3).lower().startswith("warning"):
            found = other
            break
    if found is None:
        lines = [line for line in text.splitlines() if "error" in line.lower()]
        return Mistake(f"{look.path}: the shader does not compile: {(lines or [text.strip()])[0]}")
    number, line, complaint = int(found.group(1)), int(found.group(2)), found.group(3)
    path = _file_of(look, number, line, text, complaint)
    word = QUOTED.search(complaint)
    begins = [b for b in HINTS if word is not None and word.group(1).startswith(b)]
    hint = f" ({HINTS[begins[0]]})" if begins else ""
    return Mistake(f"{path}:{line}: the shader does not compile: {complaint}{hint}")


def _file_of(look: Look, number: int, line: int, text: str, complaint: str) -> Path:
    """Which file a complaint is about. Mesa says 0 for a name that it does not know: then it is the file
    that another complaint names for this line, or that has the name there.
    """
    numbers = [number, *(int(n) for n, at, _ in ERROR_LINE.findall(text) if int(at) == line)]
    for known in numbers:
        if 0 < known <= len(look.files):
            return look.files[known - 1]
    word = QUOTED.search(complaint)
    for path in look.files if word else ():
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if word and line <= len(lines) and word.group(1) in lines[line - 1]:
            return path
    return look.path
