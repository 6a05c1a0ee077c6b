"""A run as a MIDI file to lie beside its film: streams as controller curves, a tick a millisecond."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido

from instrument.exports.draft import Drafts
from instrument.exports.midi_tracks import Curves, Track, plain
from instrument.exports.sink import Run, is_act, value_text, values_of
from instrument.signals.frames import GESTURES, METRICS, STANDING, GestureFrame, StandingFrame
from instrument.signals.refused import writing
from instrument.signals.texts import text_of

TICKS_PER_BEAT = 1000
BEAT_US = 1_000_000
"""60 bpm: a beat is a second, a tick a millisecond."""
USUAL = ("loss_d", "loss_g", "score_real", "score_fake", "similarity_centred", "diversity", "entropy",
         "edge", "reject", "modes", "grad_norm_d", "grad_norm_g")  # fmt: skip
STATE_CHANNEL, STATE_NOTE, STATE_VELOCITY = 15, 60, 100
RATE = 50.0


class MidiSink:
    """A `Sink`: tempo and markers, states as notes, hands as texts, then a track for each stream."""

    topics = frozenset(topic.name for topic in (METRICS, GESTURES, STANDING))

    def __init__(self, run: Run, path: Path, drafts: Drafts, bits: int, rate: float) -> None:
        """`bits` is 7 or 14; of each stream at most `rate` values a second."""
        self._run, self._path, self._drafts = run, path, drafts
        self._curves = Curves(run.streams, bits)
        self._places, self._apart_s, self._last_s = run.places, 1.0 / rate, float("-inf")
        self._markers, self._states, self._hands = Track(run.name), Track("states"), Track("hands")
        names = [stream.name for stream in run.header.streams]
        self._state_place = names.index("state") if "state" in names else None
        self._words = (
            () if self._state_place is None else run.header.streams[self._state_place].choices
        )
        self._state, self._tick = -1, 0
        self._cue: tuple[int, str] = (0, "")
        self._markers.put(0, mido.MetaMessage("set_tempo", tempo=BEAT_US))

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """See `Sink`."""
        tick = self._tick = max(self._tick, round(at_s * 1000))
        if topic == METRICS.name:
            if self._state_place is not None and self._state_place < frame.count:
                self._hear_state(tick, frame.streams[self._state_place])
            if at_s - self._last_s >= self._apart_s - 1e-9:
                self._last_s = at_s
                self._curves.hear(tick, values_of(frame, self._places))
        elif topic == GESTURES.name:
            self._hear_gesture(tick, frame)
        elif topic == STANDING.name:
            self._hear_cue(tick, frame)

    def _hear_state(self, tick: int, value: float) -> None:
        state = int(value) if 0 <= value < len(self._words) else self._state
        if state == self._state:
            return
        self._end_state(tick)
        self._markers.put(tick, mido.MetaMessage("marker", text=plain(self._words[state])))
        note = STATE_NOTE + state
        self._states.put(
            tick,
            mido.Message("note_on", channel=STATE_CHANNEL, note=note, velocity=STATE_VELOCITY),
        )
        self._state = state

    def _end_state(self, tick: int) -> None:
        if self._state >= 0:
            note = STATE_NOTE + self._state
            self._states.put(tick, mido.Message("note_off", channel=STATE_CHANNEL, note=note))

    def _hear_gesture(self, tick: int, frame: GestureFrame) -> None:
        spec, path = self._run.spec(frame.control), self._run.path(frame.control)
        _, text = value_text(spec, frame.position)
        who = text_of(frame.who)
        when = f"step {frame.step}" if frame.step >= 0 else "asked"
        words = plain(f"{path} {text or f'{frame.position:g}'} ({who + ', ' if who else ''}{when})")
        self._hands.put(tick, mido.MetaMessage("text", text=words))
        if is_act(spec) and frame.step < 0:
            self._markers.put(tick, mido.MetaMessage("marker", text=plain(path)))

    def _hear_cue(self, tick: int, frame: StandingFrame) -> None:
        cue = (frame.cue, text_of(frame.cue_name))
        if cue != self._cue and frame.cue:
            words = plain(f"cue {frame.cue} {cue[1]}")
            self._markers.put(tick, mido.MetaMessage("cue_marker", text=words))
        self._cue = cue

    def close(self) -> None:
        """See `Sink`."""
        self._end_state(self._tick)
        file = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_BEAT)
        tracks: Sequence[Any] = (self._markers, self._states, self._hands, *self._curves.tracks)
        file.tracks.extend(tracks)
        with writing(self._path):
            file.save(str(self._drafts.file(self._path)))

    def drop(self) -> None:
        """See `Sink`."""
