"""The few lines of Lua in a TouchOSC document. Each control runs its own; none shares anything."""

import json
from collections.abc import Sequence

from instrument.hands.layouts.asking import RENEW_MS, SUBSCRIBE
from instrument.hands.layouts.cells import shown
from instrument.hands.layouts.tones import Colour


def _lua(text: str) -> str:
    # Names are letters, digits and signs of addresses; JSON quotes these as Lua does.
    return json.dumps(text)


def asking(patterns: Sequence[str], reply_port: int) -> str:
    """For the root: subscribes, and again before the subscription ends."""
    asks = "\n".join(
        f"  sendOSC({{{_lua(SUBSCRIBE)}, {{{{tag = 's', value = {_lua(pattern)}}}, "
        f"{{tag = 'i', value = {reply_port}}}}}}})"
        for pattern in patterns
    )
    return (
        "local due = 0\n"
        "function update()\n"
        "  local now = getMillis()\n"
        "  if now < due then return end\n"
        f"  due = now + {RENEW_MS}\n{asks}\nend\n"
    )


_HEARD = (
    "function onReceiveOSC(message, connections)\n"
    "  local first = message[2][1]\n"
    "  if first == nil then return true end\n"
    "  local said = first.value\n"
)


def saying(decimals: int) -> str:
    """For a label: shows the number or text that comes."""
    return (
        f"{_HEARD}"
        f"  if type(said) == 'number' then said = string.format('%.{decimals}f', said) end\n"
        "  self.values.text = tostring(said)\n  return true\nend\n"
    )


def naming(words: Sequence[str]) -> str:
    """For a label: shows a word, also where its number comes."""
    table = ", ".join(_lua(shown(word)) for word in words)
    return (
        f"local words = {{{table}}}\n{_HEARD}"
        "  if type(said) == 'number' then said = words[math.floor(said + 0.5) + 1] end\n"
        "  self.values.text = tostring(said)\n  return true\nend\n"
    )


def lighting(word: str, number: int, lit: Colour, dark: Colour) -> str:
    """For a key of a choice: lit while its word (or its number) is what stands."""
    colours = (f"Color({', '.join(f'{part:g}' for part in (*each, 1.0))})" for each in (lit, dark))
    on, off = colours
    return (
        f"{_HEARD}"
        f"  if said == {_lua(word)} or said == {number} then self.color = {on}\n"
        f"  else self.color = {off} end\n  return true\nend\n"
    )
