"""`Condition`: what a cue waits for, as a text that a performer writes. Read once, never evaluated as code.

    condition   all_of ("or" all_of)...                     `and` binds tighter than `or`
    all_of      test ("and" test)...
    test        "(" condition ")" [for]  |  NAME RELATION VALUE [for]
    for         "for" NUMBER "s"                            true for so long on end

NAME is a stream, or `seconds`: how long ago the cue before went. RELATION is one of == != < <= > >=. VALUE
is a number, or one of the words of a stream that has words (``state == collapse``); those take == and !=.
A number that is none (NaN) fulfils nothing, not even `!=`.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.streams import StreamSpec

SECONDS = "seconds"
"""Not a stream: seconds since the cue before went."""
LONGEST_TEXT = 400
DEEPEST = 8
"""So many brackets may be open at once."""
LONGEST_FOR_S = 600.0

ValueOf = Callable[[str], float]
"""The value of a stream by its name now; NaN for one that is not there."""

_WORDS = re.compile(r"\s*(?:(==|!=|<=|>=|<|>|=|\(|\))|([A-Za-z_][A-Za-z0-9_]*)|"
                    r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?))")  # fmt: skip


def _same(left: float, right: float) -> bool:
    """Streams travel as float32, so a written .8 is not their .8 to the last bit."""
    return math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-9)


def _other(left: float, right: float) -> bool:
    return not _same(left, right)


RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": _same, "!=": _other,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """One stream against a value. `value` is in the stream's unit (the number of a word)."""

    stream: str
    relation: str
    value: float
    for_s: float = 0.0
    word: str = ""

    def __str__(self) -> str:
        value = self.word or f"{self.value:.7g}"
        return f"{self.stream} {self.relation} {value}{_for_text(self.for_s)}"


@dataclass(frozen=True)
class Group:
    """All or any of some parts."""

    parts: tuple["Comparison | Group", ...]
    every: bool
    for_s: float = 0.0

    def __str__(self) -> str:
        texts = [
            f"({part})" if isinstance(part, Group) and not part.for_s else str(part)
            for part in self.parts
        ]
        text = (" and " if self.every else " or ").join(texts)
        return f"({text}){_for_text(self.for_s)}" if self.for_s else text


Condition = Comparison | Group


def _for_text(for_s: float) -> str:
    return f" for {for_s:g} s" if for_s else ""


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison in it, from left to right."""
    if isinstance(condition, Comparison):
        yield condition
        return
    for part in condition.parts:
        yield from comparisons(part)


def read_condition(text: str, streams: Sequence[StreamSpec]) -> Condition:
    """A condition from its text. Raises `Mistake`: what, where, what is allowed, the likely cure."""
    if len(text) > LONGEST_TEXT:
        raise Mistake(f"a condition of {len(text)} letters; {LONGEST_TEXT} are the most")
    return _Reader(_tokens(text), streams).whole()


class Watch:
    """Whether a condition holds, over time. One for each waiting; pure, time is handed in.

    A part with `for` is true once it was true at every asking for that long. Asking again begins anew where
    it was false in between.
    """

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self._since_s: dict[int, float] = {}

    def holds(self, value_of: ValueOf, now_s: float) -> bool:
        """Whether it holds now. Every part is asked every time, so that each counts its own seconds."""
        return self._holds(self.condition, value_of, now_s)

    def _holds(self, part: Condition, value_of: ValueOf, now_s: float) -> bool:
        if isinstance(part, Comparison):
            value = value_of(part.stream)
            true = not math.isnan(value) and RELATIONS[part.relation](value, part.value)
        else:
            all_parts = [self._holds(each, value_of, now_s) for each in part.parts]
            true = all(all_parts) if part.every else any(all_parts)
        if not part.for_s:
            return true
        if not true:
            self._since_s.pop(id(part), None)
            return False
        return now_s - self._since_s.setdefault(id(part), now_s) >= part.for_s


@dataclass(frozen=True)
class _Token:
    """A piece of the text: its kind (sign, name, number, end), and its first letter's place from 1."""

    kind: str
    text: str
    place: int


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _WORDS.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise Mistake(
                f"letter {at + 1} of the condition, '{text[at]}', means nothing; it is made of streams, "
                f"numbers, {' '.join(RELATIONS)}, and, or, for, brackets"
            )
        kind = ("sign", "name", "number")[(found.lastindex or 1) - 1]
        word = found.group(found.lastindex or 0)
        tokens.append(_Token(kind, word, found.end() - len(word) + 1))
        at = found.end()
    return [*tokens, _Token("end", "", len(text) + 1)]


