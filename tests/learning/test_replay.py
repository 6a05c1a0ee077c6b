"""A replay: the deeds of a course on another course of the same seed give the same weights, bit for bit."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from instrument.learning.course import Course, Moment
from instrument.learning.deeds import Deed, DeedKind
from instrument.learning.digits import Digits, enlarged, load_bundled
from instrument.learning.gestures import BANK, LEARNING, PLACE
from instrument.learning.machine import use_one_thread
from instrument.learning.replay import MOST_MOMENTS, Outcome, Replay
from instrument.learning.script import ACTS, Birth, followable
from instrument.signals.frames import DEED_VALUES, DeedFrame
from instrument.signals.mistake import Mistake
from instrument.signals.spec import Kind

pytestmark = pytest.mark.slow

BIRTH = Birth("pocket_mlp", 5, 8, "x", "y")
FAR = 10_000
FADERS = [place for place, spec in enumerate(LEARNING.specs) if spec.kind is not Kind.TRIGGER]


def small_digits() -> Digits:
    images, labels = load_bundled()
    return Digits("small", enlarged(images[:300], 8)[:, None], labels[:300])


SMALL = small_digits()


def apart(work: Callable[[], None]) -> None:
    """In a thread of its own: Hypothesis cannot live where denormals are flushed to zero."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """What a replay asks of the processor is taken back for the tests after it."""
    yield
    torch.set_flush_denormal(False)


def born(birth: Birth = BIRTH) -> tuple[Course, list[Deed]]:
    """A course and its first deed."""
    use_one_thread()
    course = Course(birth.net, SMALL, torch.device("cpu"), birth.seed, birth.batch)
    facts = {"net": birth.net, "seed": birth.seed, "batch": birth.batch, "images": "x", "cpu": "y"}
    return course, [course.birth(facts)]


def as_read(deeds: Sequence[Deed]) -> list[Deed]:
    """The deeds as they come out of a file."""
    return [Deed.from_frame(DeedFrame.from_buffer_copy(deed.to_frame(0.0))) for deed in deeds]


def replayed(deeds: Sequence[Deed], birth: Birth = BIRTH, most_steps: int = FAR) -> Replay:
    replay = Replay(birth, SMALL, as_read(deeds), most_steps)
    for _ in replay.run():
        pass
    return replay


def whole(course: Course) -> tuple[Any, ...]:
    """Everything that decides how it goes on, as bytes and numbers."""
    learner = course.learner
    return (
        learner.state.numpy().tobytes(), learner.adam_steps.tolist(), learner.age,
        learner.dice.get_state().numpy().tobytes(), learner.choir_open,
        course.steps, course.deeds, course.loop, course.healing, course.anti_left,
        course.heat_factor, course.positions.tobytes(),
    )  # fmt: skip


positions = st.floats(0, 1, width=32)
shares = st.floats(0, 1)
some = st.integers(0, 10**6)
moves = st.dictionaries(st.sampled_from(FADERS), positions, min_size=1, max_size=DEED_VALUES)
OPERATIONS = st.one_of(
    st.tuples(st.just("step"), st.integers(1, 5), st.booleans()),
    st.tuples(st.just("feel"), moves),
    st.tuples(st.just("act"), st.sampled_from(ACTS), positions),
    st.tuples(st.just("keep"), st.booleans()),
    st.tuples(st.just("undo"), some, st.booleans()),
    st.tuples(st.just("land"), some, some, shares),
    st.tuples(st.just("heal"), some, st.booleans()),
    st.tuples(st.just("check")),
)  # fmt: skip
COLLAPSE_AND_BACK = [
    ("step", 3, False), ("keep", False), ("feel", {PLACE["collapse"]: 0.8}), ("step", 4, False),
    ("check",), ("keep", False), ("feel", {PLACE["collapse"]: 0.0}), ("step", 3, True), ("check",),
    ("undo", 2, True), ("step", 2, False), ("check",), ("feel", {PLACE["choir"]: 1.0}),
    ("act", "anti", 0.3), ("step", 2, False), ("keep", False), ("heal", 1, True), ("step", 5, False),
    ("check",), ("undo", 3, False), ("step", 2, False), ("check",), ("land", 1, 3, 0.3),
    ("step", 2, False),
]  # fmt: skip


class Play:
    """Plays a script of operations on a course, as a trainer does."""

    def __init__(self, birth: Birth) -> None:
        self.course, self.deeds = born(birth)
        self.kept: list[Moment] = [self.course.capture()]

    def play(self, script: Sequence[tuple[Any, ...]]) -> None:
        for name, *words in script:
            getattr(self, name)(*words)
        self.check()

    def do(self, *words: Any, **moments: Any) -> None:
        self.deeds.append(self.course.do(*words, **moments))

    def step(self, count: int, measure: bool) -> None:
        for _ in range(count):
            self.course.step(measure)

    def feel(self, moved: dict[int, float]) -> None:
        self.do(DeedKind.FEEL, list(moved), list(moved.values()))

    def act(self, name: str, position: float) -> None:
        self.do(DeedKind.ACT, [PLACE[name]], [LEARNING.specs[PLACE[name]].map(position)])

    def keep(self, into_the_oldest: bool) -> None:
        old = self.kept.pop(0) if into_the_oldest and len(self.kept) > 1 else None
        self.kept.append(self.course.capture(old))

    def undo(self, which: int, by_guard: bool) -> None:
        moment = self.kept[which % len(self.kept)]
        values = (moment.mark.steps, moment.mark.deeds)
        self.do(DeedKind.RESTORE, [int(by_guard)], values, moments=[moment])

    def land(self, one: int, other: int, mix: float) -> None:
        moments = [self.kept[n % len(self.kept)] for n in (one, other)]
        marks = [n for m in moments for n in (m.mark.steps, m.mark.deeds)]
        self.do(DeedKind.LAND, (), (*marks, mix), moments=moments)

    def heal(self, which: int, with_d: bool) -> None:
        moments = [self.kept[which % len(self.kept)]] if with_d else []
        marks = [n for m in moments for n in (m.mark.steps, m.mark.deeds)]
        self.do(DeedKind.HEAL, (), marks, moments=moments)

    def check(self) -> None:
        self.deeds.append(self.course.check())


@pytest.mark.parametrize("net", ["pocket_mlp", "spectral_hinge"])
def test_any_deeds_at_any_steps_give_the_same_weights(net: str) -> None:
    """Whatever hands do, and whatever is measured: all checks agree, and nothing at all is different."""
    birth = replace(BIRTH, net=net)

    @settings(max_examples=25, deadline=None, derandomize=True, database=None)
    @given(st.lists(OPERATIONS, max_size=14))
    @example(COLLAPSE_AND_BACK)
    def holds(script: list[tuple[Any, ...]]) -> None:
        apart(lambda: holds_for(script))

    def holds_for(script: list[tuple[Any, ...]]) -> None:
        first = Play(birth)
        first.play(script)
        again = replayed(first.deeds, birth)
        checks = sum(deed.kind is DeedKind.CHECK for deed in first.deeds)
        assert (again.outcome.agreed, again.outcome.checks) == (checks, checks)
        assert again.outcome.stopped == "" and again.outcome.first_off is None
        assert whole(again.course) == whole(first.course)

    holds()


def test_a_burst_and_its_guard_are_done_again() -> None:
    """At fifty times the heat the weights are no numbers any more, twice; the guard's halves are too."""
    first = Play(BIRTH)
    first.play([
        ("step", 4, True), ("keep", False), ("feel", {PLACE["heat"]: 1.0, PLACE["rate_d"]: 1.0}),
        ("step", 9, True), ("undo", 1, True), ("step", 3, True), ("undo", 1, True), ("step", 3, True),
    ])  # fmt: skip
    assert first.course.heat_factor == 0.25
    again = replayed(first.deeds)
    assert again.outcome.agreed == 1 and again.course.heat_factor == 0.25


