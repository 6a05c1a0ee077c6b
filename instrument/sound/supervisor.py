"""The main process's end of the sound: starts the sound process, watches it, brings it back, ends it.

What brings the sound back fast is a standby: a second sound process, fully built and asleep. It
opens the sink when it is told to; the next standby is built after it, giving way to everything else.
"""

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from instrument.clock import Clock, wall_clock
from instrument.signals.bus import Bus
from instrument.signals.frames import NOTICES, SOUND
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame
from instrument.sound.capture import mend
from instrument.sound.child import START_TOO_LONG_S, Child, sound_environment
from instrument.sound.probe import Probe
from instrument.sound.tallies import Tallies
from instrument.units import gain_to_db

SILENT_TOO_LONG_S = 0.7
"""A playing child that says nothing for so long (it speaks 20 times a second) hangs: it is ended."""
STANDBY_AFTER_S = 2.0
"""The next standby is begun so long after the sound began: not in the middle of the start of a show."""
STANDBY_AGAIN_S = 10.0
END_WAIT_S = 6.0
AT_ONCE_S = 3.0
"""A child that died sooner after its first sound died at once."""
PAUSES_S = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Before the first, second, ... new start in a row after deaths at once."""
LAST_PAUSE_S = 10.0
"""Before every further one."""
DEVICE_PAUSE_S = 1.0
"""After a device that was seen and did not open, before it is looked for again."""


class SoundProcess:
    """The sound, in a process of its own. Main thread only.

    What happens, and what is done (`poll` does it all and never waits):

    | what                          | what is done                                                    |
    |-------------------------------|-----------------------------------------------------------------|
    | the child died                | the standby goes on, else a new child; where the hands are now  |
    | it says nothing               | it is killed, and as above                                      |
    | it died at once 5 times       | said, and tried again every 10 s                                |
    | it lost its device            | it plays to nothing, a probe looks for the device               |
    | the device is back            | the standby opens it; when that sounds, the old child leaves    |
    | it died without its device    | the next child plays to nothing, the probe goes on              |
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        bus: Bus,
        clock: Clock = wall_clock,
        positions: Callable[[], Sequence[float]] | None = None,
        standby: bool = True,
    ) -> None:
        """`config`: JSON values, see the docstring of `instrument.sound_stage`.

        `positions` gives where all controls stand now, for a child that begins in the middle of a
        show. Without `standby` a new child is only built when it is needed (about a second more).
        """
        self.config = dict(config)
        self.restarts = 0
        self.hangs = 0
        self.device_losses = 0
        self.notice = ""
        """What the child said when it was ready: the sink in words."""
        self._clock = clock
        self._positions = positions
        self._wants_standby = standby
        self._listener = bus.listener(SOUND)
        self._news = bus.publisher(NOTICES)
        self._child: Child | None = None
        self._next: Child | None = None
        self._standby: Child | None = None
        self._standby_at_s: float | None = None
        self._leaving: list[Child] = []
        self._probe: Probe | None = None
        self._probe_at_s = 0.0
        self._lost: str | None = None
        self._lost_s = 0.0
        self._parts = 0
        self._all: list[Child] = []
        self._was_ready = False
        self._ending = False
        self._failures = 0
        self._restart_at_s: float | None = None
        self._death: tuple[str, float] | None = None
        self._past = Tallies()

    @property
    def pid(self) -> int | None:
        """Process number of the child that plays, None before the start."""
        return None if self._child is None else self._child.pid

    @property
    def standby_ready(self) -> bool:
        """Whether a standby sleeps, fully built."""
        return self._standby is not None and self._standby.built

    def start(self) -> None:
        """Start the child; returns at once."""
        self._child = self._begin({})

    def _begin(self, changes: Mapping[str, Any]) -> Child:
        """The standby wakes, or a child from nothing."""
        changes = {"part": self._parts, "dropouts": self._total.dropouts, **changes}
        if self._parts and self._positions is not None:
            changes = {"positions": [float(at) for at in self._positions()], **changes}
        if self._child is not None and self._child.scan:
            changes = {"scan": self._child.scan, **changes}
        self._parts += 1
        standby, self._standby = self._standby, None
        if standby is not None and standby.alive:
            standby.go(changes)
            child = standby
        else:
            child = Child({**self.config, **changes}, self._clock)
        self._all.append(child)
        return child

    @property
    def captures(self) -> list[tuple[Path, list[dict[str, Any]]]]:
        """Every file that what was heard was captured into, and its anchors in time."""
        return [(child.capture, child.anchors) for child in self._all if child.capture is not None]

    def ready(self) -> str | None:
        """The sink in words once the child plays, else None. Raises `Mistake` when it cannot."""
        child = self._child
        if self._was_ready or child is None:
            return self.notice or None
        alive = child.alive
        child.look()
        if child.error is not None:
            raise Mistake(child.error)
        if child.ready is not None:
            self._was_ready = True
            self.notice = child.ready
            return self.notice
        if not alive:
            child.close()
            if child.error is not None:
                raise Mistake(child.error)
            raise Mistake(
                "the sound process ended before it was ready "
                f"({child.how_it_ended()}); `instrument doctor` says what is missing"
            )
        return None

    def wait_ready(self, timeout_s: float) -> str:
        """The sink in words; waits for it. Raises `Mistake`."""
        deadline_s = self._clock() + timeout_s
        while (words := self.ready()) is None:
            if self._clock() > deadline_s:
                raise Mistake(f"the sound process did not come up within {timeout_s:g} s")
            threading.Event().wait(0.01)
        return words

    def poll(self) -> None:
        """Hear how it stands; bring back what died, hangs or lost its device. Call it often.

        Never waits. Raises nothing.
        """
        self._hear()
        if self._child is None or self._ending:
            return
        self._mind_leaving()
        self._mind_child()
        self._mind_device()
        self._mind_standby()

    def _hear(self) -> None:
        for frame in self._listener.drain():
            for child in (self._child, self._next, *self._leaving):
                if child is not None and child.part == round(frame.part):
                    child.hear(frame)

    def _say(self, text: str, grave: bool = False) -> None:
        self._news.meet()
        self._news.send(notice_frame(Notice("sound", text, grave), self._clock()))

    def _mind_child(self) -> None:
        """The one that plays: dead, hanging, or back."""
        child = self._child
        assert child is not None
        if self._restart_at_s is not None:
            if self._clock() >= self._restart_at_s:
                self._restart_at_s = None
                self._child = self._next or self._begin(self._without_device())
                self._next = None
            return
        alive = child.alive
        child.look()
        limit_s = SILENT_TOO_LONG_S if child.sounding_s is not None else child.start_limit_s
        if alive and child.error is None and child.silent_s <= limit_s:
            self._welcome(child)
            return
        hung = alive and child.error is None
        if alive:
            child.kill()
        self._bury(child, hung)

    def _without_device(self) -> dict[str, Any]:
        """A child that begins while the device is lost plays to nothing."""
        return {} if self._lost is None else {"sink": "null"}

    def _bury(self, child: Child, hung: bool) -> None:
        """Keep what the dead child counted; plan the next one, later each time it fails at once."""
        child.close()
        words = child.error or child.how_it_ended()
        if hung:
            self.hangs += 1
            words = f"it hung: no word for {child.silent_s:.1f} s"
        # The hole that a death leaves is a dropout that nobody could count any more.
        self._past = self._past.plus(child.tallies).plus(Tallies(dropouts=1))
        self.restarts += 1
        if child.capture is not None:
            mend(child.capture)
        lived_s = 0.0 if child.sounding_s is None else child.heard_s - child.sounding_s
        self._failures = 1 if lived_s > AT_ONCE_S else self._failures + 1
        since_s = child.heard_s if self._death is None else self._death[1]
        self._death = (words, since_s)
        last = self._failures > len(PAUSES_S)
        if self._failures == len(PAUSES_S) + 1:
            self._say(
                f"the sound process died {self._failures} times in a row ({words}); "
                f"the show goes on without sound, it is tried again every {LAST_PAUSE_S:g} s",
                grave=True,
            )
        pause_s = LAST_PAUSE_S if last else PAUSES_S[self._failures - 1]
        self._restart_at_s = self._clock() + pause_s
        if pause_s == 0.0:
            self._mind_child()

    def _welcome(self, child: Child) -> None:
        """A child that plays: the first, or one that came back."""
        if child.ready is not None:
            self.notice = child.ready
            self._was_ready = True
        if child.lost is not None and self._lost is None:
            self._lose(child.lost, child.lost_s)
        if child.device is not None and child.sounding_s is not None and self._lost is not None:
            self._have_again(child)
        if self._death is None or child.sounding_s is None:
            return
        words, since_s = self._death
        self._death = None
        gap_s = max(0.0, child.sounding_s - since_s)
        self._past = self._past.plus(Tallies(longest_gap_s=gap_s))
        self._say(f"the sound process died ({words}); back after {gap_s:.1f} s", grave=True)

    def _lose(self, device: str, lost_s: float) -> None:
        """The child plays to nothing from now on; somebody looks for its device."""
        # By its own name: the show does not move to other loudspeakers by itself.
        self._lost = device or str(self.config.get("device") or "")
        self._lost_s = lost_s
        self._probe_at_s = 0.0
        self.device_losses += 1

    def _mind_device(self) -> None:
        """A device that is lost: looked for, and opened by a new child when it is there."""
        if self._lost is None:
            return
        if self._next is not None:
            self._mind_next(self._next)
            return
        if self._probe is None:
            if self._clock() >= self._probe_at_s:
                channels = int(self.config.get("channels", 2))
                self._probe = Probe(self._lost, channels, sound_environment(), self._clock)
            return
        if self._probe.found() and self._restart_at_s is None:
            self._probe.close()
            self._probe = None
            self._next = self._begin({"sink": "device", "device": self._lost or None})

    def _mind_next(self, child: Child) -> None:
        """The one that opens the device again, beside the one that plays to nothing."""
        alive = child.alive
        child.look()
        if (
            not alive
            or child.error
            or child.lost is not None
            or child.silent_s > child.start_limit_s
        ):
            if alive:
                child.kill()
            child.close()
            self._next = None
            self._probe_at_s = self._clock() + DEVICE_PAUSE_S
            return
        if child.sounding_s is None:
            return
        old, self._child, self._next = self._child, child, None
        if old is not None:
            old.end()
            self._leaving.append(old)
        self._have_again(child)

    def _have_again(self, child: Child) -> None:
        """The device that was lost plays again."""
        self._lost = None
        if self._probe is not None:
            self._probe.close()
            self._probe = None
        gap_s = max(0.0, (child.sounding_s or 0.0) - self._lost_s)
        self._past = self._past.plus(Tallies(longest_gap_s=gap_s))
        self.notice = child.ready or self.notice
        self._say(f"the sound device is back ({child.ready}); {gap_s:.1f} s without it")

    def _mind_leaving(self) -> None:
        for child in [child for child in self._leaving if not child.alive]:
            child.close()
            self._past = self._past.plus(child.tallies)
            self._leaving.remove(child)

    def _mind_standby(self) -> None:
        """Have one, as soon as the one that plays needs nothing."""
        if not self._wants_standby:
            return
        standby = self._standby
        if standby is not None:
            alive = standby.alive
            standby.look()
            if not alive or (not standby.built and standby.silent_s > 5 * START_TOO_LONG_S):
                if alive:
                    standby.kill()
                standby.close()
                self._standby = None
                self._standby_at_s = self._clock() + STANDBY_AGAIN_S
            return
        child = self._child
        if child is None or child.sounding_s is None or self._next is not None:
            return
        if self._standby_at_s is None:
            self._standby_at_s = self._clock() + STANDBY_AFTER_S
        if self._clock() >= self._standby_at_s:
            self._standby_at_s = None
            self._standby = Child({**self.config, "part": -1, "standby": True}, self._clock)

    def begin_end(self) -> None:
        """Let the child fade out; returns at once."""
        self._ending = True
        for child in (self._child, self._next, self._standby, *self._leaving):
            if child is not None:
                child.end()

    def stop(self) -> None:
        """Fade, close the capture, take the last tallies; returns when every child is gone."""
        self.begin_end()
        if self._probe is not None:
            self._probe.close()
            self._probe = None
        if self._standby is not None:
            self._standby.kill()
            self._standby.close()
            self._standby = None
        for child in (self._child, self._next, *self._leaving):
            if child is None:
                continue
            try:
                child.process.wait(timeout=END_WAIT_S)
            except subprocess.TimeoutExpired:
                child.kill()
        self._hear()
        for child in (self._child, self._next, *self._leaving):
            if child is not None:
                child.close()
                if child.error is not None:
                    self.notice = self.notice or child.error
        since_s = self._lost_s if self._lost is not None else self._clock()
        if self._death is not None:
            since_s = min(since_s, self._death[1])
        # What was still without sound at the end was so until the end.
        self._past = self._past.plus(Tallies(longest_gap_s=max(0.0, self._clock() - since_s)))
        self._lost = self._death = None

    @property
    def _total(self) -> Tallies:
        total = self._past
        playing = None if self._restart_at_s is not None else self._child
        for child in (playing, self._next, *self._leaving):
            if child is not None:
                total = total.plus(child.tallies)
        return total

    def report(self) -> dict[str, Any]:
        """What was counted over all children of this show.

        `dropouts` are holes in the sound: blocks that came too late, stops of the process, one for
        every death and every loss of the device. `restarts` are new children after a death or a
        hang, `hangs` those of them that were ended because they said nothing, `device_losses` how
        often the device went. `longest_gap_s` is the longest time without sound leaving, whatever
        the reason (seconds; about right to one block, after a death to a twentieth of a second).
        `loudness_lufs` is the gated loudness of the show by BS.1770, `true_peak_dbtp` the highest peak
        between the samples. `late_frames` of a recorded run came after their block of sound: where there is
        one, a rehearsal is not block for block as it is rendered. `block_ms` is how long the blocks of the
        last child took to render (median, 99 and 99.9 percent, longest), known at its end.
        """
        total = self._total
        return {
            "sink": self.notice,
            "sample_rate": self.config["sample_rate"],
            "block": self.config["block"],
            "block_ms": {} if self._child is None else self._child.block_ms,
            "blocks": total.blocks,
            "dropouts": total.dropouts,
            "restarts": self.restarts,
            "hangs": self.hangs,
            "device_losses": self.device_losses,
            "longest_gap_s": round(total.longest_gap_s, 3),
            "nonfinite_blocks": total.nonfinite_blocks,
            "late_frames": sum(child.late_frames for child in self._all),
            "metric_frames_lost": total.metric_frames_lost,
            "peak_dbfs": round(gain_to_db(total.peak), 2),
            "rms_dbfs": round(gain_to_db(total.rms), 2),
            "true_peak_dbtp": round(gain_to_db(total.true_peak), 2),
            "loudness_lufs": round(total.loudness, 1),
        }