class _Reader:
    """Recursive descent over the tokens; each method reads one rule of the grammar above."""

    def __init__(self, tokens: list[_Token], streams: Sequence[StreamSpec]) -> None:
        self._tokens, self._at, self._deep = tokens, 0, 0
        self._streams = {stream.name: stream for stream in streams}

    def whole(self) -> Condition:
        if self._next.kind == "end":
            raise Mistake(
                "a condition is empty; it looks like 'state == collapse' or 'reject < 0.3 for 2 s'"
            )
        condition = self._any_of()
        if self._next.kind != "end":
            raise self._wrong("'and', 'or' or the end", ("and", "or", "for"))
        return condition

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _takes(self, word: str) -> bool:
        is_it = self._next.text == word
        self._at += is_it
        return is_it

    def _wrong(self, wanted: str, known: Sequence[str] = ()) -> Mistake:
        token = self._next
        if token.kind == "end":
            return Mistake(f"the condition ends where {wanted} is missing")
        near = did_you_mean(token.text, known)
        return Mistake(f"letter {token.place} of the condition: {wanted}, not '{token.text}'{near}")

    def _any_of(self) -> Condition:
        return self._joined("or", self._all_of, every=False)

    def _all_of(self) -> Condition:
        return self._joined("and", self._test, every=True)

    def _joined(self, word: str, part: Callable[[], Condition], every: bool) -> Condition:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Group(tuple(parts), every)

    def _test(self) -> Condition:
        if self._takes("("):
            return self._bracket()
        stream = self._stream()
        relation = self._relation(stream)
        value, word = self._value(stream)
        return Comparison(stream.name, relation, value, self._for(), word)

    def _bracket(self) -> Condition:
        self._deep += 1
        if self._deep > DEEPEST:
            raise Mistake(f"a condition with more than {DEEPEST} brackets in each other")
        inside = self._any_of()
        self._deep -= 1
        if not self._takes(")"):
            raise self._wrong("the closing bracket ')'")
        for_s = self._for()
        return Group((inside,), True, for_s) if for_s else inside

    def _stream(self) -> StreamSpec:
        token = self._next
        if token.kind != "name" or token.text in ("and", "or", "for"):
            raise self._wrong("the name of a stream")
        if token.text == SECONDS:
            self._take()
            return StreamSpec(SECONDS, 0.0, LONGEST_FOR_S, "since the cue before", unit="s")
        if token.text not in self._streams:
            near = did_you_mean(token.text, [*self._streams, SECONDS])
            raise Mistake(
                f"no stream is called '{token.text}'{near} (`instrument streams` lists them; "
                f"'{SECONDS}' is since the cue before)"
            )
        return self._streams[self._take().text]

    def _relation(self, stream: StreamSpec) -> str:
        token = self._next
        allowed = ("==", "!=") if stream.choices else tuple(RELATIONS)
        if token.text == "=":
            raise Mistake(
                f"letter {token.place} of the condition: '=' compares nothing; did you mean '=='?"
            )
        if token.text not in allowed:
            raise self._wrong(f"'{stream.name}' is followed by one of {' '.join(allowed)}")
        return self._take().text

    def _value(self, stream: StreamSpec) -> tuple[float, str]:
        token = self._next
        if stream.choices:
            if token.text not in stream.choices:
                wanted = f"'{stream.name}' is one of {', '.join(stream.choices)}"
                raise self._wrong(wanted, stream.choices)
            return float(stream.choices.index(self._take().text)), token.text
        if token.kind != "number":
            raise self._wrong(f"'{stream.name}' is compared with a number")
        value = float(self._take().text)
        if not math.isfinite(value):
            raise Mistake(
                f"letter {token.place} of the condition: a number beyond all numbers, '{token.text}'"
            )
        return value, ""

    def _for(self) -> float:
        if not self._takes("for"):
            return 0.0
        token = self._next
        if token.kind != "number":
            raise self._wrong("'for' is followed by seconds, as in 'for 2 s'")
        for_s = float(self._take().text)
        if not 0.0 < for_s <= LONGEST_FOR_S:
            raise Mistake(f"'for {token.text} s': 0 (not itself) to {LONGEST_FOR_S:g} s is allowed")
        if not self._takes("s"):
            raise self._wrong("seconds end in 's', as in 'for 2 s'")
        return for_s
