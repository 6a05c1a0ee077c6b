"""What draws: a graphics card, or the processor in its place."""

import time
from collections.abc import Callable

import moderngl

BY_PROCESSOR = ("llvmpipe", "softpipe", "swiftshader")


def is_software(ctx: moderngl.Context) -> bool:
    """Whether the processor draws, not a graphics card."""
    renderer = str(ctx.info.get("GL_RENDERER", "")).lower()
    return any(word in renderer for word in BY_PROCESSOR)


def drawing_clock(ctx: moderngl.Context) -> Callable[[], float]:
    """Seconds that drawing takes, other programs left out where that can be told.

    Where the processor draws it is the time it spends on this process: on a busy machine a picture waits
    for its turn, and the look is not to blame. A card's time cannot be told so, and passes by the clock.
    """
    return time.process_time if is_software(ctx) else time.perf_counter
