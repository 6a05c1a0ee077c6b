"""NDI: over the network to mixers, players and other machines. The library cyndilib brings the NDI runtime.

Receivers find the sender by mDNS (on Linux avahi-daemon must run) or by an address they are told.
"""

from fractions import Fraction

import numpy as np

from instrument.picture.sharing.outlet import NAME
from instrument.signals.mistake import Mistake


class Outlet:
    """An NDI sender."""

    form = "rgba"

    def __init__(self, name: str | None, size: tuple[int, int], rate: float) -> None:
        """Raises ImportError, `Mistake`."""
        from cyndilib.sender import Sender
        from cyndilib.video_frame import VideoSendFrame
        from cyndilib.wrapper.ndi_structs import FourCC

        frame = VideoSendFrame()
        frame.set_resolution(*size)
        frame.set_frame_rate(Fraction(rate).limit_denominator(1001))
        frame.set_fourcc(FourCC.RGBA)
        # Not clocked: the show paces itself, and nobody waits for a receiver.
        self._sender = Sender(name or NAME, clock_video=False)
        try:
            self._sender.set_video_frame(frame)
            self._sender.open()
        except Exception as error:
            raise Mistake(f"NDI does not begin to send ({error})") from error
        self.words = f"NDI, as '{name or NAME}'"

    def send(self, pixels: np.ndarray) -> None:
        """See `outlet.Outlet`."""
        self._sender.write_video_async(pixels.reshape(-1))

    def close(self) -> None:
        """See `outlet.Outlet`."""
        self._sender.close()
