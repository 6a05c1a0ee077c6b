"""What liblo's oscsend, oscsendfile and oscdump send, mean and see, one by one; nobody here wrote them."""

from pathlib import Path

import pytest
from liblo_stand import dumping, needs, playing, send, send_file
from stand import until

HEAT, LOOK, QUAKE = "/learning/heat", "/picture/look", "/learning/quake"
SWITCH, BARS, AMNESIA = "/learning/helvetica", "/picture/bars", "/learning/amnesia"

PLAYED: list[tuple[list[object], str, float | str]] = [
    ([HEAT, "i", 2], "learning.heat", 2.0),
    ([HEAT, "h", 2], "learning.heat", 2.0),
    ([HEAT, "f", 0.5], "learning.heat", 0.5),
    ([HEAT, "d", 0.5], "learning.heat", 0.5),
    ([HEAT, "c", "\x02"], "learning.heat", 2.0),
    ([HEAT, "T"], "learning.heat", 4.0),
    ([HEAT, "F"], "learning.heat", 0.25),
    ([HEAT, "f", 1e9], "learning.heat", 4.0),
    ([HEAT, "f", -5], "learning.heat", 0.25),
    ([HEAT, "h", 2**62], "learning.heat", 4.0),
    ([HEAT, "d", "1e300"], "learning.heat", 4.0),
    ([HEAT + "/position", "f", 7], "learning.heat", 4.0),
    ([SWITCH, "T"], "learning.helvetica", 1.0),
    ([SWITCH, "F"], "learning.helvetica", 0.0),
    ([SWITCH, "N"], "learning.helvetica", 1.0),
    ([SWITCH, "I"], "learning.helvetica", 1.0),
    ([SWITCH], "learning.helvetica", 1.0),
    ([SWITCH, "s", "on"], "learning.helvetica", 1.0),
    ([SWITCH, "f", 0.4], "learning.helvetica", 0.0),
    ([LOOK, "s", "barcode"], "picture.look", 2.0),
    ([LOOK, "S", "barcode"], "picture.look", 2.0),
    ([LOOK, "i", 1], "picture.look", 1.0),
    ([LOOK, "i", 99], "picture.look", 2.0),
    ([LOOK, "N"], "picture.look", 1.0),
    ([LOOK, "T"], "picture.look", 2.0),
    ([BARS, "f", 3.6], "picture.bars", 4.0),
    ([QUAKE], "learning.quake", 0.1),
    ([QUAKE, "N"], "learning.quake", 0.1),
    ([QUAKE, "I"], "learning.quake", 0.1),
    ([QUAKE, "T"], "learning.quake", 0.1),
    ([QUAKE, "f", 0.5], "learning.quake", 0.5),
    ([QUAKE, "f", 50], "learning.quake", 1.0),
    ([AMNESIA, "s", "both"], "learning.amnesia", 2.0),
    (["/show/scene", "s", "cathedral"], "show.scene", "cathedral"),
    (["/show/scene", "s", "été"], "show.scene", "été"),
    (["/learning/h[!x]at", "f", 2], "learning.heat", 2.0),
    (["/learning/{heat,none}", "f", 2], "learning.heat", 2.0),
    (["//heat", "f", 2], "learning.heat", 2.0),
    (["/*/?eat", "f", 2], "learning.heat", 2.0),
]

REFUSED: list[list[object]] = [
    [HEAT, "m", "90457f00"],
    [HEAT, "f", "nan"],
    [HEAT, "f", "inf"],
    [HEAT, "d", "-inf"],
    [HEAT, "s", "hot"],
    [HEAT, "N"],
    [HEAT],
    [HEAT, "ff", 1, 2],
    [HEAT + "/position", "s", "half"],
    [LOOK, "s", "tile_wal"],
    ["/learning/heta", "f", 1],
    ["/learning/[heat", "f", 1],
    ["/show/scene", "s", ""],
]


def test_every_type_of_oscsend_arrives_as_what_it_means() -> None:
    """What docs/osc.md has in its table, value by value; numbers out of range are clamped."""
    needs("oscsend")
    for words, path, value in PLAYED:
        with playing() as side:
            side.send(*words)
            until(lambda side=side: side.moved() or side.osc.refused, str(words))  # type: ignore[misc]
            assert side.moved() == [(path, value)], words


