"""What is needed of tensorboardX, without the torch that it would load: 450 MB and six seconds.

It tries to import torch only to know its tensors when it sees one, and does without where there is none.
"""

import contextlib
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def _without(name: str) -> Iterator[None]:
    """Whoever imports this module meanwhile is told that there is none, unless it is loaded already."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


with _without("torch"):
    from tensorboardX import summary
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary
    from tensorboardX.record_writer import RecordWriter

__all__ = ["Event", "RecordWriter", "Summary", "summary"]
