"""The frames on the bus: fixed layout, declared once, the same bytes in every process and on disk.

Every frame begins with a `sequence` (counted per publisher from 0; a gap is a loss) and `time_s`
(seconds on the monotonic clock of the machine; who draws lets a frame of the future wait until then).
What the sound hears has `due`, too: the number of the block of sound, from the start of this sound process,
from which on it counts; 0 is at once. A recorded run is told a little ahead and dated so: that is why it
sounds block for block as it is rendered.
"""

import ctypes
from dataclasses import dataclass

STREAM_CAPACITY = 128
CONTROL_CAPACITY = 512
TILE_COUNT = 64
TILE_BYTES = 64 * 64 * 3
SLICE_LENGTH = 4096
SEGMENT_CAPACITY = 32
SPECTRUM_BANDS = 64
DEED_VALUES = 8
ROUTES_BYTES = 64 * 1024
WALK_COUNT = 16
FIELD_SIDE = 32
WAITING_FADERS = 16
SNAPSHOT_PART_BYTES = 32 * 1024
FIELD_POINTS = 3
ACTIVE_LAYERS = 8
ACTIVE_UNITS = 128
SILENT_LUFS = -120.0
"""The loudness that is said where there was no sound, or not yet enough of it."""


class Frame(ctypes.Structure):
    """What all frames share."""

    def used_bytes(self) -> int:
        """How much of the frame is meant; the rest need not travel or be stored."""
        return ctypes.sizeof(self)


class MetricFrame(Frame):
    """What happened in one training step: every stream as float32, in the order of the stream list."""

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("due", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("streams", ctypes.c_float * STREAM_CAPACITY),
    ]


class TileFrame(Frame):
    """Up to 64 samples as uint8, tightly packed (count, height, width, channels), and D's score of each.

    ``scores`` are sigmoids of D's logits, 0..1. Only the used bytes of ``tiles`` are meant.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("due", ctypes.c_uint64),
        ("count", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
        ("width", ctypes.c_uint16),
        ("channels", ctypes.c_uint16),
        ("scores", ctypes.c_float * TILE_COUNT),
        ("tiles", ctypes.c_uint8 * (TILE_COUNT * TILE_BYTES)),
    ]

    def used_bytes(self) -> int:
        tiles = self.count * self.height * self.width * self.channels
        return TileFrame.tiles.offset + min(tiles, TILE_COUNT * TILE_BYTES)


class WeightFrame(Frame):
    """A fixed selection of real weights and their gradients, the same places in every frame of a run.

    ``segments[i]`` is where the i-th layer's part begins, generator first, then discriminator;
    ``generator_segments`` says how many belong to the generator. ``count`` values are used.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("due", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("segment_count", ctypes.c_uint16),
        ("generator_segments", ctypes.c_uint16),
        ("segments", ctypes.c_uint32 * SEGMENT_CAPACITY),
        ("weights", ctypes.c_float * SLICE_LENGTH),
        ("gradients", ctypes.c_float * SLICE_LENGTH),
    ]


class WalkFrame(Frame):
    """Up to 16 samples along a closed path through latent space, laid out as in `TileFrame`.

    The path has `around` places, equally far apart on it; tile i stands at place ``(first + i) % around``
    and stays the drawing of the same latent while the strip moves on. `phase` (0..1) is where on the
    path the walk is now: place ``phase * around``, in the middle of the strip. `moved` is the mean
    absolute difference of neighbouring tiles, 0..1 of the range of a pixel; `distance` the mean
    Euclidean distance of their latents.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("count", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
        ("width", ctypes.c_uint16),
        ("channels", ctypes.c_uint16),
        ("first", ctypes.c_uint32),
        ("around", ctypes.c_uint32),
        ("phase", ctypes.c_float),
        ("moved", ctypes.c_float),
        ("distance", ctypes.c_float),
        ("reserved", ctypes.c_uint32),
        ("scores", ctypes.c_float * WALK_COUNT),
        ("tiles", ctypes.c_uint8 * (WALK_COUNT * TILE_BYTES)),
    ]

    def used_bytes(self) -> int:
        tiles = self.count * self.height * self.width * self.channels
        return WalkFrame.tiles.offset + min(tiles, WALK_COUNT * TILE_BYTES)


class FieldFrame(Frame):
    """What D says on the plane through two samples and a real, ``p0 + u (p1 - p0) + v (p2 - p0)``.

    `scores` are sigmoids of D's logits, 0..1, (side, side): rows by v, columns by u, both from `low`
    to `high`. `points` are (x, y) of p0, p1 and p2 in 0..1 of the picture of the grid, pixel centres at
    (i + .5) / side. Nothing is clipped: away from the three, pixels may leave -1..1. `images` are p0, p1
    (samples) and p2 (a real), uint8 (3, height, width, channels). `number` counts the choices of
    points, chosen `age_s` seconds ago; `step` is that of the D that was asked.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("side", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
        ("width", ctypes.c_uint16),
        ("channels", ctypes.c_uint16),
        ("low", ctypes.c_float),
        ("high", ctypes.c_float),
        ("number", ctypes.c_uint32),
        ("age_s", ctypes.c_float),
        ("points", ctypes.c_float * (2 * FIELD_POINTS)),
        ("scores", ctypes.c_float * (FIELD_SIDE * FIELD_SIDE)),
        ("images", ctypes.c_uint8 * (FIELD_POINTS * TILE_BYTES)),
    ]

    def used_bytes(self) -> int:
        images = FIELD_POINTS * self.height * self.width * self.channels
        return FieldFrame.images.offset + min(images, FIELD_POINTS * TILE_BYTES)


