"""The scripts of the layouts, run: Lua 5.1 as in TouchOSC, JavaScript by node; what they call is ours."""

import itertools
import json
import shutil
import subprocess
from typing import Any

import pytest
from layout_reading import document_root, placed, session_root

from instrument.hands.layouts import scripts
from instrument.hands.layouts.asking import RENEW_MS
from instrument.hands.layouts.files import DOCUMENT, SESSION, files
from instrument.hands.subscribers import RENEWED_S
from instrument.house import open_house

lua51 = pytest.importorskip("lupa.lua51")

BANK = open_house().bank
FILES = files(BANK)
PROGRAM = """
sent, now = {}, 0
self = {values = {text = ''}, color = 'at first'}
function getMillis() return now end
function sendOSC(message) sent[#sent + 1] = message end
function Color(r, g, b, a) return string.format('%.2f %.2f %.2f', r, g, b) end
function hear(tag, value) return onReceiveOSC({'/x', {{tag = tag, value = value}}}, {}) end
"""
"""What TouchOSC gives a script, as far as these use it."""


def control(script: str) -> Any:
    """A Lua of its own in which the script was read, as each control has one."""
    lua = lua51.LuaRuntime()
    lua.execute(PROGRAM)
    lua.execute(script)
    return lua


@pytest.mark.parametrize(
    ("decimals", "tag", "value", "shown"),
    [(2, "f", 0.5, "0.50"), (0, "f", 17.6, "18"), (6, "f", 5e-4, "0.000500"), (2, "s", "GO", "GO")],
)
def test_a_label_shows_what_comes(decimals: int, tag: str, value: object, shown: str) -> None:
    """A number with its decimals, a text as it is; nothing more is done with the message."""
    lua = control(scripts.saying(decimals))
    assert lua.globals().hear(tag, value) is True
    assert lua.eval("self.values.text") == shown


@pytest.mark.parametrize(("tag", "value"), [("s", "latent_walk"), ("i", 1), ("f", 0.9)])
def test_a_menu_names_its_word(tag: str, value: object) -> None:
    """By the word, or by its number."""
    lua = control(scripts.naming(("barcode", "latent_walk")))
    lua.globals().hear(tag, value)
    assert lua.eval("self.values.text").replace("_", " ") == "latent walk"


def test_a_key_is_lit_while_its_word_stands() -> None:
    """And dark when another one comes."""
    lua = control(scripts.lighting("fade", 1, (1.0, 0.1, 0.1), (0.3, 0.0, 0.0)))
    hear = lua.globals().hear
    for tag, value, colour in (
        ("s", "fade", "1.00 0.10 0.10"), ("s", "off", "0.30 0.00 0.00"), ("f", 1.0, "1.00 0.10 0.10"),
    ):  # fmt: skip
        assert hear(tag, value) is True
        assert lua.eval("self.color") == colour


def test_an_empty_message_changes_nothing() -> None:
    """No script fails on a message without arguments."""
    for script in (
        scripts.saying(2),
        scripts.naming(("a",)),
        scripts.lighting("a", 0, (1, 1, 1), (0, 0, 0)),
    ):
        lua = control(script)
        assert lua.execute("return onReceiveOSC({'/x', {}}, {})") is True
        assert lua.eval("self.color") == "at first" and lua.eval("self.values.text") == ""


def test_the_root_asks_in_time() -> None:
    """Every four seconds, whatever the rate of frames; a subscription lasts ten."""
    lua = control(next(placed(document_root(FILES[DOCUMENT]))).property("script"))
    times = []
    for now in range(0, 20_000, 16):
        lua.globals().now = now
        before = lua.eval("#sent")
        lua.globals().update()
        if lua.eval("#sent") > before:
            times.append(now)
    assert times[0] == 0 and len(times) == 5
    assert max(b - a for a, b in itertools.pairwise(times)) < RENEWED_S * 1000 / 2
    first = lua.eval("sent[1]")
    assert first[1] == "/subscribe" and first[2][1].tag == "s" and first[2][2].value == 9001


def test_every_script_of_the_document_is_read() -> None:
    """Lua takes each of them without a fault."""
    texts = {each.property("script") for each in placed(document_root(FILES[DOCUMENT]))} - {""}
    assert len(texts) > 30
    for text in texts:
        control(text)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_session_asks_at_once_and_again() -> None:
    """A JavaScript engine reads its script; `send` and `setInterval` are called as the program has them."""
    script = session_root(FILES[SESSION])["onCreate"]
    program = (
        "const sent = [], timers = []\n"
        "const send = (...words) => sent.push(words)\n"
        "const setInterval = (id, callback, period) => timers.push([id, callback, period])\n"
        f"new Function('send', 'setInterval', {json.dumps(script)})(send, setInterval)\n"
        "const first = sent.length\n"
        "timers[0][1]()\n"
        "console.log(JSON.stringify([first, sent, timers[0][0], timers[0][2]]))\n"
    )
    ended = subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    first, sent, name, period = json.loads(ended.stdout)
    assert first > 0 and len(sent) == 2 * first and (name, period) == ("subscribe", RENEW_MS)
    assert all(words[:2] == ["127.0.0.1:9000", "/subscribe"] for words in sent)
