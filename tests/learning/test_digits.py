"""Digits from wherever they come: bundled, or a performer's folder with anything in it."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from instrument.learning import digits as room
from instrument.learning import folder as folder_room
from instrument.learning.choices import FIELDS, check_choice, folded
from instrument.learning.config import NETS, LearningConfig
from instrument.learning.digits import Digits, check_digits, load_digits
from instrument.learning.folder import ENDINGS, kinds_of, read_image
from instrument.signals.mistake import Mistake


def test_bundled_digits_are_whole_and_keep_a_thousand_aside() -> None:
    """9,000 to train on; their checksum was right or there would be a Mistake."""
    digits = load_digits("bundled", print)
    assert digits.images.shape == (9000, 1, 28, 28) and digits.images.dtype == np.uint8
    assert digits.mean.shape == (1, 28, 28) and 0.1 < digits.mean.mean() < 0.17
    assert (digits.side, digits.channels, digits.pixels) == (28, 1, 784)
    assert digits.are_digits and digits.classes == 10 and digits.labels.shape == (9000,)


@pytest.mark.parametrize(("size", "channels"), [(8, 1), (32, 3)])
def test_digits_come_in_any_size_and_in_three_channels(size: int, channels: int) -> None:
    """Box down, bicubic up: as bright as they were; the channels of a grey digit are equal."""
    digits = load_digits("bundled", print, size, channels)
    assert digits.images.shape == (9000, channels, size, size) and digits.images.dtype == np.uint8
    assert digits.images.flags.c_contiguous
    assert digits.mean.mean() == pytest.approx(load_digits("bundled", print).mean.mean(), abs=0.01)
    assert (digits.images == digits.images[:, :1]).all()


def test_a_digest_tells_pictures_apart() -> None:
    """The same pictures, the same digest; one pixel, or the same bytes in another shape, another."""
    images = np.zeros((3, 1, 8, 8), np.uint8)
    digest = Digits("a", images).digest
    assert len(digest) == 64 and digest == Digits("b", images.copy()).digest
    assert digest != Digits("a", images.reshape(12, 1, 4, 4)).digest
    images[0, 0, 0, 0] = 1
    assert digest != Digits("a", images).digest


def test_damaged_digits_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong pixel, or no archive at all, is said and not trained on."""
    with np.load(room.BUNDLED) as stored:
        images, labels = stored["images"].copy(), stored["labels"]
    images[5, 5, 5] ^= 1
    path = tmp_path / "digits.npz"
    np.savez(path, images=images, labels=labels)
    monkeypatch.setattr(room, "BUNDLED", path)
    with pytest.raises(Mistake, match="damaged"):
        load_digits("bundled", print)
    path.write_bytes(b"x")
    with pytest.raises(Mistake, match="cannot be read"):
        load_digits("bundled", print)


def test_a_folder_of_images_becomes_grey_squares(tmp_path: Path) -> None:
    """Any mode and size: grey, 28x28, whole image kept; transparency is black; the name is the folder's."""
    Image.new("RGB", (280, 280), (255, 0, 0)).save(tmp_path / "a.png")
    Image.new("RGBA", (28, 28), (255, 255, 255, 0)).save(tmp_path / "b.png")
    (tmp_path / "inner").mkdir()
    Image.new("L", (56, 28), 255).save(tmp_path / "inner" / "c.bmp")
    (tmp_path / "notes.txt").write_text("no image")
    digits = load_digits(str(tmp_path), print)
    assert digits.name == tmp_path.name and digits.images.shape == (3, 1, 28, 28)
    assert digits.images[0].mean() == pytest.approx(76, abs=1)
    assert digits.images[1].max() == 0
    assert digits.images[2, 0, 14].mean() == 255 and digits.images[2, 0, 0].max() == 0
    assert not digits.are_digits and digits.classes == 1 and (digits.labels == 0).all()


def test_a_folder_in_colour_keeps_its_colours(tmp_path: Path) -> None:
    """Red stays red, in the first channel; the bars beside a tall picture are black."""
    Image.new("RGB", (20, 40), (255, 0, 10)).save(tmp_path / "a.png")
    digits = load_digits(str(tmp_path), print, 16, 3)
    assert digits.images.shape == (1, 3, 16, 16)
    assert digits.images[0, :, 8, 8].tolist() == [255, 0, 10]
    assert digits.images[0, :, 8, 0].tolist() == [0, 0, 0]


MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F", "I;16")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_kind_of_picture_file_is_read(tmp_path: Path, mode: str, channels: int) -> None:
    """Palette, alpha, print colours, sixteen bits, numbers: white is white, whatever the file says."""
    white = {"I": 65535, "I;16": 65535, "F": 1.0, "1": 1}.get(mode)
    if white is not None:
        picture = Image.new(mode, (40, 30), white)
    elif mode in ("CMYK", "LAB"):
        picture = Image.new(mode, (40, 30), (0, 0, 0, 0) if mode == "CMYK" else (255, 128, 128))
    else:
        picture = Image.new("RGB", (40, 30), "white").convert(mode)
    path = tmp_path / ("a.tif" if mode in ("CMYK", "YCbCr", "LAB", "F", "I") else "a.png")
    picture.save(path)
    pixels = read_image(path, 12, channels)
    assert pixels.shape == (channels, 12, 12) and pixels[:, 6, 6].min() >= 250


def test_a_picture_too_large_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Millions of pixels more than a show can wait for: told, the others are taken."""
    Image.new("L", (40, 40), 200).save(tmp_path / "large.png")
    Image.new("L", (10, 10), 100).save(tmp_path / "small.png")
    monkeypatch.setattr(folder_room, "MOST_PIXELS", 1000)
    said: list[str] = []
    digits = load_digits(str(tmp_path), said.append)
    assert len(digits.images) == 1 and "too large" in said[0] and "large.png" in said[0]


def test_more_images_than_there_is_room_for_are_thinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Evenly, and told: every second of ten."""
    for number in range(10):
        Image.new("L", (8, 8), 20 * number).save(tmp_path / f"{number}.png")
    monkeypatch.setattr(folder_room, "MOST_BYTES", 5 * 8 * 8)
    said: list[str] = []
    digits = load_digits(str(tmp_path), said.append, 8)
    assert digits.images[:, 0, 0, 0].tolist() == [0, 40, 80, 120, 160]
    assert "5 of its 10 images" in said[0]


def test_folders_inside_are_the_kinds(tmp_path: Path) -> None:
    """Two to ten of them, in sorted order, hidden ones not; deeper folders belong to the first."""
    for place in ("cats", "dogs/young", ".cache", "empty"):
        (tmp_path / place).mkdir(parents=True)
    for place in ("dogs/young/a.png", "cats/b.png", "dogs/c.png", ".cache/d.png"):
        Image.new("L", (8, 8), 9).save(tmp_path / place)
    digits = load_digits(str(tmp_path), print, 8)
    assert digits.labels.tolist() == [0, 1, 1] and digits.classes == 2


@given(st.lists(st.text("abcdefghijkl", max_size=2), min_size=1, max_size=40))
def test_kinds_are_numbers_from_0_to_9(places: list[str]) -> None:
    """Whatever the folders: labels without a gap, or all 0."""
    kinds = kinds_of(places)
    assert kinds.dtype == np.uint8 and len(kinds) == len(places)
    assert sorted(set(kinds.tolist())) == list(range(len(set(kinds.tolist())))) and kinds.max() < 10
    if kinds.max() > 0:
        assert len(set(zip(places, kinds.tolist(), strict=True))) == len(set(places))


def test_a_folder_called_mnist_is_a_folder(tmp_path: Path) -> None:
    """Only the real ones are judged as digits."""
    (tmp_path / "mnist").mkdir()
    Image.new("L", (8, 8), 9).save(tmp_path / "mnist" / "a.png")
    assert not load_digits(str(tmp_path / "mnist"), print).are_digits


def test_garbage_among_images_is_passed_over_and_told(tmp_path: Path) -> None:
    """The readable ones are trained on; one sentence counts the others."""
    Image.new("L", (28, 28), 9).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    said: list[str] = []
    assert len(load_digits(str(tmp_path), said.append).images) == 1
    assert len(said) == 1 and "2 files" in said[0]