class ActivationFrame(Frame):
    """The hidden layers while the tiles are drawn (G) and judged (D): which unit speaks at which tile.

    `layer_count` layers, the first `generator_layers` of them G's. `shown[i]` units of layer i, evenly
    chosen out of `units[i]`, are the rows from `begins[i]` of `cells`, uint8 (rows, samples): 0 where the
    unit is silent (not above 0), else 1..255, with 255 at `loudest[i]` (99th percentile of the layer)
    and above. A unit of a convolution is a channel, its mean over the image. `dead[i]` of all units are
    below 0 at every place of every tile.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("layer_count", ctypes.c_uint16),
        ("generator_layers", ctypes.c_uint16),
        ("samples", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16),
        ("begins", ctypes.c_uint16 * ACTIVE_LAYERS),
        ("shown", ctypes.c_uint16 * ACTIVE_LAYERS),
        ("units", ctypes.c_uint16 * ACTIVE_LAYERS),
        ("dead", ctypes.c_uint16 * ACTIVE_LAYERS),
        ("loudest", ctypes.c_float * ACTIVE_LAYERS),
        ("cells", ctypes.c_uint8 * (ACTIVE_LAYERS * ACTIVE_UNITS * TILE_COUNT)),
    ]

    def used_bytes(self) -> int:
        rows = sum(self.shown[: self.layer_count])
        most = ACTIVE_LAYERS * ACTIVE_UNITS * TILE_COUNT
        return ActivationFrame.cells.offset + min(rows * self.samples, most)


class RealsFrame(Frame):
    """Mean and standard deviation of the `count` images D is shown now, uint8 (height, width, channels).

    Both in levels of a pixel, 0..255. Bit k of `classes` is set where images of class k are among them.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("classes", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
        ("width", ctypes.c_uint16),
        ("channels", ctypes.c_uint16),
        ("reserved", ctypes.c_uint32),
        ("mean", ctypes.c_uint8 * TILE_BYTES),
        ("deviation", ctypes.c_uint8 * TILE_BYTES),
    ]


class ControlFrame(Frame):
    """The positions 0..1 of all controls, in the order of the show's bank."""

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("due", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("positions", ctypes.c_float * CONTROL_CAPACITY),
    ]


class GestureFrame(Frame):
    """One act of a hand. `step` is -1 when it was asked for, else the step at which it took effect."""

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_int64),
        ("control", ctypes.c_uint32),
        ("position", ctypes.c_float),
        ("who", ctypes.c_char * 48),
    ]


