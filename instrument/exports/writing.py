"""One reading of a run into as many formats as are asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from instrument.exports import midi
from instrument.exports.draft import Drafts
from instrument.exports.midi import MidiSink
from instrument.exports.npz import NpzSink
from instrument.exports.sink import Run, Sink, streams_named
from instrument.exports.table_files import TableFiles, csv_file, parquet_file, paths
from instrument.exports.tables import Tables
from instrument.exports.tensorboard import EVENTS, TensorBoardSink, event_path
from instrument.house import open_house
from instrument.runs.reel import Reel
from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write, reason

EVERY = 512
"""Frames between two words about how far it is."""
ENDINGS = {
    "csv": (".csv",), "parquet": (".parquet",), "npz": (".npz",), "midi": (".mid", ".midi"),
}  # fmt: skip
"""How the names of the files of each format end; other programs go by that."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of a run. `streams` as ``a,b,c``, None: all (MIDI: a few). `rate`: values a second at
    most, of MIDI and TensorBoard; None: each its own."""

    run: Path
    csv: Path | None = None
    parquet: Path | None = None
    npz: Path | None = None
    midi: Path | None = None
    tensorboard: Path | None = None
    streams: str | None = None
    rate: float | None = None
    midi_bits: int = 14
    force: bool = False

    def check(self) -> None:
        """Raises `Mistake` where nothing is asked for, twice the same, or under another format's name."""
        files = {name: path for name in ENDINGS if (path := getattr(self, name)) is not None}
        if not files and self.tensorboard is None:
            raise Mistake(
                "nothing to write: add --csv FILE, --parquet FILE, --npz FILE, --midi FILE or "
                "--tensorboard FOLDER"
            )
        if len({path.absolute() for path in files.values()}) < len(files):
            raise Mistake("two formats are to be one file; give each a name of its own")
        for name, path in files.items():
            if path.suffix.lower() not in ENDINGS[name]:
                endings = " or ".join(ENDINGS[name])
                raise Mistake(f"--{name} {path}: is written as {endings}; let the name end so")


def export(wish: Wish, progress: Callable[[float], None] = lambda share: None) -> list[str]:
    """Read the run once and write all that is asked for; what is to be told, in sentences.

    Raises `Mistake`; then nothing has been written. The same run gives the same bytes.
    """
    wish.check()
    reel = Reel(wish.run)
    try:
        return _export(wish, reel, progress)
    finally:
        reel.close()


def _export(wish: Wish, reel: Reel, progress: Callable[[float], None]) -> list[str]:
    header = reel.header
    named = streams_named(wish.streams, header.streams)
    run = Run(wish.run.stem, header, open_house().bank, named or tuple(header.streams))
    drafts = Drafts(wish.force)
    drafts.check(_targets(wish, run))
    sinks: list[Sink] = []
    try:
        _open(wish, run, reel.length_s, named is not None, drafts, sinks)
        _read(reel, sinks, progress)
        for sink in sinks:
            sink.close()
        kept = drafts.keep()
    except OSError as error:
        raise Mistake(f"{wish.run}: cannot be read ({reason(error)})") from error
    finally:
        for sink in sinks:
            sink.drop()
        drafts.discard()
    return [*_faults(reel, sinks), *(f"{path}: {_size(path)}" for path in kept)]


def _targets(wish: Wish, run: Run) -> list[Path]:
    """Every file that may be written. Makes the folder for TensorBoard."""
    targets = [path for path in (wish.npz, wish.midi) if path is not None]
    for table in (wish.csv, wish.parquet):
        targets += paths(table) if table is not None else []
    if wish.tensorboard is not None:
        targets.append(_event_target(wish.tensorboard, run, wish.force))
    return targets


def _event_target(folder: Path, run: Run, force: bool) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise Mistake(f"--tensorboard {folder}: is no folder ({error.strerror})") from error
    except OSError as error:
        raise Mistake(f"--tensorboard {cannot_write(folder, error)}") from error
    target = event_path(folder, run)
    others = [path for path in folder.glob(f"{EVENTS}*") if path != target]
    if others and not force:
        raise Mistake(
            f"--tensorboard {folder}: holds another run ({others[0].name}), and TensorBoard would "
            "draw both as one; give each run a folder of its own, or --force"
        )
    return target


def _open(
    wish: Wish, run: Run, length_s: float, named: bool, drafts: Drafts, sinks: list[Sink]
) -> None:
    """A sink for each format that is asked for."""
    files = []
    if wish.csv is not None:
        files.append(TableFiles(wish.csv, drafts, csv_file))
    if wish.parquet is not None:
        files.append(TableFiles(wish.parquet, drafts, parquet_file))
    if files:
        sinks.append(Tables(run, files))
    if wish.npz is not None:
        sinks.append(NpzSink(run, wish.npz, drafts))
    if wish.midi is not None:
        usual = [stream for stream in run.streams if stream.name in midi.USUAL]
        rate = wish.rate or midi.RATE
        sinks.append(
            MidiSink(run if named else run.only(usual), wish.midi, drafts, wish.midi_bits, rate)
        )
    if wish.tensorboard is not None:
        sinks.append(TensorBoardSink(run, wish.tensorboard, drafts, length_s, wish.rate))


def _read(reel: Reel, sinks: list[Sink], progress: Callable[[float], None]) -> None:
    topics = frozenset(topic for sink in sinks for topic in sink.topics)
    for number, recorded in enumerate(reel.frames(0.0, topics)):
        for sink in sinks:
            if recorded.topic in sink.topics:
                sink.hear(recorded.at_s, recorded.topic, recorded.frame)
        if number % EVERY == 0:
            progress(recorded.at_s / max(reel.length_s, 1e-6))


def _faults(reel: Reel, sinks: list[Sink]) -> list[str]:
    """What could not be read, or not be written as one array."""
    told = reel.faults("written")
    for sink in sinks:
        if isinstance(sink, NpzSink) and sink.left_out:
            told.append(
                f"{sink.left_out} sheets or slices of another shape than the first are left out"
            )
    return told


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
