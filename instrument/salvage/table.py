"""The list of runs for a terminal: two lines for each, 100 columns at the most."""

import textwrap
from collections.abc import Sequence

from instrument.salvage.facts import Facts
from instrument.salvage.findings import clock_text
from instrument.salvage.listing import Entry, local_date
from instrument.signals import places
from instrument.signals.spoken import cut, printable

FRESH_S = 3.0
"""A run that was written to so shortly ago, and has no end, is being recorded."""
NAME_WIDTH = 40
HEAD = f"{'run':<{NAME_WIDTH}} {'date':<18}{'length':>8}{'steps':>9}{'acts':>6}{'size':>10}{'saved':>6} v"
"""99 columns. `acts` are gestures, `saved` moments of the training, `v` is the format of the file."""
LONGEST_S = 99 * 3600
"""What is longer is said in hours."""
INDENT = "    "
WIDTH = 100
STATES_SHOWN = 4


def lines(found: Sequence[Entry], now_s: float) -> list[str]:
    """The list for a terminal, no line wider than `WIDTH`. `now_s`: seconds of the day, for `live`."""
    fault = places.home_fault()
    if not found:
        return [fault or f"there are no runs in {places.home() / 'runs'} yet; perform records one"]
    return [*_folded(fault), HEAD, *(line for entry in found for line in _lines(entry, now_s))]


def _lines(entry: Entry, now_s: float) -> list[str]:
    name = cut(_one_line(entry.path.stem), NAME_WIDTH)
    if entry.facts is None:
        return _folded(f"{name}: {_one_line(entry.what)}")
    known, began = entry.facts, local_date(entry.facts.date)
    first = (
        f"{name:<{NAME_WIDTH}} {f'{began:%Y-%m-%d %H:%M}' if began else '-':<18}"
        f"{_length(known.length_s):>8}{_number(known.steps):>9}{_number(known.gestures):>6}"
        f"{_size(entry.size):>10}{_number(known.moments):>6} {known.format}"
    )
    source = ", ".join(cut(_one_line(word), 40) for word in (known.preset, known.net) if word)
    words = (_states(known), *_words(entry, known, now_s))
    return [first, *_folded(f"{INDENT}{source}: {'; '.join(words)}")]


def _words(entry: Entry, known: Facts, now_s: float) -> list[str]:
    words = ["shipped"] * entry.shipped + ["automatic"] * known.automatic
    if known.damage:
        fresh = "cut short" in known.damage and 0 <= now_s - entry.modified_s < FRESH_S
        words.append("being recorded, or cut short just now" if fresh else known.damage)
    return words


def _states(known: Facts) -> str:
    """``healthy 71 %, collapse 12 %``; about so much where only some chunks were read."""
    if not known.states:
        return "no steps"
    shown = [f"{word} {share:.0%}" for word, share in known.states[:STATES_SHOWN] if share >= 0.005]
    return ("about " if known.sampled else "") + _one_line(", ".join(shown))


def _folded(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=INDENT + "  ", break_long_words=True)


def _one_line(text: str) -> str:
    return printable(text).replace("\n", " ")


def _length(length_s: float) -> str:
    if length_s < LONGEST_S:
        return clock_text(length_s).partition(".")[0]
    return f"{length_s / 3600:.0f} h" if length_s < 100 * LONGEST_S else "years"


def _number(number: int | None) -> str:
    return "?" if number is None else str(number) if number < 10**7 else f"{number:.0e}"


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
