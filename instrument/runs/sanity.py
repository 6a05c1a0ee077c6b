"""Counts and sizes inside recorded frames, checked: a damaged file must not lead anybody out of bounds."""

from instrument.signals.frames import (
    CONTROL_CAPACITY,
    ROUTES_BYTES,
    SEGMENT_CAPACITY,
    SLICE_LENGTH,
    STREAM_CAPACITY,
    TILE_BYTES,
    TILE_COUNT,
    ControlFrame,
    Frame,
    MetricFrame,
    RoutesFrame,
    TileFrame,
    WeightFrame,
)


def check(frame: Frame) -> None:
    """Raises ValueError for a frame whose own numbers do not fit it."""
    match frame:
        case MetricFrame():
            fits = frame.count <= STREAM_CAPACITY
        case ControlFrame():
            fits = frame.count <= CONTROL_CAPACITY
        case TileFrame():
            tile = frame.height * frame.width * frame.channels
            fits = frame.count <= TILE_COUNT and 0 < tile <= TILE_BYTES
        case WeightFrame():
            fits = (
                frame.count <= SLICE_LENGTH
                and frame.generator_segments <= frame.segment_count <= SEGMENT_CAPACITY
                and all(start <= frame.count for start in frame.segments[: frame.segment_count])
            )
        case RoutesFrame():
            fits = frame.size <= ROUTES_BYTES
        case _:
            fits = True
    if not fits:
        raise ValueError(f"a {type(frame).__name__} whose counts do not fit it")
