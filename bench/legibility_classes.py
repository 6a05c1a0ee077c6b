"""A plain classifier and the trials it is put to: multinomial logistic regression, whole runs left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

PENALTY = 0.02
"""L2 on the weights, beside the mean log loss. Chosen beforehand, the same for every preset."""
LEFT_OUT = 2


class Classifier:
    """Softmax of a linear map of standardised features; intercepts are not penalised."""

    def __init__(self, x: np.ndarray, y: np.ndarray, classes: int) -> None:
        """Learn from x (clips, features) and y (clips,) in 0..classes-1, standardised on x itself."""
        self._mean, sd = x.mean(axis=0), x.std(axis=0)
        self._sd = np.where(sd > 1e-9, sd, 1.0)
        z = self._standardised(x)
        shape = (x.shape[1] + 1, classes)
        wanted = np.eye(classes)[y]

        def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
            w = flat.reshape(shape)
            scores = z @ w[:-1] + w[-1]
            value = -(wanted * log_softmax(scores, axis=1)).sum() / len(y)
            wrong = (softmax(scores, axis=1) - wanted) / len(y)
            gradient = np.vstack([z.T @ wrong + PENALTY * w[:-1], wrong.sum(axis=0)])
            return value + PENALTY / 2 * float((w[:-1] ** 2).sum()), gradient.ravel()

        start = np.zeros(shape[0] * shape[1])
        self._w = minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(shape)

    def _standardised(self, x: np.ndarray) -> np.ndarray:
        # far out is far enough: one feature alone shall not shout a clip down
        return np.clip((x - self._mean) / self._sd, -4.0, 4.0)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The class of each row of x, int (clips,)."""
        scores = self._standardised(x) @ self._w[:-1] + self._w[-1]
        classes: np.ndarray = scores.argmax(axis=1)
        return classes


@dataclass(frozen=True)
class Trial:
    """All splits together: `confusion` counts (true, heard), `accuracy` one number a split."""

    confusion: np.ndarray
    accuracy: np.ndarray

    @property
    def right(self) -> float:
        """Share of all answers that were right."""
        return float(np.trace(self.confusion) / self.confusion.sum())


def trial(x: np.ndarray, y: np.ndarray, runs: np.ndarray, classes: int) -> Trial:
    """Learn from all runs but two, be asked about those two; all pairs of runs once."""
    confusion, accuracy = np.zeros((classes, classes), int), []
    for asked in combinations(np.unique(runs).tolist(), LEFT_OUT):
        test = np.isin(runs, asked)
        heard = Classifier(x[~test], y[~test], classes)(x[test])
        np.add.at(confusion, (y[test], heard), 1)
        accuracy.append(float((heard == y[test]).mean()))
    return Trial(confusion, np.array(accuracy))


def asked_of(x: np.ndarray, y: np.ndarray, test: np.ndarray, classes: int) -> float:
    """Share right of the clips in `test` (bool), learnt from all others; NaN where there are none."""
    if test.all() or not test.any():
        return float("nan")
    return float((Classifier(x[~test], y[~test], classes)(x[test]) == y[test]).mean())


def left_out(x: np.ndarray, y: np.ndarray, runs: np.ndarray, classes: int) -> np.ndarray:
    """Which clips are named right when their run alone is left out of the learning, bool (clips,)."""
    right = np.zeros(len(y), bool)
    for run in np.unique(runs):
        test = runs == run
        right[test] = Classifier(x[~test], y[~test], classes)(x[test]) == y[test]
    return right


def shuffled(
    x: np.ndarray, y: np.ndarray, runs: np.ndarray, classes: int, rounds: int = 5
) -> np.ndarray:
    """The control: shares right when the names are shuffled within each run, (rounds,)."""
    dice, rights = np.random.default_rng(1), []
    for _ in range(rounds):
        mixed = y.copy()
        for run in np.unique(runs):
            mixed[runs == run] = dice.permutation(mixed[runs == run])
        rights.append(trial(x, mixed, runs, classes).right)
    return np.array(rights)


def drops(
    x: np.ndarray, y: np.ndarray, runs: np.ndarray, names: Sequence[str], classes: int
) -> list[tuple[str, float]]:
    """Features by what is lost when one is shuffled in the clips asked about, most first (share right)."""
    dice, lost = np.random.default_rng(2), np.zeros(len(names))
    pairs = list(combinations(np.unique(runs).tolist(), LEFT_OUT))
    for asked in pairs:
        test = np.isin(runs, asked)
        model = Classifier(x[~test], y[~test], classes)
        whole = (model(x[test]) == y[test]).mean()
        for column in range(len(names)):
            mixed = x[test].copy()
            mixed[:, column] = dice.permutation(mixed[:, column])
            lost[column] += whole - (model(mixed) == y[test]).mean()
    order = np.argsort(-lost)
    return [(names[place], float(lost[place] / len(pairs))) for place in order]


def apart(
    x: np.ndarray, y: np.ndarray, names: Sequence[str], one: int, other: int
) -> list[tuple[str, float]]:
    """Features by how far two classes lie apart in them, in pooled standard deviations; most first."""
    a, b = x[y == one], x[y == other]
    pooled = np.sqrt((a.var(axis=0) + b.var(axis=0)) / 2) + 1e-9
    d = (b.mean(axis=0) - a.mean(axis=0)) / pooled
    return [(names[place], float(d[place])) for place in np.argsort(-np.abs(d))]
