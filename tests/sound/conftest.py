"""Real parts for the room of sound: a bank, the shipped recordings, an engine, a JACK server."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solo import Solo

from instrument.house import House, open_house
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound.controls import sound_groups
from instrument.sound.engine import Engine
from instrument.sound.inner import Inner
from instrument.sound.library import Library

SAMPLE_RATE = 48000
BLOCK = 256
JACK_SERVER = f"twos-and-sevens-tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""Of this process of tests, and the same every time: JACK has room for eight names, and keeps
those of the killed."""


@pytest.fixture(scope="session")
def house() -> House:
    """The house as a show opens it, with the shipped recordings."""
    return open_house()


@pytest.fixture(scope="session")
def bank(house: House) -> Bank:
    """The controls of the show and of the sound, as the sound process knows them."""
    return Bank.of((SHOW, *sound_groups(tuple(house.recordings))))


@pytest.fixture(scope="session")
def library(house: House) -> Library:
    """The shipped recordings; loaded when first wanted, and once for all tests."""
    return Library(house.recordings, SAMPLE_RATE, patient=True)


@pytest.fixture
def values(bank: Bank) -> np.ndarray:
    """All controls at their defaults, in units."""
    return bank.map(bank.defaults, np.zeros(len(bank)))


@pytest.fixture
def inner() -> Inner:
    """A moment of a network in mid-training: weights, gradients, and every digit drawn somewhat."""
    random = np.random.default_rng(5)
    return Inner(
        random.normal(0, 0.05, 4096).astype(np.float32),
        random.normal(0, 0.002, 4096).astype(np.float32),
        (0, 1024, 2048, 3072),
        2,
        np.linspace(0.05, 0.15, 10).astype(np.float32),
    )


@pytest.fixture
def make_engine(bank: Bank, library: Library) -> Iterator[Callable[..., Engine]]:
    made: list[Engine] = []

    def make(seed: int = 0, channels: int = 2) -> Engine:
        made.append(
            Engine(
                bank,
                library,
                sample_rate=SAMPLE_RATE,
                block=BLOCK,
                channels=channels,
                seed=seed,
            )
        )
        return made[-1]

    yield make
    for engine in made:
        if not engine.closed:
            engine.close()


@pytest.fixture
def one_solo() -> Iterator[Callable[..., Solo]]:
    """Builds voices alone (`Solo` and its arguments); one at a time, the last is closed."""
    made: list[Solo] = []

    def close() -> None:
        while made:
            made.pop().graph.close()

    def build(*arguments: Any, **options: Any) -> Solo:
        close()
        made.append(Solo(*arguments, **options))
        return made[-1]

    yield build
    close()


@pytest.fixture
def config(bank: Bank, house: House) -> Callable[..., dict[str, Any]]:
    """The configuration of a sound process on the null sink, with changes."""
    recordings = {name: str(path) for name, path in house.recordings.items()}

    def make(show: str, **changes: Any) -> dict[str, Any]:
        return {
            "show": show,
            "controls": [spec.to_dict() for spec in bank],
            "positions": bank.defaults.tolist(),
            "routes": [],
            "streams": [],
            "recordings": recordings,
            "sink": "null",
            "device": None,
            "file": None,
            "capture": None,
            "sample_rate": SAMPLE_RATE,
            "block": BLOCK,
            "ring_blocks": 4,
            "seed": 1,
            **changes,
        }

    return make


@pytest.fixture
def bus() -> Iterator[Bus]:
    made = Bus(new_show_name())
    yield made
    made.close()


class JackServer:
    """A real JACK server on its dummy driver, and its log."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "jackd.log"
        self.environment = {
            "JACK_DEFAULT_SERVER": JACK_SERVER,
            "JACK_NO_AUDIO_RESERVATION": "1",
            "JACK_NO_START_SERVER": "1",
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [
                    "jackd",
                    "-n",
                    JACK_SERVER,
                    "-r",
                    "-d",
                    "dummy",
                    "-r",
                    str(SAMPLE_RATE),
                    "-p",
                    "256",
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        subprocess.run(
            ["jack_wait", "-s", JACK_SERVER, "-w", "-t", "10"],
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )

    @property
    def client_xruns(self) -> int:
        return self.log.read_bytes().count(b"XRun: client")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def jack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    assert shutil.which("jackd"), "jackd is missing: apt-get install jackd2"
    server = JackServer(tmp_path)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    import sounddevice  # looks for devices at once, so not before there is one

    while sounddevice._initialized:  # an earlier test looked for devices while there were none
        sounddevice._terminate()
    yield server
    server.stop()
