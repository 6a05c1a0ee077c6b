"""`Ports`: the MIDI inputs and outputs of this machine, by the names of their devices. Imports rtmidi2.

On Linux ALSA's sequencer is used, where there is none a JACK server; elsewhere what the system has. rtmidi
calls back in a thread of its own, but in JACK in the thread that also does the sound of all programs:
waiting for our interpreter there would be a dropout, so JACK's messages are fetched (`read`).
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instrument.hands.midi.jack_ports import JackPorts, load_jack
from instrument.hands.midi.names import CLIENT, Names, System, is_ours, is_through
from instrument.signals.quiet import quiet

QUEUE = 4096
"""Messages that wait in rtmidi between two readings."""
MOST_AT_ONCE = 512
MOST_OPEN = 16
VIRTUAL = "virtual"
"""Name of the device that other programs play on by our own input."""

Heard = Callable[[str, Sequence[int]], None]


@dataclass
class _Open:
    """An open port: its device, its name at the system, rtmidi's object."""

    device: str
    port: str
    link: Any


def _library() -> tuple[Any, Any]:
    jack = load_jack()
    with quiet():
        import rtmidi2
    return rtmidi2, jack


class Ports:
    """All of one thread, but for what rtmidi calls back and `send`. Nothing raises after `__init__`."""

    def __init__(
        self,
        heard: Heard,
        say: Callable[[str, bool], None],
        only: Sequence[str] = (),
        system: str = "auto",
        virtual: bool = False,
    ) -> None:
        """`heard` gets the device and one whole message, in rtmidi's thread or in that of `read`.

        `only`: parts of the names of the devices to open; all of them when empty. `system`: auto, alsa or
        jack. `virtual`: other programs find an input of ours.
        """
        self._heard, self._say = heard, say
        self._only = tuple(word.lower() for word in only)
        self._virtual = virtual
        self._wanted = system
        self._rtmidi: Any = None
        self._broken = False
        self._jack_library: Any = None
        self._jack: JackPorts | None = None
        self._lookers: tuple[Any, Any] | None = None
        self.system: System | None = None
        self._in: dict[str, _Open] = {}
        self._out: dict[str, _Open] = {}
        self._names_in: Names | None = None
        self._names_out: Names | None = None
        self._refused: set[str] = set()

    @property
    def polled(self) -> bool:
        """Whether messages have to be fetched with `read`."""
        return self.system is System.JACK

    @property
    def inputs(self) -> tuple[str, ...]:
        """Devices that are heard."""
        return tuple(sorted(self._in))

    def load(self) -> None:
        """Load the library. It prints where ALSA is missing: to be called while nobody else does."""
        if self._rtmidi is None and not self._broken:
            try:
                self._rtmidi, self._jack_library = _library()
            except Exception as error:
                self._broken = True
                self._say(f"MIDI cannot be had: rtmidi2 does not load ({error})", True)

    def find(self) -> bool:
        """Find a system that has MIDI; False where there is none (yet)."""
        self.load()
        if self.system is None and not self._broken:
            for system in self._candidates():
                if self._enter(system):
                    self.system = system
                    self._names_in, self._names_out = Names(system), Names(system)
                    self._open_virtual()
                    break
        return self.system is not None

    def _candidates(self) -> tuple[System, ...]:
        if sys.platform == "darwin":
            return (System.MACOS,)
        if sys.platform == "win32":
            return (System.WINDOWS,)
        return (System.ALSA, System.JACK) if self._wanted == "auto" else (System(self._wanted),)

    def _enter(self, system: System) -> bool:
        try:
            if system is System.JACK:
                if self._jack_library is None:
                    return False
                self._jack = JackPorts(self._jack_library, CLIENT)
                return True
            if system is System.ALSA and not _has_sequencer():
                return False
            self._lookers = self._new_in(system), self._new_out(system)
        except Exception:
            return False
        return True

    def _api(self, system: System) -> Any:
        name = {System.ALSA: "API_LINUX_ALSA", System.JACK: "API_UNIX_JACK"}.get(system)
        return getattr(self._rtmidi, name or "API_UNSPECIFIED")

    def _new_in(self, system: System) -> Any:
        link = self._rtmidi.MidiIn(CLIENT, QUEUE, self._api(system))
        link.ignore_types(True, False, True)
        return link

    def _new_out(self, system: System) -> Any:
        return self._rtmidi.MidiOut(CLIENT, self._api(system))

    def _open_virtual(self) -> None:
        if not self._virtual or self.system is None or self.system is System.WINDOWS:
            return
        before = set(self._there(True))
        try:
            link = self._new_in(self.system)
            self._listen(VIRTUAL, link)
            link.open_virtual_port("in")
        except Exception as error:
            self._say(f"no input of our own for other programs ({error})", False)
            return
        self._in[VIRTUAL] = _Open(VIRTUAL, "", link)
        ours = next((p for p in self._there(True) if is_ours(p) and p not in before), CLIENT)
        self._say(f"other programs find us as the MIDI input {ours}", False)

    def listed(self, outputs: bool) -> list[str]:
        """Names of the system's ports that give messages, or take them (`outputs`); ours are left out."""
        return [port for port in self._there(outputs) if not is_ours(port)]

    def _there(self, outputs: bool) -> list[str]:
        try:
            if self._jack is not None:
                return self._jack.names(not outputs)
            if self._lookers is not None:
                return list(self._lookers[1 if outputs else 0].ports)
        except Exception:
            return []
        return []

    def look(self) -> tuple[list[str], list[str]]:
        """See what was plugged in or out, open and close inputs; gives devices that came and that went."""
        if self._jack is not None and not self._jack.alive:
            return [], self._leave()
        if not self.find() or self._names_in is None or self._names_out is None:
            return [], []
        ports = self.listed(False)
        self._names_in.update(ports)
        self._names_out.update(self.listed(True))
        gone = [device for device, link in self._in.items() if link.port and link.port not in ports]
        for device in gone:
            self._shut(self._in.pop(device))
        for device, link in tuple(self._out.items()):
            if link.port and link.port not in self._names_out.of:
                self._shut(self._out.pop(device))
        self._refused &= set(ports)
        self._join()
        return [device for device in map(self._open_in, ports) if device is not None], gone

    def _join(self) -> None:
        """Connect what could not be: a JACK port is seen before its program takes part, and rtmidi says
        nothing when it connects to it in vain."""
        if self._jack is None:
            return
        for each in (*self._in.values(), *self._out.values()):
            if each.port and not any(map(is_ours, self._jack.connected(each.port))):
                with contextlib.suppress(Exception):
                    each.link.close_port()
                    each.link.open_port(list(each.link.ports).index(each.port))

    def _open_in(self, port: str) -> str | None:
        assert self.system is not None and self._names_in is not None
        device = self._names_in.of[port]
        if device in self._in or port in self._refused or not self._is_wanted(port, device):
            return None
        if len(self._in) >= MOST_OPEN:
            self._refused.add(port)
            self._say(
                f"{device} is not heard: {MOST_OPEN} devices are open (--midi NAME picks)", True
            )
            return None
        try:
            link = self._new_in(self.system)
            number = list(link.ports).index(port)
            self._listen(device, link)
            link.open_port(number)
        except Exception as error:
            self._refused.add(port)
            self._say(f"{device} cannot be opened ({error}); does another program hold it?", True)
            return None
        self._in[device] = _Open(device, port, link)
        return device

    def _is_wanted(self, port: str, device: str) -> bool:
        if self._only:
            return any(word in device.lower() or word in port.lower() for word in self._only)
        return not is_through(port)

    def _listen(self, device: str, link: Any) -> None:
        if not self.polled:
            link.callback = lambda message, _delta: self._heard(device, message)

    def read(self) -> None:
        """Hand over what came, where nobody calls back."""
        for each in self._in.values():
            for _ in range(MOST_AT_ONCE):
                message = each.link.get_message()
                if not message:
                    break
                self._heard(each.device, message)

    def open_out(self, device: str, words: Sequence[str] = ()) -> bool:
        """Open the output of a device: of the same name, else one that has one of `words` in its name."""
        if device in self._out:
            return True
        if self.system is None or self._names_out is None:
            return False
        port = self._output_of(device, words)
        if port is None or f"> {port}" in self._refused:
            return False
        try:
            link = self._new_out(self.system)
            link.open_port(list(link.ports).index(port))
        except Exception as error:
            self._refused.add(f"> {port}")
            self._say(f"nothing can be shown on {device} ({error})", False)
            return False
        self._out[device] = _Open(device, port, link)
        return True

    def _output_of(self, device: str, words: Sequence[str]) -> str | None:
        assert self._names_out is not None
        taken = {link.port for link in self._out.values()}
        free = {port: name for port, name in self._names_out.of.items() if port not in taken}
        for port, name in free.items():
            if name == device:
                return port
        for port, name in free.items():
            if any(word.lower() in name.lower() for word in words):
                return port
        return None

    def open_all_outputs(self) -> tuple[str, ...]:
        """Open every output but those that give back, and one of our own; for the clock. Their names."""
        if self.system is None or self._names_out is None:
            return ()
        for port, device in tuple(self._names_out.of.items()):
            if self._is_wanted(port, device):
                self.open_out(device)
        if VIRTUAL not in self._out and self.system is not System.WINDOWS:
            try:
                link = self._new_out(self.system)
                link.open_virtual_port("clock")
                self._out[VIRTUAL] = _Open(VIRTUAL, "", link)
            except Exception as error:
                self._say(f"no output of our own for the clock ({error})", False)
        return tuple(self._out)

    def send(self, device: str, message: Sequence[int]) -> bool:
        """One message to a device whose output is open. Any thread."""
        link = self._out.get(device)
        if link is None:
            return False
        try:
            link.link.send_raw(*message)
        except Exception:
            return False
        return True

    def _leave(self) -> list[str]:
        """The system is gone: everything is closed, and looked for anew."""
        gone = [device for device, link in self._in.items() if link.port]
        for link in (*self._in.values(), *self._out.values()):
            self._shut(link)
        self._in, self._out = {}, {}
        if self._jack is not None:
            self._jack.close()
        self._jack, self._lookers, self.system = None, None, None
        return gone

    def _shut(self, open_port: _Open) -> None:
        with contextlib.suppress(Exception):
            if not self.polled:
                open_port.link.callback = None
        with contextlib.suppress(Exception):
            open_port.link.close_port()

    def close(self) -> None:
        """Close everything."""
        self._leave()


def _has_sequencer() -> bool:
    """Whether the kernel has ALSA's sequencer; asking rtmidi would make it complain on the terminal."""
    return Path("/dev/snd/seq").exists()
