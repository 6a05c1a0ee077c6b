"""Pages for a tablet: all controls within reach, nothing over anything else, all words to be read."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.hands.layouts.arrange import arrange
from instrument.hands.layouts.asking import patterns
from instrument.hands.layouts.cells import LEAST_KEY, shown
from instrument.hands.layouts.files import DOCUMENT, SESSION, files, same
from instrument.hands.layouts.naming import with_scenes
from instrument.hands.layouts.pages import BAR as BAR_ITEMS
from instrument.hands.layouts.pages import HAND_MADE, Item, Said, Stack
from instrument.hands.layouts.tones import COLOURS, Tone
from instrument.hands.layouts.widgets import (
    BAR,
    HEIGHT,
    TABS,
    WIDTH,
    Box,
    Kind,
    Layout,
    Page,
    Widget,
)
from instrument.hands.layouts.wording import decimals, fits, lines
from instrument.hands.pattern import Pattern
from instrument.house import open_house
from instrument.presets import clouds_asked
from instrument.signals.controls import Bank
from instrument.signals.spec import Curve, Spec, choice, number, switch, trigger, whole

BANK = open_house().bank
LAYOUT = arrange(BANK)
SAME = 0.01


def named(item: Item) -> list[str]:
    if isinstance(item, Stack):
        return [path for inner in item.items for path in named(inner)]
    return [] if isinstance(item, Said) else [item.path]


def overlap(one: Box, other: Box) -> bool:
    return (
        one.left + one.width > other.left + SAME
        and other.left + other.width > one.left + SAME
        and one.top + one.height > other.top + SAME
        and other.top + other.height > one.top + SAME
    )


def faults(widgets: tuple[Widget, ...], height: float) -> list[str]:
    """What lies over something else or outside the page."""
    found = [
        f"{a.id} over {b.id}"
        for a, b in itertools.combinations(widgets, 2)
        if overlap(a.box, b.box)
    ]
    for w in widgets:
        right, bottom = w.box.left + w.box.width, w.box.top + w.box.height
        inside = w.box.left >= 0 and w.box.top >= 0 and right <= WIDTH and bottom <= height + SAME
        if not inside or w.box.width <= 0 or w.box.height <= 0:
            found.append(f"{w.id} outside")
    return found


def heights(layout: Layout) -> list[tuple[Page, float]]:
    return [
        (leaf, HEIGHT - BAR - TABS * (2 if page.pages else 1))
        for page in layout.pages
        for leaf in (page.pages or (page,))
    ]


def test_every_control_that_is_named_by_hand_exists() -> None:
    """A page that names a control which was renamed or removed is found here."""
    paths = [
        p for page in HAND_MADE for row in page.rows for item in row.items for p in named(item)
    ]
    paths += [path for item in BAR_ITEMS for path in named(item)]
    assert [path for path in paths if path not in BANK] == []


def test_every_control_of_the_show_is_within_reach() -> None:
    """Each control of the bank has a widget that sends to it, on a page or on the bar."""
    sent = {w.path for w in LAYOUT.widgets() if w.sends}
    assert {spec.path for spec in BANK} - sent == set()


def test_a_control_of_a_group_that_no_page_knows_is_on_the_last_page() -> None:
    """A room that is added gets a page of its own making, without a change here."""
    stranger = Spec(**{**number(0, 1, 0, "new").__dict__, "path": "kettle.steam"})
    layout = arrange(Bank((*BANK.specs, stranger)))
    assert layout.pages[-1].title == "more"
    assert any(w.path == "kettle.steam" for w in layout.pages[-1].pages[0].widgets)


@pytest.mark.parametrize(("page", "height"), heights(LAYOUT), ids=lambda v: getattr(v, "title", ""))
def test_nothing_lies_over_anything_else(page: Page, height: float) -> None:
    """No two widgets of a page overlap, and none stands out of it."""
    assert faults(page.widgets, height) == []
    assert page.widgets


def test_nothing_on_the_bar_lies_over_anything_else() -> None:
    """The same for what stands below all pages."""
    assert faults(LAYOUT.bar, BAR) == []


def test_every_word_fits_its_place() -> None:
    """No caption and no word on a key is cut, in the smallest letters that are used at the most."""
    cut = [
        f"{w.id}: {w.text}" for w in LAYOUT.widgets()
        if w.text and not fits(w.text, w.box.width, w.box.height, w.size)
    ]  # fmt: skip
    for w in LAYOUT.widgets():
        each = w.box.height / max(1, len(w.choices) if w.kind is Kind.CHOICE else 1)
        cut += [
            f"{w.id}: {word}"
            for word in w.choices
            if not fits(shown(word), w.box.width, each, w.size)
        ]
    assert cut == []


def test_the_titles_fit_their_tabs() -> None:
    """No title is cut in letters of 14 pixels, two lines to a tab."""
    for pages in (LAYOUT.pages, *(page.pages for page in LAYOUT.pages if page.pages)):
        wide = WIDTH / len(pages)
        assert [page.title for page in pages if not fits(page.title, wide, TABS, 14)] == []


def test_what_is_touched_is_large_enough_for_a_finger() -> None:
    """Keys are 34 pixels high at least, which is 7 mm on a tablet of ten inches, and 44 wide."""
    touched = [w for w in LAYOUT.widgets() if w.sends]
    small = []
    for w in touched:
        each = w.box.height / (len(w.choices) if w.kind is Kind.CHOICE else 1)
        if each < LEAST_KEY or w.box.width < 44:
            small.append(f"{w.id}: {w.box.width:.0f} x {each:.0f}")
    assert small == []


def test_no_two_widgets_share_an_id() -> None:
    """Open Stage Control takes widgets of one id for clones of each other."""
    ids = [w.id for w in LAYOUT.widgets()]
    assert len(ids) == len(set(ids))


def test_panic_is_on_every_page_red_and_the_largest_key_of_the_bar() -> None:
    """It stands on the bar below all pages; nothing else is red, and no key beside it is larger."""
    keys = [w for w in LAYOUT.bar if w.sends]
    panic = max(keys, key=lambda w: w.box.width * w.box.height)
    assert (panic.path, panic.tone, panic.argument) == ("show.panic", Tone.PANIC, None)
    assert {w.path for w in LAYOUT.widgets() if w.tone is Tone.PANIC} == {"show.panic"}
    assert {"show.blackout", "show.go", "learning.undo"} <= {w.path for w in keys}


def test_scars_look_other_than_veils() -> None:
    """What changes the training for good has another colour than what is only shown."""
    tones = {w.path: w.tone for w in LAYOUT.widgets() if w.sends}
    assert tones["learning.collapse"] is tones["learning.quake"] is Tone.SCAR
    assert tones["learning.static"] is tones["learning.scratch"] is Tone.VEIL
    assert len(set(COLOURS.values())) == len(Tone)


def test_the_macro_page_has_what_a_performer_needs() -> None:
    """The eight faders, twelve scenes and the cues; panic, blackout and GO are on the bar below it."""
    macro = LAYOUT.pages[0]
    faders = [w.path for w in macro.widgets if w.kind is Kind.FADER]
    assert faders == [
        "learning.heat", "learning.fog", "learning.collapse", "sound.cloud_1.density",
        "sound.drone.level", "sound.glitch.level", "picture.brightness", "picture.feedback",
        "sound.master.level",
    ]  # fmt: skip
    scenes = [w.argument for w in macro.widgets if w.path == "show.scene"]
    assert scenes == [float(n) for n in range(1, 13)]
    heard = {w.hears for w in (*macro.widgets, *LAYOUT.bar)}
    assert {"/show/standing/scene", "/show/standing/next_name", "/show/standing/waits"} <= heard


def test_scene_keys_say_their_names_where_they_fit() -> None:
    """The set list's names stand behind the numbers, except for a name that is too long."""
    names = ("glitch_organ", "", "noise_through_to_twos_and_sevens", "a" * 40)
    keys = {
        (page.title, w.argument): w
        for page in with_scenes(LAYOUT, names).pages
        for w in page.widgets
        if w.path == "show.scene"
    }
    texts = [keys["macro", float(n)].text for n in range(1, 6)]
    assert texts == [
        "1 glitch organ", "scene 2", "3 noise through to twos and sevens", "scene 4", "scene 5",
    ]  # fmt: skip
    assert all(fits(w.text, w.box.width, w.box.height, w.size) for w in keys.values())


