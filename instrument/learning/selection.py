"""Which places of the flat vector leave for the ear and the eye (`WeightFrame`)."""

import numpy as np


def strided_selection(
    generator: list[tuple[int, int]], discriminator: list[tuple[int, int]], most: int = 4096
) -> tuple[np.ndarray, tuple[list[int], int]]:
    """Which places of the flat vector are shown: evenly spaced in each layer, layers sharing fairly.

    Returns the places, int64 (<= most,), and where each layer's part begins with how many are G's.
    """
    spans = [*generator, *discriminator]
    shares = [0] * len(spans)
    left = most
    by_size = sorted(range(len(spans)), key=lambda i: spans[i][1] - spans[i][0])
    for served, i in enumerate(by_size):  # small layers first: what they leave is for the large
        shares[i] = min(spans[i][1] - spans[i][0], left // (len(spans) - served))
        left -= shares[i]
    places = [
        a + np.arange(share, dtype=np.int64) * (b - a) // share
        for (a, b), share in zip(spans, shares, strict=True)
    ]
    begins = [int(sum(shares[:i])) for i in range(len(spans))]
    return np.concatenate(places), (begins, len(generator))
