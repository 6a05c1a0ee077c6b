"""Routes while they play: hands over OSC, the preset's file, and whoever listens, through a real bus."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder

from instrument import presets
from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.hands.osc import OscHand
from instrument.house import open_house
from instrument.learning.streams import STREAMS as LEARNED
from instrument.mapping import LiveModulator, Modulator, Route, RouteDesk, Source, standing_still
from instrument.preset_watch import PresetWatch
from instrument.presets import LARGEST_BYTES, Vocabulary
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import NOTICES, ROUTES, ROUTES_BYTES
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of
from instrument.signals.routes import NewRoutes, RouteEdit, records_of, routes_frame
from instrument.signals.show import SHOW
from instrument.signals.spec import number
from instrument.signals.streams import StreamSpec

STREAMS = (StreamSpec("flatness", 0.0, 1.0, "noise"), StreamSpec("loss_g", 0.0, 4.0, "loss"))


class Voice(Controls):
    level = Control(number(-60.0, 0.0, -30.0, "level", unit="dB"))
    tone = Control(number(0.0, 1.0, 0.0, "tone"))


BANK = Bank.of((SHOW, Group("sound.voice", Voice)))
LEVEL = BANK.number["sound.voice.level"]
VOCABULARY = Vocabulary(BANK, STREAMS, ("pocket_mlp",))
ROUTES_HERE = (
    Route("flatness", "sound.voice.level", 0.2, lag_up=0.0, lag_down=0.0, name="hiss"),
    Route("loss_g", "sound.voice.tone", 0.4),
)
ONES = np.array([1.0, 4.0], np.float32)

PRESET = """
[[route]]
stream = "flatness"
control = "sound.voice.level"
depth = 0.5
lag_up = 0
"""


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


class Show:
    """Desk, conductor and OSC hand wired as on stage, and one who listens."""

    def __init__(self, bus: Bus) -> None:
        self.clock = HandClock(5.0)
        self.desk = RouteDesk(ROUTES_HERE, STREAMS, BANK)
        self.conductor = Conductor(BANK, BANK.defaults, bus, self.clock, self.desk)
        self.said: list[str] = []
        self.osc = OscHand(
            BANK,
            self.conductor.post,
            lambda text, grave: self.said.append(text),
            self.clock,
            edit_route=self.edit,
        )
        self.notices = bus.listener(NOTICES)
        self.ear = LiveModulator(Modulator(ROUTES_HERE, STREAMS, BANK), bus)

    def edit(self, edit: RouteEdit) -> None:
        self.desk.check(edit)
        self.conductor.change_routes(edit)

    def osc_says(self, address: str, *arguments: object) -> None:
        message = OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        self.osc.take(message.build().dgram, ("127.0.0.1", 5511))

    def play(self, *messages: tuple) -> None:
        self.conductor.start()
        for message in messages:
            self.osc_says(*message)
        self.conductor.stop()

    def level(self) -> float:
        """What the listener's modulator makes of the level at full noise."""
        return float(self.ear.values(BANK.defaults, ONES, 1.0)[LEVEL])


@pytest.fixture
def show(bus: Bus) -> Show:
    return Show(bus)


def test_an_edit_over_osc_changes_what_a_listener_does(show: Show) -> None:
    """By name and by number; .2 of 60 dB is 12 dB, .4 is 24."""
    assert show.level() == pytest.approx(-18.0)
    show.play(("/route/hiss/depth", 0.4), ("/route/2/depth", -1), ("/route/2/lag_up", 3))
    assert show.level() == pytest.approx(-6.0)
    assert [route.depth for route in show.ear.modulator.routes] == pytest.approx([0.4, -1.0])
    assert show.desk.routes[1].lag_up == 3.0
    assert (show.osc.accepted, show.osc.refused, show.conductor.gestures) == (3, 0, 3)


