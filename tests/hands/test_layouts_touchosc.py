"""The TouchOSC document, read by py2tosc (which nobody here wrote) and as packed XML."""

import itertools
import re
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from layout_reading import document_hears, document_root, document_touches, placed

from instrument.hands.layouts.files import DOCUMENT, files
from instrument.hands.layouts.tosc import unpack
from instrument.house import open_house

BANK = open_house().bank
FILE = files(BANK, reply_port=9555)[DOCUMENT]
NODES = list(placed(document_root(FILE)))
ADDRESSES = {spec.address for spec in BANK} | {spec.address + "/position" for spec in BANK}
COVERS = {"TEXT"}
"""Words that lie on a button."""


def test_py2tosc_finds_no_fault_and_writes_the_same_file(tmp_path: Path) -> None:
    """Its checks come from files that the editor wrote; what it writes again is the same XML."""
    py2tosc = pytest.importorskip("py2tosc")
    path = tmp_path / "layout.tosc"
    path.write_bytes(FILE)
    document = py2tosc.load(path)
    assert [str(issue) for issue in document.validate()] == []
    document.save(tmp_path / "again.tosc")
    assert unpack((tmp_path / "again.tosc").read_bytes()) == unpack(FILE)


def test_the_same_show_makes_the_same_file() -> None:
    """Ids follow from names, not from chance: a checkout stays clean."""
    assert unpack(files(BANK, reply_port=9555)[DOCUMENT]) == unpack(FILE)


def test_no_two_nodes_share_an_id() -> None:
    """TouchOSC cannot load a document where they do."""
    ids = [each.node.get("ID") for each in NODES]
    assert len(ids) == len(set(ids))


def test_every_node_stands_on_the_screen() -> None:
    """Inside 1024 x 768, pages and their tabs reckoned in."""
    for each in NODES:
        assert each.left >= 0 and each.top >= 0
        assert each.left + each.width <= 1024 and each.top + each.height <= 768


def test_no_two_things_to_touch_overlap() -> None:
    """Neither faders nor buttons nor what is said; the words on a button take no touch."""
    by_page: dict[str, list] = {}
    for each in NODES:
        if each.type in ("FADER", "BUTTON", "LABEL"):
            by_page.setdefault(each.page, []).append(each)
        if each.type in COVERS:
            assert each.property("interactive") == "0"
    for one, other in itertools.chain.from_iterable(
        itertools.combinations(page, 2) for page in by_page.values()
    ):
        apart = (
            one.left + one.width <= other.left or other.left + other.width <= one.left
            or one.top + one.height <= other.top or other.top + other.height <= one.top
        )  # fmt: skip
        assert apart, (one.property("name"), other.property("name"))


def test_every_control_is_within_reach_and_no_other_address_is_sent() -> None:
    """The document alone reaches the whole bank."""
    sent = {address for each in NODES for address, _ in document_touches(each.node)}
    assert sent <= ADDRESSES
    plain = {address.removesuffix("/position") if address not in {s.address for s in BANK} else address
             for address in sent}  # fmt: skip
    assert plain == {spec.address for spec in BANK}


def test_faders_and_switches_follow_what_they_send() -> None:
    """A node that sends a position hears the same one."""
    for each in NODES:
        positions = {a for a, arguments in document_touches(each.node) if a.endswith("/position")
                     and arguments and a.removesuffix("/position") in ADDRESSES}  # fmt: skip
        assert positions <= set(document_hears(each.node))


def test_a_fader_does_not_jump_to_the_finger() -> None:
    """It moves from where it stands (relative response)."""
    faders = [each for each in NODES if each.type == "FADER"]
    assert len(faders) > 200
    assert {each.property("response") for each in faders} == {"1"}


def test_the_root_renews_its_subscription_and_names_its_port() -> None:
    """TouchOSC listens at a port of its own, so the script says which."""
    script = NODES[0].property("script")
    asks = re.findall(r"sendOSC\(\{\"/subscribe\", \{\{tag = 's', value = \"(.*?)\"\}, "
                      r"\{tag = 'i', value = 9555\}\}\}\)", script)  # fmt: skip
    assert len(asks) >= 4 and len(asks) == script.count("sendOSC")
    assert "due = now + 4000" in script


def test_scripts_are_whole() -> None:
    """As many ends as beginnings, quotes in pairs: what a Lua reader would stumble over first."""
    scripts = [each.property("script") for each in NODES if each.property("script")]
    assert len(scripts) > 200
    for script in scripts:
        begun = len(re.findall(r"\bfunction\b|\bif\b", script))
        assert begun == len(re.findall(r"\bend\b", script)), script
        assert script.count('"') % 2 == 0 and script.count("(") == script.count(")")


def test_a_key_sends_what_is_written_on_it() -> None:
    """The words over a button end with its argument: "scene 3" sends 3, "noise" the choice of this name."""
    words = {each.property("name"): text_of(each.node) for each in NODES if each.type == "TEXT"}
    seen = 0
    for each in NODES:
        for _, arguments in document_touches(each.node):
            if each.type == "BUTTON" and arguments and not list(document_touches(each.node))[1:]:
                (argument,) = arguments
                said = argument.replace("_", " ") if isinstance(argument, str) else f"{argument:g}"
                word = words[each.property("name") + "_word"]
                assert word == said or word.endswith(f" {said}")
                seen += 1
    assert seen > 100


def text_of(node: Element) -> str:
    """What a label shows at first."""
    values = node.findall("values/value")
    return next(v.findtext("default", "") for v in values if v.findtext("key") == "text")
