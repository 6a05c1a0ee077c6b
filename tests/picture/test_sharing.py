"""Ways out for the picture: what can be tried here really goes out and is received."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from instrument.picture.readback import Shown
from instrument.picture.sharing.outlet import KINDS, kind_of, open_outlet
from instrument.picture.sharing.share import Share
from instrument.picture.stretch import BEHIND, roomy, stretched
from instrument.signals.mistake import Mistake

SIZE = (64, 36)


def quarters() -> np.ndarray:
    """uint8 (4, 8, 4), from the bottom row up: red below left, white below right, blue above."""
    pixels = np.zeros((4, 8, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[:2, :4, 0] = 255
    pixels[:2, 4:, :3] = 255
    pixels[2:, :, 2] = 255
    return pixels


def test_pixels_are_stretched_hard_and_turned_upright() -> None:
    """Four by eight to three times as much: blocks of three by three, the top row first."""
    large = stretched(quarters(), (24, 12))
    assert np.array_equal(large, quarters()[::-1].repeat(3, axis=0).repeat(3, axis=1))
    assert np.array_equal(stretched(quarters(), (24, 12), "rgb24"), large[..., :3])


CONVERTED = """
import ctypes, mmap, sys
import av, numpy as np
height, width, behind, page = 4, 8, int(sys.argv[1]), mmap.PAGESIZE
memory = mmap.mmap(-1, 2 * page)
begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(begin + page), page, 0) == 0
size = height * width * 4
pixels = np.frombuffer((ctypes.c_uint8 * size).from_address(begin + page - size - behind), np.uint8)
frame = av.VideoFrame.from_numpy_buffer(pixels.reshape(height, width, 4), format="rgba")
print(frame.reformat(24, 12, format="rgba", interpolation="POINT").to_ndarray().shape)
"""
"""Converts a small picture whose memory ends so many bytes before a page that nobody may read."""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for memory that may not be read")
def test_the_converter_has_room_to_read_too_far() -> None:
    """It does read behind small pictures; what we hand it has as many bytes there as do no harm."""
    ended = subprocess.run([sys.executable, "-c", CONVERTED, str(BEHIND)], capture_output=True)
    assert ended.stdout.strip() == b"(12, 24, 4)"
    room = roomy((4, 8, 4))
    assert room.base is not None
    assert room.base.nbytes - room.nbytes == BEHIND
    assert room.ctypes.data == room.base.ctypes.data


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("ndj:stage", "did you mean 'ndi'"),
        ("", "ndi"),
        *[(f"{kind.name}:x", "is a thing of") for kind in KINDS if not kind.here],
    ],
)
def test_a_way_out_that_is_not_there_is_a_mistake(what: str, sentence: str) -> None:
    """One sentence with those that are."""
    with pytest.raises(Mistake, match=sentence):
        kind_of(what)


def test_names_are_read_after_the_colon() -> None:
    """A device may hold colons and blanks."""
    assert kind_of("ndi: main stage ")[1] == "main stage"
    assert kind_of("camera:/dev/video9")[1] == "/dev/video9"
    assert kind_of("ndi")[1] == ""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.here], ids=lambda kind: kind.name)
def test_a_missing_library_is_a_mistake_with_its_cure(kind: object) -> None:
    """The extra to install is named. A process of its own, in which the library is not there."""
    program = (
        "import sys\n"
        f"sys.modules[{kind.library!r}] = None\n"  # type: ignore[attr-defined]
        "from instrument.picture.sharing.outlet import open_outlet\n"
        f"open_outlet({kind.name!r}, (64, 36), 60.0)\n"  # type: ignore[attr-defined]
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    last = ended.stderr.strip().splitlines()[-1]
    assert f"pip install 'twos-and-sevens[{kind.name}]'" in last  # type: ignore[attr-defined]


@pytest.mark.skipif(
    importlib.util.find_spec("pyvirtualcam") is None, reason="the extra camera is not installed"
)
def test_a_camera_that_is_not_there_is_a_mistake_with_its_cure() -> None:
    """Nothing is at that place."""
    with pytest.raises(Mistake, match="virtual camera"):
        open_outlet("camera:/dev/video98", SIZE, 60.0)


class Slow:
    """An outlet at which pictures get stuck until they are let through, or fail."""

    form, words = "rgba", "slow"

    def __init__(self) -> None:
        self.gate, self.begun = threading.Semaphore(0), threading.Semaphore(0)
        self.got: list[int] = []
        self.closed, self.broken = False, False

    def send(self, pixels: np.ndarray) -> None:
        self.begun.release()
        self.gate.acquire()
        if self.broken:
            raise OSError("the cable is out")
        self.got.append(int(pixels[0, 0, 0]))

    def close(self) -> None:
        self.closed = True


def shown(value: int) -> Shown:
    return Shown(np.full((4, 8, 4), value, np.uint8), float(value))


def test_an_outlet_that_is_slow_gets_the_newest_and_holds_up_nobody() -> None:
    """While the first is stuck, the second to the ninth make way for the tenth; eight are counted."""
    slow = Slow()
    share = Share("ndi", SIZE, 60.0, lambda text: None, lambda *_: slow)
    share.take(shown(1))
    slow.begun.acquire()
    for value in range(2, 11):
        share.take(shown(value))
    slow.gate.release(2)
    slow.begun.acquire()
    share.close()
    assert slow.got == [1, 10] and slow.closed
    assert (share.sent, share.dropped) == (2, 8)


def test_an_outlet_that_breaks_is_said_once_and_the_show_goes_on() -> None:
    """Every picture fails; one sentence."""
    slow, said = Slow(), []
    slow.broken = True
    share = Share("ndi", SIZE, 60.0, said.append, lambda *_: slow)
    slow.gate.release(9)
    for value in range(9):
        share.take(shown(value))
    slow.begun.acquire()
    share.close()
    assert said == ["sharing by ndi ends (the cable is out); the show goes on"]
    assert share.sent == 0 and slow.closed


RECEIVER = """
import sys, time
import numpy as np
from cyndilib.finder import Finder
from cyndilib.receiver import Receiver
from cyndilib.video_frame import VideoFrameSync
from cyndilib.wrapper.ndi_recv import RecvBandwidth, RecvColorFormat
finder = Finder()
finder.open()
deadline = time.monotonic() + 10
names = []
while not names and time.monotonic() < deadline:
    finder.wait_for_sources(0.2)
    names = [name for name in finder.get_source_names() if "quarters" in name]