@pytest.mark.parametrize(
    ("address", "value", "level"),
    [
        ("/route/hiss/mute", 1, -30.0),
        ("/route/hiss/mute", True, -30.0),
        ("/route/hiss/mute", 0.0, -18.0),
        ("/route/hiss/rest", -0.5, -18.0),
        ("/route/hiss/high", 2.0, -24.0),
        ("/route/hiss/control", "sound.voice.tone", -30.0),
        ("/route/2/control", "sound.voice.level", 0.0),
        ("/route/hiss/stream", "loss_g", -18.0),
    ],
)
def test_keys_of_a_route_can_be_turned(
    show: Show, address: str, value: object, level: float
) -> None:
    """Each takes what a preset takes."""
    show.play((address, value))
    for _ in range(100):
        reached = show.level()
    assert reached == pytest.approx(level, abs=0.01) and show.said == []


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        (
            "/route/hiss/depth",
            [2.0],
            "/route/hiss/depth is refused: 'depth' of a route takes -1..1",
        ),
        ("/route/hiss/depth", ["much"], "takes a number, not 'much'"),
        ("/route/hiss/depth", [float("nan")], "takes a finite number"),
        ("/route/hiss/depth", [], "takes one value, not 0"),
        ("/route/hiss/depth", [0.1, 0.2], "takes one value, not 2"),
        ("/route/hiss/high", [0.0], "low = high = 0 and could never move"),
        ("/route/hiss/window", [2.0], "a level has no past"),
        ("/route/hiss/mute", [3], "takes true or false"),
        ("/route/hiss/dept", [0.1], "did you mean 'depth'"),
        ("/route/hiss/name", ["x"], "'name' cannot be turned"),
        ("/route/hiss/stream", ["flatnes"], "did you mean 'flatness'"),
        ("/route/hiss/stream", ["x" * 500], "takes a number or a text"),
        ("/route/hiss/control", ["show.panic"], "belongs to the hands"),
        ("/route/hsis/depth", [0.1], "did you mean 'hiss'"),
        ("/route/0/depth", [0.1], "there are 1 to 2, hiss"),
        ("/route/3/depth", [0.1], "no route is called '3'"),
        ("/route/99999999999999999999/depth", [0.1], "no route is called"),
        ("/route/*/depth", [0.1], "no pattern"),
        ("/route/hiss", [0.1], "is no route"),
        ("/route/hiss/depth/position", [0.1], "is no route"),
        ("/route/" + "x" * 200 + "/depth", [0.1], "is no route"),
    ],
)
def test_a_wrong_edit_is_refused_in_words_and_nothing_changes(
    show: Show, address: str, arguments: list, words: str
) -> None:
    """The sentence begins with the address; the mapping stands."""
    show.play((address, *arguments))
    assert words in show.said[0] and show.said[0].startswith("OSC: /route/")
    assert show.osc.refused == 1 and show.desk.routes == ROUTES_HERE
    assert show.level() == pytest.approx(-18.0)


def test_an_edit_that_the_mapping_has_outrun_is_told_and_passed_over(show: Show) -> None:
    """Two hands at once: what was right when it was asked for may be wrong when its turn comes."""
    show.conductor.change_routes(NewRoutes([], "mine.toml"))
    show.conductor.change_routes(RouteEdit("hiss", "depth", 0.1, "osc 10.0.0.2:1"))
    show.play()
    texts = [notice_of(frame).text for frame in show.notices.drain()]
    assert texts == ["osc 10.0.0.2:1: there are no routes"]
    assert show.level() == pytest.approx(-30.0)


def test_a_listener_that_comes_late_gets_the_mapping_as_it_stands(show: Show, bus: Bus) -> None:
    """As a restarted sound process does: with the last edit, not with the preset's routes."""
    show.conductor.start()
    show.osc_says("/route/hiss/depth", 0.4)
    show.conductor.stop()
    late = LiveModulator(Modulator(ROUTES_HERE, STREAMS, BANK), bus)
    show.conductor._publish()
    assert late.values(BANK.defaults, ONES, 1.0)[LEVEL] == pytest.approx(-6.0)