def test_the_first_check_that_differs_is_named_and_those_after_a_way_back_agree() -> None:
    """A change that no deed tells of is seen at the next check, and taken back by the guard's RESTORE."""
    first = Play(BIRTH)
    first.play([("step", 3, False), ("keep", False)])
    first.course.learner.g.theta.data[7] = float("nan")
    first.play([("step", 2, False)])
    first.play([("undo", 1, True), ("step", 3, False)])
    outcome = replayed(first.deeds).outcome
    assert (outcome.checks, outcome.agreed, outcome.agreed_step) == (3, 2, 3)
    assert outcome.first_off is not None and outcome.first_off.step == 5
    assert outcome.last_agrees


def test_a_moment_is_forgotten_after_its_last_use() -> None:
    """Only moments that later deeds name are ever held."""
    first = Play(BIRTH)
    first.play([("keep", False), ("step", 2, False), ("keep", False), ("undo", 0, False),
                ("step", 1, False), ("undo", 0, True), ("step", 1, False)])  # fmt: skip
    again = replayed(first.deeds)
    assert again.outcome.agreed == 1 and not again._moments


def script_with(deed: Deed) -> list[Deed]:
    """Two steps, then this deed in its place, then four more steps and a check."""
    course, deeds = born()
    course.step()
    course.step()
    deeds += [replace(deed, number=1), replace(course.check(), step=6, number=2)]
    return deeds


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (Deed(DeedKind.FEEL, 2**60, 0, (1,), (0.5,)), "claims step 1152921504606846976"),
        (Deed(DeedKind.FEEL, 2, 0, (1,), (float("nan"),)), "not within 0..1"),
        (Deed(DeedKind.FEEL, 2, 0, (4_000_000_000,), (0.5,)), "a control that is not there"),
        (Deed(DeedKind.ACT, 2, 0, (PLACE["quake"],), (1e300,)), "no act"),
        (Deed(DeedKind.ACT, 2, 0, (PLACE["undo"],), (1.0,)), "no act"),
        (Deed(DeedKind.ACT, 2, 0, (PLACE["amnesia"],), (float("nan"),)), "no act"),
        (Deed(DeedKind.RESTORE, 2, 0, (0,), (float("inf"), 1.0)), "no moment at all"),
        (Deed(DeedKind.RESTORE, 2, 0, (0,), (1.0, 2.0)), "a moment that never was"),
        (Deed(DeedKind.RESTORE, 2, 0, (0,), (3.0, 1.0)), "a moment that never was"),
        (Deed(DeedKind.RESTORE, 2, 0, (0,), (0.0, 0.0)), "a moment that never was"),
        (Deed(DeedKind.LAND, 2, 0, (), (1.0, 1.0, 1.0, 1.0, float("nan"))), "outside its two"),
        (Deed(DeedKind.BIRTH, 2, 0, text="{}"), "second birth"),
        (Deed(DeedKind.MOVE, 2, 0, text="on the cpu"), "went on on the cpu"),
    ],
)
def test_what_cannot_have_been_done_ends_the_replay_with_a_clause(deed: Deed, words: str) -> None:
    """Nothing of it is done, and it is said which deed."""
    again = replayed(script_with(deed), most_steps=20)
    assert words in again.outcome.stopped and again.outcome.checks == 0


