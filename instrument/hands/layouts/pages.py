"""The pages that are made by hand: what one hand needs on stage at one time stands on one page.

A page is a tuple of rows, a row a tuple of items; a path that a show does not have is left out. Controls
that stand on none of these pages are found on pages made from the bank (`arrange`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dial:
    """A control as it is best turned by a finger: by its Spec. `span` is its share of the row's width."""

    path: str
    word: str = ""
    span: float = 1.0
    held: bool = False
    """A switch that is on only while a finger is on it."""


@dataclass(frozen=True)
class Keys:
    """One key for each of some arguments of one control; no arguments: one key for each of its choices.

    A key whose argument is None sends none: the act with its default strength, or the next choice.
    """

    path: str
    arguments: tuple[float | str | None, ...] = ()
    word: str = ""
    """Before each argument; alone where the argument is None."""
    columns: int = 1
    span: float = 1.0


@dataclass(frozen=True)
class Said:
    """A text from the show, under its caption."""

    address: str
    word: str
    span: float = 1.0


@dataclass(frozen=True)
class Stack:
    """Items one over the other."""

    items: tuple["Item", ...]
    span: float = 1.0


Item = Dial | Keys | Said | Stack


@dataclass(frozen=True)
class Row:
    """Items side by side; `share` of the page's height."""

    share: float
    items: tuple[Item, ...]


@dataclass(frozen=True)
class HandMade:
    """A page by hand."""

    title: str
    rows: tuple[Row, ...]


def dials(group: str, names: str) -> tuple[Dial, ...]:
    """Dials of some controls of a group, by their names."""
    return tuple(Dial(f"{group}.{name}") for name in names.split())


def stacks(items: tuple[Item, ...], high: int = 2, span: float = 1.0) -> tuple[Stack, ...]:
    """Items in columns of `high`."""
    return tuple(Stack(items[n : n + high], span) for n in range(0, len(items), high))


TWELVE = tuple(float(n) for n in range(1, 13))
SCENES = Keys("show.scene", TWELVE, "scene", columns=12, span=12)
UNDO = Keys("learning.undo", (None,), "undo")
HEAL = Keys("learning.heal", (None,), "heal")
LAND = Keys("learning.land", (None,), "land")

STANDING = "/show/standing/"
SCENE, CUE, NEXT, NOTE, WAITS = (
    STANDING + word for word in ("scene", "cue_name", "next_name", "next_note", "waits")
)
STATE, NOTICE = "/state", "/notice"
AT, LENGTH, LOOP, PUNCHED = (
    "/deck/standing/" + word for word in ("at", "length", "loop", "punched")
)

VOICES = (
    "cloud_1", "cloud_2", "cloud_3", "cloud_4", "drone", "weights", "digits", "scan", "numbers",
    "glitch", "noise",
)  # fmt: skip

MACRO = HandMade("macro", (
    Row(0.54, (
        *dials("learning", "heat fog collapse"), Dial("sound.cloud_1.density", "density"),
        Dial("sound.drone.level", "organ"), Dial("sound.glitch.level", "glitch"),
        Dial("picture.brightness"), Dial("picture.feedback"), Dial("sound.master.level", "master"),
    )),
    Row(0.18, (SCENES,)),
    Row(0.16, (
        Said(SCENE, "scene", 2), Said(CUE, "cue", 3), Said(NOTE, "note", 5),
        Keys("show.back", (None,), "back", span=1),
    )),
    Row(0.12, (Said(NOTICE, "the show says"),)),
))  # fmt: skip

LEARNING = HandMade("learning", (
    Row(0.53, dials(
        "learning", "tempo heat tilt rate_g rate_d greed flywheel clamp starve blinkers funnel "
        "funnel_anchors",
    )),
    Row(0.47, (
        *dials("learning", "breath_rate breath_depth"),
        Stack((Dial("learning.breath_on"), Keys("learning.step", (None,), "one step")), 2),
        Stack(dials("learning", "funnel_scar choir twos_and_sevens"), 2),
        *stacks(dials("learning", " ".join(f"digit_{n}" for n in range(10)))),
    )),
))  # fmt: skip

FAILURE = HandMade("failure", (
    Row(0.53, dials(
        "learning", "collapse fog liar gravel greed blinkers static bend_gain bend_mute bend_permute "
        "bend_bits",
    )),
    Row(0.47, (
        Dial("learning.helvetica", span=1.5, held=True), Dial("learning.tyrant", held=True),
        Keys("learning.quake", (0.1, 0.3, 1.0), "quake", span=1),
        Keys("learning.amnesia", span=1.5), Dial("learning.quake_where", span=1.5),
        Stack((Keys("learning.anti", (None,), "unlearn"), Dial("learning.choir"))),
        Dial("learning.static_with"), Dial("learning.bend_layer"),
        Stack((HEAL, UNDO), 1.5),
    )),
))  # fmt: skip