@pytest.mark.parametrize(
    ("count", "text", "size"),
    [
        (1, b"", None),
        (1, b"{}", None),
        (1, b"[1]", None),
        (2, b"[{}]", None),
        (1, b'[{"stream": "flatness"}]', None),
        (1, b"\xff\xfe", None),
        (1, b"[" * 60_000, None),
        (1, b"[]", ROUTES_BYTES + 1),
        (1, b'[{"stream":"flatness","control":"sound.voice.level","depth":1e999}]', None),
    ],
)
def test_a_frame_that_is_no_mapping_changes_nothing(
    show: Show, bus: Bus, count: int, text: bytes, size: int | None
) -> None:
    """It is counted, and what stood still stands."""
    frame = routes_frame(count, text, 0.0)
    frame.size = len(text) if size is None else size
    publisher = bus.publisher(ROUTES)
    publisher.send(frame)
    assert show.level() == pytest.approx(-18.0)
    assert show.ear.refused == 1


def test_only_the_used_bytes_travel() -> None:
    """Two routes are a few hundred bytes, and come back as they were."""
    desk = RouteDesk(ROUTES_HERE, STREAMS, BANK)
    frame = routes_frame(*desk.text(), 1.5)
    assert frame.used_bytes() < 400
    assert tuple(Route.from_dict(record) for record in records_of(frame)) == ROUTES_HERE


# -- the preset's file ----------------------------------------------------------------------------


class Watched:
    """A preset file, its watch, and what came of it. Every save has another time of change."""

    def __init__(self, path: Path) -> None:
        self.path, self.turn = path, 1
        self.save(PRESET)
        self.put: list[NewRoutes] = []
        self.said: list[str] = []
        self.watch = PresetWatch(path, VOCABULARY, self.put.append, self.said.append)

    def save(self, text: str) -> None:
        self.path.write_text(text)
        self.turn += 1
        os.utime(self.path, (self.turn, self.turn))

    def look(self, times: int = 2) -> None:
        for _ in range(times):
            self.watch.look()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "mine.toml")


def test_a_saved_preset_replaces_the_routes_once(watched: Watched) -> None:
    """Not before it stands still, and not again."""
    watched.look()
    assert watched.put == []
    watched.save(PRESET.replace("0.5", "0.25"))
    watched.look(1)
    assert watched.put == []
    watched.look(5)
    (new,) = watched.put
    assert [record["depth"] for record in new.records] == [0.25]
    assert watched.said == ["mine.toml: 1 routes, as saved"]


def test_saving_a_broken_preset_keeps_the_last_good_one_and_names_file_and_line(
    watched: Watched, show: Show
) -> None:
    """A good save is heard; a broken one is told with its lines, once; mended, it is heard again."""
    watched.watch = PresetWatch(
        watched.path, VOCABULARY, show.conductor.change_routes, watched.said.append
    )
    show.conductor.start()
    watched.save(PRESET.replace("0.5", "0.25"))
    watched.look()
    watched.save(PRESET.replace("flatness", "flatnes").replace("0.5", "7"))
    watched.look(6)
    show.conductor.stop()
    assert show.level() == pytest.approx(-15.0)
    assert watched.said[1].startswith(f"{watched.path}:2: route 1: 'depth' of a route takes -1..1")
    assert watched.said[2] == "the routes stay as they are until mine.toml is mended"
    assert len(watched.said) == 3


@pytest.mark.parametrize("text", ["", "title = ", "\0", "x" * LARGEST_BYTES + "y", "[" * 9000])
def test_no_file_ends_the_watch(watched: Watched, text: str) -> None:
    """Whatever is saved, the next good save is taken; an empty preset is one without routes."""
    watched.save(text)
    watched.look()
    assert bool(watched.put) == (text == "") and watched.said
    watched.path.unlink()
    watched.look()
    watched.save(PRESET)
    watched.look()
    assert [record["depth"] for record in watched.put[-1].records] == [0.5]


def test_many_faults_are_not_a_flood(watched: Watched) -> None:
    """Four are told, the others counted."""
    watched.save(PRESET.replace("0.5", "5") * 9)
    watched.look()
    assert len(watched.said) == 5 and watched.said[-1].startswith(
        "and 5 more faults; the routes stay"
    )


# -- presets --------------------------------------------------------------------------------------


