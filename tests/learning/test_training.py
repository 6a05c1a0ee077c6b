"""`Training` whole: a real thread, real nets, a real bus, and hands that speak through it."""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from training_stand import NUMBER, Stand

from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.streams import STREAMS
from instrument.learning.training import Training
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import ControlFrame, GestureFrame
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow


def test_training_publishes_real_frames(stand: Callable[..., Stand]) -> None:
    """Grey noise at once, then a metric frame for each step, tiles and weights; all finite."""
    show = stand()
    show.until(lambda: len(show.heard["metrics"]) >= 30 and len(show.heard["tiles"]) >= 3, "frames")
    first = show.heard["tiles"][0]
    pixels = np.frombuffer(first.tiles, np.uint8)[: 64 * 784]
    assert (
        first.step == 0 and first.count == 64 and abs(pixels.mean() - 127) < 6 and pixels.std() > 5
    )
    metrics = show.heard["metrics"]
    steps = [m.step for m in metrics]
    assert steps[0] == 1 and all(b > a for a, b in itertools.pairwise(steps))
    assert all(m.count == len(STREAMS) for m in metrics)
    values = np.array([m.streams[: m.count] for m in metrics])
    assert np.isfinite(values).all()
    assert 1.0 < values[0, NUMBER["loss_d"]] < 2.0 and values[0, NUMBER["state"]] == 1
    weights = show.heard["weights"][-1]
    assert weights.segment_count == 6 and weights.generator_segments == 3 and weights.count > 3000
    report = show.training.report()
    assert (
        report["steps"] >= 30
        and report["net"] == "pocket_mlp"
        and report["device"].startswith("cpu")
    )
    assert (
        show.training.published >= 30 and show.training.kind == "live" and not show.training.ended
    )
    assert show.training.description["parameters"] == 784401


def test_tempo_zero_holds_and_step_makes_one(stand: Callable[..., Stand]) -> None:
    """Held, the weights stand still to the bit; `step` moves them once; late listeners still hear."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "the pulse of a held training")
    before = show.state
    show.do("step")
    show.effect("step")
    show.until(lambda: show.training.steps == 1 and show.heard["metrics"][-1].step == 1, "one step")
    after = show.state
    assert not (after == before).all()
    pulse = len(show.heard["metrics"])
    show.until(lambda: len(show.heard["metrics"]) > pulse, "another pulse")
    assert show.training.steps == 1 and (show.state == after).all()
    assert show.stream("steps_per_s") == 0.0


def test_each_scar_is_undone_to_the_bit(stand: Callable[..., Stand]) -> None:
    """Held training: quake, amnesia and undo, undo; what never happened needs no undo and says so."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "a held training")
    born = show.state
    show.do("quake", 0.5)
    assert show.effect("quake").who == b"key"
    assert not (show.state == born).all()
    show.do("undo")
    show.effect("undo")
    assert (show.state == born).all()
    show.do("amnesia", 3)
    show.effect("amnesia")
    assert not (show.state == born).all()
    show.do("undo")
    show.effect("undo")
    assert (show.state == born).all()
    show.do("undo")
    show.effect("undo")
    show.until(lambda: any("no scar left to undo" in s for s in show.sentences), "a word")
    steps = [f.step for f in show.heard["tiles"]]
    assert len(steps) >= 5, "each of the four changes was shown at once"


def test_undo_holds_the_fader_that_made_the_scar_until_it_moves(
    stand: Callable[..., Stand],
) -> None:
    """Heat x20, undo: the training feels x1 though the fader stands; moved again, it is felt again."""
    show = stand()
    show.until(lambda: len(show.heard["metrics"]) > 3, "steps")
    base = show.stream("learning_rate_g")
    show.turn(heat=20.0)
    step = show.effect("heat").step
    show.until(lambda: show.heard["metrics"][-1].step > step + 1, "a hot step")
    assert show.stream("learning_rate_g") == pytest.approx(20 * base, rel=1e-3)
    show.do("undo")
    step = show.effect("undo").step
    show.turn(tempo=900.0)
    show.until(lambda: show.heard["metrics"][-1].step > step + 1, "a step after")
    assert show.stream("learning_rate_g") == pytest.approx(base, rel=1e-3)
    assert show.stream("age") < show.heard["metrics"][-1].step
    assert any("without effect: heat at 1 x" in s for s in show.sentences)
    show.turn(heat=10.0)
    step = show.effect("heat").step
    show.until(lambda: show.heard["metrics"][-1].step > step + 1, "a hot step")
    assert show.stream("learning_rate_g") == pytest.approx(10 * base, rel=1e-3)


@pytest.mark.parametrize("wrong", ["nan", "inf", "-inf"])
def test_a_burst_is_taken_back_and_nobody_sees_it(stand: Callable[..., Stand], wrong: str) -> None:
    """Weights that are no numbers: back to a sound state, heat halved, one nonfinite step, a sentence."""
    show = stand()
    show.until(lambda: len(show.heard["metrics"]) > 10, "steps")
    base = show.stream("learning_rate_g")
    show.training._trainer.course.learner.g.theta.data[1000] = float(wrong)
    show.until(lambda: show.rescue.bursts, "the guard")
    show.until(lambda: any(m.streams[NUMBER["nonfinite"]] == 1 for m in show.heard["metrics"]), "1")
    step = show.training.steps
    show.until(lambda: show.heard["metrics"][-1].step > step + 5, "steps after")
    assert show.rescue.bursts == 1
    assert show.stream("nonfinite") == 0
    assert show.stream("learning_rate_g") == pytest.approx(base / 2, rel=1e-3)
    assert all(np.isfinite(m.streams[: m.count]).all() for m in show.heard["metrics"])
    assert any("burst" in s for s in show.sentences)
    assert show.effect("undo").who == b"guard"


