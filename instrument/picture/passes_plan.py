"""PASSES of a look: what is painted in which order into what. No GL in here.

ISF 2: each pass may have a TARGET (a picture of its own that later passes read by that name), PERSISTENT
(it keeps what was painted one picture before), FLOAT (16 bits a channel instead of 8) and a WIDTH and
HEIGHT: numbers, ``$WIDTH``, ``$HEIGHT``, ``+ - * /``, brackets, floor, ceil, round, min, max. The last
pass, without TARGET, is what is seen.
"""

import ast
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MOST = 6
KEYS = ("TARGET", "PERSISTENT", "FLOAT", "WIDTH", "HEIGHT", "DESCRIPTION")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
LARGEST = 4096
MOST_PIXELS = 1 << 23
"""Of a pass: twice as many bytes stay on the graphics card, eight a pixel when it is FLOAT."""
OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b if b else 0.0,
}
FUNCTIONS: dict[str, Any] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
    "min": min,
    "max": max,
}


@dataclass(frozen=True)
class PassPlan:
    """One pass. `target` is empty for what is seen; `width` and `height` are expressions."""

    target: str = ""
    persistent: bool = False
    floating: bool = False
    width: str = "$WIDTH"
    height: str = "$HEIGHT"

    def size(self, picture: tuple[int, int]) -> tuple[int, int]:
        """Width and height in pixels for a picture of this size, as high as `MOST_PIXELS` allow."""
        width = measure(self.width, picture)
        return width, max(1, min(measure(self.height, picture), MOST_PIXELS // width))


@lru_cache(maxsize=256)
def measure(text: str, picture: tuple[int, int]) -> int:
    """What an expression of a size comes to, 1 to `LARGEST` pixels. Raises `ValueError`."""
    plain = text.replace("$WIDTH", "WIDTH").replace("$HEIGHT", "HEIGHT")
    if len(plain) > 100:
        raise ValueError(f"'{text[:40]}...' is too long for a size")
    try:
        tree = ast.parse(plain, mode="eval").body
        value = _value(tree, {"WIDTH": picture[0], "HEIGHT": picture[1]})
    except (SyntaxError, RecursionError, MemoryError, OverflowError, TypeError):
        raise ValueError(
            f"'{text}' is no size; numbers, $WIDTH, $HEIGHT, + - * / and brackets are"
        ) from None
    if not math.isfinite(value):
        raise ValueError(f"'{text}' is no size")
    return int(min(LARGEST, max(1.0, value)))


def _value(node: ast.expr, names: dict[str, int]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) if name in names:
            return float(names[name])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return float(OPERATIONS[type(op)](_value(left, names), _value(right, names)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names)
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as args, keywords=[]) if (
            name in FUNCTIONS
        ):
            try:
                return float(FUNCTIONS[name](*(_value(arg, names) for arg in args)))
            except TypeError:
                raise ValueError(f"{name} takes other numbers") from None
    raise ValueError(
        "a size is made of numbers, $WIDTH, $HEIGHT, + - * / and brackets, not "
        f"'{ast.unparse(node)}'"
    )


def read_passes(records: Any) -> tuple[PassPlan, ...]:
    """The passes of a header; a look without any has one. Raises `ValueError` with what is wrong."""
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise ValueError("PASSES takes a list of passes, each in braces")
    if len(records) > MOST:
        raise ValueError(f"a look has {MOST} passes at the most, not {len(records)}")
    plans = [_pass(record) for record in records] or [PassPlan()]
    if plans[-1].target:
        plans.append(PassPlan())
    for number, plan in enumerate(plans[:-1]):
        if not plan.target:
            raise ValueError(
                f"pass {number + 1} of {len(plans)} has no TARGET, and would not be seen"
            )
    return tuple(plans)


def _pass(record: dict[str, Any]) -> PassPlan:
    for key in record:
        if key not in KEYS:
            raise ValueError(f"a pass has no '{key}'; {', '.join(KEYS[:-1])} are played")
    target = record.get("TARGET", "")
    if not isinstance(target, str) or (target and not NAME.fullmatch(target)):
        raise ValueError(f"TARGET takes a name of letters, digits and '_', not {target!r}")
    sizes = {}
    for key, word in (("WIDTH", "width"), ("HEIGHT", "height")):
        text = str(record.get(key, f"${key}"))
        measure(text, (640, 360))
        sizes[word] = text
    return PassPlan(target, _yes(record, "PERSISTENT"), _yes(record, "FLOAT"), **sizes)


def _yes(record: dict[str, Any], key: str) -> bool:
    value = record.get(key, False)
    if value not in (0, 1, False, True):
        raise ValueError(f"{key} is true or false, not {value!r}")
    return bool(value)
