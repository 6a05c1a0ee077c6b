"""Who judges which images: the shipped judge the digits, a judge trained at the start all others.

*Class k* of a folder's judge is its k-th sub-folder in sorted order (from 0), where there are two to
ten of them; else the k-th most common kind of picture, found by k-means on 8x8 grey, up to ten. It
looks at grey images of at most 28x28. As for digits a quarter of its batches is junk of four sorts,
so `reject` is *no picture of this folder*. NumPy with dice of its own: a second or less on one thread.
"""

import numpy as np

from instrument.learning.digits import Digits
from instrument.learning.judge import CLASSES, HIDDEN, REJECT, Judge
from instrument.learning.principal import unit_rows
from instrument.learning.reshape import greyed, resized

SEED = 7
OWN_SIDE = 28
KIND_SIDE = 8
MOST_REALS = 4000
MOST_CLUSTERED = 2000
ROUNDS = 20
BATCH, JUNK, STEPS = 128, 32, 400
POOL = 256
RATE, DECAY, SMOOTH = 2e-3, 1e-2, 0.02
MOST_VEIL = 0.3
"""Samples are never as clean as reals: up to this share of noise still is a picture (junk begins at .7)."""

ABSENT = -1e9


def judge_for(digits: Digits) -> Judge:
    """The judge of these images; its `probabilities(u)` are float32 (B, 11), see `judge.Judge`."""
    if digits.are_digits:
        return Judge.load(side=digits.side, channels=digits.channels)
    return train_judge(digits)


