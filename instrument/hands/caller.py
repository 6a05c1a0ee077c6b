"""`Caller`: who sent a packet, and the way back to it."""

from collections.abc import Callable
from dataclasses import dataclass

from instrument.hands.crowd import Sender

Send = Callable[[bytes], bool]
"""Sends one packet without waiting; whether it was taken."""


@dataclass(frozen=True)
class Caller:
    """The sender of a packet. `reply` is None for one that came by UDP: it is answered by UDP."""

    sender: Sender
    reply: Send | None = None

    @property
    def host(self) -> str:
        """Its address, in numbers."""
        return self.sender[0]

    @property
    def who(self) -> str:
        """The hand as it is told, ``osc 127.0.0.1:5511``."""
        return f"osc {self.sender[0]}:{self.sender[1]}"
