"""The table of keys: one row per key or pair of keys. Everything about the keyboard follows from it.

Names are those of ``pygame.key.name``. To add a key, add a row.
"""

from dataclasses import dataclass
from enum import Enum


class Act(Enum):
    """What a key does to its control."""

    STEP = "step"
    """One key of a pair up, the other down, by `STEP` (with shift by `FINE_STEP`)."""
    NEXT = "next"
    """The next choice; after the last the first."""
    CHOOSE = "choose"
    """The choice of the key's own number."""
    TOGGLE = "toggle"
    """On, off."""
    HOLD = "hold"
    """On while the key is down."""
    PAUSE = "pause"
    """To the bottom, and back to where it was."""
    HOME = "home"
    """Back to the default."""
    FIRE = "fire"
    """The act happens, with its default strength."""
    BACK = "back"
    """The act happens the other way, with its default strength below nothing."""
    NUMBER = "number"
    """The act happens with the key's own number, from 1."""


class Command(Enum):
    """What a key asks of the wiring; no control is moved."""

    SCREENSHOT = "screenshot"
    HELP = "help"
    HEALTH = "health"
    LEGEND = "legend"
    LEARN = "learn"
    """MIDI learn: what is moved next on a controller is put where a hand moves next."""
    FULLSCREEN = "fullscreen"
    LEAVE_ASKED = "leave asked"
    """Escape once; the window should say that a second press leaves."""
    LEAVE = "leave"


@dataclass(frozen=True)
class Row:
    """Keys that act on one control. For `Act.STEP` the first key goes up, the second down."""

    keys: tuple[str, ...]
    path: str
    act: Act
    does: str


@dataclass(frozen=True)
class CommandRow:
    """A key that asks something of the wiring."""

    key: str
    command: Command
    does: str


STEP = 0.05
FINE_STEP = 0.01
LEAVE_WITHIN_S = 2.0

ROWS = (
    Row(("right", "left"), "learning.tempo", Act.STEP, "faster, slower"),
    Row(("space",), "learning.tempo", Act.PAUSE, "hold the training, and go on"),
    Row((".",), "learning.step", Act.FIRE, "one single step"),
    Row(("up", "down"), "learning.heat", Act.STEP, "hotter, cooler"),
    Row(("t", "g"), "learning.tilt", Act.STEP, "to the generator, to the discriminator"),
    Row(("i", "k"), "learning.fog", Act.STEP, "more fog, less"),
    Row(("u", "j"), "learning.gravel", Act.STEP, "more gravel, less"),
    Row(("o", "l"), "learning.collapse", Act.STEP, "towards collapse, away"),
    Row(("c",), "learning.collapse", Act.HOME, "let go of the collapse"),
    Row(("v",), "learning.helvetica", Act.HOLD, "held: the discriminator is frozen"),
    Row(("x",), "learning.quake", Act.FIRE, "a quake"),
    Row(("m",), "learning.amnesia", Act.FIRE, "forget"),
    Row(("a",), "learning.anti", Act.FIRE, "unlearn for 20 steps"),
    Row(("q",), "learning.twos_and_sevens", Act.TOGGLE, "only twos and sevens are shown, or all"),
    Row(("y",), "learning.choir", Act.TOGGLE, "samples are seen in pairs, or alone"),
    Row(("r", "n"), "learning.static", Act.STEP, "more static over what is shown, less"),
    Row(("w",), "learning.heal", Act.FIRE, "heal: 500 steps of cure"),
    Row(("[", "]"), "learning.scratch", Act.STEP, "the play-head back in time, towards now"),
    Row(("backspace",), "learning.land", Act.FIRE, "go on training from where the play-head is"),
    Row(("z",), "learning.undo", Act.FIRE, "back to before the last scar"),
    Row(("tab",), "picture.look", Act.NEXT, "next look"),
    Row(("1", "2", "3", "4", "5", "6", "7", "8", "9", "0"), "picture.look", Act.CHOOSE, "look"),
    Row(("e", "d"), "picture.feedback", Act.STEP, "more feedback, less"),
    Row(("page up", "page down"), "sound.master.level", Act.STEP, "louder, softer"),
    Row(("=", "-"), "show.calm", Act.STEP, "the training pushes more, less"),
    Row(("return", "enter"), "show.go", Act.FIRE, "GO: the next cue"),
    Row((";",), "show.back", Act.FIRE, "the cue before is the next again"),
    Row(("\\",), "show.tap", Act.FIRE, "tap the tempo"),
    Row(tuple(f"f{number}" for number in range(1, 13)), "show.scene", Act.NUMBER, "scene"),
    Row(("`",), "show.snapshot", Act.FIRE, "save what stands as a scene"),
    Row(("delete", "[0]"), "deck.play", Act.TOGGLE, "hold the recorded run, and go on"),
    Row(("end", "[6]"), "deck.skip", Act.FIRE, "ten seconds on in the recorded run"),
    Row(("home", "[4]"), "deck.skip", Act.BACK, "ten seconds back in it"),
    Row(("insert", "[5]"), "deck.loop", Act.TOGGLE, "round between its two marks"),
    Row(("[7]",), "deck.mark_in", Act.FIRE, "the loop begins here"),
    Row(("[9]",), "deck.mark_out", Act.FIRE, "the loop ends here"),
    Row(("[8]",), "deck.no_marks", Act.FIRE, "both marks are taken away"),
    Row(("[+]", "[-]"), "deck.speed", Act.STEP, "the recorded run faster, slower"),
    Row(("[/]",), "deck.speed", Act.HOME, "at its own speed"),
    Row(("[.]",), "deck.punch_out", Act.FIRE, "all controls back to the recorded hands"),
    Row(("[*]",), "deck.branch", Act.FIRE, "from here the training is live"),
    Row(("p",), "show.panic", Act.NEXT, "panic: fade, then cut, then sound again"),
    Row(("b",), "show.blackout", Act.TOGGLE, "black, and back"),
)

COMMANDS = (
    CommandRow("s", Command.SCREENSHOT, "screenshot"),
    CommandRow("f", Command.FULLSCREEN, "fullscreen"),
    CommandRow("/", Command.LEGEND, "what moves, and what moves it; again: the next page"),
    CommandRow("'", Command.HEALTH, "how the show does"),
    CommandRow(",", Command.LEARN, "MIDI learn"),
    CommandRow("h", Command.HELP, "this map"),
    CommandRow("escape", Command.LEAVE_ASKED, "twice: leave"),
)

SHIFTS = frozenset({"left shift", "right shift"})
