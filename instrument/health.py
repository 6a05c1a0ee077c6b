"""`Health`: how the show does, read off the bus and put into words once, for whoever shows them.

Terminal, overlay and performer's view say the same, because they all ask here. What only the main process
knows comes from it as a `HealthFrame` (`pulse.py`). No GL.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from instrument.beat_words import BeatWishes, beat_words
from instrument.clock import Clock
from instrument.cue_words import Rows, short_words, standing_rows
from instrument.deck_words import deck_rows
from instrument.hand_words import hand_rows, learned_words
from instrument.hands.midi.controls import FORGET, LEARN
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    DECK,
    GESTURES,
    HANDS,
    HEALTH,
    METRICS,
    NOTICES,
    SILENT_LUFS,
    SOUND,
    STANDING,
    ControlFrame,
    DeckFrame,
    GestureFrame,
    HandsFrame,
    HealthFrame,
    MetricFrame,
    SoundFrame,
    StandingFrame,
)
from instrument.signals.notices import Notice, notice_of
from instrument.signals.reading import put_positions
from instrument.signals.spec import Kind, Spec
from instrument.signals.spoken import Line, Tone, Word, control_words, counted, stream_words
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.signals.texts import text_of
from instrument.units import gain_to_db, seconds_to_text

STATE = "state"
AUDIBLE = 1e-3
FALL_DB_PER_S = 20.0
"""How fast the peak that is shown falls back after a loud moment."""
SILENT_S = 1.5
"""A room that has said nothing for so long is told of as silent."""
KEPT = 8
"""So many gestures and notices are remembered."""
UNGUARDED = "FLASH GUARD IS OFF"


@dataclass(frozen=True)
class Act:
    """A gesture as it is told: when (on the show's clock), whose hand, what, and to which value."""

    time_s: float
    who: str
    control: str
    value: str
    """'' where it has none that says anything."""

    @property
    def words(self) -> str:
        """What was done."""
        return f"{self.control} {self.value}".rstrip()


@dataclass(frozen=True)
class Said:
    """A notice, and when it was said."""

    time_s: float
    notice: Notice


class Health:
    """Listens to the show. One thread; ask it for words after `listen`."""

    def __init__(
        self,
        bus: Bus,
        streams: Sequence[StreamSpec],
        specs: Sequence[Spec],
        clock: Clock,
        each_step: Callable[[MetricFrame], None] | None = None,
    ) -> None:
        """`each_step` is called in `listen` for every metric frame, in order; the frame is used again."""
        self._metrics, self._sounds = bus.listener(METRICS), bus.listener(SOUND)
        self._gestures, self._notices = bus.listener(GESTURES), bus.listener(NOTICES)
        self._pulses, self._standings = bus.listener(HEALTH), bus.listener(STANDING)
        self._hands, self._controls = bus.listener(HANDS), bus.listener(CONTROLS)
        self._decks = bus.listener(DECK)
        self._clock, self._each_step = clock, each_step
        self._bank = Bank(specs)
        self._paths = tuple(spec.path for spec in self._bank)
        self._control = ControlFrame()
        self.positions = self._bank.defaults.copy()
        """Where all controls stand, float32 (controls,)."""
        self._place = stream_numbers(streams)
        self.states: tuple[str, ...] = next((s.choices for s in streams if s.name == STATE), ())
        self._metric, self._sound = MetricFrame(), SoundFrame()
        self._heard_sound, self._sound_s = False, 0.0
        self.pulse: HealthFrame | None = None
        """What the main process said last."""
        self.standing: StandingFrame | None = None
        """Where scenes and cues stand, as the conductor said last."""
        self.deck: DeckFrame | None = None
        """Where the deck of a rehearsal stands, as the playback said last."""
        self.hands: HandsFrame | None = None
        """Which faders wait and what is learned, as the MIDI hand said last."""
        self.first_step_s: float | None = None
        """When the first step was made, on the show's clock."""
        self.first_sound_s: float | None = None
        """When the first audible sound was on its way, on the show's clock."""
        self.peak = 0.0
        """Amplitude, falling back slowly."""
        self.gestures: deque[Act] = deque(maxlen=KEPT)
        """The newest last; what one hand turns in one go is one act."""
        self.notices: deque[Said] = deque(maxlen=KEPT)
        """The newest last."""
        self._began_s = clock()

    def listen(self) -> list[Notice]:
        """Take what waits on the bus; returns the notices that are new. Never waits."""
        self._listen_to_steps()
        while self._sounds.take(self._sound) is not None:
            self._take_sound()
        for frame in self._gestures.drain():
            self._take_gesture(frame)
        for hands in self._hands.drain():
            self._take_hands(hands)
        if self._controls.latest(self._control) is not None:
            put_positions(self._control, self.positions)
        self.pulse = self._pulses.latest() or self.pulse
        self.standing = self._standings.latest() or self.standing
        self.deck = self._decks.latest() or self.deck
        fresh = []
        for said in self._notices.drain():
            notice = notice_of(said)
            self.notices.append(Said(said.time_s, notice))
            fresh.append(notice)
        return fresh

    def _listen_to_steps(self) -> None:
        if self.first_step_s is None and self._metrics.take(self._metric) is not None:
            self.first_step_s = self._metric.time_s
            if self._each_step is not None:
                self._each_step(self._metric)
        if self._each_step is None:
            self._metrics.latest(self._metric)
            return
        while self._metrics.take(self._metric) is not None:
            self._each_step(self._metric)

    def _take_sound(self) -> None:
        frame = self._sound
        elapsed_s = min(1.0, max(0.0, frame.time_s - self._sound_s)) if self._heard_sound else 1.0
        self._heard_sound, self._sound_s = True, frame.time_s
        fallen = self.peak * 10.0 ** (-FALL_DB_PER_S * elapsed_s / 20.0)
        came = float(frame.peak)
        self.peak = max(fallen, came if math.isfinite(came) else 0.0)
        if self.first_sound_s is None and came >= AUDIBLE:
            self.first_sound_s = frame.time_s

    def _take_gesture(self, frame: GestureFrame) -> None:
        if frame.step >= 0 or frame.control >= len(self._bank):
            return
        spec = self._bank.specs[frame.control]
        who = text_of(frame.who)
        position = frame.position if math.isfinite(frame.position) else 0.0
        value = "" if spec.path in (LEARN, FORGET) else spec.text(spec.map(position))
        act = Act(frame.time_s, who, control_words(spec.path), value)
        last = self.gestures[-1] if self.gestures else None
        if (
            last
            and spec.kind is not Kind.TRIGGER
            and (last.who, last.control) == (who, act.control)
        ):
            self.gestures.pop()
        self.gestures.append(act)

    def _take_hands(self, frame: HandsFrame) -> None:
        """Which control is learned comes a moment after the act that asked for it."""
        self.hands = frame
        learned, last = (
            learned_words(frame, self._paths),
            self.gestures[-1] if self.gestures else None,
        )
        if learned and last and not last.value and last.control == control_words(LEARN):
            self.gestures[-1] = replace(last, value=learned)

    # -- numbers ----------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Training steps so far."""
        return int(self._metric.step)

    @property
    def steps_per_s(self) -> float:
        """Training steps per second; 0 while none comes."""
        standing = self._clock() - self._metric.time_s > SILENT_S
        return 0.0 if standing else self.stream("steps_per_s")

    def stream(self, name: str) -> float:
        """A stream as it was last said, in its unit; 0 when it is not there or not a number."""
        number = self._place.get(name)
        value = 0.0 if number is None else float(self._metric.streams[number])
        return value if math.isfinite(value) else 0.0

    @property
    def state(self) -> str:
        """What the training is in, in a word."""
        if self.first_step_s is None or not self.states:
            return "waiting"
        number = int(self.stream(STATE))
        return self.states[number] if 0 <= number < len(self.states) else "unknown"

    @property
    def peak_dbfs(self) -> float:
        """The peak that is shown, in dBFS; -120 is silence."""
        return gain_to_db(self.peak)

    @property
    def lufs(self) -> float | None:
        """Loudness of the last 3 s; None while there is none."""
        loudness = float(self._sound.short_term)
        return loudness if self._heard_sound and loudness > SILENT_LUFS else None

    @property
    def played_s(self) -> float:
        """How long the show has been going."""
        began_s = self.pulse.began_s if self.pulse else self._began_s
        return max(0.0, self._clock() - began_s)

    # -- words ------------------------------------------------------------------------------------

    def status(self, deck: bool = True) -> Line:
        """Everything that matters, in one line whose words keep their places; `deck`: its, too."""
        words = [
            Word(f"{seconds_to_text(self.played_s)}", Tone.STRONG),
            *(self._deck_words() if deck else ()),
            *self._training_words(),
            *self._sound_words(),
            *self._picture_words(),
            *(() if self.standing is None else short_words(self.standing)),
        ]
        if self.pulse and self.pulse.refused:
            words.append(Word(f"{self.pulse.refused} refused"))
        if self.pulse and self.pulse.unguarded:
            words.append(Word(UNGUARDED, Tone.GRAVE))
        return tuple(words)

    def rows(self) -> tuple[tuple[str, Line], ...]:
        """The same and more as a table: what it is about, and the words."""
        rows: list[tuple[str, Line]] = [
            ("time", (Word(seconds_to_text(self.played_s), Tone.STRONG),)),
            ("training", tuple(self._training_words())),
            ("sound", tuple(self._sound_words())),
            ("picture", tuple(self._picture_words())),
            *self.deck_rows(),
            *self.standing_rows(),
        ]
        if self.beat_matters:
            rows.append(("beat", self.beat()))
        rows += self.hand_rows()
        if self.pulse is not None:
            rows.append(("look", self._look_words(self.pulse)))
            rows.append(("hands", self._hand_words(self.pulse)))
        if self.gestures:
            act = self.gestures[-1]
            ago = f"{seconds_to_text(self._clock() - act.time_s)} ago"
            words = (
                Word(act.who, Tone.QUIET),
                Word(act.words),
                Word(ago, Tone.QUIET),
            )
            rows.append(("last", words))
        for said in list(self.notices)[-3:]:
            rows.append((said.notice.where, (notice_word(said.notice),)))
        return tuple(rows)

    def deck_rows(self) -> Rows:
        """Where the deck of a rehearsal stands, as a table: ``run``; none where it became a training."""
        return deck_rows(self.deck) if self.deck is not None and self.deck.run else ()

    def standing_rows(self) -> Rows:
        """Where scene and cues stand, as a table: ``scene``, ``cue`` and ``next``, where there are any."""
        return () if self.standing is None else standing_rows(self.standing, self._clock())

    def hand_rows(self) -> Rows:
        """What is learned, or which faders wait, as a table: ``learn`` or ``waits``, where there is any."""
        return () if self.hands is None else hand_rows(self.hands, self._paths)

    def beat(self) -> Line:
        """Bar and beat, tempo, clock, and what waits for it; () while it is not known."""
        if self.standing is None:
            return ()
        return beat_words(self.standing, self._beat_wishes(), self._clock())

    @property
    def beat_matters(self) -> bool:
        """Whether the beat decides when something happens, or is another's."""
        pending = self.standing is not None and bool(self.standing.pending)
        return self.standing is not None and (pending or self._beat_wishes().matter)

    @property
    def beat_is_used(self) -> bool:
        """Whether it matters, or anybody touched anything of the beat."""
        return self.beat_matters or (self.standing is not None and self._beat_wishes().are_used)

    def _beat_wishes(self) -> BeatWishes:
        return BeatWishes.read(self._show_value)

    def _show_value(self, name: str) -> float:
        path = f"show.{name}"
        return self._bank.spec(path).map(float(self.positions[self._bank.number[path]]))

    def _deck_words(self) -> list[Word]:
        return [word for name, line in self.deck_rows() for word in (Word(name, Tone.QUIET), *line)]

    def _training_words(self) -> list[Word]:
        return [
            Word(f"step {self.step:>6}  {self.steps_per_s:5.0f}/s"),
            Word(f"{self.state:<9}", Tone.STRONG),
        ]

    def _sound_words(self) -> list[Word]:
        if not self._heard_sound:
            return [Word("no sound yet", Tone.QUIET)]
        if self._clock() - self._sound_s > SILENT_S:
            return [Word("the sound says nothing", Tone.GRAVE)]
        lufs = "     -" if self.lufs is None else f"{self.lufs:6.1f}"
        dropouts = int(self._sound.dropouts)
        tone = Tone.GRAVE if dropouts else Tone.PLAIN
        return [
            Word(f"{self.peak_dbfs:6.1f} dBFS {lufs} LUFS"),
            Word(counted(dropouts, "dropout"), tone),
        ]

    def _picture_words(self) -> list[Word]:
        pulse = self.pulse
        if pulse is None:
            return [Word("no picture yet", Tone.QUIET)]
        if self._clock() - pulse.time_s > SILENT_S:
            return [Word("the picture says nothing", Tone.GRAVE)]
        words = [Word(f"{pulse.fps:4.1f} fps  {pulse.late} late")]
        if pulse.film_dropped:
            words.append(Word(f"the film lacks {pulse.film_dropped}", Tone.GRAVE))
        return words

    @staticmethod
    def _look_words(pulse: HealthFrame) -> Line:
        look = stream_words(text_of(pulse.look)) or "none"
        guard = (
            Word(UNGUARDED, Tone.GRAVE)
            if pulse.unguarded
            else Word(f"guard holds {pulse.held:.0%}", Tone.PLAIN if pulse.held else Tone.QUIET)
        )
        return (Word(look), Word(f"{pulse.width}x{pulse.height}", Tone.QUIET), guard)

    @staticmethod
    def _hand_words(pulse: HealthFrame) -> Line:
        tone = Tone.PLAIN if pulse.refused else Tone.QUIET
        return (Word(f"{pulse.gestures} gestures"), Word(f"{pulse.refused} packets refused", tone))

    def close(self) -> None:
        """Leave the bus."""
        for port in (
            self._metrics, self._sounds, self._gestures, self._notices, self._pulses, self._standings,
            self._decks,
            self._hands, self._controls,
        ):  # fmt: skip
            port.close()


def notice_word(notice: Notice) -> Word:
    """A notice as it is told."""
    return Word(notice.text, Tone.GRAVE if notice.grave else Tone.PLAIN)
