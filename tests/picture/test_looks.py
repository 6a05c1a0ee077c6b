"""Headers of looks: every fault is a sentence with file and line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_rig import SHADERS, look_of

from instrument.picture.controls import PictureControls, picture_groups
from instrument.picture.language import fragment_source, glsl_mistake
from instrument.picture.looks import Look, load_looks, parse_look
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.spec import Kind

PATH = Path("some/mine.frag")


def header(**fields: Any) -> str:
    return f"/*{json.dumps(fields, indent=1)}*/\nvoid main() {{}}\n"


def an_input(**fields: Any) -> dict[str, Any]:
    return {"NAME": "amount", "TYPE": "float", "DEFAULT": 0.5, "MIN": 0, "MAX": 1, **fields}


def test_inputs_become_controls() -> None:
    """Name, range, default, kind and help of a control are those of the header."""
    text = header(
        INPUTS=[
            an_input(LABEL="how much", MAX=2),
            {"NAME": "on", "TYPE": "bool", "DEFAULT": True},
            {"NAME": "many", "TYPE": "long", "DEFAULT": 3, "MIN": 1, "MAX": 9},
            {"NAME": "way", "TYPE": "long", "VALUES": [10, 20], "LABELS": ["up", "down"], "DEFAULT": 20},
        ]
    )  # fmt: skip
    look = parse_look(PATH, text)
    bank = Bank.of(picture_groups([look]))
    assert bank.spec("picture.mine.amount").high == 2
    amount, on, many, way = (i.spec for i in look.inputs)
    assert (amount.low, amount.high, amount.default, amount.help) == (0, 2, 0.5, "how much")
    assert on.kind is Kind.BOOL and on.default == 1
    assert many.kind is Kind.INT and many.default == 3
    assert way.choices == ("up", "down") and way.default == 1
    assert look.inputs[3].uniform(0.0) == 10 and look.inputs[3].uniform(1.0) == 20
    assert look.inputs[1].uniform(1.0) is True


def test_a_look_may_not_take_a_name_of_the_painter() -> None:
    """``feedback.frag`` would hide the control ``picture.feedback``."""
    look = Look("feedback", Path("feedback.frag"), "", "", (), ())
    with pytest.raises(Mistake, match=r"feedback\.frag"):
        picture_groups([look])


def test_the_shipped_looks_are_choices_of_one_control() -> None:
    """``picture.look`` offers every look by its name."""
    looks = load_looks([SHADERS])
    bank = Bank.of(picture_groups(looks))
    assert bank.spec("picture.look").choices == tuple(look.name for look in looks)
    assert {"tile_wall", "test_pattern", "barcode"} <= set(bank.spec("picture.look").choices)
    assert len(PictureControls._fields) == len(picture_groups(looks)[0].specs)


def test_the_performers_own_look_wins(tmp_path: Path) -> None:
    """The first folder that has a name gives the look."""
    look_of(tmp_path, "barcode", "void main() { gl_FragColor = vec4(1.); }")
    looks = {look.name: look for look in load_looks([tmp_path, SHADERS])}
    assert looks["barcode"].path.parent == tmp_path
    assert "tile_wall" in looks


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("void main() {}", 1, "ISF header"),
        ("\n/*{\n  'a': 1}*/", 3, "JSON"),
        (header(INPUTS=[an_input(TYPE="flot")]), 4, "did you mean 'float'"),
        (header(INPUTS=[an_input(MIN=2)]), 4, "MIN 2"),
        (header(INPUTS=[an_input(DEFAULT=7)]), 4, "DEFAULT 7"),
        (header(INPUTS=[an_input(MAXX=1)]), 9, "did you mean 'MAX'"),
        (header(INPUTS=[an_input(), an_input()]), 4, "two inputs"),
        (header(INPUTS=[an_input(NAME="float")]), 4, "word of GLSL"),
        (header(INPUTS={}), 2, "list"),
        (header(STREAMS="loss"), 2, "list"),
        (header(PASSES=[{}, {}]), 2, "TARGET"),
    ],
)
def test_a_fault_in_a_header_names_its_line(text: str, line: int, word: str) -> None:
    """File, line, what is wrong."""
    with pytest.raises(Mistake) as caught:
        parse_look(PATH, text)
    assert word in str(caught.value)
    found = re.match(r"some/mine\.frag:(\d+): ", str(caught.value))
    assert found and abs(int(found.group(1)) - line) <= 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
inputs = st.fixed_dictionaries(
    {},
    optional={
        "NAME": st.sampled_from(["a", "b", "float", "", "gl_x"]) | json_values,
        "TYPE": st.sampled_from(["float", "bool", "long", "color"]) | json_values,
        "LABEL": json_values,
        "DEFAULT": json_values,
        "MIN": json_values,
        "MAX": json_values,
        "VALUES": st.lists(st.integers()) | json_values,
        "LABELS": json_values,
    },
)


@given(st.dictionaries(st.sampled_from(["INPUTS", "STREAMS", "PASSES", "DESCRIPTION"]),
                       st.lists(inputs, max_size=3) | json_values))  # fmt: skip
def test_any_header_is_a_look_or_a_mistake(record: dict[str, Any]) -> None:
    """Whatever JSON stands in the header: a look comes of it, or a sentence with file and line."""
    try:
        look = parse_look(PATH, f"/*{json.dumps(record)}*/")
    except Mistake as mistake:
        assert re.match(r"some/mine\.frag:\d+: ", str(mistake))
    else:
        for one in look.inputs:
            assert one.spec.low <= one.spec.default <= one.spec.high


@given(st.text(max_size=200))
def test_any_text_is_a_look_or_a_mistake(text: str) -> None:
    """Whatever stands in the file."""
    try:
        parse_look(PATH, text)
    except Mistake as mistake:
        assert str(mistake).startswith("some/mine.frag:")


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("GLSL Compiler failed\n\nfragment_shader\n====\n0:12(5): error: `x' undeclared", 12),
        ('0(7) : error C1008: undefined variable "x"', 7),
        ("ERROR: 0:33: Use of undeclared identifier 'x'", 33),
    ],
)
def test_each_drivers_error_names_the_line(log: str, line: int) -> None:
    """Mesa, NVIDIA and Apple write it in three ways."""
    look = Look("mine", PATH, "", "", (), ())
    assert f"some/mine.frag:{line}: " in str(glsl_mistake(look, ValueError(log)))


def test_a_missing_stream_reads_zero() -> None:
    """A look that reads a stream this show has not still compiles: its row is -1."""
    look = parse_look(PATH, header(STREAMS=["loss_g", "nowhere"]))
    text = fragment_source(look, {"loss_g": 4})
    assert "const int S_loss_g = 4;" in text and "const int S_nowhere = -1;" in text
