"""What a run file holds, found by reading all of it once: where its chunks are, and what is damaged."""

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mcap.opcode import Opcode
from mcap.records import Attachment, Channel, Metadata, Schema, Statistics

from instrument.runs.header import RECORD, RunHeader
from instrument.runs.records import MESSAGE
from instrument.salvage.parsing import inside, parsed
from instrument.salvage.walk import Gap, Piece, Walk
from instrument.signals.mistake import Mistake

MOST_DESCRIBED = 256
"""More channels, or notes, than anybody gives a file that means well."""
MOST_VOUCHED = 1024
"""The same for channels in chunks whose checksum agrees."""
MOST_GAPS = 10_000
"""A file with more is no run that could be saved."""
NS = 1e-9


@dataclass(frozen=True)
class Place:
    """Where a chunk is, and the log times of its messages in nanoseconds."""

    at_byte: int
    end_byte: int
    begin_ns: int
    end_ns: int
    messages: int


class Places:
    """Many places in little memory, in the order of the file."""

    def __init__(self) -> None:
        self.begin_ns = self.end_ns = 0
        """Log times of the first and the last message of all, wherever they lie; 0 without any."""
        self._columns = tuple(array("Q") for _ in range(5))

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, number: int) -> Place:
        return Place(*(column[number] for column in self._columns))

    def __iter__(self) -> Iterator[Place]:
        return (Place(*row) for row in zip(*self._columns, strict=True))

    def add(self, place: Place) -> None:
        self.begin_ns = min(self.begin_ns, place.begin_ns) if len(self) else place.begin_ns
        self.end_ns = max(self.end_ns, place.end_ns)
        row = (place.at_byte, place.end_byte, place.begin_ns, place.end_ns, place.messages)
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)


@dataclass
class Survey:
    """What was found. Log times are nanoseconds, as in the file."""

    path: Path
    size: int
    begins_well: bool
    ends_well: bool
    header: RunHeader | None = None
    header_fault: str = ""
    """Why the header cannot be used, as a sentence."""
    record: dict[str, str] = field(default_factory=dict)
    """The header as stored."""
    notes: list[Metadata] = field(default_factory=list)
    """Other metadata records."""
    attachments: list[Attachment] = field(default_factory=list)
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    spoken: set[int] = field(default_factory=set)
    """Channels that have messages."""
    places: Places = field(default_factory=Places)
    gaps: list[tuple[Gap, int]] = field(default_factory=list)
    """What cannot be read, each with the number of the chunk that comes next."""
    known_lost: int = 0
    """Messages in damaged chunks whose own index can be read."""
    faults: list[tuple[int, str]] = field(default_factory=list)
    """Chunks that can be read although something is wrong with them: at which byte, and what."""
    repeated: list[int] = field(default_factory=list)
    """Bytes at which a chunk begins that was there before."""
    second_at: int = -1
    """Byte at which another run begins; from there on nothing counts. -1: none."""
    statistics: Statistics | None = None
    summary_whole: bool = False
    """Whether the summary is there and matches its checksum; only then its numbers count."""
    end_fault: str = ""
    """What is wrong with the end of the file, as a clause; '' where nothing is, or it is missing."""
    profile: str = ""
    library: str = ""

    @property
    def begin_ns(self) -> int:
        """When the first message was said."""
        return self.places.begin_ns

    @property
    def end_ns(self) -> int:
        return self.places.end_ns

    @property
    def length_s(self) -> float:
        return (self.end_ns - self.begin_ns) * NS

    def second_of(self, log_ns: int) -> float:
        """Seconds from the first message of the run."""
        return (log_ns - self.begin_ns) * NS


