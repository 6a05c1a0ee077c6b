"""Names of devices, made from names of ports: the same after a restart, a replug, in another socket.

| system        | a port is called                                     | the device             |
|---------------|------------------------------------------------------|------------------------|
| ALSA          | nanoKONTROL2:nanoKONTROL2 MIDI 1 28:0                | nanoKONTROL2           |
| JACK          | seq:out                                              | seq                    |
| JACK, a2jmidid| a2j:nanoKONTROL2 [20] (capture): nanoKONTROL2 MIDI 1 | nanoKONTROL2           |
| PipeWire      | Midi-Bridge:nanoKONTROL2:(capture_0) nanoKONTROL2 .. | nanoKONTROL2           |
| Windows       | nanoKONTROL2 1                                       | nanoKONTROL2           |
| macOS         | nanoKONTROL2 SLIDER/KNOB                             | the same               |
"""

import re
from collections.abc import Iterable
from enum import Enum

from instrument.signals.spoken import printable

CLIENT = "twos-and-sevens"
"""Our own name among the others; ports of this name are never opened."""
LONGEST = 100
"""In letters; an entry of the map takes no more than 128."""
THROUGH = ("midi through", "through port")
BRIDGES = ("a2j", "midi-bridge", "system")
_ALSA_NUMBERS = re.compile(r"\s+\d+:\d+$")
_WINDOWS_NUMBER = re.compile(r"\s+\d+$")
_BRIDGE_TAIL = re.compile(r"\s*\[\d+\].*$|:?\s*\((capture|playback)(_\d+)?\).*$")


class System(Enum):
    """Whose ports they are."""

    ALSA = "alsa"
    JACK = "jack"
    WINDOWS = "windows"
    MACOS = "macos"


def device_name(port: str, system: System) -> str:
    """The device that a port belongs to."""
    if system is System.WINDOWS:
        return _WINDOWS_NUMBER.sub("", port).strip() or port
    if system is System.MACOS:
        return port.strip()
    if system is System.ALSA:
        return _ALSA_NUMBERS.sub("", port).partition(":")[0].strip() or port
    client, _, rest = port.partition(":")
    if client.lower() in BRIDGES:
        return _BRIDGE_TAIL.sub("", rest).strip() or port
    return client.strip() or port


def is_ours(port: str) -> bool:
    """Whether a port is one of our own: listening to it would be listening to ourselves."""
    return port.lower().startswith(CLIENT)


def is_through(port: str) -> bool:
    """Whether a port gives back whatever is sent to it."""
    return any(word in port.lower() for word in THROUGH)


class Names:
    """Gives devices their names, a second of one name "NAME #2"; they keep them while they stay."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.of: dict[str, str] = {}
        """Name of the device by the name of its port."""

    def update(self, ports: Iterable[str]) -> None:
        """These ports are there now."""
        there = list(ports)
        self.of = {port: name for port, name in self.of.items() if port in there}
        for port in there:
            if port not in self.of:
                self.of[port] = self._free(printable(device_name(port, self._system))[:LONGEST])

    def _free(self, name: str) -> str:
        taken = set(self.of.values())
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name} #{number}"
        return free
