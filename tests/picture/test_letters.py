"""The shipped face, and the atlas of its letters."""

import hashlib
import subprocess
import sys

import numpy as np

from instrument.picture.letters import (
    ADVANCE,
    ATLAS_SIZE,
    BASELINE,
    CELL,
    EXTRA_BOLD,
    FIRST,
    FONTS,
    INSET,
    LAST,
    PER_ROW,
    ROWS_PER_FACE,
    SIZE,
    font,
    glyph_atlas,
)


def cell(atlas: np.ndarray, letter: str, face: int = 0) -> np.ndarray:
    row, column = divmod(ord(letter) - FIRST, PER_ROW)
    top, left = (row + face * ROWS_PER_FACE) * CELL[1], column * CELL[0]
    return atlas[top : top + CELL[1], left : left + CELL[0]]


def test_every_letter_has_ink_in_its_own_cell_and_no_two_look_alike() -> None:
    """All but the blank; the edges between cells stay free, so that a linear filter does not smear."""
    atlas = glyph_atlas()
    assert atlas.shape == ATLAS_SIZE[::-1]
    for face in (0, 1):
        seen = set()
        for code in range(FIRST + 1, LAST + 1):
            ink = cell(atlas, chr(code), face)
            assert ink.max() > 200, chr(code)
            assert ink[:, 0].max() == ink[:, -1].max() == 0, chr(code)
            seen.add(ink.tobytes())
        assert len(seen) == LAST - FIRST
        assert cell(atlas, " ", face).max() == 0


def test_letters_stand_on_the_declared_line() -> None:
    """An H ends where BASELINE says, and is as wide as ADVANCE allows; bold has more ink."""
    atlas = glyph_atlas()
    for letter in "HEX":
        rows = np.flatnonzero(cell(atlas, letter).max(axis=1) > 127)
        assert (rows[0], rows[-1]) == (BASELINE - 34, BASELINE - 1)
    columns = np.flatnonzero(cell(atlas, "_").max(axis=0) > 100)
    assert columns[0] >= INSET and columns[-1] < INSET + ADVANCE
    assert cell(atlas, "H", 1).sum() > 1.8 * cell(atlas, "H", 0).sum()


def test_the_atlas_is_the_same_in_another_process() -> None:
    """Its bytes do not depend on what was set before."""
    done = subprocess.run(
        [sys.executable, "-c", "from instrument.picture.letters import *; import sys, hashlib;"
         "sys.stderr.write(hashlib.sha256(glyph_atlas().tobytes()).hexdigest())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    font(20, EXTRA_BOLD).render("another size first", True, (255, 255, 255))
    assert done.stderr.endswith(hashlib.sha256(glyph_atlas().tobytes()).hexdigest())


def test_the_face_is_monospaced_and_its_licence_goes_with_it() -> None:
    """Columns line up in every weight; the licence names the face's authors."""
    for weight in ("Light", "Regular", "ExtraBold"):
        advances = {font(SIZE, weight).metrics(chr(c))[0][4] for c in range(FIRST, LAST + 1)}
        assert advances == {ADVANCE}
    assert "JetBrains Mono Project Authors" in (FONTS / "OFL.txt").read_text()
