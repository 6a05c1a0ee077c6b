"""Address patterns: OSC 1.0's, against a slow matcher that simply tries everything."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.hands.packet import Refusal
from instrument.hands.pattern import AddressBook, Pattern

pieces = st.one_of(
    st.sampled_from(
        ["*", "?", "/", "a", "b", "ab", "[ab]", "[!a]", "[a-c]", "{a,b}", "{ab,b}", "{,a}"]
    ),
)
patterns = st.lists(pieces, max_size=8).map("".join)
addresses = st.text("abc/", max_size=8)


def slow_reference(pattern: str) -> re.Pattern[str]:
    """The same language as a regular expression with backtracking."""
    out, at = "", 0
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith("//", at):
            out += "/(?:.*/)?"
            at += len(pattern[at:]) - len(pattern[at:].lstrip("/")) - 1
        elif character == "*":
            out += "[^/]*"
        elif character == "?":
            out += "[^/]"
        elif character == "[":
            end = pattern.index("]", at)
            inside = pattern[at + 1 : end]
            out += f"[^/{inside[1:]}]" if inside[0] == "!" else f"[{inside}]"
            at = end
        elif character == "{":
            end = pattern.index("}", at)
            out += "(?:" + "|".join(pattern[at + 1 : end].split(",")) + ")"
            at = end
        else:
            out += re.escape(character)
        at += 1
    return re.compile(out)


@settings(max_examples=1500, deadline=None)
@given(patterns, addresses)
def test_matches_exactly_what_the_slow_matcher_matches(pattern: str, address: str) -> None:
    """For every pattern and address the answer is that of the reference."""
    assert Pattern(pattern).matches(address) == bool(slow_reference(pattern).fullmatch(address))


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/learning/*", ["/learning/heat", "/learning/fog"]),
        ("/*/level", ["/drone/level", "/cloud/level"]),
        ("/{drone,cloud}/level", ["/drone/level", "/cloud/level"]),
        ("/learning/[f-h]*", ["/learning/heat", "/learning/fog"]),
        ("/learning/[!f]*", ["/learning/heat"]),
        ("/*", []),
        ("//level", ["/drone/level", "/cloud/level"]),
        ("//{heat,level}", ["/learning/heat", "/drone/level", "/cloud/level"]),
        ("/learning//fog", ["/learning/fog"]),
        ("/learning/heat", ["/learning/heat"]),
    ],
)
def test_book_finds_what_a_performer_means(pattern: str, found: list[str]) -> None:
    """Patterns stay between slashes; an exact address is found without one."""
    book = AddressBook(["/learning/heat", "/learning/fog", "/drone/level", "/cloud/level"])
    assert list(book.find(pattern)) == found


@pytest.mark.parametrize("text", ["/a[", "/a{b", "/a]", "/a}", "/" + "{a,b}" * 9])
def test_broken_pattern_is_refused(text: str) -> None:
    """Brackets left open, and more braces than anybody needs, are refused."""
    with pytest.raises(Refusal):
        Pattern(text)


@pytest.mark.parametrize(
    "hostile", ["*a" * 120, "?*" * 120, "{a,}" * 8 + "*a" * 100, "[a-z]*" * 40, "//a*" * 7]
)
def test_hostile_pattern_costs_no_more_than_its_length(hostile: str) -> None:
    """Patterns that keep a regular expression busy for seconds are answered; nothing explodes."""
    book = AddressBook([f"/learning/{'a' * 20}{number}" for number in range(60)])
    began = time.perf_counter()
    assert book.find("/learning/" + hostile + "!") == ()
    assert time.perf_counter() - began < 5.0, "this would be minutes if anything were tried twice"