class DeedFrame(Frame):
    """What a training did to itself or had done to it, exactly: enough to do it again bit for bit.

    `number` counts the deeds of a training from 0, `step` the steps made before it. `kind`, `places` and
    `values` are those of `learning.deeds`; `count` of them are used.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("kind", ctypes.c_uint32),
        ("count", ctypes.c_uint32),
        ("places", ctypes.c_uint32 * DEED_VALUES),
        ("values", ctypes.c_double * DEED_VALUES),
        ("text", ctypes.c_char * 160),
    ]


class SoundFrame(Frame):
    """How the sound stands, about 20 per second. Dropouts count from the start of the show, the other
    tallies from the start of this sound process; `part` says which one of the show it is, from 0.

    `blocks` were rendered by `time_s`, so it is the number of the next one; one lasts `period_s` seconds.

    Loudness in LUFS: `momentary` of the last 400 ms, `short_term` of the last 3 s, `integrated` of this
    sound process (gated); -120 is silence or not long enough yet. Peaks are amplitudes. `scope`: the last
    256 samples of the left, then of the right loudspeaker.

    The scanner reads the 64 samples of the tiles from left to right, one after the other, whether it is
    heard or not. `scan_place` (0..64: number of the sample, and the share of its width) is what was
    rendered last at `time_s`, `scan_rate` how many samples it reads per second, `latency_s` how long until
    it is heard: limiter, ring and device. So what is heard at the time t is

        (scan_place + scan_rate * (t - time_s - latency_s)) mod 64
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("period_s", ctypes.c_double),
        ("blocks", ctypes.c_uint64),
        ("dropouts", ctypes.c_uint64),
        ("nonfinite_blocks", ctypes.c_uint64),
        ("metric_frames_lost", ctypes.c_uint64),
        ("peak", ctypes.c_float),
        ("rms", ctypes.c_float),
        ("peak_ever", ctypes.c_float),
        ("rms_ever", ctypes.c_float),
        ("load", ctypes.c_float),
        ("part", ctypes.c_float),
        ("momentary", ctypes.c_float),
        ("short_term", ctypes.c_float),
        ("integrated", ctypes.c_float),
        ("true_peak_ever", ctypes.c_float),
        ("scan_place", ctypes.c_float),
        ("scan_rate", ctypes.c_float),
        ("latency_s", ctypes.c_float),
        ("reserved", ctypes.c_float),
        ("spectrum", ctypes.c_float * SPECTRUM_BANDS),
        ("scope", ctypes.c_float * 512),
    ]


class NoticeFrame(Frame):
    """One sentence for the performer from any process. `grave` is 0 for news, 1 for a fault."""

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("grave", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("where", ctypes.c_char * 16),
        ("text", ctypes.c_char * 400),
    ]


class RoutesFrame(Frame):
    """The whole mapping as it stands: `count` routes as a JSON list in the first `size` bytes of `text`.

    Over `fade_s` seconds the pushes of the mapping before go, and these come; 0 is at once.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("due", ctypes.c_uint64),
        ("count", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("fade_s", ctypes.c_float),
        ("reserved", ctypes.c_uint32),
        ("text", ctypes.c_char * ROUTES_BYTES),
    ]

    def used_bytes(self) -> int:
        return RoutesFrame.text.offset + min(self.size, ROUTES_BYTES)


class StandingFrame(Frame):
    """Where the show stands: scene, morph, cues, beat. Said when something changes, and 10 per second
    while something moves by itself.

    `scene` is the name of the one gone to last, `scene_number` its place on the set list (0: none).
    `morph` is how far a morph is (0..1; 1 when none is under way), `morph_left_s` what it still takes.
    `cue` is the number of the last cue that went (0: none yet), `next_cue` that of the next (0: none), of
    `cue_count`; `cue_s` is how long ago the last went. `waits` says in words what the next one waits for:
    ``GO``, ``in 12 s``, ``until state == collapse``. `pending` acts wait for the beat, which is at
    `beat` (counted from the start of the clock; whole numbers are beats) with `bpm`.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("beat", ctypes.c_double),
        ("bpm", ctypes.c_float),
        ("morph", ctypes.c_float),
        ("morph_left_s", ctypes.c_float),
        ("cue_s", ctypes.c_float),
        ("scene_number", ctypes.c_uint32),
        ("cue", ctypes.c_uint32),
        ("next_cue", ctypes.c_uint32),
        ("cue_count", ctypes.c_uint32),
        ("pending", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("scene", ctypes.c_char * 64),
        ("cue_name", ctypes.c_char * 64),
        ("next_name", ctypes.c_char * 64),
        ("next_note", ctypes.c_char * 160),
        ("waits", ctypes.c_char * 96),
    ]


class HealthFrame(Frame):
    """How the main process does, about 5 per second; `began_s` is when the show began.

    `held` is the share (0..1) of the last second's pictures in which the flash guard held something, `fps`
    those of the last second. `pictures`, `late` (pictures), `film_dropped` (pictures that a film lacks),
    `refused` (packets) and `gestures` count from the start. `look` is its name, `width` x `height` its
    inner size in pixels; `unguarded` is 1 where the flash guard was turned off.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("began_s", ctypes.c_double),
        ("pictures", ctypes.c_uint64),
        ("late", ctypes.c_uint64),
        ("film_dropped", ctypes.c_uint64),
        ("refused", ctypes.c_uint64),
        ("gestures", ctypes.c_uint64),
        ("fps", ctypes.c_float),
        ("held", ctypes.c_float),
        ("width", ctypes.c_uint16),
        ("height", ctypes.c_uint16),
        ("unguarded", ctypes.c_uint32),
        ("look", ctypes.c_char * 32),
    ]


class HandsFrame(Frame):
    """Which faders wait (soft takeover), and what is learned. Said when it changes, at most 10 per second.

    `waiting` faders wait. Of the first of them, at most 16, the one moved last first: `controls` are the
    numbers of their controls in the show's bank, `hardware` is where a fader is and `stands` where its
    control is, both as shares 0..1 of the way of that fader. `learned` is the number of the control that
    is learned, -1 for none, `learning` what is to be done for it, in words ('' for nothing).
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("waiting", ctypes.c_uint32),
        ("learned", ctypes.c_int32),
        ("controls", ctypes.c_uint32 * WAITING_FADERS),
        ("hardware", ctypes.c_float * WAITING_FADERS),
        ("stands", ctypes.c_float * WAITING_FADERS),
        ("learning", ctypes.c_char * 128),
    ]


