"""The images that are learned: bundled digits, the full MNIST, or a folder of the performer's own."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from instrument.learning.folder import ENDINGS, MOST_BYTES, find_images, read_folder, read_image
from instrument.signals.mistake import Mistake

BUNDLED = Path(__file__).parent / "data" / "mnist10k.npz"
BUNDLED_SHA256 = "01a649acf97bc53c9bbc1a378d3087f5a8f67ccf25746dab384bcbe11feed658"
HELD_OUT = 1000
FEW = 50
"""A folder of so few files is tried before the curtain; in a larger one some will be images."""
SIDE = 28
DIGIT_SETS = ("bundled", "mnist")

Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Digits:
    """`images` uint8 (N, C, H, W) to train on, 0 = background; `name` for the run file and the report.

    `labels` uint8 (N,), 0..9: the digits; of a folder the number of the first folder inside it (see
    `folder.read_folder`), all 0 when nobody said. H = W, C is 1 or 3.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray = None  # type: ignore[assignment]  # left out, it becomes zeros

    def __post_init__(self) -> None:
        if self.labels is None:
            object.__setattr__(self, "labels", np.zeros(len(self.images), np.uint8))

    @property
    def side(self) -> int:
        """Pixels a side."""
        return int(self.images.shape[-1])

    @property
    def channels(self) -> int:
        """1 in grey, 3 in colour."""
        return int(self.images.shape[1])

    @property
    def pixels(self) -> int:
        """Numbers in one image: C * H * W."""
        return int(np.prod(self.images.shape[1:]))

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean image, float32 (C, H, W), 0..1."""
        return (self.images.mean(axis=0, dtype=np.float64) / 255.0).astype(np.float32)

    @cached_property
    def classes(self) -> int:
        """How many different labels there are; 1 when nobody said."""
        return len(np.unique(self.labels))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the shape, all images and their classes, in hexadecimal."""
        whole = hashlib.sha256(str(self.images.shape).encode())
        whole.update(np.ascontiguousarray(self.images).data)
        whole.update(self.labels.tobytes())
        return whole.hexdigest()

    @property
    def are_digits(self) -> bool:
        """Whether these are the ten digits, bundled or the full MNIST; never a folder."""
        return self.name in DIGIT_SETS


def check_digits(where: str) -> None:
    """Raise `Mistake` where `load_digits` would find nothing to read; quick, before the curtain."""
    if where == "bundled":
        if not BUNDLED.is_file():
            raise Mistake(f"{BUNDLED}: the bundled digits are missing; install the instrument anew")
    elif where != "mnist":
        found = find_images(Path(where))
        if not found:
            raise Mistake(
                f"{where}: no images in this folder; {', '.join(ENDINGS)} are read, "
                "folders inside it too (is it the right folder?)"
            )
        if len(found) <= FEW and not any(_is_image(path) for path in found):
            raise Mistake(
                f"{where}: none of its {len(found)} image files can be read (the first is "
                f"{found[0].name}); PNG and JPEG are sure to be"
            )


def _is_image(path: Path) -> bool:
    try:
        read_image(path)
    except Exception:
        return False
    return True


def load_digits(where: str, say: Say, size: int = SIDE, channels: int = 1) -> Digits:
    """The images of ``bundled``, ``mnist`` or a folder, `size` a side, grey (1) or in colour (3).

    `say` hears of fall-backs and skipped files. Digits are as grey in three channels as in one.
    """
    if where == "bundled":
        images, labels = load_bundled()
        return _digits("bundled", images[:-HELD_OUT], labels[:-HELD_OUT], size, channels)
    if where == "mnist":
        return _load_mnist(say, size, channels)
    folder = Path(where)
    pictures, kinds = read_folder(folder, say, size, channels)
    name = folder.resolve().name or "pictures"
    return Digits(f"{name}/" if name in DIGIT_SETS else name, pictures, kinds)


def _digits(name: str, images: np.ndarray, labels: np.ndarray, size: int, channels: int) -> Digits:
    """Grey squares uint8 (N, 28, 28) at the wanted size, once for each channel; not beyond MOST_BYTES."""
    most = MOST_BYTES // (size * size * channels)
    planes = enlarged(images[:most], size)[:, None]
    return Digits(name, np.ascontiguousarray(np.repeat(planes, channels, axis=1)), labels[:most])


def enlarged(images: np.ndarray, size: int) -> np.ndarray:
    """Grey images uint8 (N, side, side) at another size: Pillow's box down, bicubic up."""
    from PIL import Image

    if images.shape[-1] == size:
        return images
    kernel = Image.Resampling.BOX if size < images.shape[-1] else Image.Resampling.BICUBIC
    out = np.empty((len(images), size, size), np.uint8)
    for number, image in enumerate(images):
        out[number] = np.asarray(Image.fromarray(image).resize((size, size), kernel))
    return out


def load_bundled() -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (10000, 28, 28) and labels uint8 (10000,); the last 1,000 are held out of training."""
    try:
        with np.load(BUNDLED, allow_pickle=False) as stored:
            images, labels = stored["images"], stored["labels"]
        whole = hashlib.sha256(images.tobytes()).hexdigest() == BUNDLED_SHA256
    except Exception as error:
        raise Mistake(
            f"{BUNDLED}: the bundled digits cannot be read ({type(error).__name__}); "
            "install the instrument anew"
        ) from error
    if not whole:
        raise Mistake(f"{BUNDLED}: the bundled digits are damaged; install the instrument anew")
    return images, labels


def _load_mnist(say: Say, size: int, channels: int) -> Digits:
    """The 60,000 through torchvision's cache or mirror; else the bundled ones, with a word about it."""
    try:
        from torchvision.datasets import MNIST

        cache = Path.home() / ".cache" / "twos-and-sevens"
        mnist = MNIST(str(cache), train=True, download=True)
        images = np.ascontiguousarray(mnist.data.numpy(), np.uint8)
        labels = np.ascontiguousarray(mnist.targets.numpy(), np.uint8)
    except Exception as error:
        reason = str(error).splitlines()[0][:120] if str(error) else ""
        say(
            f"the full MNIST cannot be had ({type(error).__name__}{': ' if reason else ''}{reason}); "
            "training on the 9,000 bundled digits instead"
        )
        return load_digits("bundled", say, size, channels)
    return _digits("mnist", images, labels, size, channels)