MEMORY = HandMade("memory", (
    Row(0.75, (
        Dial("learning.scratch", span=2), Dial("learning.tempo", span=1), Stack((LAND,), 2),
        Stack((UNDO,), 2), Stack((HEAL,), 2),
    )),
    Row(0.25, (Said(STATE, "state", 4), Keys("show.snapshot", (None,), "snapshot", span=2))),
))  # fmt: skip

SOUND = HandMade("sound", (
    Row(0.62, (
        *(Dial(f"sound.{voice}.level", voice.replace("_", " ")) for voice in VOICES),
        Dial("sound.space.level", "space"), Dial("sound.master.level", "master"),
    )),
    Row(0.38, (
        *(
            Stack((Dial(f"sound.{voice}.mute"), Dial(f"sound.{voice}.solo"))) for voice in VOICES
        ),
        Stack((Dial("sound.space.freeze"),)), Dial("show.calm"),
    )),
))  # fmt: skip

PICTURE = HandMade("picture", (
    Row(0.26, (Keys("picture.look", columns=9),)),
    Row(0.46, (
        *dials(
            "picture", "brightness feedback zoom rotation sort tear mosaic bloom threshold greys lines "
            "crossfade",
        ),
        Dial("picture.layer_1.level", "layer 1"), Dial("picture.layer_2.level", "layer 2"),
    )),
    Row(0.28, (
        *(
            Stack((
                Dial(f"picture.layer_{n}.look", f"layer {n}"),
                Dial(f"picture.layer_{n}.blend", f"layer {n} blend"),
            ), 2)
            for n in (1, 2)
        ),
        *dials("picture", "accent ink ground"), Dial("picture.invert"), Dial("show.blackout"),
    )),
))  # fmt: skip

SHOW = HandMade("show", (
    Row(0.16, (SCENES,)),
    Row(0.16, (Keys("show.goto", TWELVE, "cue", columns=12),)),
    Row(0.16, (Keys("show.store", TWELVE, "store", columns=12),)),
    Row(0.52, (
        *dials("show", "morph go_guard panic_fade calm bpm beats_per_bar"),
        Stack((Keys("show.tap", (None,), "tap"), Dial("show.auto"))),
        Stack((Keys("show.snapshot", (None,), "snapshot"), Dial("show.clock_out"))),
        Dial("show.quantise"), Dial("show.clock"),
    )),
))  # fmt: skip

DECK = HandMade("deck", (
    Row(0.2, (
        Said(AT, "at", 2), Said(LENGTH, "of", 2),
        Said("/step", "step", 2), Said(STATE, "state", 2),
        Said(LOOP, "loop", 3), Said(PUNCHED, "with the hand", 2),
    )),
    Row(0.2, (Keys("deck.skip", (-60.0, -10.0, -1.0, 1.0, 10.0, 60.0), "", columns=6),)),
    Row(0.35, (
        Dial("deck.play", span=2), Dial("deck.speed", span=2), Dial("deck.loop", span=2),
        Stack((Keys("deck.mark_in", (None,), "loop from here"),
               Keys("deck.mark_out", (None,), "loop to here")), 2),
        Stack((Keys("deck.no_marks", (None,), "no marks"),
               Keys("deck.seek", (None,), "to the beginning")), 2),
        Dial("deck.at_end", "at the end", 2),
    )),
    Row(0.25, (
        Dial("deck.mute_hands", "mute the recorded hands", 3),
        Keys("deck.punch_out", (None,), "all back to the recorded hands", span=3),
        Keys("deck.branch", (None,), "from here live", span=3),
    )),
))  # fmt: skip

HAND_MADE = (MACRO, LEARNING, FAILURE, MEMORY, SOUND, PICTURE, SHOW, DECK)

BAR = (
    Keys("show.panic", (None,), "PANIC", span=2.5),
    Dial("show.blackout", span=1.2),
    Keys("learning.undo", (None,), "undo", span=1),
    Said(STATE, "state", 1.3),
    Said(NEXT, "next cue", 3),
    Said(WAITS, "waits for", 1.5),
    Keys("show.go", (None,), "GO", span=1.5),
)
"""Below every page: panic is never more than one touch away."""