def test_weights_beyond_a_thousand_are_a_burst(stand: Callable[..., Stand]) -> None:
    """Finite, but out of hand."""
    show = stand()
    show.until(lambda: len(show.heard["metrics"]) > 10, "steps")
    show.training._trainer.course.learner.d.theta.data[7] = 5e3
    show.until(lambda: show.rescue.bursts, "the guard")
    assert float(show.state[0].abs().max()) < 1e3


def test_an_exception_in_a_step_does_not_end_the_training(stand: Callable[..., Stand]) -> None:
    """It is told, the last sound state comes back, steps go on; a dozen in a row are the end."""
    show = stand()
    show.until(lambda: len(show.heard["metrics"]) > 3, "steps")
    layers = show.training._trainer.course.learner.g.layers
    whole, layers[0] = layers[0], (layers[1][0], layers[1][1])
    show.until(lambda: show.rescue.failures, "a failure")
    layers[0] = whole
    step = show.training.steps
    show.until(lambda: show.training.steps > step + 5, "steps after")
    assert any("failed" in s for s in show.sentences) and not show.training.ended
    layers[0] = (layers[1][0], layers[1][1])
    show.until(lambda: show.training.ended, "the end")
    show.until(lambda: any("stops" in s for s in show.sentences), "the last word")


def test_foreign_frames_on_the_bus_are_passed_over(stand: Callable[..., Stand]) -> None:
    """A control frame of another bank, a gesture of no control, NaN strength: nothing happens."""
    show = stand()
    show.until(lambda: show.heard["metrics"], "steps")
    show.controls.send(ControlFrame(count=3))
    show.gestures.send(GestureFrame(step=-1, control=4_000_000, position=1.0))
    number = show.bank.number["learning.quake"]
    show.gestures.send(GestureFrame(step=-1, control=number, position=float("nan")))
    assert show.effect("quake").position == 0.0
    step = show.training.steps
    show.until(lambda: show.training.steps > step + 3, "steps after")
    assert show.rescue.failures == 0


def test_a_training_that_is_only_woken_waits_to_be_told() -> None:
    """Its first picture is out and it makes no step; one that is never told ends when it is stopped."""
    told, never = (Stand({}, start=Training.wake) for _ in range(2))
    told.until(lambda: told.training.awake and told.heard["tiles"], "its first picture")
    never.until(lambda: never.training.awake and never.heard["tiles"], "its first picture")
    told.turn(fog=0.5)
    told.training.go()
    told.until(lambda: told.heard["metrics"], "a step")
    assert told.training._trainer.course.felt.fog == pytest.approx(0.5)  # type: ignore[union-attr]
    told.training.stop()
    never.training.stop()
    never.listen()
    assert never.training.steps == 0 and not never.heard["metrics"]
    assert not never.training._thread.is_alive()


def test_a_folder_whose_name_is_no_text_can_be_spoken_of(
    stand: Callable[..., Stand], tmp_path: Path
) -> None:
    """A byte that is no UTF-8, an escape of a terminal: the training says what it reads, and learns."""
    folder = tmp_path / os.fsdecode(b"digits \xff \x1b[2J")
    folder.mkdir()
    for shade in range(12):
        Image.new("L", (28, 28), 20 * shade).save(folder / f"{shade}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    show = stand(digits=str(folder))
    show.until(lambda: show.heard["metrics"], "steps")
    about = [text for text in show.sentences if "digits" in text]
    assert about and all(text.isprintable() for text in about)


@pytest.mark.parametrize("wrong", [{"digits": "/no/such/folder"}, {"device": "cuda:9"}])
def test_what_cannot_be_is_told_before_the_curtain(wrong: dict[str, str]) -> None:
    """A folder or device that is not there is a Mistake of the constructor."""
    with pytest.raises(Mistake):
        Training(LearningConfig(**wrong), Bus(new_show_name()), Bank.of([LEARNING]), wall_clock)


def test_constructing_a_training_does_not_import_torch() -> None:
    """Torch is imported by the trainer thread, after sound and picture are up; and it may be missing."""
    code = """
import sys, time
from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.training import Training
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import NOTICES
bus = Bus(new_show_name())
notices = bus.listener(NOTICES)
training = Training(LearningConfig(), bus, Bank.of([LEARNING]), wall_clock)
assert "torch" not in sys.modules
sys.modules["torch"] = None
training.start()
training.stop()
assert training.ended and "install torch" in notices.take().text.decode()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_training_that_is_ended_while_torch_loads_says_nothing_more() -> None:
    """It is not waited for; and whatever it does later, it never speaks by a port that is closed."""
    code = """
import sys, threading
from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.gestures import LEARNING
from instrument.learning.training import Training
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import DEEDS, NOTICES
loads, go_on = threading.Event(), threading.Event()
class Wait:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            sys.meta_path.remove(self)
            loads.set()
            go_on.wait()
sys.meta_path.insert(0, Wait())
bus = Bus(new_show_name())
listeners = [bus.listener(topic) for topic in (NOTICES, DEEDS)]
training = Training(LearningConfig(device="cpu"), bus, Bank.of([LEARNING]), wall_clock)
training.wake()
assert loads.wait(60)
training.stop(wait_s=0.0)
training.close()
go_on.set()
training._thread.join()
assert "torch" in sys.modules and not training.awake and not training.ended
assert [listener.take() for listener in listeners] == [None, None]
training.close()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
