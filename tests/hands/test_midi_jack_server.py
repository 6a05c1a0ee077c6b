"""libjack is not asked while no server answers: asking makes a thread that may outlive its object."""

import os
import shutil
import socket
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


def test_what_a_killed_server_left_behind_is_no_server(tmp_path: Path) -> None:
    """A socket in the file system that nobody listens at; one that answers is a server."""
    path = tmp_path / f"jack_{SERVER}_{os.getuid()}_0"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        assert not server_runs(tmp_path)
        listening.listen()
        assert server_runs(tmp_path)
    assert path.exists() and not server_runs(tmp_path)


@pytest.mark.skipif(shutil.which("jackd") is None, reason="needs jackd")
def test_a_real_server_is_found_while_it_runs() -> None:
    """Found as it starts, gone as it ends."""
    assert not server_runs()
    with jack_server():
        assert server_runs()
    assert not server_runs()
