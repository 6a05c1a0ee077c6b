"""What an OSC message to a route asks for: ``/route/hiss/depth 0.4``, ``/route/2/stream "entropy"``."""

from collections.abc import Sequence

from instrument.hands.packet import Refusal
from instrument.hands.pattern import is_pattern
from instrument.signals.routes import RouteEdit

ROUTE = "/route/"
LONGEST = 100
LONGEST_WORD = 200


def edit_of(address: str, arguments: Sequence[object], who: str) -> RouteEdit:
    """The edit in a message to an address that begins with `ROUTE`. Raises `Refusal` for what is none.

    Whether there is such a route and what its keys take, the mapping says.
    """
    words = address[:LONGEST].split("/")[2:]
    if len(words) != 2 or not all(words) or len(address) > LONGEST:
        raise Refusal(
            "is no route: /route/NAME/KEY and /route/NUMBER/KEY are, such as /route/1/depth"
        )
    if is_pattern(address):
        raise Refusal("takes the name or the number of one route, no pattern")
    if len(arguments) != 1:
        raise Refusal(f"takes one value, not {len(arguments)}")
    value = arguments[0]
    if not isinstance(value, (bool, int, float, str)) or len(str(value)) > LONGEST_WORD:
        raise Refusal(f"takes a number or a text, not {type(value).__name__}")
    return RouteEdit(words[0], words[1], value, who)
