"""Texts in frames: bytes of a fixed room, never cut inside a character."""


def field_of(text: str, most_bytes: int) -> bytes:
    """A text as it fits into `most_bytes` of a frame, one less than the field is wide."""
    return text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore").encode("utf-8")


def text_of(field: bytes) -> str:
    """What a field of a frame says."""
    return bytes(field).decode("utf-8", "replace")
