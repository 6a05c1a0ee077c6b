"""The indexes of a run file against what they point at."""

import bisect
from collections.abc import Iterator
from typing import Any

from mcap.opcode import Opcode
from mcap.records import ChunkIndex, MessageIndex, MetadataIndex, Statistics

from instrument.runs.records import HEAD, MESSAGE
from instrument.salvage.findings import Findings
from instrument.salvage.parsing import inside
from instrument.salvage.survey import Survey
from instrument.salvage.walk import Gap, Piece

INDEXES = "faults in the index"


class IndexCheck:
    """Sees every piece of a file in order, and says where an index is wrong."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._chunks: dict[int, tuple[int, int, int]] = {}
        """Bytes, and begin and end of the messages, of the chunk at a byte."""
        self._indexed: set[int] = set()
        self._gaps: list[tuple[int, int]] = []
        """First and last byte of what cannot be read, in order."""
        self._last: Piece | None = None
        self._entries: dict[int, list[tuple[int, int]]] | None = None
        self._metadata: set[int] = set()
        self.counts: dict[int, int] = {}
        """Messages of every channel."""

    def see(self, step: Piece | Gap) -> None:
        """The next piece of the file."""
        if isinstance(step, Gap):
            self._last = None
            self._gaps.append((step.at_byte, step.end_byte))
        elif step.opcode == Opcode.CHUNK:
            self._chunk(step)
        elif step.opcode == Opcode.MESSAGE_INDEX:
            self._message_index(step.at_byte, step.record)
        elif step.opcode == Opcode.CHUNK_INDEX:
            self._chunk_index(step.at_byte, step.record)
        elif step.opcode == Opcode.METADATA:
            self._metadata.add(step.at_byte)
        elif step.opcode == Opcode.METADATA_INDEX:
            self._metadata_index(step.at_byte, step.record)

    def finish(self, survey: Survey) -> None:
        """What can only be said at the end. Nothing is, of a file whose summary is missing."""
        if not survey.summary_whole:
            return
        missing = len(self._chunks.keys() - self._indexed)
        if missing:
            self._wrong(f"{missing:,} chunks are in no index")
        if survey.statistics is not None:
            self._statistics(survey.statistics)

    def _wrong(self, text: str, at_byte: int | None = None) -> None:
        self._findings.damage(INDEXES, text, at_byte=at_byte)

    def _chunk(self, piece: Piece) -> None:
        begin_ns, end_ns, count = 2**64, 0, 0
        for channel, log_ns, _ in _messages(piece.content):
            begin_ns, end_ns, count = min(begin_ns, log_ns), max(end_ns, log_ns), count + 1
            self.counts[channel] = self.counts.get(channel, 0) + 1
        claimed = (piece.record.message_start_time, piece.record.message_end_time)
        if count and claimed != (begin_ns, end_ns):
            self._wrong("the chunk says other times than its messages", piece.at_byte)
        self._chunks[piece.at_byte] = (piece.end_byte - piece.at_byte, begin_ns, end_ns)
        self._last, self._entries = piece, None

    def _message_index(self, at_byte: int, index: MessageIndex) -> None:
        if self._last is None:
            return
        if self._entries is None:
            self._entries = {}
            for channel, log_ns, offset in _messages(self._last.content):
                self._entries.setdefault(channel, []).append((log_ns, offset))
        if sorted(index.records) != sorted(self._entries.get(index.channel_id, [])):
            self._wrong("the index of a chunk points at other messages than it holds", at_byte)

    def _chunk_index(self, at_byte: int, index: ChunkIndex) -> None:
        claimed = (index.chunk_length, index.message_start_time, index.message_end_time)
        known = self._chunks.get(index.chunk_start_offset)
        if known != claimed and (known or not self._is_gap(index.chunk_start_offset)):
            self._wrong("the index says of a chunk what is not so", at_byte)
        self._indexed.add(index.chunk_start_offset)

    def _is_gap(self, at_byte: int) -> bool:
        """Whether what lies there is known to be damaged."""
        number = bisect.bisect_right(self._gaps, (at_byte, 2**64)) - 1
        return number >= 0 and self._gaps[number][1] > at_byte

    def _metadata_index(self, at_byte: int, index: MetadataIndex) -> None:
        if index.offset not in self._metadata:
            self._wrong(f"the index says that '{index.name[:40]}' is where it is not", at_byte)

    def _statistics(self, statistics: Statistics) -> None:
        counted, told = sum(self.counts.values()), statistics.message_count
        if self._gaps and told >= counted:
            if told > counted:
                self._findings.note(INDEXES, f"by the summary {told - counted:,} frames are lost")
        elif told != counted:
            self._wrong(f"the summary says {told:,} frames, there are {counted:,}")
        elif {k: n for k, n in statistics.channel_message_counts.items() if n} != self.counts:
            self._wrong("the summary counts the frames of the topics wrongly")


def _messages(content: bytes) -> Iterator[tuple[Any, int, int]]:
    """Channel, log time and place of each message in an unpacked chunk."""
    for opcode, begin, end in inside(content):
        if opcode == Opcode.MESSAGE and end - begin >= MESSAGE.size:
            channel, _, log_ns, _ = MESSAGE.unpack_from(content, begin)
            yield channel, log_ns, begin - HEAD.size
