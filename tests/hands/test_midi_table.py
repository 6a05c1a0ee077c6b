"""Controllers on the table: what fader, pad, pedal and encoder do, banks, learning and forgetting."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from midi_stand import MidiStand, item

from instrument.hands.layouts.pages import MACRO as TABLETS
from instrument.hands.layouts.pages import Dial
from instrument.hands.midi.macro import MACRO
from instrument.hands.midi.table import Table
from instrument.signals.gesture import Gesture


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile of the person who runs the tests is read."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path / "home"))


@pytest.fixture
def box(tmp_path: Path) -> MidiStand:
    """A device that no profile but that for any device knows."""
    return MidiStand(tmp_path)


@pytest.fixture
def nano(tmp_path: Path) -> MidiStand:
    """A nanoKONTROL2 with its shipped profile."""
    return MidiStand(tmp_path, "nanoKONTROL2")


def test_a_known_controller_plays_without_a_map(nano: MidiStand) -> None:
    """Fader 2 is fog; it begins where the control stands, so it has it at once."""
    nano.cc(1, 0, 64)
    assert nano.posted[-1] == Gesture("learning.fog", 64 / 127, "midi nanoKONTROL2", 100.0)


def test_a_fader_that_stands_elsewhere_does_not_move_its_control(nano: MidiStand) -> None:
    """Heat stands in the middle: the fader has to cross it."""
    nano.cc(0, 0, 10, 20)
    assert nano.posted == []
    nano.cc(0, 127)
    assert nano.at("learning.heat") == 1.0


def test_an_act_of_another_hand_lets_a_fader_go(nano: MidiStand) -> None:
    """A scene or OSC moved the control: the next value waits."""
    nano.cc(1, 0, 20)
    nano.clock.advance(1.0)
    nano.positions["learning.fog"] = 0.9
    nano.cc(1, 21, 22)
    assert nano.at("learning.fog") == 0.9
    nano.cc(1, 127)
    assert nano.at("learning.fog") == 1.0


def test_a_button_that_holds_holds(nano: MidiStand) -> None:
    """Helvetica while S 1 is pressed."""
    nano.cc(32, 127)
    assert nano.at("learning.helvetica") == 1.0
    nano.cc(32, 0)
    assert nano.at("learning.helvetica") == 0.0


def test_scenes_lie_under_buttons(nano: MidiStand) -> None:
    """M 3 goes to scene 3, when it is pressed and not when it is let go."""
    nano.cc(50, 127, 0)
    assert nano.paths() == ["show.scene"] and nano.value() == 3.0


def test_panic_walks_on_with_every_press(nano: MidiStand) -> None:
    """Stop: fade, cut, off, within a moment."""
    values = []
    for _ in range(3):
        nano.cc(42, 127, 0)
        values.append(nano.value())
    assert values == [1.0, 2.0, 0.0]


def test_a_program_change_goes_to_a_scene(box: MidiStand) -> None:
    """Program 0 is scene 1, program 127 scene 128, on any channel of any device."""
    for program in (0, 11, 127):
        box.send(0xC3, program)
        assert box.paths()[-1] == "show.scene" and box.value() == program + 1


@pytest.mark.parametrize("keys, presses, expected", [
    ({"control": "learning.fog", "kind": "note"}, [127, 0, 127, 0], [1.0, 0.0]),
    ({"control": "learning.fog", "kind": "note", "act": "hold"}, [127, 0], [1.0, 0.0]),
    ({"control": "learning.fog", "press": True, "low": 0.2, "high": 0.6}, [99, 0, 99], [0.6, 0.2]),
    ({"control": "picture.look", "kind": "note"}, [127, 0, 127, 0, 127, 0], [0.5, 1.0, 0.0]),
    ({"control": "picture.look", "kind": "note", "value": 2}, [127, 0, 127], [1.0, 1.0]),
    ({"control": "learning.undo", "kind": "note"}, [1, 0, 127, 0], [1.0, 1.0]),
    ({"control": "learning.undo", "press": True}, [127, 127, 0, 127], [1.0, 1.0]),
    ({"control": "learning.step", "kind": "note", "velocity": True}, [127, 0], [1.0]),
])  # fmt: skip
def test_what_a_press_does(
    box: MidiStand, keys: dict[str, object], presses: list[int], expected: list[float]
) -> None:
    """Toggle, hold, hold between two places, next choice, one choice, act, button, strength."""
    box.map(item(**keys))  # type: ignore[arg-type]
    for value in presses:
        (box.note if keys.get("kind") == "note" else box.cc)(10, value)
    assert [round(gesture.position, 3) for gesture in box.posted] == expected


def test_how_hard_a_pad_is_struck_is_the_strength(box: MidiStand) -> None:
    """Half the velocity is half the way."""
    box.map(item("learning.quake", kind="note", velocity=True))
    box.note(10, 64)
    assert box.posted[-1].position == pytest.approx(64 / 127)


def test_a_scene_can_be_called_by_its_name(box: MidiStand) -> None:
    """`word` travels with the gesture."""
    box.map(item("show.scene", kind="note", word="cathedral"))
    box.note(10)
    assert box.posted[-1].word == "cathedral"


def test_an_encoder_turns_from_where_the_control_stands(box: MidiStand) -> None:
    """Three steps up, one down; a choice goes one by one."""
    box.map(item("learning.fog", act="turn", encoding="offset", step=0.1)
            + item("picture.look", number=11, act="turn"))  # fmt: skip
    box.cc(10, 67, 63)
    assert box.at("learning.fog") == 0.2
    box.cc(11, 1)
    assert box.bank.spec("picture.look").map(box.positions["picture.look"]) == 1.0


def test_range_and_direction_of_a_fader(box: MidiStand) -> None:
    """From .8 down to .2."""
    box.map(item("learning.fog", low=0.2, high=0.8, invert=True, takeover="jump"))
    box.cc(10, 0)
    assert box.at("learning.fog") == 0.8
    box.cc(10, 127)
    assert box.at("learning.fog") == 0.2


def test_a_fader_of_a_narrow_range_gets_hold_of_a_control_outside_it(box: MidiStand) -> None:
    """The nearest end counts as where the control stands."""
    box.map(item("learning.fog", low=0.5, high=0.8))
    box.cc(10, 60, 0, 10)
    assert box.at("learning.fog") == round(0.5 + 0.3 * 10 / 127, 3)


def test_a_control_that_the_show_lacks_sleeps_and_is_kept(box: MidiStand) -> None:
    """It is told, it does nothing, and learning another element leaves it in the file."""
    box.map(item("picture.old_look.grain"))
    assert "this show has no picture.old_look.grain" in box.said[-1]
    box.cc(10, 0, 127)
    assert box.posted == []
    box.table.learn("learning.fog", None)
    box.cc(20, 0, 20, 40)
    assert "picture.old_look.grain" in box.path.read_text()


def test_the_performers_map_wins_over_the_profile(nano: MidiStand) -> None:
    """Fader 2 is gravel then, and fog no more."""
    nano.map(item("learning.gravel", number=1).replace("box", "nanoKONTROL2"))
    nano.cc(1, 0, 64)
    assert set(nano.paths()) == {"learning.gravel"}


def test_another_bank_has_another_map_under_the_same_fader(box: MidiStand) -> None:
    """What is of every bank stays where this bank has nothing of its own; nothing leaps."""
    own = item("learning.gravel", bank=2)
    box.map(item("learning.fog") + own + item("learning.collapse", number=11))
    box.cc(10, 0, 100)
    box.positions["midi.bank"] = box.bank.spec("midi.bank").unmap(2)
    box.cc(10, 101, 102)
    assert box.at("learning.gravel") == 0.0
    box.cc(10, 0, 30)
    assert box.at("learning.gravel") == round(30 / 127, 3)
    assert box.at("learning.fog") == round(100 / 127, 3)
    box.cc(11, 0, 9)
    assert box.at("learning.collapse") == round(9 / 127, 3)
    box.positions["midi.bank"] = 0.0
    box.positions["learning.fog"] = 0.5
    box.cc(10, 90)
    assert box.at("learning.fog") == 0.5


def test_a_fader_is_still_known_when_its_bank_comes_back(box: MidiStand) -> None:
    """It lies at the top where its control is; another bank in between takes nothing away."""
    box.map(item("learning.fog") + item("learning.gravel", bank=2))
    box.cc(10, 0, 64, 127)
    box.positions["midi.bank"] = box.bank.spec("midi.bank").unmap(2)
    box.table.turn_page()
    box.cc(10, 126, 127)
    box.positions["midi.bank"] = 0.0
    box.table.turn_page()
    box.cc(10, 100)
    assert box.at("learning.fog") == round(100 / 127, 3)


@pytest.mark.parametrize("how", ["bank", "unplugged", "forgotten"])
def test_what_is_held_is_let_go_when_its_button_is_no_more_there(nano: MidiStand, how: str) -> None:
    """A held helvetica does not stay frozen for the night."""
    nano.cc(32, 127)
    if how == "unplugged":
        nano.table.clear("nanoKONTROL2")
    elif how == "forgotten":
        nano.table.forget("learning.helvetica")
    else:
        other = item("learning.quake", number=32, bank=2, press=True)
        nano.map(other.replace("box", "nanoKONTROL2"))
        nano.positions["midi.bank"] = nano.bank.spec("midi.bank").unmap(2)
        nano.table.turn_page()
    assert nano.at("learning.helvetica") == 0.0


def test_a_control_is_learned_by_moving_something(box: MidiStand) -> None:
    """Press, move, done: and it is in the file at once."""
    box.table.learn("learning.fog", None)
    assert box.said[-1] == "learn: move a fader or a knob for learning.fog"
    box.cc(30, 0, 4, 9)
    assert box.said[-1].startswith("box cc 30 on channel 1 -> learning.fog")
    assert box.posted == []
    box.cc(30, 0, 64)
    assert box.at("learning.fog") == round(64 / 127, 3)
    assert [entry.control for entry in box.new_table().map.entries] == ["learning.fog"]


def test_learning_says_the_name_of_a_fader_that_a_profile_knows(nano: MidiStand) -> None:
    """Not its number."""
    nano.table.learn("learning.gravel", None)
    nano.cc(7, 0, 10, 20)
    assert nano.said[-1].startswith("nanoKONTROL2 fader 8 -> learning.gravel")


@pytest.mark.parametrize(
    ("stands", "moved", "told"),
    [
        (0.0, (20, 10, 5), "; it waits: move it down to its end, where the control stands"),
        (1.5, (20, 30, 40), "; it waits: move it up to its end, where the control stands"),
        (0.6, (20, 30, 40), "; it waits: move it past 40% of its way, where the control stands"),
        (0.6, (60, 55, 51), ""),
    ],
)
def test_a_fader_learned_beside_its_control_is_said_to_wait(
    box: MidiStand, stands: float, moved: tuple[int, ...], told: str
) -> None:
    """Else it seems not to have been learned; one that stands right plays at once, and nothing is said."""
    box.positions["learning.fog"] = box.bank.spec("learning.fog").unmap(stands)
    box.table.learn("learning.fog", None)
    box.cc(30, *moved)
    assert box.said[-1] == f"box cc 30 on channel 1 -> learning.fog{told}"


def test_a_pad_learned_for_an_act_is_played_by_velocity(box: MidiStand) -> None:
    """If it was not struck fully; an act of names is not."""
    box.table.learn("learning.quake", None)
    box.note(36, 90)
    box.note(36, 0)
    box.note(36, 127)
    assert box.posted[-1].position == 1.0
    box.table.learn("show.scene", None)
    box.note(37, 90)
    assert [entry.velocity for entry in box.table.map.entries] == [True, False]


def test_an_encoder_is_learned_when_its_language_is_clear(box: MidiStand) -> None:
    """Right, then back; after that it turns."""
    box.table.learn("learning.fog", None)
    box.cc(30, 1, 1, 1, 1)
    assert box.said[-1] == "learn: box cc 30 on channel 1: now turn it back"
    box.cc(30, 127)
    assert box.said[-1].endswith("-> learning.fog")
    box.cc(30, 2)
    assert box.at("learning.fog") == round(2 / 127, 3)


def test_fourteen_bits_are_learned_and_played_as_one(box: MidiStand) -> None:
    """CC 3 and 35: 16,384 places."""
    box.table.learn("learning.fog", None)
    for value in range(0, 4000, 100):
        box.cc(3, value >> 7)
        box.cc(35, value & 127)
        box.clock.advance(0.01)
    for value in (0, 5000):
        box.cc(3, value >> 7)
        box.cc(35, value & 127)
    assert box.posted[-1].position == pytest.approx(5000 / 16383)


def test_the_key_learns_the_control_that_was_moved_last(box: MidiStand) -> None:
    """And is done after it."""
    box.table.learn(None, "picture.feedback")
    box.cc(30, 0, 20, 40)
    assert any(said.startswith("box cc 30 on channel 1 -> picture.feedback") for said in box.said)
    assert box.table.session.path is None


def test_the_key_walks_through_the_macro_page(box: MidiStand) -> None:
    """Each element moved goes to the next control; the one just learned is not learned again."""
    box.table.learn(None, None)
    assert box.table.session.path == "learning.heat"
    for number in (30, 31):
        box.cc(number, *range(0, 120, 10))
    assert box.table.session.path == "learning.collapse"
    box.clock.advance(1.0)
    box.table.learn(None, None)
    assert box.table.session.path == "picture.feedback"
    box.cc(33, 0, 50, 100)
    assert box.table.session.path is None
    assert [entry.control for entry in box.table.map.entries] == [
        "learning.heat", "learning.fog", "picture.feedback",
    ]  # fmt: skip


def test_the_key_pressed_twice_ends_learning(box: MidiStand) -> None:
    """Within .4 s; `end_learning` (esc) does so, too."""
    for _ in range(2):
        box.table.learn(None, None)
    assert box.table.session.path is None and box.said[-1] == "learn: done"
    box.clock.advance(1.0)
    box.table.learn(None, None)
    box.table.end_learning()
    assert box.table.session.path is None


def test_learning_that_nobody_goes_on_with_ends(box: MidiStand) -> None:
    """A fader touched an hour later is not mapped."""
    box.table.learn("learning.fog", None)
    box.clock.advance(31.0)
    box.table.due()
    box.cc(30, 0, 20, 40)
    assert box.table.map.entries == ()


def test_panic_works_while_something_is_learned(nano: MidiStand) -> None:
    """Its button is not learned."""
    nano.table.learn("learning.fog", None)
    nano.cc(42, 127, 0)
    assert nano.paths() == ["show.panic"]
    assert nano.table.session.path == "learning.fog"


def test_a_control_that_is_not_there_cannot_be_learned(box: MidiStand) -> None:
    """The sentence has the likely one."""
    box.table.learn("learning.hat", None)
    assert "no control is called 'learning.hat'; did you mean 'learning.heat'?" in box.said[-1]


def test_what_is_forgotten_is_moved_by_nothing(nano: MidiStand) -> None:
    """Neither by what was learned nor by the profile, after a restart either."""
    nano.table.learn("learning.fog", None)
    nano.cc(20, 0, 20, 40)
    nano.table.forget("learning.fog")
    for number in (1, 20):
        nano.cc(number, 0, 127)
    nano.table = nano.new_table()
    nano.cc(1, 0, 127)
    assert nano.posted == []


def test_a_flood_does_not_lock_out_panic(nano: MidiStand) -> None:
    """Ten thousand messages at once: most are refused, told once, and panic is heard."""
    for number in range(10_000):
        nano.cc(1, number % 128)
    assert nano.table.complaints.count > 5_000
    assert len([text for text in nano.said if "sends too much" in text]) == 1
    nano.cc(42, 127)
    assert nano.paths()[-1] == "show.panic"


def test_two_devices_of_one_map_are_told_apart(box: MidiStand) -> None:
    """The same CC of another device is nothing."""
    box.map(item("learning.fog"))
    box.device = "box #2"
    box.cc(10, 0, 127)
    assert box.posted == []


@settings(max_examples=30)
@given(messages=st.lists(st.lists(st.integers(0, 255), min_size=1, max_size=4), max_size=80))
def test_no_message_raises_and_positions_stay_in_range(
    tmp_path_factory: pytest.TempPathFactory, messages: list[list[int]]
) -> None:
    """At a known controller, with learning on and off."""
    stand = MidiStand(tmp_path_factory.mktemp("any"), "nanoKONTROL2")
    for number, message in enumerate(messages):
        if number == 40:
            stand.table.learn("learning.fog", None)
        stand.table.take(stand.device, message)
        stand.clock.advance(0.002)
        stand.table.due()
    assert all(0.0 <= gesture.position <= 1.0 for gesture in stand.posted)


def test_a_table_reads_no_path_from_a_device_name(box: MidiStand) -> None:
    """A device may call itself anything."""
    box.device = "../../etc/passwd\n[[map]]"
    box.table.learn("learning.fog", None)
    box.cc(30, 0, 20, 40)
    again: Table = box.new_table()
    assert [entry.device for entry in again.map.entries] == [box.device]


def test_the_macro_page_is_that_of_the_tablets() -> None:
    """One page, whatever hands it is under."""
    dials = [item.path for row in TABLETS.rows for item in row.items if isinstance(item, Dial)]
    assert list(MACRO) == dials


def test_a_fader_in_hand_stays_in_hand_while_another_is_learned(nano: MidiStand) -> None:
    """The map is laid anew; what stood stays as it stood."""
    nano.cc(1, 0, 64)
    nano.table.learn("learning.gravel", None)
    nano.cc(20, 0, 20, 40)
    nano.clock.advance(1.0)
    nano.cc(1, 70)
    assert nano.at("learning.fog") == round(70 / 127, 3)


def test_what_was_written_into_the_map_meanwhile_is_kept_by_learning(box: MidiStand) -> None:
    """An editor saved it a moment ago, and it was not yet read anew."""
    box.path.write_text(item("learning.fog"), encoding="utf-8")
    box.table.learn("learning.gravel", None)
    box.cc(20, 0, 20, 40)
    controls = [entry.control for entry in box.new_table().map.entries]
    assert controls == ["learning.fog", "learning.gravel"]
