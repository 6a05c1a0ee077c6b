"""The channel strip: a voice behind its level, send, mute and solo; asleep while nobody hears it.

A voice that plays a recording stands on two decks, each a whole voice. Another recording is loaded
into the deck that is asleep and crossfaded to:

deck heard  | wanted is        | then
------------|------------------|------------------------------------------------------------
at rest     | what it plays    | nothing
at rest     | another          | asked for; once it is loaded and rested on: crossfade
crossfading | whatever         | the crossfade is finished first

All of it belongs to the render thread.
"""

import math
from typing import Any

from instrument.sound.controls import VoiceEntry
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.library import Library
from instrument.sound.recording import Recording
from instrument.sound.voices.parts import gain_of

SLEEP_AFTER_S = 0.5
CROSSFADE_S = 0.6
REST_S = 0.12
"""A choice must stand so long before its recording is asked for: an encoder passes over many."""


class Deck:
    """One whole voice behind its own level and send. Asleep it costs nothing."""

    def __init__(self, graph: Graph, entry: VoiceEntry, recording: Recording | None) -> None:
        with graph.gather() as self._parts:
            sources = () if recording is None else (recording,)
            self.voice = entry.build(graph, *sources)
            self._level = graph.live(0.0, 0.03)
            self._send = graph.live(0.0, 0.03)
            self.output = self.voice.sound * self._level.signal
            self.sent = self.output * self._send.signal
        self._patience = int(SLEEP_AFTER_S * graph.sample_rate / graph.block)
        self._silent_blocks = 0
        self.asleep = False

    def update(self, gain: float, controls: Any, inner: Inner | None) -> None:
        """Follow the controls at this amplitude; fall asleep some time after it became 0."""
        self._silent_blocks = 0 if gain > 0.0 else self._silent_blocks + 1
        if self.asleep:
            if gain <= 0.0:
                return
            self._wake(inner)
        self._level.set(gain)
        self._send.set(controls.space)
        self.voice.update(controls)
        if self._silent_blocks > self._patience:
            self.asleep = True
            for part in self._parts:
                part.stop()

    def _wake(self, inner: Inner | None) -> None:
        self.asleep = False
        if inner is not None:
            self.voice.hear(inner)
        for part in self._parts:
            part.play()

    def hear(self, inner: Inner) -> None:
        """New weights; a sleeping voice hears the newest when it wakes."""
        if not self.asleep:
            self.voice.hear(inner)


class Strip:
    """A voice of the show and where its controls stand."""

    def __init__(self, graph: Graph, entry: VoiceEntry, controls: Any, library: Library) -> None:
        """`controls` is bound to the values of the show. Raises `Mistake` for a bad recording."""
        self.entry = entry
        self.controls = controls
        self._library = library
        self._period_s = graph.block / graph.sample_rate
        self._names = entry.recordings if entry.recording is not None else ()
        self.playing = self._names[int(controls.recording)] if self._names else None
        recording = None if self.playing is None else library.get(self.playing)
        self.decks = [Deck(graph, entry, recording) for _ in range(2 if recording else 1)]
        self._heard = 0
        self._share = 1.0
        """Of the crossfade to the deck that is heard."""
        self._rested_s = 0.0
        self._wanted = self.playing

    @property
    def open(self) -> bool:
        """Whether its own level and mute let it be heard."""
        return not self.controls.mute and gain_of(self.controls.level) > 0.0

    def update(self, let_through: bool, inner: Inner | None) -> None:
        """Follow the controls, once per block; `let_through` is False when others are soloed."""
        controls = self.controls
        gain = gain_of(controls.level) if let_through and not controls.mute else 0.0
        if self.playing is not None:
            self._choose()
        if self._share < 1.0:
            self._share = min(1.0, self._share + self._period_s / CROSSFADE_S)
            turn = 0.5 * math.pi * self._share
            self.decks[1 - self._heard].update(gain * math.cos(turn), controls, inner)
            gain *= math.sin(turn)
        elif len(self.decks) > 1:
            self.decks[1 - self._heard].update(0.0, controls, inner)
        self.decks[self._heard].update(gain, controls, inner)

    def _choose(self) -> None:
        """Bring the recording that is asked for into the deck nobody hears."""
        wanted = self._names[int(self.controls.recording)]
        if wanted != self._wanted:
            self._wanted, self._rested_s = wanted, 0.0
        if wanted == self.playing:
            return
        self._rested_s += self._period_s
        free = self.decks[1 - self._heard]
        if self._rested_s < REST_S or self._share < 1.0 or not free.asleep:
            return
        recording = self._library.ask(wanted)
        if recording is None:
            return
        free.voice.load(recording)
        self._heard, self._share, self.playing = 1 - self._heard, 0.0, wanted

    def hear(self, inner: Inner) -> None:
        """New weights and gradients of the network."""
        for deck in self.decks:
            deck.hear(inner)
