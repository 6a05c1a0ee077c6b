"""The command and the words of a show that is neither seen nor heard, for benches that play whole ones."""

import sys
from pathlib import Path

PERFORM = Path(sys.executable).with_name("perform")
QUIET = (
    "--headless", "--sound", "null", "--no-standby", "--no-midi", "--no-announce", "--no-query",
)  # fmt: skip
