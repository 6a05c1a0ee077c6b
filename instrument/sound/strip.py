"""The channel strip: a voice behind its level, send, mute and solo; asleep while nobody hears it.

A voice that plays a recording stands on two decks, each a whole voice. Another recording is loaded
into the deck that is asleep and crossfaded to:

deck heard  | wanted is        | then
------------|------------------|------------------------------------------------------------
at rest     | what it plays    | nothing
at rest     | another          | asked for; once it is loaded and rested on: crossfade
crossfading | whatever         | the crossfade is finished first
at rest     | one that fails   | said once, what plays plays on; choosing it again tries again

All of it belongs to the render thread.
"""

import math
from typing import Any

from instrument.sound.controls import VoiceEntry
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.library import Library
from instrument.sound.recording import Recording
from instrument.sound.sleeper import Sleeper
from instrument.sound.voices.parts import gain_of

SLEEP_AFTER_S = 0.5
CROSSFADE_S = 0.6


class Deck:
    """One whole voice behind its own level and send. Asleep, as it is at first, it costs nothing."""

    def __init__(self, graph: Graph, entry: VoiceEntry, recording: Recording | None) -> None:
        self.recording = recording
        with graph.gather() as parts, graph.kinds_asked() as self.kinds:
            sources = () if recording is None else (recording,)
            self.voice = entry.build(graph, *sources)
            self._level = graph.live(0.0, 0.03)
            self._send = graph.live(0.0, 0.03)
            self._drive = graph.live(1.0, 0.03)
            self.heard = heard = self.voice.sound * self._level.signal
            """The voice behind its level, before anything else."""
            self.sent = heard * self._send.signal
            """What goes into the space, beside what is heard."""
            self.driven = heard * self._drive.signal
            """What is heard through the drive."""
            self.clean = heard - self.driven
            """What is heard past it."""
        self.sleeper = Sleeper(parts)
        self._patience = int(SLEEP_AFTER_S * graph.sample_rate / graph.block)
        self._silent_blocks = 0
        self._fall_asleep()

    def update(self, gain: float, controls: Any, inner: Inner | None) -> None:
        """Follow the controls at this amplitude; fall asleep some time after it became 0."""
        self._silent_blocks = 0 if gain > 0.0 else self._silent_blocks + 1
        if self.asleep:
            if gain <= 0.0:
                return
            self._wake(inner)
        self._level.set(gain)
        self._send.set(controls.space)
        self._drive.set(controls.drive)
        self.voice.update(controls)
        if self._silent_blocks > self._patience:
            self._fall_asleep()

    def _fall_asleep(self) -> None:
        self.asleep = True
        self.sleeper.stop()

    def load(self, recording: Recording) -> None:
        """Play another recording from now on. Only while it is asleep."""
        # The old one is let go afterwards: pyo's readers must be bound to the new one by then.
        before = self.recording
        self.voice.load(recording)
        self.recording = recording
        del before

    def _wake(self, inner: Inner | None) -> None:
        self.asleep = False
        if inner is not None:
            self.voice.hear(inner)
        self.sleeper.play()

    def hear(self, inner: Inner) -> None:
        """New weights; a sleeping voice hears the newest when it wakes."""
        if not self.asleep:
            self.voice.hear(inner)


class Strip:
    """A voice of the show and where its controls stand."""

    def __init__(
        self,
        graph: Graph,
        entry: VoiceEntry,
        controls: Any,
        library: Library,
        before: "Strip | None" = None,
    ) -> None:
        """`controls` is bound to the values of the show. `before` is the strip of the graph that
        this one replaces: it goes on with its recording. Raises `Mistake` for a bad recording."""
        self.entry = entry
        self.controls = controls
        self._library = library
        self._period_s = graph.block / graph.sample_rate
        self._names = entry.recordings if entry.recording is not None else ()
        self.playing: str | None = None
        """Name of the recording that is heard."""
        recording: Recording | None = None
        if before is not None:
            self.playing, recording = before.playing, before.recording
        elif self._names:
            self.playing = self._names[int(controls.recording)]
            recording = library.get(self.playing)
        self.decks: list[Deck] = [
            Deck(graph, entry, recording) for _ in range(2 if recording else 1)
        ]
        self._heard = 0
        self._share = 1.0
        """Of the crossfade to the deck that is heard."""
        self._rested_s = 0.0
        self._wanted = self.playing

    @property
    def recording(self) -> Recording | None:
        """What is heard, or faded to."""
        return self.decks[self._heard].recording

    def recordings(self) -> list[Recording]:
        """What its decks have loaded."""
        return [deck.recording for deck in self.decks if deck.recording is not None]

    def update(self, let_through: bool, inner: Inner | None) -> bool:
        """Follow the controls, once per block; `let_through` is False when others are soloed.

        Returns whether it has let go of a recording.
        """
        controls = self.controls
        gain = gain_of(controls.level) if let_through and not controls.mute else 0.0
        changed = self.playing is not None and self._choose()
        if self._share < 1.0:
            self._share = min(1.0, self._share + self._period_s / CROSSFADE_S)
            turn = 0.5 * math.pi * self._share
            self.decks[1 - self._heard].update(gain * math.cos(turn), controls, inner)
            gain *= math.sin(turn)
        elif len(self.decks) > 1:
            self.decks[1 - self._heard].update(0.0, controls, inner)
        self.decks[self._heard].update(gain, controls, inner)
        return changed

    def _choose(self) -> bool:
        """Bring the recording that is asked for into the deck nobody hears; whether it did."""
        wanted = self._names[int(self.controls.recording)]
        if wanted != self._wanted:
            self._wanted, self._rested_s = wanted, 0.0
            self._library.afresh(wanted)
            self._library.expect(wanted, self.decks[0].kinds)
        if wanted == self.playing:
            return False
        self._rested_s += self._period_s
        free = self.decks[1 - self._heard]
        if self._rested_s < self._library.rest_s or self._share < 1.0 or not free.asleep:
            return False
        recording = self._library.ask(wanted, free.kinds)
        if recording is None:
            return False
        free.load(recording)
        self._heard, self._share, self.playing = 1 - self._heard, 0.0, wanted
        return True

    def hear(self, inner: Inner) -> None:
        """New weights and gradients of the network."""
        for deck in self.decks:
            deck.hear(inner)
