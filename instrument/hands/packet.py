"""Raw OSC packets, checked before the library sees them.

python-osc loops for ever on a bundle element of size -4, lets bad UTF-8 and deep nesting escape its
error handling, and passes over unknown tags without their bytes. What leaves `messages` can do none
of that: every size, string, tag and argument has been walked once.
"""

import struct
from collections.abc import Iterator

MAX_PACKET = 65507
MAX_ADDRESS = 255
MAX_DEPTH = 4
MAX_ARGUMENTS = 64

IMMEDIATELY = 1
BUNDLE = b"#bundle\0"

_FIXED = dict.fromkeys(b"ifcrm", 4) | dict.fromkeys(b"hdt", 8) | dict.fromkeys(b"TFNI[]", 0)
_STRINGS = frozenset(b"sS")
_BLOB = ord("b")
_OPEN, _CLOSE = b"[]"
_TO_LIBRARY = bytes.maketrans(b"IScr", b"Nsim")
"""Tags of the same size and meaning to us which python-osc does not read."""

_size = struct.Struct(">i").unpack_from
_time_tag = struct.Struct(">Q").unpack_from


class Refusal(Exception):
    """Why a packet or a message is not taken, in a few words."""


def messages(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Every message of a packet as (NTP time tag, message that python-osc reads safely).

    `packet`: one datagram. The time tag is `IMMEDIATELY` outside a bundle. Raises `Refusal`; a
    packet is refused as a whole, so take the list before acting on any of it.
    """
    if not packet:
        raise Refusal("an empty packet")
    if len(packet) > MAX_PACKET:
        raise Refusal(f"longer than {MAX_PACKET} bytes")
    if len(packet) % 4:
        raise Refusal("its length is no multiple of 4")
    yield from _element(packet, IMMEDIATELY, 0)


def _element(data: bytes, time_tag: int, depth: int) -> Iterator[tuple[int, bytes]]:
    if data.startswith(b"/"):
        yield time_tag, _checked_message(data)
    elif data.startswith(BUNDLE):
        yield from _bundle(data, depth + 1)
    else:
        raise Refusal("neither an address nor a bundle")


def _bundle(data: bytes, depth: int) -> Iterator[tuple[int, bytes]]:
    if depth > MAX_DEPTH:
        raise Refusal(f"bundles nested deeper than {MAX_DEPTH}")
    if len(data) < 16:
        raise Refusal("a bundle cut short")
    (time_tag,) = _time_tag(data, 8)
    at = 16
    while at < len(data):
        (size,) = _size(data, at)
        at += 4
        if size <= 0 or size % 4 or at + size > len(data):
            raise Refusal(f"a bundle element of {size} bytes")
        yield from _element(data[at : at + size], time_tag, depth)
        at += size


def _checked_message(data: bytes) -> bytes:
    end = data.find(0)
    if not 0 < end <= MAX_ADDRESS:
        raise Refusal("an address without an end" if end < 0 else "an address beyond 255 bytes")
    address = data[:end]
    if not address.isascii() or not address.decode("ascii").isprintable():
        raise Refusal("an address that is not plain ASCII")
    at = _after_string(end)
    if at == len(data):
        return data
    first = at
    if data[at] != ord(","):
        raise Refusal("no type tags")
    end = data.find(0, at)
    if end < 0:
        raise Refusal("type tags without an end")
    tags = data[at + 1 : end]
    if len(tags) > MAX_ARGUMENTS:
        raise Refusal(f"more than {MAX_ARGUMENTS} arguments")
    after = _check_arguments(data, tags, _after_string(end))
    translated = tags.translate(_TO_LIBRARY)
    if translated == tags:
        return data
    return b"".join((data[: first + 1], translated, data[end:after]))


def _check_arguments(data: bytes, tags: bytes, at: int) -> int:
    """Walk the arguments from byte `at`; returns the byte after the last."""
    depth = 0
    for tag in tags:
        if tag in _FIXED:
            depth += (tag == _OPEN) - (tag == _CLOSE)
            if depth < 0:
                break
            at += _FIXED[tag]
        elif tag in _STRINGS:
            end = data.find(0, at)
            if end < 0:
                raise Refusal("a text without an end")
            _check_text(data[at:end])
            at = _after_string(end)
        elif tag == _BLOB:
            at = _after_blob(data, at)
        else:
            raise Refusal(f"an unknown type tag '{chr(tag)}'" if tag < 127 else "a bad type tag")
        if at > len(data):
            raise Refusal("cut short")
    if depth:
        raise Refusal("brackets in the type tags that do not match")
    return at


def _check_text(text: bytes) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("a text that is not UTF-8") from None


def _after_string(end: int) -> int:
    """Byte after a string whose closing zero is at byte `end`: padded to a multiple of 4."""
    return (end | 3) + 1


def _after_blob(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise Refusal("cut short")
    (size,) = _size(data, at)
    if size < 0:
        raise Refusal(f"a blob of {size} bytes")
    return at + 4 + (size + 3 & ~3)
