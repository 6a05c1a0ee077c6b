"""The legend: what moves, and what moves it, from the mapping as it stands."""

from pathlib import Path

import numpy as np
import pytest

from instrument.captions import LEGEND_LINES, Captions, legend_panel, paged
from instrument.clock import HandClock
from instrument.hands.keys import Command
from instrument.legend import PICTURE, SOUND, Legend, LegendRow, things_of
from instrument.mapping import Modulator, Of, Route, Source
from instrument.picture.looks import load_look
from instrument.picture.overlay import Panel, Place
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.show import SHOW
from instrument.signals.spec import number
from instrument.signals.spoken import line_text
from instrument.signals.streams import StreamSpec

STREAMS = (
    StreamSpec("reject", 0.0, 1.0, "no digit"),
    StreamSpec("loss_g", 0.0, 4.0, "loss"),
    StreamSpec("flatness", 0.0, 1.0, "noise"),
)


class Voice(Controls):
    level = Control(number(0.0, 1.0, 0.5, "level"))
    cutoff = Control(number(0.0, 1.0, 0.5, "cutoff"))


class Wall(Controls):
    levels = Control(number(0.0, 1.0, 0.5, "grey levels"))


BANK = Bank.of(
    (SHOW, Group("sound.organ", Voice), Group("picture.wall", Wall), Group("picture.rain", Wall))
)
THINGS = {"wall": [("wall", "reject"), ("the order", "loss_g")], "rain": []}
LEVEL = Route("reject", "sound.organ.level", 0.5, lag_up=0.0, lag_down=0.0)


class Scene:
    """Routes that are played, and the legend that looks at them ten times a second."""

    def __init__(self, *routes: Route) -> None:
        self.modulator = Modulator(routes, STREAMS, BANK)
        self.legend = Legend(STREAMS, THINGS)
        self.positions = BANK.defaults.copy()
        self.now_s = 0.0

    def play(self, look: str = "wall", **values: float) -> tuple[LegendRow, ...]:
        streams = np.array([values.get(s.name, s.low) for s in STREAMS], np.float32)
        self.modulator.positions(self.positions, streams, 0.1)
        self.now_s += 0.11
        assert self.legend.see(self.modulator, streams, look, self.now_s)
        return self.legend.rows()


def row(rows: tuple[LegendRow, ...], thing: str) -> LegendRow:
    (found,) = [each for each in rows if each.thing == thing]
    return found


def test_a_modulator_says_where_streams_stand_and_how_far_they_push() -> None:
    """reject .4 in a span of .2 to 1.2 stands at .2 and pushes by half of that, calm included."""
    route = Route("reject", "sound.organ.level", -0.5, low=0.2, high=1.2, lag_up=0, lag_down=0)
    modulator = Modulator([route], STREAMS, BANK)
    positions = BANK.defaults.copy()
    assert [list(part) for part in modulator.moves()] == [[0.0], [0.0]]
    for calm in (1.0, 0.5):
        positions[BANK.number["show.calm"]] = calm
        modulator.positions(positions, np.array([0.4, 0, 0], np.float32), 0.01)
        at, push = modulator.moves()
        assert at == pytest.approx([0.2]) and push == pytest.approx([-0.1 * calm])


def test_asking_a_modulator_changes_nothing() -> None:
    """Two that are played alike stay alike, whether somebody looks at one of them or not."""
    routes = [
        Route("reject", "sound.organ.level", 0.5, of=Of.SLOPE, curve=2.0),
        Route("loss_g", "sound.organ.cutoff", 0.3, plus=(Source("flatness"),), times="reject"),
        Route("loss_g", "picture.wall.levels", 0.3, of=Of.OUTLIER, hold=0.1),
    ]
    seen, unseen = Modulator(routes, STREAMS, BANK), Modulator(routes, STREAMS, BANK)
    random = np.random.default_rng(3)
    for _ in range(200):
        streams = random.random(3).astype(np.float32)
        streams[random.integers(0, 12) % 3] *= np.nan if random.random() < 0.1 else 1.0
        expected = unseen.positions(BANK.defaults, streams, 0.02).copy()
        assert (seen.positions(BANK.defaults, streams, 0.02) == expected).all()
        at, push = seen.moves()
        assert ((at >= 0) & (at <= 1)).all() and (np.abs(push) <= 1).all()


