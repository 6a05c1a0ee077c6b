"""Looks: each one a file ``NAME.frag`` whose first comment is an ISF 2 header. No GL in here.

The header declares what can be turned (INPUTS), what is read (STREAMS) and, for whoever watches, which
thing is moved by what (LEGEND)::

    /*{
      "DESCRIPTION": "64 samples, the bright ones are those D believes",
      "INPUTS": [{"NAME": "levels", "TYPE": "float", "LABEL": "grey levels",
                  "DEFAULT": 4, "MIN": 1, "MAX": 8}],
      "STREAMS": ["similarity_centred", "flatness"],
      "LEGEND": {"order of the samples": "score"}
    }*/

Every input becomes the control ``picture.<look>.<input>`` by itself. A look with an image input called
``inputImage`` paints over what lies below it; with nothing below, over the look named under UNDER.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from instrument.picture.included import put_in, read_text
from instrument.picture.look_header import BELOW, Header
from instrument.picture.look_inputs import Input
from instrument.picture.passes_plan import PassPlan
from instrument.signals.mistake import Mistake, did_you_mean

LOOK_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
HEADER = re.compile(r"(?:\s+|//[^\n]*\n|/\*(?!\s*\{).*?\*/)*+/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
"""Other comments, as of a licence, may stand before it."""


@dataclass(frozen=True)
class Look:
    """One look: `source` is the file with its includes; errors name the lines of `files`.

    `legend`: (thing that is seen to move, what moves it).
    """

    name: str
    path: Path
    source: str
    description: str
    inputs: tuple[Input, ...]
    streams: tuple[str, ...]
    legend: tuple[tuple[str, str], ...] = ()
    passes: tuple[PassPlan, ...] = (PassPlan(),)
    under: str = ""
    categories: tuple[str, ...] = ()
    files: tuple[Path, ...] = field(default=())

    @property
    def paints_over(self) -> bool:
        """Whether it works on what lies below it."""
        return any(i.name == BELOW for i in self.inputs)


def load_looks(
    folders: Sequence[Path], leave_out: Callable[[str], None] | None = None
) -> tuple[Look, ...]:
    """All looks in the folders, by name; the first folder that has a name wins.

    One that cannot be played is left out, and `leave_out` gets the sentence about it; a look of the same
    name in a later folder is played instead. Without `leave_out`, and when there is no look at all,
    raises `Mistake` with file and line.
    """
    looks: dict[str, Look] = {}
    faults: list[str] = []
    for folder in folders:
        for path in sorted(folder.glob("*.frag")):
            if path.stem in looks:
                continue
            try:
                looks[path.stem] = load_look(path, folders)
            except Mistake as mistake:
                of = "" if str(path) in str(mistake) else f" (included by {path.name})"
                faults.append(f"{mistake}{of}")
        faults += [
            f"{path}: is not read; a look is a file NAME.frag, so call it {path.stem.lower()}.frag"
            for path in sorted((*folder.glob("*.fs"), *folder.glob("*.isf")))
        ]
    for look in list(looks.values()):
        try:
            _check_under(look, tuple(looks.values()))
        except Mistake as mistake:
            faults.append(str(mistake))
            del looks[look.name]
    if faults and leave_out is None:
        raise Mistake(faults[0])
    if not looks:
        where = " or ".join(str(folder) for folder in folders) or "no folder"
        raise Mistake(f"there is no look (*.frag) in {where}; is the installation complete?")
    for fault in faults:
        if leave_out is not None:
            leave_out(fault)
    return tuple(looks[name] for name in sorted(looks))


def _check_under(look: Look, looks: Sequence[Look]) -> None:
    names = [other.name for other in looks if not other.paints_over]
    if look.under and look.under not in names:
        raise Mistake(
            f"{look.path}: UNDER names '{look.under}', which is no look that stands by itself"
            f"{did_you_mean(look.under, names)} ({', '.join(names)} are)"
        )


def load_look(path: Path, folders: Sequence[Path] = ()) -> Look:
    """The look of one file; includes: beside it and in `folders`. `Mistake` names the line."""
    return parse_look(path, read_text(path), folders)


def parse_look(path: Path, source: str, folders: Sequence[Path] = ()) -> Look:
    """The look of a file's text; `Mistake` names the file and the line."""
    if not LOOK_NAME.fullmatch(path.stem):
        raise Mistake(
            f"{path}: '{path.stem}' is no name for a look; small letters, digits and '_' are "
            "allowed, 32 at most, beginning with a letter"
        )
    found = HEADER.match(source)
    if found is None:
        raise Mistake(
            f"{path}:1: a look begins with an ISF header, a comment holding JSON: /*{{ ... }}*/ "
            "(where there is nothing to turn, /*{}*/ as the first line will do)"
        )
    first_line = source.count("\n", 0, found.start(1)) + 1
    try:
        header = json.loads(found.group(1))
    except (json.JSONDecodeError, RecursionError) as error:
        line = first_line + getattr(error, "lineno", 1) - 1
        what = getattr(error, "msg", "nested too deeply")
        raise Mistake(
            f"{path}:{line}: the ISF header is no JSON here: {what} (a comma before a closing bracket, "
            "a comment, or a quotation mark left out?)"
        ) from error
    reader = Header(path, source, first_line)
    whole = put_in(path, source, folders)
    look = Look(
        name=path.stem,
        path=path,
        source=whole.text,
        description=reader.text(header, "DESCRIPTION", ""),
        inputs=reader.inputs(header.get("INPUTS", [])),
        streams=reader.streams(header.get("STREAMS", [])),
        legend=reader.legend(header.get("LEGEND", {})),
        passes=reader.passes(header.get("PASSES", [])),
        under=reader.text(header, "UNDER", ""),
        categories=reader.words(header, "CATEGORIES"),
        files=whole.files,
    )
    reader.check_names(look.inputs, look.passes, look.streams)
    return look
