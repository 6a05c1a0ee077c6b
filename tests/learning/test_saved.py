"""Saved moments: a training goes on from one bit for bit; what is wrong in a file is refused, no more."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load, save
from training_stand import Stand

from instrument.learning.config import NETS
from instrument.learning.course import Course
from instrument.learning.deeds import Deed, DeedKind
from instrument.learning.digits import Digits, enlarged, load_bundled
from instrument.learning.gestures import BANK, PLACE
from instrument.learning.judge import Judge
from instrument.learning.machine import use_one_thread
from instrument.learning.replay import Replay
from instrument.learning.saved import Facts, SavedMoment, read
from instrument.learning.saved_tensors import begin, content_of
from instrument.learning.saving import BYTES_PER_S, EVERY_S, Saving, cut
from instrument.learning.script import Birth, Branch
from instrument.learning.trainer import Trainer
from instrument.runs.moments import Gathering, Kept
from instrument.signals.frames import SNAPSHOT_PART_BYTES

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")


def small_digits(side: int = 8) -> Digits:
    images, labels = load_bundled()
    return Digits("small", enlarged(images[:300], side)[:, None], labels[:300])


SMALL = small_digits()


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """What a training asks of the processor is taken back for the tests after it."""
    yield
    torch.set_flush_denormal(False)


def course(
    net: str = "pocket_mlp", digits: Digits = SMALL, seed: int = 5, batch: int = 8
) -> Course:
    use_one_thread()
    return Course(net, digits, CPU, seed, batch)


def lived(net: str = "pocket_mlp", steps: int = 40) -> Course:
    """A course in the middle of everything: paired, pulled together, healing, quaked, half blind."""
    one = course(net)
    turned = {"collapse": 0.8, "fog": 0.3, "blinkers": 0.2, "flywheel": 0.7, "gravel": 0.2}
    places = [PLACE[name] for name in turned]
    values = [
        BANK.specs[place].unmap(value) for place, value in zip(places, turned.values(), strict=True)
    ]
    one.do(DeedKind.FEEL, places, values)
    one.do(DeedKind.HEAL)
    one.do(DeedKind.ACT, [PLACE["quake"]], [0.2])
    one.do(DeedKind.ACT, [PLACE["anti"]], [steps + 20.0])
    for _ in range(steps):
        one.step()
    return one


def content(one: Course, compact: bool = False) -> bytes:
    return content_of(one, one.capture(), one.positions.copy(), compact)


def apart(work: Callable[[], bytes]) -> bytes:
    """In a thread of its own: Hypothesis cannot live where denormals are flushed to zero."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


LIVED = apart(lambda: content(lived()))


def gone_on(saved: SavedMoment, digits: Digits = SMALL) -> Course:
    other = course(saved.facts.net, digits, saved.facts.seed, saved.facts.batch)
    begin(other, saved)
    return other


@pytest.mark.parametrize("net", NETS)
def test_a_training_goes_on_from_its_file_to_the_last_bit(net: str) -> None:
    """Fifty steps on from the file are fifty steps on: same weights, same loop, same counts."""
    one = lived(net)
    assert one.learner.choir_open and one.learner.anchored and one.anti_left and one.healing.left
    other = gone_on(read(content(one)))
    for _ in range(50):
        one.step()
        other.step()
    assert other.learner.checksum() == one.learner.checksum()
    assert torch.equal(other.learner.state, one.learner.state)
    assert (other.loop, other.healing, other.anti_left) == (one.loop, one.healing, one.anti_left)
    assert (other.steps, other.learner.age) == (one.steps, one.learner.age) == (90, 90)
    assert np.array_equal(other.positions, one.positions)


def test_another_bit_is_another_training() -> None:
    """The test above can fail: one weight in its last bit but few, and the sums differ."""
    one = lived()
    tensors = dict(load(content(one)))
    tensors["core"][0, 0] *= 1 + 1e-6
    other = gone_on(read(save(tensors, read(content(one)).facts.to_metadata())))
    for _ in range(50):
        one.step()
        other.step()
    assert other.learner.checksum() != one.learner.checksum()