def test_missing_and_doubled_deeds_are_found() -> None:
    """The step before the gap is named."""
    first = Play(BIRTH)
    first.play([("step", 3, False), ("check",), ("step", 1, False), ("act", "anti", 0.5)])
    birth, check, act, last = first.deeds
    for deeds, words in (
        ([birth, check, last], "deed 2 is missing (after step 3)"),
        ([birth, check, replace(last, number=9)], "deeds 2 to 8 are missing (after step 3)"),
        ([birth, check, check, act, last], "deed 1 is there twice (after step 3)"),
        ([birth, check, replace(act, step=2), last], "deed 2 (ACT) claims step 2"),
    ):
        outcome = replayed(deeds).outcome
        assert words in outcome.stopped and (outcome.checks, outcome.agreed) == (1, 1)


def test_a_crowd_of_moments_is_refused() -> None:
    """No more are held at once than a memory ever holds, whatever a file asks for."""
    _, deeds = born()
    names = range(1, MOST_MOMENTS + 3)
    deeds += [Deed(DeedKind.FEEL, 0, number, (0,), (0.5,)) for number in names]
    deeds += [
        Deed(DeedKind.RESTORE, 0, len(deeds) + n, (0,), (0.0, n + 1.0)) for n in range(len(names))
    ]
    deeds += [Deed(DeedKind.CHECK, 0, len(deeds), text="0")]
    assert "too many moments" in replayed(deeds).outcome.stopped


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.binary(min_size=len(bytes(DeedFrame())), max_size=len(bytes(DeedFrame()))), st.booleans(),
       st.sampled_from([*range(10)]), st.sampled_from([0, 2, 5, 2**60]))  # fmt: skip
