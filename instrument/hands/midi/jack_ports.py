"""The ports of a JACK server, asked of libjack itself: silent where no server runs, and told when it ends.

Where no server runs, libjack is not asked at all: each time it is, it makes a thread, and where that has
not begun within a second (a busy machine) it frees what the thread is about to use. That ended a show.

rtmidi's wheels bring a libjack of their own that speaks an older protocol than the servers of today ("JACK
protocol mismatch"). The system's library, loaded first and for all, is the one they then use.
"""

import contextlib
import ctypes
import functools
import os
import socket
import sys
from pathlib import Path
from typing import Any

NO_START_SERVER = 1
IS_INPUT, IS_OUTPUT = 1, 2
MIDI_TYPE = b"8 bit raw midi"

_ErrorFunction = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
_ShutdownFunction = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_SILENCE = _ErrorFunction(lambda _text: None)


def load_jack() -> Any:
    """The system's libjack with its functions declared, or None. To be called before rtmidi2 comes."""
    if sys.platform != "linux":
        return None
    library: Any = None
    with contextlib.suppress(OSError):
        library = ctypes.CDLL("libjack.so.0", ctypes.RTLD_GLOBAL)
    if library is None:
        return None
    library.jack_client_open.restype = ctypes.c_void_p
    library.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    library.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)
    library.jack_get_ports.argtypes = [
        ctypes.c_void_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_ulong,
    ]
    library.jack_port_by_name.restype = ctypes.c_void_p
    library.jack_port_by_name.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.jack_port_get_all_connections.restype = ctypes.POINTER(ctypes.c_char_p)
    library.jack_port_get_all_connections.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    library.jack_client_close.argtypes = [ctypes.c_void_p]
    library.jack_free.argtypes = [ctypes.c_void_p]
    library.jack_on_shutdown.argtypes = [ctypes.c_void_p, _ShutdownFunction, ctypes.c_void_p]
    library.jack_set_error_function(_SILENCE)
    library.jack_set_info_function(_SILENCE)
    return library


def server_runs(folder: Path = Path("/dev/shm")) -> bool:
    """Whether a JACK server answers; `folder` is where it has its socket. PipeWire's JACK always may."""
    if _is_pipewire():
        return True
    name = os.environ.get("JACK_DEFAULT_SERVER", "default")
    return any(_answers(path) for path in folder.glob(f"jack_{name}_*_0"))


@functools.cache
def _is_pipewire() -> bool:
    """Whether the libjack that was loaded is PipeWire's: it stays for all, so this is asked once."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/self/maps").read_text().splitlines()
        return any("pipewire" in line and "libjack" in line for line in lines)
    return False


def _answers(path: Path) -> bool:
    """What a killed server left behind is there, but does not answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(0.5)
        try:
            knock.connect(str(path))
        except OSError:
            return False
    return True


class JackPorts:
    """A client that only looks. One thread, but for the end of the server, which libjack tells."""

    def __init__(self, library: Any, name: str) -> None:
        """Raises `OSError` if no server runs."""
        self._library = library
        if not server_runs():
            raise OSError("no JACK server runs")
        self._client = library.jack_client_open(name.encode(), NO_START_SERVER, None)
        if not self._client:
            raise OSError("no JACK server runs")
        self.alive = True
        self._ended = _ShutdownFunction(self._end)
        library.jack_on_shutdown(self._client, self._ended, None)
        library.jack_activate(ctypes.c_void_p(self._client))

    def _end(self, _argument: object) -> None:
        self.alive = False

    def names(self, outputs: bool) -> list[str]:
        """MIDI ports that give (``outputs``) or take messages, ``client:port``."""
        if not self.alive:
            return []
        flags = IS_OUTPUT if outputs else IS_INPUT
        return self._taken(self._library.jack_get_ports(self._client, None, MIDI_TYPE, flags))

    def connected(self, port: str) -> list[str]:
        """Names of the ports that `port` is connected to; none for a port that is not there."""
        if not self.alive:
            return []
        found = self._library.jack_port_by_name(self._client, port.encode())
        if not found:
            return []
        return self._taken(self._library.jack_port_get_all_connections(self._client, found))

    def _taken(self, found: Any) -> list[str]:
        """A list of names as libjack gives it, which is given back."""
        names: list[str] = []
        if found:
            while found[len(names)]:
                names.append(found[len(names)].decode("utf-8", "replace"))
            self._library.jack_free(found)
        return names

    def close(self) -> None:
        """Leave the server, if it is still there."""
        self._library.jack_client_close(self._client)
