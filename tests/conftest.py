"""What tests of several rooms share."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import settings

from instrument.sound.denormals import environment, put_environment

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")

PLAIN = environment()
"""How the processor rounds before any test."""


# Whoever starts the tests in the background or by nohup has these ignored, and children would inherit it.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call() -> None:
    """No test inherits that small numbers are zero: the sound process says so for its whole life, and tests
    of it play in this one."""
    if PLAIN is not None:
        put_environment(PLAIN)


Screen = Callable[..., AbstractContextManager[str]]


@contextlib.contextmanager
def _screen(size: str, *words: str) -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", *words],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as number:
        display = number.readline().strip()
    yield f":{display}"
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def real_screen() -> Screen:
    """Opens a real X screen of a size, as in ``with real_screen("1024x768") as display``."""
    return _screen


@pytest.fixture(scope="session", autouse=True)
def home_of_all_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A performer's folder that is not the one of whoever runs the tests: shows record into it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOS_AND_SEVENS_HOME", str(folder))
        yield folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A performer's folder of their own, with no set list yet."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    (tmp_path / "presets").mkdir()
    return tmp_path