def test_names_are_unique_and_what_is_too_large_to_travel_is_told_at_load() -> None:
    """The second of a name is told with its line; 64 KiB of routes are the most."""
    route = '[[route]]\nstream = "flatness"\ncontrol = "sound.voice.level"\ndepth = 0.5\n'
    with pytest.raises(Mistake, match=r"mine.toml:6: route 2: route 1 is called 'hiss' already"):
        presets.parse((route + 'name = "hiss"\n') * 2, Path("mine.toml"), VOCABULARY)
    with pytest.raises(Mistake, match=r"these 2000 routes take \d+ bytes.*65536 at the most"):
        presets.parse(route * 2000, Path("mine.toml"), VOCABULARY)
    with pytest.raises(Mistake, match=r"mine.toml: .*a route is a table"):
        presets.parse("route = [1]", Path("mine.toml"), VOCABULARY)


def test_sums_and_products_are_written_as_tables_in_a_list() -> None:
    """TOML's inline tables, on one line or several, and its [[route.plus]] too."""
    text = PRESET + (
        'plus = [\n  {stream = "loss_g", low = 1, weight = -0.5},\n'
        '  {stream = "loss_g", of = "slope"},\n]\n'
        'times = [{stream = "loss_g", high = 2}]\n'
    )
    (route,) = presets.parse(text, Path("mine.toml"), VOCABULARY).routes
    assert route.plus == (Source("loss_g", 1.0, weight=-0.5), Source("loss_g", of="slope"))
    assert route.times == (Source("loss_g", high=2.0),)
    text = PRESET + '[[route.plus]]\nstream = "loss_g"\n' + PRESET.replace("0.5", "5")
    with pytest.raises(Mistake, match=r"mine.toml:10: route 2: 'depth'"):
        presets.parse(text, Path("mine.toml"), VOCABULARY)


def test_every_route_in_the_docs_can_be_played() -> None:
    """Each TOML block of docs/presets.md is a preset without a fault, and all its routes can move."""
    house = open_house()
    text = (Path(__file__).parent.parent / "docs" / "presets.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 7
    for block in blocks:
        preset = presets.parse(block, Path("presets.md"), house.vocabulary(LEARNED))
        positions = preset.positions(house.bank)
        assert preset.routes
        assert standing_still(preset.routes, positions, house.bank, LEARNED) == []


# -- routes that cannot move ----------------------------------------------------------------------


def still(*routes: Route, **values: float) -> str:
    positions = BANK.defaults.copy()
    for name, value in values.items():
        positions[BANK.number[f"sound.voice.{name}"]] = value
    return json.dumps(standing_still(routes, positions, BANK, STREAMS))


def level(depth: float, **keys: object) -> Route:
    return Route("flatness", "sound.voice.level", depth, **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (still(level(0.0)), "route 1 (flatness -> sound.voice.level): depth and rest are both 0"),
        (
            still(level(0.2, rest=0.2, name="hiss")),
            "'hiss' (flatness -> sound.voice.level): depth and",
        ),
        (still(level(0.2), level=1.0), "stands at its top already, and no route pushes it down"),
        (still(level(-0.2), level=0.0), "stands at its bottom already, and no route pushes it up"),
        (
            still(level(0.2, threshold=0.5, high=4)),
            "threshold is 0.5, and .* comes to 0.25 at the most",
        ),
        (still(level(0.2, threshold=0.5)), "too short for lag_up"),
        (
            still(Route("loss_g", "sound.voice.tone", 0.2), level=0.0),
            "1 route to sound.voice: it is off (sound.voice.level is at -60 dB",
        ),
    ],
)
def test_what_cannot_move_from_where_everything_stands_is_told(told: str, words: str) -> None:
    """Each with its number, its stream and its control."""
    beginning, _, end = words.partition(" .* ")
    assert beginning in told and end in told


def test_what_can_move_is_not_told() -> None:
    """At the top with a push down, off with a route that raises it, muted on purpose."""
    assert still(level(0.2)) == "[]"
    assert still(level(0.2, rest=-0.2), level=1.0) == "[]"
    assert still(level(0.5), level(-0.2), level=1.0) == "[]"
    assert still(level(0.5), Route("loss_g", "sound.voice.tone", 0.2), level=0.0) == "[]"
    assert still(level(0.0, mute=True)) == "[]"
    assert still(level(0.2, threshold=0.5, hold=0.2)) == "[]"
