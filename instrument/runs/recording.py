"""What a show is recorded into: the file that was asked for, one of its own, or none."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from instrument.runs.keeping import GB, announcement, make_room, new_place
from instrument.runs.recorder import Recorder
from instrument.signals.mistake import Mistake

Say = Callable[[str, bool], None]
"""Takes a sentence, and whether it is grave."""
MOST_TRIES = 20
"""So many shows of one minute and preset may be quicker."""


class Recording:
    """Finds the file of a show, and begins to record. What nobody asked for never stops a show."""

    def __init__(
        self, asked: Path | None, folder: Path | None, preset: str, keep_gb: float, now: datetime
    ) -> None:
        """`asked`: a file from the command line. `folder`: of automatic runs; None records none.

        `keep_gb`: so much the automatic runs may take together. `now`: the time of day.
        """
        self.path = asked
        """None: the show is not recorded."""
        self.automatic = ""
        """The name of the file where nobody asked for one."""
        self.fault = ""
        self._keep_gb = keep_gb
        self._preset, self._now = preset, now
        if asked is not None or folder is None:
            return
        try:
            self.path = new_place(folder, preset, now)
        except Mistake as mistake:
            self.fault = f"this show is not recorded: {mistake}"
        else:
            self.automatic = self.path.name

    def start(self, recorder: Recorder | None, say: Say) -> bool:
        """Whether it records now. Raises `Mistake` only for a file that was asked for."""
        if recorder is None:
            if self.fault:
                say(self.fault, True)
            return False
        if not self.automatic:
            recorder.start()
            say(f"recorded into {recorder.path}", False)
            return True
        for sentence in make_room(recorder.path.parent, self._keep_gb * GB):
            say(sentence, False)
        try:
            self._begin(recorder)
        except Mistake as mistake:
            say(f"this show is not recorded: {mistake}", True)
            return False
        say(announcement(recorder.path, recorder.free_bytes, self._keep_gb), False)
        return True

    def _begin(self, recorder: Recorder) -> None:
        """Under the next free name where another show of this minute was quicker. Raises `Mistake`."""
        for _ in range(MOST_TRIES):
            try:
                return recorder.start()
            except Mistake:
                if not os.path.lexists(recorder.path):
                    raise
                recorder.move(new_place(recorder.path.parent, self._preset, self._now))
                self.path, self.automatic = recorder.path, recorder.path.name
        recorder.start()
