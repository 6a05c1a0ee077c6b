"""Whole training steps as CUDA graphs: one launch instead of some hundred.

A graph holds one combination of branches. The first step of a combination runs as it is written (and
warms the libraries up), the second is captured, every later one is replayed. What changes from step to
step (dice, learning rates, strengths of gestures) lies in tensors that the graph only reads.
"""

from collections import OrderedDict
from collections.abc import Callable

import torch

from instrument.learning.dials import Branches

MOST = 24
"""Combinations kept; the one not played for longest makes room."""


class Graphs:
    """Plays steps on one CUDA device. Trainer thread."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._stream = torch.cuda.Stream(device)
        self._pool = torch.cuda.graph_pool_handle()
        self._graphs: OrderedDict[Branches, torch.cuda.CUDAGraph | None] = OrderedDict()

    def play(self, branches: Branches, learn: Callable[[Branches], None]) -> None:
        """One step by these branches; `learn` neither waits for the device nor throws dice."""
        if branches not in self._graphs:
            self._warm_up(branches, learn)
            return
        self._graphs.move_to_end(branches)
        graph = self._graphs[branches]
        if graph is None:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream):
                learn(branches)
            self._graphs[branches] = graph  # only once it is whole
        graph.replay()

    def _warm_up(self, branches: Branches, learn: Callable[[Branches], None]) -> None:
        """Capture demands that its operations have run on a stream of their own before."""
        present = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(present)
        with torch.cuda.stream(self._stream):
            learn(branches)
        present.wait_stream(self._stream)
        self._graphs[branches] = None
        if len(self._graphs) > MOST:
            self._graphs.popitem(last=False)