def test_it_is_a_safetensors_file_that_others_read(tmp_path: Path) -> None:
    """The library of the format opens it; metadata are JSON; shapes are those of the net."""
    path = tmp_path / "moment.safetensors"
    path.write_bytes(LIVED)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    assert json.loads(metadata["net"]) == "pocket_mlp" and json.loads(metadata["steps"]) == 40
    one = course()
    assert shapes["core"] == (3, one.learner.core) and shapes["z0"] == (64, 64)
    assert shapes["felt"] == shapes["stands"] == (len(BANK),)


def test_facts_come_back_as_they_were() -> None:
    """Whatever the numbers of the loop are, their text in the file gives the same bits."""
    facts = read(LIVED).facts
    assert Facts.from_metadata(facts.to_metadata()) == facts
    third = replace(facts, heat_factor=1 / 3, loop={**facts.loop, "_aim": 0.1 + 0.2})
    assert Facts.from_metadata(third.to_metadata()) == third


# What a file may hold.


def refused(bytes_: bytes) -> str:
    """Why a file cannot be gone on from; empty where it can. Anything but ValueError comes through."""

    def work() -> bytes:
        try:
            saved = read(bytes_)
            if (saved.facts.net, saved.facts.size, saved.facts.batch) == ("pocket_mlp", 8, 8):
                gone_on(saved)
        except ValueError as error:
            return (str(error) or type(error).__name__).encode()
        return b""

    return apart(work).decode()


def changed(tensors: dict[str, Any] | None = None, **facts: Any) -> bytes:
    """The file with other tensors (None: left out) or other facts, as JSON values."""
    kept = dict(load(LIVED)) | (tensors or {})
    metadata = read(LIVED).facts.to_metadata() | {n: json.dumps(v) for n, v in facts.items()}
    return save({name: t for name, t in kept.items() if t is not None}, metadata)


def test_the_file_itself_is_taken() -> None:
    """What is refused below is refused for what was changed in it."""
    assert refused(changed()) == "" and refused(LIVED) == ""


@pytest.mark.parametrize(
    ("tensors", "why"),
    [
        ({"core": torch.zeros(3, 10)}, "'core' is (3, 10)"),
        ({"core": torch.zeros(3, 10, dtype=torch.float64)}, "float64"),
        ({"core": None}, "'core' is not in it"),
        ({"spins": torch.full((1,), 1.0)}, "'spins'"),
        ({"dice": torch.zeros(5056, dtype=torch.uint8)}, "'dice'"),
        ({"dice": torch.zeros(16, dtype=torch.uint8)}, "'dice'"),
        ({"adam_steps": torch.tensor([1.0, -1.0, 0.0])}, "below 0"),
        ({"adam_steps": torch.tensor([1.0, float("nan"), 0.0])}, "no number"),
        ({"felt": torch.full((len(BANK),), 2.0)}, "outside 0..1"),
        ({"stands": torch.full((len(BANK),), float("nan"))}, "no number"),
        ({"anchor": torch.full((1, 64), float("inf"))}, "no number"),
    ],
)
def test_other_tensors_are_refused(tensors: dict[str, Any], why: str) -> None:
    """Shapes, types, numbers: each with its name."""
    assert why in refused(changed(tensors))