@pytest.mark.parametrize("where", ["", "no/such/folder", "file.png"])
def test_a_place_without_images_is_a_mistake(where: str, tmp_path: Path) -> None:
    """Empty folder, no folder, a file: told before anything starts."""
    (tmp_path / "file.png").write_bytes(b"")
    (tmp_path / "file.png").rename(tmp_path / "x") if not where else None
    with pytest.raises(Mistake):
        check_digits(str(tmp_path / where))


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.sampled_from(ENDINGS))
def test_files_of_any_bytes_never_raise_but_a_mistake(
    tmp_path: Path, files: list[bytes], ending: str
) -> None:
    """Whatever lies in the folder: digits, or a Mistake that names it."""
    for old in tmp_path.iterdir():
        old.unlink()
    for number, content in enumerate(files):
        (tmp_path / f"{number}{ending}").write_bytes(content)
    try:
        digits = load_digits(str(tmp_path), lambda sentence: None)
    except Mistake as mistake:
        assert str(tmp_path) in str(mistake)
    else:
        assert digits.images.shape[1:] == (1, 28, 28)


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0, 1), st.sampled_from([(28, 1), (8, 3), (64, 3)]),
)  # fmt: skip
def test_a_damaged_picture_file_is_a_picture_or_a_mistake(
    tmp_path: Path, kind: str, damage: list[tuple[float, int]], keep: float, shape: tuple[int, int]
) -> None:
    """Bytes changed, the end cut off: an image of the right shape, or one sentence."""
    whole = io.BytesIO()
    Image.linear_gradient("L").resize((30, 20)).convert("RGB").save(whole, kind)
    content = bytearray(whole.getvalue())
    for place, value in damage:
        content[int(place * (len(content) - 1))] = value
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(content[: int((0.5 + keep) * len(content))])
    try:
        digits = load_digits(str(tmp_path), lambda sentence: None, *shape)
    except Mistake as mistake:
        assert str(tmp_path) in str(mistake)
    else:
        assert digits.images.shape == (1, shape[1], shape[0], shape[0])
    finally:
        path.unlink()


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"net": "pocket_mpl"}, "did you mean 'pocket_mlp'"),
        ({"device": "cud"}, "did you mean 'cuda'"),
        ({"device": "cpu:3"}, "no device"),
        ({"device": "cuda:x"}, "no device"),
        ({"batch": 1}, "batch of 1"),
        ({"seed": -1}, "seed -1"),
        ({"size": 30}, "30 pixels a side .*multiple of 4 from 8 to 64"),
        ({"size": 4}, "8 is the nearest"),
        ({"size": 68}, "64 is the nearest"),
        ({"channels": 2}, "2 channels"),
        ({"memory_mb": 63}, "64 to 16384 MB"),
    ],
)
def test_a_wrong_choice_is_told_with_what_is_allowed(wrong: dict[str, object], hint: str) -> None:
    """Nets, devices, batch, seed, size, channels and memory are checked at once."""
    with pytest.raises(Mistake, match=hint):
        LearningConfig(**wrong)  # type: ignore[arg-type]


def test_every_net_has_its_facts() -> None:
    """A line about it and rates Adam can use."""
    assert list(NETS) == ["pocket_mlp", "pocket_dcgan", "spectral_hinge", "relativistic", "wgan_gp"]
    for facts in NETS.values():
        assert facts.help and 0 < facts.learning_rate < 0.01 and 0 <= facts.beta1 < 1
        assert facts.clamp >= 0


def test_the_command_line_wins_over_the_preset() -> None:
    """What was asked for stands; the rest is the preset's; colour is three channels."""
    chosen = {"net": "wgan_gp", "image_size": 64, "colour": True, "memory_mb": 1000}
    config = folded(LearningConfig(size=32), chosen, {"image_size"})
    assert (config.net, config.size, config.channels, config.memory_mb) == ("wgan_gp", 32, 3, 1000)


@given(
    st.sampled_from([*FIELDS]),
    st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=9), st.none()),
)
def test_no_choice_of_any_type_raises_but_a_mistake(key: str, value: object) -> None:
    """What a preset may hold is a choice that trains, or a sentence."""
    try:
        check_choice(key, value)
    except Mistake as mistake:
        assert str(mistake)
    else:
        folded(LearningConfig(), {key: value}, ())