receiver = Receiver(color_format=RecvColorFormat.RGBX_RGBA, bandwidth=RecvBandwidth.highest)
frame = VideoFrameSync()
receiver.frame_sync.set_video_frame(frame)
receiver.set_source(finder.get_source(names[0]))
while time.monotonic() < deadline:
    receiver.frame_sync.capture_video()
    if frame.xres:
        break
    time.sleep(0.05)
pixels = np.array(frame, np.uint8).reshape(frame.yres, frame.xres, 4)
print(frame.xres, frame.yres, *pixels[9, 16, :3], *pixels[27, 16, :3], *pixels[27, 48, :3])
"""


@pytest.mark.skipif(
    importlib.util.find_spec("cyndilib") is None, reason="the extra ndi is not installed"
)
def test_ndi_arrives_at_a_receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent and received over the loopback, found by address: the right size, upright, in colour."""
    config = {"ndi": {"networks": {"ips": "127.0.0.1,"}}}
    (tmp_path / "ndi-config.v1.json").write_text(json.dumps(config))
    monkeypatch.setenv("NDI_CONFIG_DIR", str(tmp_path))
    share = Share("ndi:quarters", SIZE, 60.0, lambda text: None)
    assert share.words == "NDI, as 'quarters'"
    receiver = subprocess.Popen(
        [sys.executable, "-c", RECEIVER], env=dict(os.environ), stdout=subprocess.PIPE, text=True
    )
    try:
        while receiver.poll() is None:
            share.take(Shown(quarters(), 0.0))
            with contextlib.suppress(subprocess.TimeoutExpired):
                receiver.wait(0.02)
    finally:
        receiver.kill()
        share.close()
    assert receiver.stdout is not None
    told = [int(word) for word in receiver.stdout.read().split()]
    assert told[:2] == list(SIZE)
    assert np.allclose(told[2:], [0, 0, 255, 255, 0, 0, 255, 255, 255], atol=24)
    assert share.sent > 0 and share.failed == ""
