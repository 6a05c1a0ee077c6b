"""A camera that is none: v4l2loopback on Linux, OBS's virtual camera on macOS and Windows."""

import sys

import numpy as np

from instrument.signals.mistake import Mistake

CURES = {
    "linux": "sudo modprobe v4l2loopback makes one, camera:/dev/video9 chooses one",
    "darwin": "install OBS and start its virtual camera once",
    "win32": "install OBS, or Unity Capture",
}


class Outlet:
    """A virtual camera."""

    form = "rgb24"

    def __init__(self, name: str | None, size: tuple[int, int], rate: float) -> None:
        """`name`: the device, None for the first. Raises ImportError, `Mistake`."""
        import pyvirtualcam

        try:
            self._camera = pyvirtualcam.Camera(*size, rate, device=name)
        except (RuntimeError, ValueError, OSError) as error:
            cure = CURES.get(sys.platform, "pyvirtualcam knows none on this system")
            raise Mistake(f"there is no virtual camera to write to ({error}); {cure}") from error
        self.words = f"camera {self._camera.device}"

    def send(self, pixels: np.ndarray) -> None:
        """See `outlet.Outlet`."""
        self._camera.send(pixels)

    def close(self) -> None:
        """See `outlet.Outlet`."""
        self._camera.close()
