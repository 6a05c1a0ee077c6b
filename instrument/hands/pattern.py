"""OSC address patterns in linear time: ``? * [a-z] [!a-z] {one,two}``, none of them crosses a ``/``, and
``//`` of OSC 1.1, which stands for any number of levels (``//level`` is every level there is).

A pattern becomes a row of places, one bit each; an address is read once, left to right, and all
places that may be reached are moved at once (shift-and). Nothing is ever tried twice, so the most
hostile pattern costs as much as a friendly one of its length.
"""

from collections.abc import Iterable
from functools import lru_cache

from instrument.hands.packet import Refusal

WILD = frozenset("?*[]{}")
MAX_BRACES = 8


def is_pattern(address: str) -> bool:
    """Whether an address asks for more than itself."""
    return not WILD.isdisjoint(address) or "//" in address


class Pattern:
    """One compiled pattern. Immutable."""

    def __init__(self, text: str) -> None:
        """Raises `Refusal` where a bracket or brace is left open."""
        self._literal: dict[str, int] = {}
        self._excluded: dict[str, int] = {}
        self._any = 0
        self._stars = 0
        self._jumps: list[tuple[int, int]] = []
        self._places = 0
        at = 0
        while at < len(text):
            at = self._compile(text, at)
        self._end = 1 << self._places

    def matches(self, address: str) -> bool:
        """Whether the whole address fits."""
        reached = self._leap(1)
        for character in address:
            fits = self._literal.get(character, 0)
            if character != "/":
                fits |= self._any & ~self._excluded.get(character, 0)
            here = reached & fits
            stay = here & self._stars
            reached = self._leap(((here ^ stay) << 1) | stay)
            if not reached:
                return False
        return bool(reached & self._end)

    def _leap(self, reached: int) -> int:
        """Add the places that are reached without reading: past stars, into and out of braces."""
        if not self._jumps:
            return reached | (reached & self._stars) << 1
        reached |= (reached & self._stars) << 1
        for origin, goals in self._jumps:
            if reached & origin:
                reached |= goals
                reached |= (reached & self._stars) << 1
        return reached

    def _place(self) -> int:
        self._places += 1
        return 1 << self._places - 1

    def _compile(self, text: str, at: int) -> int:
        """Compile what begins at character `at`; returns the character after it."""
        character = text[at]
        if character == "*":
            if not self._places or not self._stars >> self._places - 1 & 1:
                place = self._place()
                self._stars |= place
                self._any |= place
        elif character == "?":
            self._any |= self._place()
        elif character == "[":
            return self._compile_class(text, at)
        elif character == "{":
            return self._compile_braces(text, at)
        elif character == "/" and text.startswith("//", at):
            return self._compile_levels(text, at)
        elif character in "]}":
            raise Refusal(f"'{character}' without its opening half")
        else:
            self._accept(self._place(), character)
        return at + 1

    def _accept(self, place: int, character: str) -> None:
        self._literal[character] = self._literal.get(character, 0) | place

    def _compile_class(self, text: str, at: int) -> int:
        end = text.find("]", at + 1)
        if end < 0:
            raise Refusal("'[' without ']'")
        inside = text[at + 1 : end]
        negated = inside.startswith("!")
        members = _members(inside[1:] if negated else inside) - {"/"}
        place = self._place()
        if negated:
            self._any |= place
            for member in members:
                self._excluded[member] = self._excluded.get(member, 0) | place
        else:
            for member in members:
                self._accept(place, member)
        return end + 1

    def _compile_levels(self, text: str, at: int) -> int:
        """``//``: a slash, and perhaps anything and another slash."""
        if len(self._jumps) >= 2 * MAX_BRACES:
            raise Refusal(f"more than {MAX_BRACES} braces and '//'")
        self._accept(self._place(), "/")
        origin, anything = self._place(), self._place()
        self._stars |= anything
        self._any |= anything
        self._accept(anything, "/")
        self._accept(self._place(), "/")
        after = 1 << self._places
        self._jumps.append((origin, anything | after))
        return at + len(text[at:]) - len(text[at:].lstrip("/"))

    def _compile_braces(self, text: str, at: int) -> int:
        end = text.find("}", at + 1)
        if end < 0:
            raise Refusal("'{' without '}'")
        if len(self._jumps) >= 2 * MAX_BRACES:
            raise Refusal(f"more than {MAX_BRACES} braces and '//'")
        origin = self._place()
        begins, ends = 0, 0
        for word in text[at + 1 : end].split(","):
            begins |= 1 << self._places
            for character in word:
                self._accept(self._place(), character)
            ends |= self._place()
        after = 1 << self._places
        self._jumps.append((origin, begins))
        self._jumps.append((ends, after))
        return end + 1


def _members(inside: str) -> frozenset[str]:
    members: set[str] = set()
    at = 0
    while at < len(inside):
        if inside[at + 1 : at + 2] == "-" and at + 2 < len(inside):
            members.update(map(chr, range(ord(inside[at]), ord(inside[at + 2]) + 1)))
            at += 3
        else:
            members.add(inside[at])
            at += 1
    return frozenset(members)


class AddressBook:
    """The addresses of a show, found exactly or by pattern. OSC thread."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._addresses = tuple(addresses)
        self._known = frozenset(self._addresses)
        self.matching = lru_cache(maxsize=256)(self._matching)

    @property
    def searched(self) -> int:
        """How often all addresses were looked through."""
        return self.matching.cache_info().misses

    def find(self, address: str) -> tuple[str, ...]:
        """The addresses meant; none if there are none. Raises `Refusal` for a broken pattern."""
        if address in self._known:
            return (address,)
        return self.matching(address) if is_pattern(address) else ()

    def _matching(self, text: str) -> tuple[str, ...]:
        pattern = Pattern(text)
        return tuple(a for a in self._addresses if pattern.matches(a))