class SnapshotFrame(Frame):
    """A part of a saved moment of the training, enough to go on from there.

    Moment `number` (counted from 0 in a training) was taken at `step` and is `size` bytes in `parts` parts;
    this is part `part` (from 0), its first `count` bytes. All parts one after the other are the text of a
    safetensors file (`learning.saved`).
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("number", ctypes.c_uint32),
        ("part", ctypes.c_uint32),
        ("parts", ctypes.c_uint32),
        ("count", ctypes.c_uint32),
        ("size", ctypes.c_uint64),
        ("content", ctypes.c_uint8 * SNAPSHOT_PART_BYTES),
    ]

    def used_bytes(self) -> int:
        return SnapshotFrame.content.offset + min(self.count, SNAPSHOT_PART_BYTES)


class DeckFrame(Frame):
    """Where the deck stands in a recorded run. Said when something changes, and 10 per s while it rolls.

    `position_s` of `length_s` seconds; `speed` is how fast it rolls now, 0 where it holds. `loop_in_s` and
    `loop_out_s` are the marks of the loop, -1 where none is set. `punched` controls are with the hand and
    not with the recording. `began_block` is the block of sound at which the run began to roll.
    """

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("position_s", ctypes.c_double),
        ("length_s", ctypes.c_double),
        ("loop_in_s", ctypes.c_double),
        ("loop_out_s", ctypes.c_double),
        ("step", ctypes.c_uint64),
        ("began_block", ctypes.c_uint64),
        ("speed", ctypes.c_float),
        ("punched", ctypes.c_uint32),
        ("looping", ctypes.c_uint32),
        ("hands_muted", ctypes.c_uint32),
        ("run", ctypes.c_char * 64),
    ]


@dataclass(frozen=True)
class Topic:
    """A kind of frame and how it travels: how many a slow listener may lag, how many a late one gets."""

    name: str
    frame: type[Frame]
    depth: int
    history: int = 0
    publishers: int = 2


METRICS = Topic("metrics", MetricFrame, depth=512)
TILES = Topic("tiles", TileFrame, depth=2, history=1)
WEIGHTS = Topic("weights", WeightFrame, depth=4, history=1)
WALK = Topic("walk", WalkFrame, depth=2, history=1)
FIELD = Topic("field", FieldFrame, depth=2, history=1)
ACTIVATIONS = Topic("activations", ActivationFrame, depth=2, history=1)
REALS = Topic("reals", RealsFrame, depth=2, history=1)
CONTROLS = Topic("controls", ControlFrame, depth=128, history=1)
"""A morph says 50 a second: this, like all that is recorded, serves a recorder two seconds late."""
GESTURES = Topic("gestures", GestureFrame, depth=256, publishers=8)
DEEDS = Topic("deeds", DeedFrame, depth=512)
SOUND = Topic("sound", SoundFrame, depth=64, publishers=4)
HEALTH = Topic("health", HealthFrame, depth=4, history=1)
STANDING = Topic("standing", StandingFrame, depth=32, history=1)
HANDS = Topic("hands", HandsFrame, depth=4, history=1)
NOTICES = Topic("notices", NoticeFrame, depth=64, history=16, publishers=12)
ROUTES = Topic("routes", RoutesFrame, depth=2, history=1)
SNAPSHOTS = Topic("snapshots", SnapshotFrame, depth=256)
DECK = Topic("deck", DeckFrame, depth=4, history=1)

TOPICS = (METRICS, TILES, WEIGHTS, WALK, FIELD, ACTIVATIONS, REALS, CONTROLS, GESTURES, DEEDS, SOUND,
          HEALTH, STANDING, HANDS, NOTICES, ROUTES, SNAPSHOTS, DECK)  # fmt: skip