class Surveyor:
    """Makes a `Survey`; `see` may look at every piece besides."""

    def __init__(
        self, path: Path, file: BinaryIO, see: Callable[[Piece | Gap], None] = lambda step: None
    ) -> None:
        self.walk = Walk(file)
        walk = self.walk
        self.survey = Survey(path, walk.size, walk.begins_well, walk.ends_well)
        self._see = see
        self._behind_gap = False
        self._summary: list[Any] | None = None
        """The descriptions in the summary; its checksum, which comes last, vouches for them."""
        self._known_crcs: set[tuple[int, int, int]] = set()
        self._from_chunks: set[tuple[type, int]] = set()
        """Schemas and channels that a checksum vouches for."""

    def look(self) -> Survey:
        """Read the whole file. Raises OSError where the disk does; `Mistake` where too much is damaged."""
        for step in self.walk.pieces():
            if isinstance(step, Gap):
                self._gap(step)
            elif not self._take(step):
                self.survey.second_at = step.at_byte
                break
            self._see(step)
        return self.survey

    def _gap(self, gap: Gap) -> None:
        self.survey.gaps.append((gap, len(self.survey.places)))
        self._behind_gap = gap.opcode == Opcode.CHUNK
        if len(self.survey.gaps) > MOST_GAPS:
            raise Mistake(
                f"{self.survey.path}: more than {MOST_GAPS:,} places are damaged; nothing can be made of "
                "this file, take another copy"
            )

    def _take(self, piece: Piece) -> bool:
        """Note a piece; False where another run begins."""
        survey, record = self.survey, piece.record
        if piece.fault:
            survey.faults.append((piece.at_byte, piece.fault))
        if piece.opcode == Opcode.CHUNK:
            self._behind_gap = False
            self._chunk(piece)
        elif piece.opcode == Opcode.MESSAGE_INDEX:
            survey.known_lost += len(record.records) if self._behind_gap else 0
        elif piece.opcode == Opcode.MESSAGE:
            self._loose(piece)
        elif piece.opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
            self._describe(record, vouched=False)
            if self._summary is not None and len(self._summary) < MOST_VOUCHED:
                self._summary.append(record)
        elif piece.opcode == Opcode.HEADER:
            survey.profile, survey.library = record.profile, record.library
        elif piece.opcode == Opcode.STATISTICS:
            survey.statistics = record
        elif piece.opcode in (Opcode.DATA_END, Opcode.FOOTER):
            self._ending(piece)
        elif piece.opcode == Opcode.METADATA and record.name == RECORD:
            if survey.record and record.metadata != survey.record:
                return False
            self._header(record.metadata)
        elif piece.opcode == Opcode.METADATA:
            if len(survey.notes) < MOST_DESCRIBED and record not in survey.notes:
                survey.notes.append(record)
        elif piece.opcode == Opcode.ATTACHMENT:
            self._attachment(record)
        return True

    def _ending(self, piece: Piece) -> None:
        """Compare a checksum of the whole: that of the frames, or that of the summary."""
        survey, record = self.survey, piece.record
        if piece.opcode == Opcode.DATA_END:
            crc, begin, end = record.data_section_crc, 0, piece.at_byte
            what = "what was recorded does not match the checksum of the whole"
        else:
            crc, begin, end = record.summary_crc, record.summary_start, piece.end_byte - 4
            what = "the summary does not match its checksum"
        agrees = begin <= end and (not crc or self.walk.crc(begin, end) == crc)
        if not agrees:
            survey.end_fault = what
        if piece.opcode == Opcode.DATA_END:
            self._summary = []
            return
        survey.summary_whole = bool(agrees and crc and begin)
        for described in self._summary or () if survey.summary_whole else ():
            self._describe(described, vouched=True)

    def _header(self, stored: dict[str, str]) -> None:
        survey = self.survey
        survey.record = stored
        try:
            survey.header = RunHeader.from_metadata(stored, survey.path)
        except Mistake as mistake:
            survey.header_fault = str(mistake)

    def _describe(self, record: Any, vouched: bool) -> None:
        known = self.survey.schemas if isinstance(record, Schema) else self.survey.channels
        key = (type(record), record.id)
        most = MOST_VOUCHED if vouched else MOST_DESCRIBED
        if len(known) >= most and record.id not in known:
            return
        if record.id not in known or (vouched and key not in self._from_chunks):
            known[record.id] = record
        if vouched:
            self._from_chunks.add(key)

    def _loose(self, piece: Piece) -> None:
        """A message outside any chunk: no checksum vouches for it."""
        if len(piece.content) >= MESSAGE.size:
            channel, _, at_ns, _ = MESSAGE.unpack_from(piece.content)
            self.survey.spoken.add(channel)
            self.survey.places.add(Place(piece.at_byte, piece.end_byte, at_ns, at_ns, 1))

    def _attachment(self, attachment: Attachment) -> None:
        kept = self.survey.attachments
        if len(kept) < MOST_DESCRIBED and attachment not in kept:
            kept.append(attachment)

    def _chunk(self, piece: Piece) -> None:
        chunk = piece.record
        identity = (chunk.uncompressed_crc, len(piece.content), piece.end_byte - piece.at_byte)
        if chunk.uncompressed_crc and identity in self._known_crcs:
            self.survey.repeated.append(piece.at_byte)
            return
        self._known_crcs.add(identity)
        times: list[int] = []
        for opcode, begin, end in inside(piece.content):
            if opcode == Opcode.MESSAGE and end - begin >= MESSAGE.size:
                channel, _, at_ns, _ = MESSAGE.unpack_from(piece.content, begin)
                self.survey.spoken.add(channel)
                times.append(at_ns)
            elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                try:
                    self._describe(parsed(opcode, piece.content[begin:end]), vouched=True)
                except ValueError as error:
                    self._gap(Gap(piece.at_byte, piece.end_byte, f"a description in it {error}"))
        if times:
            self.survey.places.add(
                Place(piece.at_byte, piece.end_byte, min(times), max(times), len(times))
            )
