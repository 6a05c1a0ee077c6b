"""OSC in a stream of bytes: SLIP with END on both sides (OSC 1.1), or a size before each packet (OSC 1.0).

| first byte of a connection | what it speaks                                              |
|----------------------------|-------------------------------------------------------------|
| 192 (END)                  | SLIP                                                        |
| ``/`` or ``#``             | SLIP, by somebody who leaves out the END in front           |
| 0                          | packets, each with its size in front as a big-endian int32  |
| anything else              | nothing we know: `Refusal`                                  |
"""

from typing import Protocol

from instrument.hands.packet import MAX_PACKET, Refusal

END, ESC, ESC_END, ESC_ESC = b"\xc0", b"\xdb", b"\xdc", b"\xdd"
SIZE_BYTES = 4


class Framing(Protocol):
    """How packets lie in a stream."""

    def take(self, data: bytes) -> list[bytes]:
        """Packets that are whole now, in order; the rest is kept. Raises `Refusal` for what cannot be."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes kept of a packet that is not whole yet."""
        ...

    def framed(self, packet: bytes) -> bytes:
        """A packet as it goes into the stream."""
        ...


class Slip:
    """SLIP with double END: RFC 1055, as OSC 1.1 wants it. Nothing between two ENDs is passed over."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def waiting(self) -> int:
        return len(self._rest)

    def take(self, data: bytes) -> list[bytes]:
        *whole, self._rest = (self._rest + data).split(END)
        if len(self._rest) > 2 * MAX_PACKET:
            self._rest = b""
            raise Refusal(f"a packet without an end, longer than {MAX_PACKET} bytes")
        return [_plain(packet) for packet in whole if packet]

    def framed(self, packet: bytes) -> bytes:
        return END + packet.replace(ESC, ESC + ESC_ESC).replace(END, ESC + ESC_END) + END


def _plain(packet: bytes) -> bytes:
    """Undo the escapes, those of END first: what an escaped ESC leaves is no escape any more."""
    if ESC not in packet:
        return packet
    parts = packet.split(ESC)
    out = [parts[0]]
    for part in parts[1:]:
        if part[:1] == ESC_END:
            out.append(END + part[1:])
        elif part[:1] == ESC_ESC:
            out.append(ESC + part[1:])
        else:
            raise Refusal("a SLIP escape that means nothing")
    return b"".join(out)


class Sized:
    """An int32 with the size before each packet, as OSC 1.0 has it."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def waiting(self) -> int:
        return len(self._rest)

    def take(self, data: bytes) -> list[bytes]:
        rest, at, whole = self._rest + data, 0, []
        while len(rest) - at >= SIZE_BYTES:
            size = int.from_bytes(rest[at : at + SIZE_BYTES], "big", signed=True)
            if not 0 <= size <= MAX_PACKET:
                raise Refusal(f"a packet of {size} bytes")
            end = at + SIZE_BYTES + size
            if end > len(rest):
                break
            whole.append(rest[at + SIZE_BYTES : end])
            at = end
        self._rest = rest[at:]
        return [packet for packet in whole if packet]

    def framed(self, packet: bytes) -> bytes:
        return len(packet).to_bytes(SIZE_BYTES, "big") + packet


def framing_of(first: int) -> Framing:
    """Which of the two begins with this byte. Raises `Refusal`."""
    if bytes((first,)) in (END, b"/", b"#"):
        return Slip()
    if first == 0:
        return Sized()
    raise Refusal(
        "speaks neither SLIP (a byte 192 first) nor sizes (an int32 before each packet), the two ways of "
        "OSC over TCP"
    )
