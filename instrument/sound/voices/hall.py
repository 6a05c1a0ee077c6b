"""The hall: sixteen delays that feed each other through a lossless mix.

A feedback delay network after Jot and Chaigne (1991): each line is damped by what its length must
lose for the decay that is asked for, and all are mixed by an orthogonal matrix, here four Householder
reflections of order 4 and a transposition, which reaches every line in two passes. Pairs of lines
are turned into each other by slow angles, which is lossless too and keeps the modes from ringing
like metal. With gains of 1, no damping and a closed input the tail is held for ever.

pyo hands a value back to an earlier object one block later; the delays are shorter by that block.
"""

from typing import Any

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph, Live

LINES, GROUP = 16, 4
LENGTHS_S = (
    0.0311, 0.0347, 0.0379, 0.0411, 0.0453, 0.0497, 0.0541, 0.0593,
    0.0647, 0.0701, 0.0757, 0.0823, 0.0889, 0.0961, 0.1039, 0.1123,
)  # fmt: skip
TURNS_HZ = (0.113, 0.171, 0.229, 0.283, 0.137, 0.199, 0.251, 0.311)
TURN_RADIANS = 0.7
DIFFUSERS_S = ((0.0047, 0.0077, 0.0123, 0.0211), (0.0053, 0.0083, 0.0117, 0.0229))
DIFFUSION = 0.62


class Hall:
    """`sound` has one stream for each channel."""

    def __init__(self, graph: Graph, sent: Any) -> None:
        """`sent` has one stream for each channel."""
        self._graph = graph
        self.lengths_s = [self._whole_samples(length) for length in LENGTHS_S]
        self.gains = [graph.live(0.8, 0.1) for _ in range(LINES)]
        self.damping: Live = graph.live(4500.0, 0.1)
        self.frozen: Live = graph.live(0.0, 0.05)
        returns = [pyo.Sig(0.0) for _ in range(LINES)]
        entering = [self._diffused(sent[n], n) for n in range(graph.channels)]
        self.delays = []
        lines = []
        for line in range(LINES):
            fed = returns[line] + entering[line % graph.channels]
            # Half a sample more, so that rounding never takes one away.
            back_s = self.lengths_s[line] - (graph.block - 0.5) / graph.sample_rate
            delay = pyo.SDelay(fed, back_s, back_s + 0.01)
            self.delays.append(delay)
            dull = pyo.Tone(delay, self.damping.signal)
            kept = pyo.Interp(dull, delay, self.frozen.signal)
            lines.append(kept * self.gains[line].signal)
        self.sound = [self._heard(lines, n) for n in range(graph.channels)]
        for line, mixed in zip(returns, self._mixed(lines), strict=True):
            line.value = mixed

    def empty(self) -> None:
        """Forget the tail."""
        for delay in self.delays:
            delay.reset()

    def _whole_samples(self, seconds: float) -> float:
        """Between two samples a delay would lose the highs; it must also hold a block."""
        rate = self._graph.sample_rate
        return max(round(seconds * rate), 2 * self._graph.block) / rate

    def _diffused(self, sound: Any, channel: int) -> Any:
        for length_s in DIFFUSERS_S[channel % 2]:
            length_s *= 1.0 + 0.06 * (channel // 2)
            sound = pyo.Allpass(sound, length_s, DIFFUSION, length_s + 0.01)
        return sound

    def _mixed(self, lines: list[Any]) -> list[Any]:
        """The lines after the turn of each pair, the four reflections and the transposition."""
        turned: list[Any] = []
        for pair, turn_hz in enumerate(TURNS_HZ):
            first, second = lines[2 * pair], lines[2 * pair + 1]
            angle = pyo.Sine(turn_hz, pair / len(TURNS_HZ), mul=TURN_RADIANS)
            cosine, sine = pyo.Cos(angle), pyo.Sin(angle)
            turned += [first * cosine - second * sine, first * sine + second * cosine]
        mixed: list[Any] = [None] * LINES
        for group in range(LINES // GROUP):
            members = turned[group * GROUP : (group + 1) * GROUP]
            half = pyo.Mix(members, 1) * 0.5
            for place, member in enumerate(members):
                mixed[place * GROUP + group] = member - half
        return mixed

    def _heard(self, lines: list[Any], channel: int) -> Any:
        """Every loudspeaker hears lines of its own, so that no two say the same."""
        own = lines[channel :: self._graph.channels]
        signed = [line if place % 2 else line * -1.0 for place, line in enumerate(own)]
        return pyo.Mix(signed, 1) * (len(own) ** -0.5)