def test_what_means_nothing_moves_nothing_and_is_told() -> None:
    """Each is counted, the first is said in a sentence, and a good one is played after them."""
    needs("oscsend")
    with playing() as side:
        for count, words in enumerate(REFUSED, 1):
            side.send(*words)
            until(lambda count=count: side.osc.refused == count, str(words))  # type: ignore[misc]
        assert side.moved() == []
        said = " ".join(side.stand.said)
        assert "takes a number or a word, not a time tag, a colour or a MIDI message" in said
        side.send(HEAT, "f", 2)
        until(side.moved, "a good one")
        assert side.moved() == [("learning.heat", 2.0)]


@pytest.mark.parametrize("words", [[QUAKE, "f", 0], [QUAKE, "i", 0], [QUAKE, "F"]])
def test_a_button_that_is_let_go_does_nothing(words: list[object]) -> None:
    """The end of a press is neither an act nor a fault."""
    needs("oscsend")
    with playing() as side:
        side.send(*words)
        until(lambda: side.osc.hand.accepted, str(words))
        assert side.moved() == [] and side.osc.refused == 0


def test_oscsendfile_sends_bundles_that_are_played_in_their_order(tmp_path: Path) -> None:
    """Lines with one time tag come as one bundle, half a second early, and nothing of them is lost."""
    needs("oscsendfile")
    with playing() as side:
        send_file(side.osc.port, tmp_path / "score.osc", [
            "00000000.00000001 /learning/heat f 2.0",
            "00000000.00000001 /learning/fog f 1.0",
            "00000000.40000001 /learning/helvetica T",
            "00000000.40000001 /show/scene s cathedral",
        ])  # fmt: skip
        until(lambda: len(side.moved()) == 4, "four gestures")
        assert side.moved() == [
            ("learning.heat", 2.0), ("learning.fog", 1.0), ("learning.helvetica", 1.0),
            ("show.scene", "cathedral"),
        ]  # fmt: skip
        assert side.osc.refused == 0


def test_liblo_plays_over_tcp_in_its_own_framing() -> None:
    """Every message of three connections arrives."""
    needs("oscsend")
    with playing() as side:
        assert side.osc.tcp is not None
        for value in (0.5, 1, 2):
            send(f"osc.tcp://localhost:{side.osc.tcp.port}", HEAT, "f", value)
        until(lambda: len(side.moved()) == 3, "three gestures")
        assert sorted(value for _, value in side.moved()) == [0.5, 1.0, 2.0]


def test_oscdump_prints_what_osc_out_tells_it() -> None:
    """A receiver named with --osc-out gets everything once, then what changes, in types it can print."""
    needs("oscdump")
    with dumping() as (dump, port), playing(out=(f"127.0.0.1:{port}",)) as side:
        for line in (
            "/learning/heat f 1.000000", "/learning/helvetica i 0", "/picture/bars i 3",
            '/picture/look s "tile_wall"', '/show/panic s "off"',
        ):  # fmt: skip
            until(lambda line=line: line in dump.lines, line)  # type: ignore[misc]
        assert not any("quake" in line or "/position" in line for line in dump.lines)
        side.send(LOOK, "s", "barcode")
        side.send(SWITCH, "T")
        until(lambda: '/picture/look s "barcode"' in dump.lines, "the look")
        until(lambda: "/learning/helvetica i 1" in dump.lines, "the switch")


def test_oscdump_prints_the_pattern_that_osc_out_names() -> None:
    """Only what was asked for is sent."""
    needs("oscdump")
    with (
        dumping() as (dump, port),
        playing(out=(f"127.0.0.1:{port}:/learning/*/position",)) as side,
    ):
        until(lambda: "/learning/heat/position f 0.500000" in dump.lines, "a position")
        side.send(LOOK, "s", "barcode")
        side.send(HEAT, "f", 4)
        until(lambda: "/learning/heat/position f 1.000000" in dump.lines, "the change")
        told = [line for line in dump.lines if not line.startswith("/are/you")]
        assert all("/position f " in line and line.startswith("/learning/") for line in told)


def test_oscdump_hears_what_another_program_subscribes_it_to() -> None:
    """A subscription that another program sends, naming the port, is answered there."""
    needs("oscdump")
    with dumping() as (dump, port), playing() as side:
        side.send("/subscribe", "si", HEAT, port)
        until(lambda: "/learning/heat f 1.000000" in dump.lines, "how it stands")
        assert side.osc.feedback.subscribers == 1
        side.send(HEAT, "f", 2)
        until(lambda: "/learning/heat f 2.000000" in dump.lines, "the change")
