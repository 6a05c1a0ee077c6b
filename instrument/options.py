"""`Options`: what was asked for on the command line, for the stage."""

from dataclasses import dataclass, field
from pathlib import Path

from instrument.arguments import At
from instrument.learning.config import LearningConfig
from instrument.picture.picture import PictureConfig


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line, checked as far as it can be without opening anything."""

    preset: str = "glitch_organ"
    rehearse: str | None = None
    branch: str | None = None
    """The run whose training goes on live, from the saved moment that lies nearest to `at`."""
    at: At = field(default_factory=At)
    """Where in the run of `rehearse` or `branch` the show begins."""
    mute_hands: bool = False
    """Begin a rehearsal without the recorded hands."""
    record: Path | None = None
    automatic: bool = True
    """Record into a file of its own where no other is asked for; a rehearsal is not."""
    keep_gb: float = 10.0
    """So much the automatic runs may take together."""
    seconds: float | None = None
    report: Path | None = None
    learning: LearningConfig = field(default_factory=LearningConfig)
    asked: frozenset[str] = frozenset()
    """Keys of `choices.FIELDS` said on the command line: a preset does not change them."""
    picture: PictureConfig = field(default_factory=PictureConfig)
    sink: str = "device"
    sound_device: str | None = None
    sound_file: Path | None = None
    capture: Path | None = None
    film: Path | None = None
    share: tuple[str, ...] = ()
    """Where the pictures go besides the window, see `picture.sharing.outlet`."""
    samples: tuple[Path, ...] = ()
    """Folders of recordings besides the usual ones."""
    sample_rate: int = 48_000
    block: int = 256
    ring_blocks: float = 4
    channels: int = 2
    standby: bool = True
    """Keep a second sound process asleep, for the moment when the first one dies."""
    performer_view: bool = False
    """A second window that the audience does not see."""
    performer_display: int | None = None
    """The display that it takes; None for a window."""
    midi: bool = True
    """Hear MIDI controllers, and light them."""
    midi_only: tuple[str, ...] = ()
    """Parts of the names of the devices to hear; all of them where none is named."""
    midi_system: str = "auto"
    midi_virtual: bool = False
    """An input of our own that other programs find."""
    osc_host: str = "127.0.0.1"
    osc_port: int = 9000
    osc_allow: tuple[str, ...] = ()
    osc_token: str = ""
    """The word that every sender has to say first; empty: none."""
    osc_out: tuple[str, ...] = ()
    """Receivers of feedback, HOST:PORT or HOST:PORT:PATTERN."""
    osc_tcp_port: int | None = None
    query: bool = True
    """Tell other programs the controls by OSCQuery."""
    query_port: int | None = None
    """None: the usual one, or any that is free where another show has it."""
    announce: bool = True
    link: bool = False
    """Open Ableton Link, which speaks to every network of this machine."""