def train_judge(digits: Digits) -> Judge:
    """A judge of the kinds of these pictures, the same every time. Any number of images, from one."""
    dice = np.random.default_rng(SEED)
    own_side = min(OWN_SIDE, digits.side)
    chosen = _fair_choice(digits.labels, dice)
    reals = np.concatenate(
        [_view(unit_rows(digits.images[part]), digits.channels, own_side)
         for part in np.array_split(chosen, max(1, len(chosen) // 250))]
    )  # fmt: skip
    labels, kinds = kinds_of_pictures(reals, digits.labels[chosen], own_side, dice)
    noise, junk = _junk(digits, reals, own_side, dice)
    weights = _train(reals, labels, kinds, noise, junk, dice)
    return Judge(weights, digits.side, digits.channels, kinds)


def _fair_choice(labels: np.ndarray, dice: np.random.Generator) -> np.ndarray:
    """Which images are learned from: all, or of each label as many as of the others, int64."""
    if len(labels) <= MOST_REALS:
        return np.arange(len(labels))
    names = np.unique(labels)
    share = MOST_REALS // len(names)
    parts = [dice.permutation(np.flatnonzero(labels == name))[:share] for name in names]
    return np.sort(np.concatenate(parts))


def _view(u: np.ndarray, channels: int, own_side: int) -> np.ndarray:
    """Images (N, C * S * S) as grey (N, own_side^2); linear, so noise may be mixed in afterwards."""
    grey = greyed(u, channels)
    side = round(grey.shape[1] ** 0.5)
    return resized(grey.reshape(-1, side, side), own_side).reshape(len(u), -1)


def kinds_of_pictures(
    reals: np.ndarray, labels: np.ndarray, side: int, dice: np.random.Generator
) -> tuple[np.ndarray, int]:
    """Class of each picture, int64 (N,), and how many classes there are, 1..10.

    `reals` float32 (N, side^2) in grey; `labels` as in `Digits`: two or more different ones are the
    classes (their ranks), else pictures are sorted into kinds.
    """
    names, ranks = np.unique(labels, return_inverse=True)
    if 2 <= len(names) <= REJECT:
        return ranks.reshape(-1).astype(np.int64), len(names)
    small = resized(reals.reshape(-1, side, side), KIND_SIDE).reshape(len(reals), -1)
    some = small[dice.permutation(len(small))[:MOST_CLUSTERED]]
    centres = k_means(some, REJECT, dice)
    nearest = _distances(small, centres).argmin(axis=1)
    counts = np.bincount(nearest, minlength=len(centres))
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    rank = np.zeros(len(centres), np.int64)
    rank[order] = np.arange(len(order))
    return rank[nearest], len(order)


def _distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances, float32 (N, K)."""
    return np.square(rows[:, None, :] - centres[None]).sum(axis=2)


def k_means(rows: np.ndarray, most: int, dice: np.random.Generator) -> np.ndarray:
    """Up to `most` centres, float32 (K, D), of rows (N, D): k-means++ and Lloyd's rounds.

    Fewer where there are fewer different rows.
    """
    centres = rows[dice.integers(len(rows))][None]
    while len(centres) < most:
        far = _distances(rows, centres).min(axis=1).astype(np.float64)
        if far.sum() < 1e-6:
            break
        centres = np.concatenate([centres, rows[dice.choice(len(rows), p=far / far.sum())][None]])
    for _ in range(ROUNDS):
        nearest = _distances(rows, centres).argmin(axis=1)
        means = [
            rows[nearest == k].mean(axis=0) for k in range(len(centres)) if (nearest == k).any()
        ]
        centres = np.stack(means)
    return centres


def _junk(
    digits: Digits, reals: np.ndarray, own_side: int, dice: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Noise (POOL, pixels) and junk (4 POOL, pixels), as the judge sees them.

    The sorts are those of `make_judge`: grey noise, uniform noise, pictures with shuffled pixels,
    pictures under 70 to 90% noise. Made at the size of the images: noise that is only then made
    smaller is smoother than noise.
    """
    pixels, channels = digits.pixels, digits.channels
    level = 0.2 + 0.6 * dice.random((POOL, 1), np.float32)
    spread = 0.2 * dice.random((POOL, 1), np.float32)
    grey = np.clip(level + spread * dice.standard_normal((POOL, pixels), np.float32), 0, 1)
    noise = _view(dice.random((POOL, pixels), np.float32), channels, own_side)
    some = unit_rows(digits.images[dice.integers(len(digits.images), size=POOL)])
    shuffled = dice.permuted(some, axis=1)
    share = 0.7 + 0.2 * dice.random((POOL, 1), np.float32)
    drowned = share * noise + (1 - share) * reals[dice.integers(len(reals), size=POOL)]
    views = [_view(sort, channels, own_side) for sort in (grey, shuffled)]
    return noise, np.concatenate([views[0], noise, views[1], drowned])


def _train(
    reals: np.ndarray, labels: np.ndarray, kinds: int, noise: np.ndarray, junk: np.ndarray,
    dice: np.random.Generator,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Weights as in `judge.SHAPES`: cross entropy and AdamW, each kind as often as the others."""
    pixels = reals.shape[1]
    of_kind = [np.flatnonzero(labels == kind) for kind in range(kinds)]
    classes = np.append(np.arange(kinds), REJECT)
    w = [
        dice.standard_normal((pixels, HIDDEN), np.float32) * np.float32((2 / pixels) ** 0.5),
        np.zeros(HIDDEN, np.float32),
        dice.standard_normal((HIDDEN, CLASSES), np.float32) * np.float32((1 / HIDDEN) ** 0.5),
        np.full(CLASSES, ABSENT, np.float32),
    ]
    w[3][classes] = 0.0
    first, second = [np.zeros_like(a) for a in w], [np.zeros_like(a) for a in w]
    exists = np.zeros(CLASSES, np.float32)
    exists[classes] = SMOOTH / len(classes)
    for step in range(1, STEPS + 1):
        wanted = dice.integers(kinds, size=BATCH - JUNK)
        chosen = [of_kind[kind][dice.integers(len(of_kind[kind]))] for kind in wanted]
        veil = MOST_VEIL * dice.random((BATCH - JUNK, 1), np.float32)
        clean = reals[chosen]
        clean += veil * (noise[dice.integers(len(noise), size=len(clean))] - clean)
        batch = np.concatenate([clean, junk[dice.integers(len(junk), size=JUNK)]])
        target = np.tile(exists, (BATCH, 1))
        target[np.arange(BATCH), np.append(wanted, np.full(JUNK, REJECT))] += 1 - SMOOTH

        hidden = np.maximum(batch @ w[0] + w[1], 0.0)  # (128, HIDDEN)
        logits = hidden @ w[2] + w[3]
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        wrong = (p / p.sum(axis=1, keepdims=True) - target) / np.float32(BATCH)
        back = (wrong @ w[2].T) * (hidden > 0)
        slopes = [batch.T @ back, back.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]
        rate = np.float32(RATE * 0.5 * (1 + np.cos(np.pi * (step - 1) / STEPS)))
        for a, slope, m, v in zip(w, slopes, first, second, strict=True):
            m += np.float32(0.1) * (slope - m)
            v += np.float32(0.01) * (slope * slope - v)
            size = np.sqrt(v / np.float32(1 - 0.99**step)) + np.float32(1e-8)
            a -= rate * (m / np.float32(1 - 0.9**step) / size)
            if a.ndim == 2:
                a *= np.float32(1) - rate * np.float32(DECAY)
    return dict(zip(("w1", "b1", "w2", "b2"), w, strict=True))
