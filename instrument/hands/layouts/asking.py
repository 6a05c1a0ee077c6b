"""What a tablet subscribes to, so that its faders follow: patterns for `/subscribe`."""

from collections.abc import Iterable

RENEW_MS = 4000
"""A subscription ends 10 s after it was last renewed; so one lost packet does no harm."""
SUBSCRIBE = "/subscribe"


def patterns(addresses: Iterable[str]) -> tuple[str, ...]:
    """The fewest patterns that reach all these addresses, without the streams of the training.

    One for each depth: ``/{learning,show}/*/*``; an address of one word stands for itself.
    """
    rooms: dict[int, set[str]] = {}
    for address in addresses:
        words = address.split("/")[1:]
        rooms.setdefault(len(words), set()).add(words[0])
    found: list[str] = []
    for depth, names in sorted(rooms.items()):
        if depth == 1:
            found += [f"/{name}" for name in sorted(names)]
        else:
            first = next(iter(names)) if len(names) == 1 else "{" + ",".join(sorted(names)) + "}"
            found.append(f"/{first}" + "/*" * (depth - 1))
    return tuple(found)
