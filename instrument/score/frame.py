"""What frames the page: title, the facts of the run, the axis of time, and the line at its foot."""

from datetime import datetime

from instrument.score.fold import Fold
from instrument.score.paper import ACCENT, FAINT, GREY, INK, Paper, Weight, shortened, width_mm
from instrument.score.plan import MARGIN, Band
from instrument.score.time_axis import TimeAxis
from instrument.score.words import wrapped

TITLE_POINTS = (25.0, 19.0, 14.0)
FACT_POINTS, TICK_POINTS, FOOT_POINTS = 6.6, 5.6, 5.0
ABOUT_MM, ABOUT_POINTS, ABOUT_LEADING, ABOUT_LINES = 84.0, 5.4, 2.5, 5
TICKS_APART, STEPS_APART = 17.0, 21.0


def draw_title(paper: Paper, band: Band, title: str, facts: str, about: str) -> None:
    """The title as large as it fits, one line of facts under it, and beside it what it is about."""
    left = paper.format.width_mm - MARGIN - ABOUT_MM
    room = (left if about else paper.format.width_mm - MARGIN) - MARGIN - 4.0
    points = next((p for p in TITLE_POINTS if width_mm(title, p) <= room), TITLE_POINTS[-1])
    paper.text(MARGIN - 0.3, band.top - 8.6, shortened(title, points, room), points, Weight.BOLD)
    paper.text(
        MARGIN, band.top - 14.6, shortened(facts, FACT_POINTS, room), FACT_POINTS, Weight.LIGHT, INK
    )
    lines = wrapped(about, int(ABOUT_MM / width_mm("m", ABOUT_POINTS)))
    shown = [shortened(words, ABOUT_POINTS, ABOUT_MM) for words in lines[:ABOUT_LINES]]
    wide = max((width_mm(words, ABOUT_POINTS) for words in shown), default=0.0)
    left = paper.format.width_mm - MARGIN - wide
    for number, words in enumerate(shown):
        more = "\u2026" if number == ABOUT_LINES - 1 and len(lines) > ABOUT_LINES else ""
        y = band.top - 14.6 + (len(shown) - 1 - number) * ABOUT_LEADING
        paper.text(left, y, words + more, ABOUT_POINTS, Weight.LIGHT, INK)


def draw_grid(paper: Paper, axis: TimeAxis, bottom: float, top: float) -> None:
    """A faint line at every time that is written."""
    for at_s, _ in axis.ticks(TICKS_APART):
        paper.line((axis.x(at_s),) * 2, (bottom, top), 0.08, FAINT)


def draw_axis(paper: Paper, band: Band, axis: TimeAxis, steps: Fold) -> None:
    """Minutes and seconds, and below them the steps that were made by then."""
    paper.line((axis.left, axis.right), (band.top, band.top), 0.22, INK)
    for at_s, words in axis.ticks(TICKS_APART):
        x = axis.x(at_s)
        paper.line((x, x), (band.top, band.top - 1.1), 0.22, INK)
        paper.text(x, band.top - 3.6, words, TICK_POINTS, align="center")
    for at_s, words in axis.step_ticks(steps, STEPS_APART):
        x = axis.x(at_s)
        paper.line((x, x), (band.top - 5.1, band.top - 5.7), 0.12, GREY)
        paper.text(x, band.top - 8.0, words, TICK_POINTS - 0.6, Weight.LIGHT, GREY, "center")
    paper.text(MARGIN, band.top - 3.6, "time", TICK_POINTS)
    paper.text(
        MARGIN, band.top - 8.0, "steps of the training", TICK_POINTS - 0.6, Weight.LIGHT, GREY
    )


def draw_foot(paper: Paper, band: Band, hands: bool, right_words: str) -> None:
    """What black is and what red is; at the right what the run was made with."""
    y = band.bottom
    paper.box(MARGIN, y + 0.2, 1.4, 1.4, INK)
    x = MARGIN + 2.2
    paper.text(x, y + 0.2, "what the network did", FOOT_POINTS, Weight.LIGHT)
    x += width_mm("what the network did", FOOT_POINTS) + 4.0
    if hands:
        paper.box(x, y + 0.2, 1.4, 1.4, ACCENT)
        paper.text(x + 2.2, y + 0.2, "what was done to it", FOOT_POINTS, Weight.LIGHT)
    paper.text(
        paper.format.width_mm - MARGIN,
        y + 0.2,
        right_words,
        FOOT_POINTS,
        Weight.LIGHT,
        GREY,
        "right",
    )


def date_words(text: str) -> str:
    """``26 November 2026`` of an ISO date; '' of anything else."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
