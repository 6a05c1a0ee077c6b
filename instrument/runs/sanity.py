"""Counts and sizes inside recorded frames, checked: a damaged file must not lead anybody out of bounds."""

from instrument.signals.frames import (
    ACTIVE_LAYERS,
    ACTIVE_UNITS,
    CONTROL_CAPACITY,
    FIELD_SIDE,
    ROUTES_BYTES,
    SEGMENT_CAPACITY,
    SLICE_LENGTH,
    SNAPSHOT_PART_BYTES,
    STREAM_CAPACITY,
    TILE_BYTES,
    TILE_COUNT,
    WALK_COUNT,
    ActivationFrame,
    ControlFrame,
    FieldFrame,
    Frame,
    MetricFrame,
    RealsFrame,
    RoutesFrame,
    SnapshotFrame,
    TileFrame,
    WalkFrame,
    WeightFrame,
)

COLOURS = (1, 3)
"""Channels of a tile: grey, or red, green and blue. Whoever draws one takes no other for a picture."""


def check(frame: Frame) -> None:
    """Raises ValueError for a frame whose own numbers do not fit it."""
    match frame:
        case MetricFrame():
            fits = frame.count <= STREAM_CAPACITY
        case ControlFrame():
            fits = frame.count <= CONTROL_CAPACITY
        case TileFrame():
            fits = frame.count <= TILE_COUNT and _is_tile(frame)
        case WalkFrame():
            fits = frame.count <= WALK_COUNT and _is_tile(frame) and frame.first < frame.around
        case FieldFrame():
            fits = 0 < frame.side <= FIELD_SIDE and _is_tile(frame)
        case ActivationFrame():
            fits = _are_layers(frame)
        case RealsFrame():
            fits = _is_tile(frame)
        case WeightFrame():
            fits = (
                frame.count <= SLICE_LENGTH
                and frame.generator_segments <= frame.segment_count <= SEGMENT_CAPACITY
                and all(start <= frame.count for start in frame.segments[: frame.segment_count])
            )
        case RoutesFrame():
            fits = frame.size <= ROUTES_BYTES
        case SnapshotFrame():
            fits = frame.count <= SNAPSHOT_PART_BYTES and frame.part < frame.parts
        case _:
            fits = True
    if not fits:
        raise ValueError(f"a {type(frame).__name__} whose counts do not fit it")


def _is_tile(frame: TileFrame | WalkFrame | FieldFrame | RealsFrame) -> bool:
    size = frame.height * frame.width * frame.channels
    return bool(frame.channels in COLOURS and 0 < size <= TILE_BYTES)


def _are_layers(frame: ActivationFrame) -> bool:
    count, row = frame.layer_count, 0
    if not frame.generator_layers <= count <= ACTIVE_LAYERS or frame.samples > TILE_COUNT:
        return False
    for begin, shown, units, dead in zip(
        frame.begins[:count], frame.shown, frame.units, frame.dead, strict=False
    ):
        if begin != row or not shown <= min(units, ACTIVE_UNITS) or dead > units:
            return False
        row += shown
    return True