@pytest.mark.parametrize(
    "facts",
    [
        {"version": 2}, {"net": "big_mlp"}, {"net": 3}, {"seed": -1}, {"seed": 1.5}, {"seed": True},
        {"batch": 0}, {"batch": 10**400}, {"size": 9}, {"size": 64000}, {"channels": 2},
        {"steps": -1}, {"steps": 2**60}, {"steps": None}, {"healing": 501}, {"anti_left": "x"},
        {"heat_factor": 2.0}, {"heat_factor": float("nan")}, {"loop": {}}, {"loop": []},
        {"loop": {"pull": 0.0}}, {"controls": "heat"}, {"controls": [1]}, {"controls": ["heat"]},
        {"compact": 1}, {"compact": True}, {"images": None},
    ],
)  # fmt: skip
def test_other_facts_are_refused(facts: dict[str, Any]) -> None:
    """Each is a sentence and no more; a compact file that is none, and a whole one that is called so."""
    assert refused(changed(**facts))


def test_squares_below_zero_are_refused() -> None:
    """Adam would take their root."""
    core = load(LIVED)["core"].clone()
    core[2, 5] = -1.0
    assert "below 0" in refused(changed({"core": core}))


@settings(max_examples=60)
@given(st.data())
def test_damaged_bytes_never_raise_more(data: st.DataObject) -> None:
    """Cut, overwritten in the header or anywhere: taken or refused."""
    damaged = bytearray(LIVED)
    header = 8 + int.from_bytes(LIVED[:8], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        inside = data.draw(st.sampled_from([8, header, len(LIVED) - 1]))
        damaged[data.draw(st.integers(0, inside))] = data.draw(st.integers(0, 255))
    end = data.draw(st.sampled_from([None, 0, 7, 8, 100, header, len(LIVED) // 2]))
    refused(bytes(damaged[:end]))


def test_controls_of_another_version_find_their_places() -> None:
    """By their names: one that is unknown here is dropped, one that was unknown there is at its default."""
    facts = read(LIVED).facts
    names = [*facts.controls]
    names[PLACE["fog"]] = "mist"
    other = gone_on(read(changed(controls=names)))
    assert other.positions[PLACE["fog"]] == BANK.defaults[PLACE["fog"]]
    assert other.positions[PLACE["collapse"]] == np.float32(
        BANK.specs[PLACE["collapse"]].unmap(0.8)
    )


def test_dice_of_another_kind_of_device_are_those_of_the_seed() -> None:
    """A GPU's dice cannot be thrown here: all else is taken, and it is the same training each time."""
    foreign = read(changed({"dice": torch.arange(16, dtype=torch.uint8)}, device="cuda"))
    first, second = gone_on(foreign), gone_on(foreign)
    assert torch.equal(first.learner.state, lived().learner.state)
    assert torch.equal(first.learner.dice.get_state(), course().learner.dice.get_state())
    for _ in range(10):
        first.step()
        second.step()
    assert first.learner.checksum() == second.learner.checksum()


# The compact form.


def test_the_compact_form_is_a_third_and_nearly_the_same() -> None:
    """Half floats for the weights, the second moment in bfloat16, nothing of the first."""
    one = lived()
    small = content(one, compact=True)
    assert len(small) < 0.36 * len(LIVED)
    other = gone_on(read(small))
    theta, its = one.learner.state[0], other.learner.state[0]
    assert float((theta - its).abs().max()) < 1e-3
    assert torch.allclose(one.learner.state[2], other.learner.state[2], rtol=0.01)
    assert not other.learner.state[1].any()
    again = gone_on(read(small))
    other.step()
    again.step()
    assert other.learner.checksum() == again.learner.checksum()


@pytest.mark.slow
@pytest.mark.parametrize("net", ["pocket_mlp", "pocket_dcgan"])
def test_digits_do_not_fall_apart_when_a_compact_moment_goes_on(net: str, digits: Digits) -> None:
    """300 steps on from it: no more rejected, no more alike than those that went on from the whole."""
    one = course(net, digits, seed=7, batch=64)
    for _ in range(700 if net == "pocket_mlp" else 300):
        one.step(measure=False)
    small, judge = gone_on(read(content(one, compact=True)), digits), Judge.load()
    reject, alike = [], []
    for _ in range(300):
        for number, each in enumerate((one, small)):
            reading = each.step()
            assert reading is not None
            images = reading.samples * 0.5 + 0.5
            reject.append((number, judge.probabilities(images)[:, -1].mean()))
            alike.append((number, each.similarity(reading.samples)))
    for values in (reject, alike):
        whole, compact = (np.mean([v for n, v in values if n == number]) for number in (0, 1))
        assert compact < whole + 0.05


# Said on the bus by a training that lives.


def saved_by(show: Stand) -> Kept:
    """The next moment that the training says, put together."""
    trainer = show.until(lambda: show.training._trainer, "the training")
    trainer.saving.hurry()
    gathering = Gathering()

    def whole() -> Kept | None:
        frames, show.heard["snapshots"] = show.heard["snapshots"], []
        kept = [gathering.take(frame.time_s, frame) for frame in frames]
        return next((one for one in kept if one is not None), None)

    found: Kept = show.until(whole, "a saved moment")
    return found


def deeds_of(show: Stand) -> list[Deed]:
    show.listen()
    return [Deed.from_frame(frame) for frame in show.heard["deeds"]]


def checks_of(show: Stand) -> dict[int, str]:
    return {deed.step: deed.text for deed in deeds_of(show) if deed.kind is DeedKind.CHECK}


@pytest.mark.slow
def test_a_moment_that_is_said_is_the_training_at_its_step(stand: Callable[..., Stand]) -> None:
    """Taken between two steps: the same seed and deeds, done again up to its step, give its weights."""
    show = stand({"fog": 0.3}, size=12)
    show.steps(30)
    kept = saved_by(show)
    first = [deed for deed in deeds_of(show) if deed.step == 0]
    saved = read(kept.content)
    assert kept.number == 0 and saved.facts.steps == kept.step > 30
    theta = load(kept.content)["core"][0]
    config = show.training.config
    digits = show.learner.digits

    def again(text: str) -> Replay:
        check = Deed(DeedKind.CHECK, kept.step, len(first), text=text)
        birth = Birth(config.net, config.seed, config.batch, "", "")
        replay = Replay(birth, digits, [*first, check], kept.step)
        for _ in replay.run():
            pass
        return replay

    replay = again("")
    assert replay.outcome.checks == 1 and replay.course.steps == kept.step
    assert torch.equal(replay.course.learner.state[0, : replay.course.learner.core], theta)


@pytest.mark.slow
def test_a_training_that_goes_on_is_the_one_that_went_on(
    stand: Callable[..., Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no hand moves, the checksums of the original and of its branch agree at every common step."""
    monkeypatch.setattr(Trainer, "check_steps", 20)
    show = stand({"fog": 0.3, "flywheel": 0.7}, size=12, seed=9)
    show.steps(30)
    kept = saved_by(show)
    show.until(lambda: show.training.steps > kept.step + 150, "the original to go on")
    saved = read(kept.content, "night", 1.5, kept.number)
    branch = stand({"fog": 0.3, "flywheel": 0.7}, begins_from=saved, seed=1)
    branch.until(lambda: branch.training.steps > kept.step + 150, "the branch to go on")
    original, again = checks_of(show), checks_of(branch)
    common = original.keys() & again.keys()
    assert len(common) >= 5 and min(again) == kept.step
    assert {step: original[step] for step in common} == {step: again[step] for step in common}


@pytest.mark.slow
def test_a_branch_says_where_it_comes_from(stand: Callable[..., Stand]) -> None:
    """Birth at the step of the moment, then the branch; what it began from is its own first moment."""
    one = course(digits=Digits("bundled", *bundled_small()))
    one.step()
    saved = read(content(one), 'a "night"\n' + "x" * 50, 88.0, 3)
    show = stand({}, begins_from=saved)
    show.steps(20)
    first, second = deeds_of(show)[:2]
    assert (first.kind, first.number, first.step) == (DeedKind.BIRTH, 0, 1)
    branch = Branch.of(second)
    assert (branch.step, branch.number, branch.digest) == (1, 3, saved.digest)
    assert branch.run.startswith("a _night__xxx") and len(branch.run) == 40
    assert show.training.description["branched"]["number"] == 3
    gathering, parts = Gathering(), show.heard["snapshots"]
    show.until(lambda: parts and len(parts) >= parts[0].parts, "its moment")
    kept = [gathering.take(0.0, frame) for frame in parts]
    assert kept[parts[0].parts - 1] == Kept(0.0, 1, 0, saved.content)


def test_other_images_end_in_a_sentence(stand: Callable[..., Stand]) -> None:
    """A training does not go on with images it has not learned."""
    show = stand({}, begins_from=read(LIVED, "night"))
    show.until(lambda: show.training.ended, "the end")
    assert "bundled holds other images than night learned" in show.sentences[-1]


def bundled_small() -> tuple[np.ndarray, np.ndarray]:
    """What a training of 8 pixels a side learns from the bundled digits."""
    images, labels = load_bundled()
    return enlarged(images[:-1000], 8)[:, None], labels[:-1000]


def test_a_damaged_moment_ends_in_a_sentence(stand: Callable[..., Stand]) -> None:
    """The training that should go on from it says why it does not."""
    source = course(digits=Digits("bundled", *bundled_small()))
    tensors = dict(load(content(source))) | {"spins": torch.zeros(3)}
    metadata = read(content(source)).facts.to_metadata()
    show = stand({}, begins_from=read(save(tensors, metadata), "night"))
    show.until(lambda: show.training.ended, "the end")
    assert "the saved moment of night is damaged: its 'spins' is (3,)" in show.sentences[-1]


def test_parts_are_the_whole(tmp_path: Path) -> None:
    """Whatever the pieces are, the parts are of one size but the last, and together they are the pieces."""
    dice = np.random.default_rng(1)
    for _ in range(50):
        sizes = dice.integers(0, 70, dice.integers(1, 6))
        pieces = [memoryview(dice.bytes(int(size))) for size in sizes]
        parts = list(cut(pieces, 16))
        assert b"".join(parts) == b"".join(pieces)
        assert all(len(part) == 16 for part in parts[:-1])


def test_moments_come_as_seldom_as_their_size_asks(stand: Callable[..., Stand]) -> None:
    """The first after ten seconds, the next when a run file has room for it: 100 kB a second."""
    show = stand({"tempo": 0.0}, size=12)
    trainer = show.until(lambda: show.training._trainer, "the training")
    show.training.stop()
    saving = Saving(trainer, trainer._voice)
    assert not saving.due(1000.0) and not saving.due(1009.9) and saving.due(1000.0 + EVERY_S)
    saving.take(1010.0)
    size = len(content_of(trainer.course, trainer.course.capture(), trainer.stands))
    apart_s = size / BYTES_PER_S
    assert apart_s > EVERY_S and not saving.due(2000.0)
    at_s = 1010.0
    while saving.busy:
        saving.turn(at_s := at_s + 0.01)
    assert saving._frame.parts == -(-size // SNAPSHOT_PART_BYTES)
    assert not saving.due(1010.0 + 0.95 * apart_s) and saving.due(1010.0 + apart_s)


def test_a_moment_that_cannot_be_made_is_left_out(stand: Callable[..., Stand]) -> None:
    """Where memory is short it is tried once, and the next one comes in its time."""
    show = stand({"tempo": 0.0}, size=8)
    trainer = show.until(lambda: show.training._trainer, "the training")
    show.training.stop()
    saving = Saving(trainer, trainer._voice)

    def too_much() -> list[memoryview]:
        raise MemoryError

    saving._begin(0, too_much)
    with pytest.raises(MemoryError):
        saving.turn(1.0)
    saving.turn(2.0)
    assert not saving.busy and saving.due(3.0 + EVERY_S) is False
    assert saving.due(3.0 + 2 * EVERY_S)
