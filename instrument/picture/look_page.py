"""The derived part of docs/looks.md: every look with what it shows, and what a look may use. No GL."""

from collections.abc import Callable, Sequence

from instrument.picture.composing import BLENDS
from instrument.picture.looks import Look
from instrument.picture.offered import OFFERED

Rows = list[tuple[str, ...]]
Table = Callable[[tuple[str, ...], Rows], str]
LOOK_HEAD = ("look", "what it shows", "what moves what", "what can be turned")


def look_page(looks: Sequence[Look], table: Table) -> str:
    """Markdown; `table` makes a table of a head and rows."""
    rows: Rows = [(look.name, look.description, _legend(look), _inputs(look)) for look in looks]
    offered: Rows = [(f"`{name}`", what) for name, what in OFFERED]
    return "\n\n".join(
        (
            "## The looks that ship",
            table(LOOK_HEAD, rows),
            f"Blends of a layer: {', '.join(BLENDS)}.",
            "## What a look may use",
            table(("in GLSL", "what it is"), offered),
        )
    )


def _legend(look: Look) -> str:
    return "; ".join(f"{thing}: {mover}" for thing, mover in look.legend)


def _inputs(look: Look) -> str:
    return "; ".join(
        f"`{name}`: {spec.help} ({spec.allowed})" for i in look.inputs for name, spec in i.controls
    )