def test_each_route_is_a_row_in_words_of_people() -> None:
    """Thing, stream, where it stands, how far it pushes; the picture first."""
    rows = Scene(LEVEL, Route("loss_g", "picture.wall.levels", -0.4, lag_up=0)).play(
        reject=0.5, loss_g=2.0
    )
    assert [(r.group, r.thing, r.stream) for r in rows] == [
        (PICTURE, "wall", "reject"),
        (PICTURE, "the order", "loss g"),
        (PICTURE, "wall levels", "loss g"),
        (SOUND, "organ level", "reject"),
    ]
    assert rows[0].push is None and rows[0].at == pytest.approx(0.5)
    assert rows[2].push == pytest.approx(-0.2) and rows[3].push == pytest.approx(0.25)


def test_what_moves_most_comes_first() -> None:
    """The wide swing before the narrow one, both before what only stands."""
    scene = Scene(
        Route("flatness", "sound.organ.level", 0.9, lag_up=0, lag_down=0),
        Route("reject", "sound.organ.cutoff", 0.2, lag_up=0, lag_down=0),
        Route("loss_g", "sound.organ.cutoff", 0.6, lag_up=0, lag_down=0),
    )
    for turn in range(30):
        scene.play("rain", flatness=0.9, reject=turn % 2, loss_g=turn % 2 * 4.0)
    scene.legend.reorder()
    assert [r.stream for r in scene.legend.rows()] == ["loss g", "reject", "flatness"]
    assert [r.stream for r in scene.legend.strongest(2)] == ["loss g", "reject"]


def test_the_order_stands_until_it_is_made_anew() -> None:
    """Rows do not jump while they are read."""
    scene = Scene(LEVEL, Route("loss_g", "sound.organ.cutoff", 0.5, lag_up=0, lag_down=0))
    scene.play("rain", reject=1.0)
    scene.play("rain", reject=0.0)
    scene.legend.reorder()
    for turn in range(50):
        scene.play("rain", loss_g=turn % 2 * 4.0)
    assert [r.stream for r in scene.legend.rows()] == ["reject", "loss g"]
    scene.legend.reorder()
    assert [r.stream for r in scene.legend.rows()] == ["loss g", "reject"]


def test_muted_routes_and_looks_that_are_not_shown_are_left_out() -> None:
    """Only what can be seen or heard to move."""
    mute = Route("flatness", "sound.organ.cutoff", 0.5, mute=True)
    other = Route("flatness", "picture.rain.levels", 0.5)
    scene = Scene(LEVEL, mute, other)
    assert {r.thing for r in scene.play("wall", reject=1.0)} == {"wall", "the order", "organ level"}
    assert {r.thing for r in scene.play("rain", reject=1.0)} == {"rain levels", "organ level"}


def test_the_legend_follows_a_mapping_that_changes() -> None:
    """A route that a hand takes away is gone from it, a new one is there."""
    scene = Scene(LEVEL)
    scene.play("rain", reject=1.0)
    scene.modulator.replace([Route("loss_g", "sound.organ.cutoff", 0.5, of=Of.SLOPE)])
    rows = scene.play("rain", reject=1.0)
    assert [(r.thing, r.stream) for r in rows] == [("organ cutoff", "loss g slope")]


def test_two_routes_from_one_stream_to_one_control_are_one_row() -> None:
    """Their pushes add up, as they do on the control."""
    rows = Scene(LEVEL, Route("reject", "sound.organ.level", -0.2, lag_up=0)).play(
        "rain", reject=1.0
    )
    assert row(rows, "organ level").push == pytest.approx(0.3)


