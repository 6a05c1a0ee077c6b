"""Packets for the tests: friendly ones built by python-osc, hostile ones by hand."""

import struct

from pythonosc.osc_message_builder import OscMessageBuilder

from instrument.hands.packet import IMMEDIATELY, MAX_ARGUMENTS


def built(address: str, *arguments: object) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)  # type: ignore[arg-type]
    return bytes(builder.build().dgram)


def bundled(*contents: bytes, tag: int = IMMEDIATELY) -> bytes:
    packet = b"#bundle\0" + struct.pack(">Q", tag)
    return packet + b"".join(struct.pack(">i", len(c)) + c for c in contents)


HOSTILE = {
    "no bytes": b"",
    "no multiple of four": b"/abc\0",
    "element of size -4": b"#bundle\0" + struct.pack(">Qi", 1, -4),
    "element of size 0": b"#bundle\0" + struct.pack(">Qi", 1, 0),
    "element beyond the end": b"#bundle\0" + struct.pack(">Qi", 1, 400) + b"/a\0\0",
    "bundle without a time": b"#bundle\0",
    "five bundles in one another": bundled(bundled(bundled(bundled(bundled(b"/a\0\0"))))),
    "address of bad bytes": b"/\xff\xfe\0,\0\0\0",
    "address without an end": b"/abc",
    "address of 300 bytes": b"/" + b"a" * 299 + b"\0\0\0\0",
    "unknown tag": b"/a\0\0,q\0\0",
    "tag beyond ASCII": b"/a\0\0,\xe9\0\0",
    "tags without a comma": b"/a\0\0if\0\0" + bytes(8),
    "missing argument": b"/a\0\0,i\0\0",
    "text without an end": b"/a\0\0,s\0\0abcd",
    "text of bad bytes": b"/a\0\0,s\0\0\xff\xfe\xfd\0",
    "blob of -1 bytes": b"/a\0\0,b\0\0" + struct.pack(">i", -1),
    "blob beyond the end": b"/a\0\0,b\0\0" + struct.pack(">i", 4000),
    "bracket left open": b"/a\0\0,[i\0" + bytes(4),
    "bracket never opened": b"/a\0\0,]\0\0",
    "too many arguments": b"/a\0\0," + b"T" * (MAX_ARGUMENTS + 1) + bytes(6 - MAX_ARGUMENTS % 4),
    "neither message nor bundle": b"hello\0\0\0",
}
