"""What a performer reads while a score is drawn."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_home_that_cannot_hold_a_cache_is_no_words_of_a_library(tmp_path: Path) -> None:
    """The page is made, and nothing is said but its name."""
    (tmp_path / "file").write_text("no folder")
    code = "from instrument.cli import instrument; instrument()"
    page = tmp_path / "page.png"
    words = ["score", "noise_to_digits", "-o", str(page), "--dpi", "50"]
    ended = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=120,
        env={**os.environ, "MPLCONFIGDIR": str(tmp_path / "file")},
    )  # fmt: skip
    assert ended.returncode == 0 and page.is_file()
    assert ended.stderr == "" and ended.stdout.strip().startswith(str(page))
