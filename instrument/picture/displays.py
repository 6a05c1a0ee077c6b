"""Displays as SDL has them, for any window of ours. No GL."""

import os

import pygame

from instrument.signals.mistake import Mistake

HINTS = {
    "SDL_WINDOWS_DPI_AWARENESS": "permonitorv2",
    "SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS": "0",
}
"""What SDL is told unless somebody told it something else: a pixel is a pixel on Windows, and a full screen
stays when the performer clicks on another display. On macOS and Wayland pygame's windows are counted in
points: the system enlarges them on dense displays."""


def prepare_driver() -> None:
    """Tell SDL how windows shall behave. Before `pygame.display.init`."""
    for name, value in HINTS.items():
        os.environ.setdefault(name, value)


def check_display(number: int | None) -> None:
    """Raises `Mistake` for a display that is not there (None is the first). After `pygame.display.init`."""
    if number is None:
        return
    sizes = pygame.display.get_desktop_sizes()
    if not 0 <= number < len(sizes):
        there = ", ".join(f"{i} ({w}x{h})" for i, (w, h) in enumerate(sizes))
        raise Mistake(f"display {number} is not there; there are: {there or 'none'}")
