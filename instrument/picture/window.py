"""The window: the one place that makes one. Pygame (or pygame-ce) and a GL 3.3 core context.

``headless`` is the same code on SDL's offscreen driver. Everything here belongs to the main thread.
"""

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import moderngl
import pygame

from instrument.picture.displays import check_display, prepare_driver
from instrument.picture.renderer import is_software
from instrument.signals.mistake import Mistake
from instrument.signals.quiet import quiet

LOWEST, HIGHEST = 16, 16384


@dataclass(frozen=True)
class WindowConfig:
    """What window is asked for; sizes in pixels, `display` counted from 0 (None: the first)."""

    width: int = 1280
    height: int = 720
    fullscreen: bool = False
    display: int | None = None
    headless: bool = False
    vsync: bool = False
    title: str = "twos and sevens"


class Window:
    """An open window with its GL context ``ctx``. Main thread."""

    def __init__(self, config: WindowConfig) -> None:
        """Raises `Mistake` when no window can be made; falls to offscreen when there is no screen."""
        for side in (config.width, config.height):
            if not LOWEST <= side <= HIGHEST:
                raise Mistake(
                    f"a picture of {config.width}x{config.height} cannot be shown; each side takes "
                    f"{LOWEST} to {HIGHEST} pixels"
                )
        self.config = config
        self.note = ""
        self._start_driver()
        self.fullscreen = config.fullscreen and not self.offscreen
        check_display(config.display)
        self._make()
        self.ctx = _context()
        self.ctx.gc_mode = "context_gc"
        self.finish = _finish_outside_gil(self.ctx)
        self.size = self._measure()

    def _start_driver(self) -> None:
        prepare_driver()
        if self.config.headless:
            os.environ["SDL_VIDEODRIVER"] = "offscreen"
        wished = os.environ.get("SDL_VIDEODRIVER") == "offscreen"
        try:
            with quiet():
                pygame.display.init()
            if pygame.display.get_driver() == "dummy":
                raise pygame.error("the dummy driver draws nothing")
        except pygame.error as error:
            pygame.display.quit()
            os.environ["SDL_VIDEODRIVER"] = "offscreen"
            self.note = f"no screen here ({error}); the picture goes on off-screen"
            try:
                pygame.display.init()
            except pygame.error as second:
                raise Mistake(f"neither a screen nor an off-screen picture: {second}") from second
        self.driver = pygame.display.get_driver()
        if self.offscreen and not wished and not self.note:
            self.note = "no screen here; the picture goes on off-screen"

    @property
    def offscreen(self) -> bool:
        """Whether nobody can see it."""
        return self.driver == "offscreen"

    def _make(self) -> None:
        attribute = pygame.display.gl_set_attribute
        attribute(pygame.GL_CONTEXT_MAJOR_VERSION, 3)
        attribute(pygame.GL_CONTEXT_MINOR_VERSION, 3)
        attribute(pygame.GL_CONTEXT_PROFILE_MASK, pygame.GL_CONTEXT_PROFILE_CORE)
        attribute(pygame.GL_CONTEXT_FLAGS, getattr(pygame, "GL_CONTEXT_FORWARD_COMPATIBLE_FLAG", 2))
        attribute(pygame.GL_DEPTH_SIZE, 0)
        attribute(pygame.GL_STENCIL_SIZE, 0)
        flags = pygame.OPENGL | pygame.DOUBLEBUF | pygame.RESIZABLE
        size = (self.config.width, self.config.height)
        if self.fullscreen:
            flags = pygame.OPENGL | pygame.DOUBLEBUF | pygame.FULLSCREEN
            size = pygame.display.get_desktop_sizes()[self.config.display or 0]
        where: dict[str, Any] = (
            {} if self.config.display is None else {"display": self.config.display}
        )
        try:
            pygame.display.set_mode(size, flags, vsync=int(self.config.vsync), **where)
        except pygame.error as error:
            if not self.config.vsync:
                raise self._no_window(error) from error
            self.note = "this display offers no vertical sync; the picture goes on without"
            try:
                pygame.display.set_mode(size, flags, **where)
            except pygame.error as second:
                raise self._no_window(second) from second
        pygame.display.set_caption(self.config.title)
        pygame.display.set_allow_screensaver(False)
        self.hide_cursor()
        pygame.key.set_repeat()

    def _no_window(self, error: pygame.error) -> Mistake:
        return Mistake(
            f"no window with OpenGL 3.3 could be made ({error}); does the graphics driver know it? "
            "--headless plays without a window"
        )

    def _measure(self) -> tuple[int, int]:
        width, height = pygame.display.get_window_size()
        return max(LOWEST, width), max(LOWEST, height)

    def resized(self) -> bool:
        """Measure the window again; True when its size changed."""
        before, self.size = self.size, self._measure()
        return before != self.size

    def screen(self) -> moderngl.Framebuffer:
        """The visible framebuffer at its present size (moderngl's own goes stale on a resize)."""
        screen = self.ctx.screen
        screen.viewport = (0, 0, *self.size)
        return screen

    def toggle_fullscreen(self) -> None:
        """From window to full screen and back; where nobody sees it, nothing happens."""
        if not self.offscreen:
            pygame.display.toggle_fullscreen()
            self.fullscreen = not self.fullscreen
            self.hide_cursor()

    @staticmethod
    def hide_cursor() -> None:
        """Some systems show it again when the focus comes back."""
        pygame.mouse.set_visible(False)

    def flip(self) -> None:
        """Show what was drawn. Pygame lets the other threads run while it waits."""
        pygame.display.flip()

    def collect(self) -> None:
        """Give back what nobody holds any more, here in the one thread that may call GL.

        Nothing is released by hand: moderngl 5.13 stumbles over what was released before.
        """
        with contextlib.suppress(AttributeError):
            self.ctx.gc()

    @property
    def words(self) -> str:
        """The window in one line, for the performer."""
        renderer = str(self.ctx.info.get("GL_RENDERER", "?")).split(" (")[0]
        place = "off-screen" if self.offscreen else "full screen" if self.fullscreen else "window"
        text = f"{place} {self.size[0]}x{self.size[1]}, {renderer}, {self.driver}"
        return f"{text} ({self.note})" if self.note else text

    @property
    def software(self) -> bool:
        """Whether the processor draws, not a graphics card."""
        return is_software(self.ctx)

    def close(self) -> None:
        """Take the window away."""
        pygame.display.quit()


def _context() -> moderngl.Context:
    """The context of the window; a second window in one process gets moderngl's global one anew."""
    try:
        return moderngl.create_context(require=330)
    except Exception:
        try:
            moderngl.init_context()
            return moderngl.get_context()
        except Exception as error:
            raise Mistake(
                f"this machine draws no OpenGL 3.3 ({error}); a newer graphics driver or Mesa helps"
            ) from error


def _finish_outside_gil(ctx: moderngl.Context) -> Callable[[], Any]:
    """glFinish through ctypes, which lets go of the GIL: moderngl never does.

    A software rasteriser works while we wait here; without this the wait lands in the next draw
    call and holds up the trainer thread.
    """
    names = {
        "linux": ("libGL.so.1", "libOpenGL.so.0"),
        "darwin": ("/System/Library/Frameworks/OpenGL.framework/OpenGL",),
        "win32": ("opengl32.dll",),
    }
    for name in names.get(sys.platform, ()):
        try:
            finish = getattr(ctypes.CDLL(name), "glFinish")  # noqa: B009
        except (OSError, AttributeError):
            continue
        finish.restype = None
        finish.argtypes = []
        return finish  # type: ignore[no-any-return]
    return ctx.finish
