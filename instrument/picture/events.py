"""Window events as `KeyEvent`s. Main thread."""

from collections.abc import Iterator
from dataclasses import dataclass

import pygame


@dataclass(frozen=True)
class KeyEvent:
    """A key went down or up. `name` is pygame's: ``a``, ``1``, ``escape``, ``space``, ``left shift``."""

    name: str
    pressed: bool


CLOSE = "close"
RESIZE = "resize"
FOCUS = "focus"


class Events:
    """Reads the window's queue. A key held while the window loses the focus is let go."""

    def __init__(self) -> None:
        self._held: set[str] = set()

    def read(self) -> Iterator[KeyEvent | str]:
        """Every key event, in order, and the words ``close``, ``resize`` and ``focus`` (it came back)."""
        for event in pygame.event.get():
            if event.type in (pygame.KEYDOWN, pygame.KEYUP):
                name = pygame.key.name(event.key) or f"key {event.key}"
                pressed = event.type == pygame.KEYDOWN
                (self._held.add if pressed else self._held.discard)(name)
                yield KeyEvent(name, pressed)
            elif event.type == pygame.QUIT:
                yield CLOSE
            elif event.type == pygame.WINDOWFOCUSLOST:
                for name in sorted(self._held):
                    yield KeyEvent(name, False)
                self._held.clear()
            elif event.type in (pygame.WINDOWFOCUSGAINED, pygame.WINDOWENTER):
                yield FOCUS
            elif event.type in (pygame.VIDEORESIZE, pygame.WINDOWSIZECHANGED):
                yield RESIZE