def test_what_a_look_makes_of_no_stream_has_no_bar() -> None:
    """Weights move it: that is said, and nothing invented."""
    legend = Legend(STREAMS, {"rain": [("the bits", "weights")]})
    legend.see(Modulator([], STREAMS, BANK), np.zeros(3, np.float32), "rain", 0.0)
    assert legend.rows() == (LegendRow(PICTURE, "the bits", "weights", None, None),)
    assert legend_panel(legend.rows(), "rain", "", 54).bars == ()


def test_a_look_is_told_by_its_header_or_by_the_streams_it_reads(tmp_path: Path) -> None:
    """Those that the show has; a recorded run may know fewer."""
    looks = []
    for name, keys in (("plain", ""), ("told", ', "LEGEND": {"brightness": "reject"}')):
        path = tmp_path / f"{name}.frag"
        path.write_text(f'/*{{"STREAMS": ["reject", "gone"]{keys}}}*/ void main() {{}}')
        looks.append(load_look(path))
    things = things_of(looks, STREAMS)
    assert things == {"plain": [("plain", "reject")], "told": [("brightness", "reject")]}


def test_nobody_looks_more_than_ten_times_a_second() -> None:
    """Sixty pictures cost ten looks."""
    legend, modulator = Legend(STREAMS, THINGS), Modulator([LEVEL], STREAMS, BANK)
    looks = sum(legend.see(modulator, np.zeros(3, np.float32), "wall", k / 60) for k in range(60))
    assert 8 <= looks <= 10


def rows_of(pictures: int, sounds: int) -> list[LegendRow]:
    groups = [PICTURE] * pictures + [SOUND] * sounds
    return [LegendRow(g, f"thing {n}", f"stream {n}", 0.5, 0.25) for n, g in enumerate(groups)]


@pytest.mark.parametrize(
    ("pictures", "sounds"), [(0, 0), (3, 60), (10, 4), (11, 1), (30, 0), (0, 11)]
)
def test_pages_hold_every_row_once_in_twelve_lines(pictures: int, sounds: int) -> None:
    """Headings counted; none stands alone."""
    rows = rows_of(pictures, sounds)
    pages = paged(rows, LEGEND_LINES)
    assert [r for page in pages for r in page] == rows
    for page in pages:
        panel = legend_panel(page, "wall", "", 54)
        assert 1 <= len(panel.lines) <= LEGEND_LINES
        assert line_text(panel.lines[-1]) not in (PICTURE, SOUND)


@pytest.mark.parametrize("columns", [30, 40, 54, 80])
def test_lines_and_bars_stay_within_the_columns(columns: int) -> None:
    """Long names are cut, on any shape of window."""
    long = LegendRow(SOUND, "a thing of a very long name", "a stream of a long name", 1.0, 1.0)
    panel = legend_panel((long,), "wall", "1/2", columns)
    assert all(len(line_text(line)) <= columns for line in panel.lines)
    assert all(bar.column + bar.columns <= columns for bar in panel.bars)
    assert all(bar.column >= len(line_text(panel.lines[bar.row])) for bar in panel.bars)


def test_the_bar_of_a_push_leans_to_its_side() -> None:
    """From the middle to the right when it adds, to the left when it takes away."""
    panels = [
        legend_panel((LegendRow(SOUND, "a", "b", 0.25, push),), "", "", 54) for push in (0.5, -0.5)
    ]
    assert [(p.bars[3].low, p.bars[3].high) for p in panels] == [(0.5, 0.75), (0.5, 0.25)]
    assert (panels[0].bars[1].low, panels[0].bars[1].high) == (0.0, 0.25)