def test_random_bytes_are_a_clause_and_no_crash(
    data: bytes, tame: bool, kind: int, step: int
) -> None:
    """A frame of any bytes is refused, or a deed that `followable` judges."""
    frame = DeedFrame.from_buffer_copy(data)
    if tame:
        frame.kind, frame.step, frame.number, frame.count = kind, step, 1, frame.count % 9
    try:
        deed = Deed.from_frame(frame)
    except ValueError:
        return
    birth = Deed(DeedKind.BIRTH, 0, 0)
    done, why = followable([birth, deed], 20)
    assert len(done) == 2 or why


numbers = st.one_of(st.integers(0, 6), st.floats(0, 1), st.floats(allow_nan=True))


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(st.tuples(
    st.sampled_from(DeedKind), st.integers(0, 12),
    st.lists(st.integers(0, 70), min_size=8, max_size=8),
    st.lists(numbers, min_size=8, max_size=8),
    st.integers(0, 8), st.sampled_from(["", "nonsense", "{}"]),
), max_size=6))  # fmt: skip
def test_any_frames_are_replayed_or_refused(rows: list[tuple[Any, ...]]) -> None:
    """Whatever a file claims: the replay ends, and raises nothing."""
    deeds = [Deed(DeedKind.BIRTH, 0, 0)]
    for kind, step, places, values, count, text in rows:
        frame = DeedFrame(
            kind=int(kind), step=step, number=len(deeds), count=count, text=text.encode()
        )
        frame.places[:], frame.values[:] = places, values
        try:
            deeds.append(Deed.from_frame(frame))
        except ValueError:
            continue
    deeds.append(Deed(DeedKind.CHECK, 12, len(deeds), text="0"))
    found: list[Outcome] = []
    apart(lambda: found.append(replayed(deeds, most_steps=12).outcome))
    assert found[0].stopped or found[0].first_off is not None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "nonsense", '{"net":1}', '{"net":"pocket_mlp","seed":true,"batch":8,"images":"","cpu":""}'],
)  # fmt: skip
def test_a_birth_of_other_facts_is_a_value_error(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError):
        Birth.of(Deed(DeedKind.BIRTH, 0, 0, text=text))


def test_a_birth_that_cannot_be_is_a_mistake() -> None:
    """A net that nobody knows, a batch of nothing."""
    for facts in ({"net": "big_mlp", "batch": 8}, {"net": "pocket_mlp", "batch": 0}):
        text = json.dumps({"seed": 1, "images": "", "cpu": "", **facts})
        with pytest.raises(Mistake):
            Birth.of(Deed(DeedKind.BIRTH, 0, 0, text=text))


def test_felt_positions_survive_the_file() -> None:
    """Every float32 position comes back as it was, to the bit."""
    at = np.random.default_rng(1).random(len(BANK), np.float32)
    deed = Deed(DeedKind.FEEL, 3, 1, tuple(range(8)), tuple(at[:8].tolist()))
    assert np.array(as_read([deed])[0].values, np.float32).tobytes() == at[:8].tobytes()