def test_a_show_with_fewer_clouds_has_no_pages_for_them() -> None:
    """What a preset does not have is left out, and the rest stays in order."""
    bank = open_house(clouds=clouds_asked("weights")).bank
    layout = arrange(bank)
    assert {w.path for w in layout.widgets() if w.sends} == {spec.path for spec in bank}
    assert [f for page, height in heights(layout) for f in faults(page.widgets, height)] == []


def test_the_patterns_reach_all_that_is_heard_and_no_stream() -> None:
    """A tablet subscribes to all that its widgets hear; the streams of the training it does not get."""
    heard = {w.hears for w in LAYOUT.widgets() if w.hears}
    wanted = [Pattern(text) for text in patterns(heard)]
    assert [a for a in heard if not any(p.matches(a) for p in wanted)] == []
    assert not any(p.matches("/stream/entropy") for p in wanted)


SPECS = st.one_of(
    st.builds(lambda: number(0, 1, 0, "one")),
    st.builds(lambda: number(0.001, 9, 1, "two", unit="semitones", curve=Curve.EXPONENTIAL)),
    st.builds(lambda n: whole(0, n, 0, "three"), st.integers(1, 99)),
    st.builds(lambda: switch(False, "four")),
    st.builds(lambda: trigger("five")),
    st.builds(
        lambda words: choice(words, words[0], "six"),
        st.lists(st.text("abcdef_", min_size=1, max_size=14), min_size=1, max_size=24, unique=True),
    ),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(SPECS, st.sampled_from(("sound.a", "sound.b", "picture.c", "other"))), max_size=70
    )
)
def test_any_bank_is_arranged_without_a_fault(rows: list[tuple[Spec, str]]) -> None:
    """Whatever controls a show has: all within reach, nothing over anything else, no id twice."""
    specs = [
        Spec(**{**spec.__dict__, "path": f"{group}.control_{n}"})
        for n, (spec, group) in enumerate(rows)
    ]
    layout = arrange(Bank(specs))
    assert {w.path for w in layout.widgets() if w.sends} == {spec.path for spec in specs}
    assert [f for page, height in heights(layout) for f in faults(page.widgets, height)] == []
    ids = [w.id for w in layout.widgets()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (number(0, 1, 0, "share"), 3),
        (number(-60, 12, 0, "level"), 2),
        (number(1e-6, 0.1, 5e-4, "rate", curve=Curve.EXPONENTIAL), 6),
        (number(20, 20000, 440, "tone", curve=Curve.EXPONENTIAL), 0),
        (whole(1, 50, 1, "greed"), 0),
    ],
)
def test_a_number_has_as_many_decimals_as_its_fader_can_tell_apart(
    spec: Spec, expected: int
) -> None:
    """A hundredth of the fader's way is seen in the figures, and not much less."""
    assert decimals(spec) == expected


def test_lines_break_at_spaces_only() -> None:
    """A word is never broken: where it is too long it sticks out, and `fits` says so."""
    assert lines("twos and sevens", 70, 12) == ["twos and", "sevens"]
    assert not fits("discriminator", 60, 40, 12)


def test_the_shipped_layouts_are_those_of_the_shipped_controls() -> None:
    """`instrument docs --check` finds the same; another zlib may pack the document otherwise."""
    from instrument.signals import places

    for name, content in files(BANK).items():
        assert same(name, (places.shipped("presets") / "layouts" / name).read_bytes(), content)
    assert not same(DOCUMENT, b"no zlib", files(BANK)[DOCUMENT])
    assert not same(SESSION, b"{}", files(BANK)[SESSION])
