"""The session file, read as Open Stage Control reads it (the facts are in `layout_reading`)."""

import json
import re

from layout_reading import (
    KNOWN_MODES,
    KNOWN_PROPERTIES,
    session_root,
    session_touches,
    session_widgets,
)

from instrument.hands.layouts.files import SESSION, files
from instrument.house import open_house

BANK = open_house().bank
ROOT = session_root(files(BANK, "192.168.1.20", 9100)[SESSION])
WIDGETS = list(session_widgets(ROOT))
ADDRESSES = {spec.address for spec in BANK} | {spec.address + "/position" for spec in BANK}


def test_each_widget_has_only_what_its_type_knows() -> None:
    """A type that the program has, and no property that it would ignore."""
    for widget in WIDGETS:
        assert set(widget) - KNOWN_PROPERTIES[widget["type"]] == set(), widget["id"]
        assert widget.get("mode", "tap") in KNOWN_MODES.get(widget["type"], {"tap"})


def test_ids_are_unique() -> None:
    """Widgets that share an id would mirror each other."""
    ids = [widget["id"] for widget in WIDGETS]
    assert len(ids) == len(set(ids))


def test_no_panel_has_widgets_and_tabs() -> None:
    """The program takes either, not both."""
    assert [w["id"] for w in WIDGETS if w.get("widgets") and w.get("tabs")] == []


def test_everything_stands_inside_its_panel() -> None:
    """Places are percentages of the panel; none goes beyond 100."""
    for widget in WIDGETS:
        if isinstance(widget.get("left"), str):
            left, top, width, height = (
                float(widget[key].rstrip("%")) for key in ("left", "top", "width", "height")
            )
            assert left >= 0 and top >= 0 and left + width <= 100.01 and top + height <= 100.01


def test_what_is_sent_goes_to_the_show_alone_and_once() -> None:
    """Each widget names the show as its target and not the server's own: a bang must not go twice."""
    touched = [widget for widget in WIDGETS if list(session_touches(widget))]
    assert len(touched) > len(BANK)
    for widget in touched:
        assert widget["target"] == "192.168.1.20:9100" and widget["ignoreDefaults"] is True
        assert {address for address, _ in session_touches(widget)} <= ADDRESSES


def test_faders_send_positions_as_fine_as_a_hand_can_move() -> None:
    """From 0 to 1 in ten thousandths; the program's own two decimals would be steps that are heard."""
    faders = [widget for widget in WIDGETS if widget["type"] == "fader"]
    assert len(faders) > 200
    for fader in faders:
        assert fader["address"].endswith("/position") and fader["range"] == {"min": 0, "max": 1}
        assert fader["decimals"] == 4 and fader["snap"] is False


def test_a_choice_offers_every_word_in_order() -> None:
    """The values are the words that the show says; no label is a bare number (it would lose its place)."""
    for widget in WIDGETS:
        if widget["type"] in ("switch", "dropdown"):
            spec = next(s for s in BANK if s.address == widget["address"])
            assert tuple(widget["values"].values()) == spec.choices
            assert not any(label.isdigit() for label in widget["values"])


def test_the_root_renews_its_subscription() -> None:
    """Its script asks at once, and every four seconds, where a subscription lasts ten."""
    script = ROOT["onCreate"]
    sent = re.findall(r"send\((.*?)\)$", script, re.MULTILINE)
    assert all(
        json.loads(f"[{words}]")[:2] == ["192.168.1.20:9100", "/subscribe"] for words in sent
    )
    assert len(sent) >= 4 and "setInterval('subscribe', ask, 4000)" in script
    assert script.endswith("\nask()")


def test_a_key_sends_what_is_written_on_it() -> None:
    """The last words of its label are its argument: "scene 3" sends 3, "latent walk" that look."""
    keys = [widget for widget in WIDGETS if widget.get("mode") == "tap" and "label" in widget]
    assert len(keys) > 50
    for key in keys:
        said = key["on"].replace("_", " ") if isinstance(key["on"], str) else f"{key['on']:g}"
        assert key["label"] == said or key["label"].endswith(f" {said}")