class Wall64:
    """Captions of a show with 30 routes, and a clock turned by hand."""

    def __init__(self, unguarded: bool = False, routes: int = 30) -> None:
        self.clock = HandClock(50.0)
        controls = ["sound.organ.level", "sound.organ.cutoff", "picture.wall.levels"]
        self.modulator = Modulator(
            [
                Route(STREAMS[k % 3].name, controls[k // 3 % 3], 0.1, of=list(Of)[k // 9 % 3])
                for k in range(routes)
            ],
            STREAMS,
            BANK,
        )
        self.modulator.positions(BANK.defaults, np.zeros(3, np.float32), 0.1)
        self.captions = Captions(
            Legend(STREAMS, THINGS), lambda: self.modulator, lambda: ["h  help"],
            lambda: [("training", ())], self.clock, unguarded,
        )  # fmt: skip

    def panels(self) -> list[Panel]:
        self.clock.advance(0.2)
        return self.captions.panels((1280, 720), "wall", np.zeros(3, np.float32))


def test_the_legend_key_turns_the_pages_and_past_the_last_it_is_off() -> None:
    """27 routes and two things of the look: three pages, then nothing, then the first again."""
    wall = Wall64()
    numbers = []
    for _ in range(5):
        wall.captions.obey(Command.LEGEND)
        pages = [line_text(p.lines[0]) for p in wall.panels() if p.place is Place.PAGE]
        numbers.append(pages[0].split()[-1] if pages else "off")
    assert numbers == ["1/3", "2/3", "3/3", "off", "1/3"]


def test_a_show_without_routes_says_that_nothing_moves() -> None:
    """Instead of a page with nothing on it."""
    wall = Wall64(routes=0)
    wall.captions._legend = Legend(STREAMS, {})
    wall.captions.obey(Command.LEGEND)
    (panel,) = wall.panels()
    assert line_text(panel.lines[0]) == "nothing moves by itself here"


def test_help_health_and_hint_come_and_go() -> None:
    """Toggles, and two seconds of a hint; the health gives way to the legend."""
    wall = Wall64()
    assert wall.panels() == []
    wall.captions.obey(Command.HEALTH)
    assert [panel.place for panel in wall.panels()] == [Place.TOP_LEFT]
    wall.captions.obey(Command.LEGEND)
    assert [panel.place for panel in wall.panels()] == [Place.PAGE]
    wall.captions.obey(Command.HEALTH)
    for _ in range(3):
        wall.captions.obey(Command.LEGEND)
    wall.captions.obey(Command.LEGEND)
    wall.captions.obey(Command.HELP)
    (panel,) = wall.panels()
    assert [line_text(line) for line in panel.lines] == ["h  help"], "in place of the legend"
    wall.captions.obey(Command.HELP)
    for _ in range(3):
        wall.captions.obey(Command.LEGEND)
    wall.captions.hint("esc again leaves")
    assert line_text(wall.panels()[0].lines[0]) == "esc again leaves"
    wall.clock.advance(2.0)
    assert wall.panels() == []


def test_what_is_wrong_with_a_saved_look_stays_until_it_is_mended() -> None:
    """Long sentences are wrapped, and nothing of them is lost in four lines."""
    wall = Wall64()
    fault = "shaders/mine.frag:12: the shader does not compile: " + "error: undeclared, " * 5
    wall.captions.faults = (fault,)
    for _ in range(30):
        (panel,) = wall.panels()
    words = " ".join(line_text(line) for line in panel.lines)
    assert words.split() == fault.split() and panel.ground > 0.5
    wall.captions.faults = ()
    assert wall.panels() == []


def test_without_the_flash_guard_a_warning_stands_all_the_time() -> None:
    """Nothing takes it away."""
    wall = Wall64(unguarded=True)
    for command in (Command.HELP, Command.LEGEND, Command.HELP, Command.HEALTH):
        wall.captions.obey(command)
        low = [panel for panel in wall.panels() if panel.place is Place.LOW_LEFT]
        assert line_text(low[0].lines[-1]) == "FLASH GUARD IS OFF"
