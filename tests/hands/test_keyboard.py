"""The keyboard: the table is sound, and each kind of key does what its row says."""

import pytest
from stand import Stand

from instrument.hands.keyboard import Keyboard
from instrument.hands.keys import COMMANDS, ROWS, Act, Command
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.show import SHOW


@pytest.fixture
def keyboard(stand: Stand) -> Keyboard:
    return Keyboard(stand.bank, stand.position, stand.post, stand.clock)


def moves(stand: Stand) -> list[tuple[str, float]]:
    return [(gesture.path, round(gesture.position, 3)) for gesture in stand.posted]


def test_no_key_stands_for_two_things() -> None:
    """Every key is in one row only."""
    keys = [key for row in ROWS for key in row.keys] + [row.key for row in COMMANDS]
    assert len(keys) == len(set(keys))


def test_every_gesture_of_the_learning_has_a_key() -> None:
    """All first gestures, panic and blackout can be reached from the keyboard."""
    reached = {row.path.partition(".")[2] for row in ROWS}
    assert reached >= {
        *("tempo", "heat", "tilt", "fog", "gravel", "helvetica", "collapse", "quake", "amnesia"),
        *("undo", "step", "panic", "blackout", "look", "feedback", "master.level"),
        *("go", "back", "scene", "snapshot"),
    }


def test_every_key_but_the_commands_posts_to_its_control(keyboard: Keyboard, stand: Stand) -> None:
    """Each key of the table moves the control its row names, and nothing else."""
    for row in keyboard.rows:
        for number, key in enumerate(row.keys):
            stand.posted.clear()
            keyboard.press(key)
            keyboard.release(key)
            if number < 3 or row.act is not Act.CHOOSE:
                assert {gesture.path for gesture in stand.posted} == {row.path}
            assert all(0.0 <= gesture.position <= 1.0 for gesture in stand.posted)


def test_arrow_steps_a_twentieth_and_with_shift_a_hundredth(
    keyboard: Keyboard, stand: Stand
) -> None:
    """Steps are in positions; shift makes them fine."""
    keyboard.press("up")
    keyboard.press("left shift")
    keyboard.press("up")
    keyboard.release("left shift")
    keyboard.press("down")
    assert moves(stand) == [
        ("learning.heat", 0.55),
        ("learning.heat", 0.56),
        ("learning.heat", 0.51),
    ]


def test_two_presses_within_one_picture_both_count(stand: Stand) -> None:
    """The second press builds on the first though the conductor has not moved yet."""
    posted: list[Gesture] = []
    keyboard = Keyboard(stand.bank, lambda path: 0.5, posted.append, stand.clock)
    keyboard.press("up")
    keyboard.press("up")
    assert [round(gesture.position, 3) for gesture in posted] == [0.55, 0.6]


def test_held_key_that_repeats_panics_once(keyboard: Keyboard, stand: Stand) -> None:
    """A window that repeats keys does not turn a fade into a cut."""
    for _ in range(5):
        keyboard.press("p")
    assert moves(stand) == [("show.panic", 0.5)]


def test_panic_fades_cuts_and_comes_back(keyboard: Keyboard, stand: Stand) -> None:
    """Three presses: fade, cut, sound again."""
    for _ in range(3):
        keyboard.press("p")
        keyboard.release("p")
        stand.clock.advance(1.0)
    assert [position for _, position in moves(stand)] == [0.5, 1.0, 0.0]


def test_helvetica_holds_while_its_key_is_down(keyboard: Keyboard, stand: Stand) -> None:
    """Down freezes, up releases; losing the window releases too."""
    keyboard.press("v")
    keyboard.release("v")
    keyboard.press("v")
    keyboard.release_all()
    assert [position for _, position in moves(stand)] == [1.0, 0.0, 1.0, 0.0]


def test_space_holds_the_training_and_gives_it_back_its_tempo(
    keyboard: Keyboard, stand: Stand
) -> None:
    """Tempo goes to zero and returns to where it was."""
    stand.positions["learning.tempo"] = 0.7
    for _ in range(2):
        keyboard.press("space")
        keyboard.release("space")
    assert [position for _, position in moves(stand)] == [0.0, 0.7]


def test_acts_fire_with_their_default_strength(keyboard: Keyboard, stand: Stand) -> None:
    """A quake from the keyboard is the declared one."""
    keyboard.press("x")
    assert stand.value() == pytest.approx(0.1)


def test_return_and_enter_are_go_and_do_not_repeat(keyboard: Keyboard, stand: Stand) -> None:
    """Both keys mean GO; one that is held and repeated by the window is one GO."""
    for key in ("return", "return", "enter"):
        keyboard.press(key)
    keyboard.press(";")
    assert moves(stand) == [("show.go", 1.0), ("show.go", 1.0), ("show.back", 1.0)]


def test_function_keys_go_to_scenes_by_their_number(keyboard: Keyboard, stand: Stand) -> None:
    """f1 is scene 1, f12 scene 12: numbers that come out whole at the other end."""
    spec = stand.bank.spec("show.scene")
    for number in range(1, 13):
        keyboard.press(f"f{number}")
        assert spec.map(stand.posted[-1].position) == number
    assert any("f1 .. f12" in line for line in keyboard.help_lines())


def test_digits_choose_looks_and_tab_the_next(keyboard: Keyboard, stand: Stand) -> None:
    """2 is the second look, tab goes round, a number without a look does nothing."""
    keyboard.press("2")
    assert stand.value() == 1.0
    for value in (2.0, 0.0):
        keyboard.press("tab")
        keyboard.release("tab")
        assert stand.value() == value
    before = len(stand.posted)
    keyboard.press("9")
    assert len(stand.posted) == before


def test_escape_leaves_only_twice_within_two_seconds(keyboard: Keyboard, stand: Stand) -> None:
    """One escape asks; a second in time leaves; a late one asks again."""
    answers = []
    for wait_s in (2.5, 1.0, 1.0):
        answers.append(keyboard.press("escape"))
        keyboard.release("escape")
        stand.clock.advance(wait_s)
    assert answers == [Command.LEAVE_ASKED, Command.LEAVE_ASKED, Command.LEAVE]


def test_commands_are_answered_not_posted(keyboard: Keyboard, stand: Stand) -> None:
    """Screenshot, help and fullscreen are the wiring's."""
    assert keyboard.press("s") is Command.SCREENSHOT
    assert keyboard.press("h") is Command.HELP
    assert keyboard.press("f") is Command.FULLSCREEN
    assert keyboard.press("'") is Command.HEALTH
    assert keyboard.press(",") is Command.LEARN
    assert keyboard.press("unknown") is None
    assert stand.posted == []


def test_help_is_aligned_and_shows_present_values(keyboard: Keyboard, stand: Stand) -> None:
    """Every row is there with its value in its unit, columns under each other."""
    stand.positions["learning.heat"] = 1.0
    lines = keyboard.help_lines()
    heat = next(line for line in lines if " heat " in line)
    fog = next(line for line in lines if " fog " in line)
    assert "4 x" in heat
    assert heat.index("heat") == fog.index("fog")
    assert max(len(line) for line in lines) <= 100


def test_controls_that_a_show_lacks_drop_out() -> None:
    """A show without learning has a shorter map, and its keys do nothing."""
    posted: list[Gesture] = []
    keyboard = Keyboard(Bank.of([SHOW]), lambda path: 0.0, posted.append, lambda: 0.0)
    keyboard.press("up")
    assert posted == []
    assert not any("heat" in line for line in keyboard.help_lines())
