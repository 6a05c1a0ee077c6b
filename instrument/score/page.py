"""The page put together: from the material of a run to a drawn sheet of paper."""

from pathlib import Path

from instrument.score.acts import draw_together, note_rows, together
from instrument.score.cue_rows import draw_cues, placed, row_count
from instrument.score.curves import draw_lane
from instrument.score.frame import date_words, draw_axis, draw_foot, draw_grid, draw_title
from instrument.score.hand_rows import draw_hands
from instrument.score.material import Material
from instrument.score.paper import PAPERS, Paper
from instrument.score.plan import ENDS, LABELS, LANE_GAP, MARGIN, Plan, Wants, plan
from instrument.score.sound_lane import draw_sound
from instrument.score.state_rows import draw_states, occurred
from instrument.score.strip import draw_strip
from instrument.score.time_axis import SHORTEST_S, TimeAxis
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.own_files import toml_of
from instrument.signals.spoken import printable
from instrument.units import seconds_to_text

OTHERS = ("show.scene", "show.go", "show.back", "show.snapshot", "show.store", "deck.", "midi.")
"""How controls begin that the row of cues shows already, or that change nothing of the run."""


def draw(material: Material, run: Path, paper_name: str, bank: Bank, title: str | None) -> Paper:
    """The score of a run. `paper_name` is one of `PAPERS`; `title` None is the preset's."""
    paper = Paper(PAPERS[paper_name])
    axis = TimeAxis(
        MARGIN + LABELS, paper.format.width_mm - MARGIN - ENDS,
        max(SHORTEST_S, material.length_s),
    )  # fmt: skip
    parts = [part for part in material.hands.parts() if not part.path.startswith(OTHERS)]
    notes = together(parts, axis) or []
    marks = placed(material.cues.marks, axis)
    wants = Wants(
        lanes=len(material.lanes),
        states=len(occurred(material.states, material.shares)),
        cue_rows=row_count(marks, material.cues.morphs),
        hand_rows=note_rows(notes) + sum(1 for part in parts if not (notes and part.acts)),
        samples=any(material.sheets),
        sound=material.loudness.counts.any().item(),
    )
    laid = plan(paper.format, wants)
    paper.title = title or _said(material, "title")
    draw_title(
        paper,
        laid.title,
        paper.title,
        _facts(material, run),
        _said(material, "about"),
    )
    draw_grid(paper, axis, laid.axis.top, laid.title.bottom - 2.0)
    if laid.cues is not None:
        draw_cues(paper, laid.cues, axis, marks, material.cues.morphs, laid.axis.top)
    _network(paper, laid, axis, material)
    if laid.hands is not None:
        rows = laid.hands.rows(laid.hand_rows)
        if notes:
            draw_together(paper, rows[: note_rows(notes)], axis, notes)
        moved = [part for part in parts if not (notes and part.acts)]
        if moved:
            draw_hands(paper, rows[note_rows(notes) :], axis, moved, bank)
    draw_axis(paper, laid.axis, axis, material.steps)
    draw_foot(paper, laid.foot, bool(parts or marks), _made_with(material))
    return paper


def _network(paper: Paper, laid: Plan, axis: TimeAxis, material: Material) -> None:
    """All that is black."""
    if laid.samples is not None:
        draw_strip(paper, laid.samples, axis, laid.sample_rows, material.sheets)
    if laid.states is not None:
        draw_states(paper, laid.states, axis, material.states, material.shares)
    if laid.lanes is not None:
        first = 0
        bands = laid.lanes.rows(len(material.lanes), LANE_GAP)
        for band, specs in zip(bands, material.lanes, strict=True):
            draw_lane(paper, band, axis, specs, material.values, first)
            first += len(specs)
    if laid.sound is not None:
        draw_sound(paper, laid.sound, axis, material.loudness)


def _said(material: Material, key: str) -> str:
    """What the preset's own text says of itself; the title is its name where it says none."""
    try:
        words = toml_of(material.header.preset_text).get(key)
    except Mistake:
        words = None
    default = material.header.preset if key == "title" else ""
    return " ".join(printable(str(words or default)).split())


def _facts(material: Material, run: Path) -> str:
    header, source = material.header, material.header.source
    digits = Path(str(source.get("digits", ""))).name
    facts = (
        run.stem,
        date_words(header.date),
        f"{seconds_to_text(round(material.length_s))} min",
        str(source.get("net", "")),
        f"digits: {digits}" if digits else "",
        f"{material.last_step:,} step" + "s" * (material.last_step != 1),
        f"seed {header.seed}",
    )
    return printable("  \u00b7  ".join(fact for fact in facts if fact))


def _made_with(material: Material) -> str:
    version = material.header.versions.get("instrument", "")
    return printable(f"twos and sevens {version}".strip())
