"""Where everything stands on the page: bands from top to bottom, in millimetres. Nothing is drawn here."""

from dataclasses import dataclass

from instrument.score.paper import Format

MARGIN = 13.0
LABELS = 36.0
"""Room left of the axis, for the names of what is drawn."""
ENDS = 21.0
"""Room right of the axis, for the names of single lines."""
TITLE = 17.5
CUE_ROW = 3.9
GAP = 3.1
STATE_ROW = 2.8
SOUND = 10.0
HAND_ROW = 4.8
AXIS = 8.4
FOOT = 3.4
LANE_GAP = 2.4
LANE_LEAST, LANE_MOST = 6.4, 34.0
HAND_ROWS_MOST = 9
SAMPLE_ROWS_MOST = 3
SLOTS = 20
TILE_GAP = 0.55


@dataclass(frozen=True)
class Band:
    """A strip of the page, from its lower to its upper edge."""

    bottom: float
    top: float

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def rows(self, count: int, gap: float = 0.0) -> list["Band"]:
        """So many equal strips of it, from the top, with gaps between them."""
        each = (self.height - gap * (count - 1)) / max(1, count)
        tops = [self.top - n * (each + gap) for n in range(count)]
        return [Band(top - each, top) for top in tops]


@dataclass(frozen=True)
class Wants:
    """How much there is to show."""

    lanes: int
    states: int
    cue_rows: int
    hand_rows: int
    samples: bool
    sound: bool


@dataclass(frozen=True)
class Plan:
    """The bands of a page. A band that is not wanted is None."""

    title: Band
    cues: Band | None
    samples: Band | None
    sample_rows: int
    states: Band | None
    lanes: Band | None
    sound: Band | None
    hands: Band | None
    hand_rows: int
    axis: Band
    foot: Band


def plan(format: Format, wants: Wants) -> Plan:
    """Divide a page. Lanes of streams take what is left; hands give way to them, then the samples."""
    tile = (format.width_mm - 2 * MARGIN - LABELS - ENDS) / SLOTS
    page = format.height_mm - 2 * MARGIN
    hand_rows = min(wants.hand_rows, HAND_ROWS_MOST)
    sample_rows = SAMPLE_ROWS_MOST if wants.samples else 0
    while True:
        heights = _heights(wants, sample_rows * tile, hand_rows)
        gaps = GAP * sum(1 for height in heights.values() if height)
        rest = page - sum(heights.values()) - gaps
        lane = (rest + LANE_GAP) / max(1, wants.lanes) - LANE_GAP
        if lane >= LANE_LEAST or (hand_rows <= 3 and sample_rows <= 1):
            break
        if sample_rows <= 1 or hand_rows > (7, 6)[sample_rows < SAMPLE_ROWS_MOST]:
            hand_rows -= 1
        else:
            sample_rows -= 1
    lane = min(lane, LANE_MOST)
    heights["lanes"] = wants.lanes * (lane + LANE_GAP) - LANE_GAP if wants.lanes else 0.0
    return _laid_out(format, heights, sample_rows, hand_rows)


def _heights(wants: Wants, samples: float, hand_rows: int) -> dict[str, float]:
    """Height of each band from the top, 0 where it is not wanted; the lanes' is not known yet."""
    return {
        "title": TITLE,
        "cues": wants.cue_rows * CUE_ROW,
        "samples": samples,
        "states": wants.states * STATE_ROW,
        "lanes": 0.0,
        "sound": SOUND if wants.sound else 0.0,
        "hands": hand_rows * HAND_ROW,
        "axis": AXIS,
        "foot": FOOT,
    }


def _laid_out(format: Format, heights: dict[str, float], sample_rows: int, hand_rows: int) -> Plan:
    bands: dict[str, Band | None] = {}
    spare = format.height_mm - 2 * MARGIN - sum(heights.values())
    present = [name for name, height in heights.items() if height]
    gap = min(2.0 * GAP, spare / max(1, len(present) - 1))
    top = format.height_mm - MARGIN
    for name, height in heights.items():
        bands[name] = Band(top - height, top) if height else None
        top -= height + gap if height else 0.0
    title, axis, foot = (bands.pop(name) for name in ("title", "axis", "foot"))
    assert title and axis and foot, "these have heights"
    low = Band(MARGIN, MARGIN + FOOT)
    return Plan(
        title=title, axis=axis, foot=low, sample_rows=sample_rows, hand_rows=hand_rows, **bands,
    )  # fmt: skip
