"""libjack is not asked while no server answers: asking makes a thread that may outlive its object."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from midi_programs import SERVER, jack_environment, jack_server

from instrument.hands.midi.jack_ports import JackPorts, server_runs


class Untouched:
    """A library that fails the test when it is asked anything."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"libjack was asked for {name}")


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in jack_environment().items():
        monkeypatch.setenv(key, value)


def test_without_a_server_libjack_is_not_asked() -> None:
    """A sentence, and not one call."""
    with pytest.raises(OSError, match="no JACK server runs"):
        JackPorts(Untouched(), "twos-and-sevens")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose own name is short: a socket's whole path may have no more than 107 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


def test_what_a_killed_server_left_behind_is_no_server(folder: Path) -> None:
    """A socket in the file system that nobody listens at; one that answers is a server."""
    path = folder / f"jack_{SERVER}_{os.getuid()}_0"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        assert not server_runs(folder)
        listening.listen()
        assert server_runs(folder)
    assert path.exists() and not server_runs(folder)


@pytest.mark.skipif(shutil.which("jackd") is None, reason="needs jackd")
def test_a_real_server_is_found_while_it_runs() -> None:
    """Found as it starts, gone as it ends."""
    assert not server_runs()
    with jack_server():
        assert server_runs()
    assert not server_runs()
