"""Seeded draws that depend on nothing but (seed, stream, index).

A title's values are the same whatever the size of the catalog's chunks, so a catalog can be made piece by piece,
in any order and on several threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Random-looking values for the titles `index`, one stream per purpose (SplitMix64)."""

    seed: int
    index: Words

    def word(self, stream: str) -> Words:
        """64 bits a title."""
        start = (self.seed * 0x9E3779B97F4A7C15 + crc32(stream.encode()) * 0xD1342543DE82EF95) & 0xFFFFFFFFFFFFFFFF
        z = self.index * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def below(self, stream: str, bound: int) -> Ints:
        """Whole numbers 0 … bound - 1."""
        return (self.word(stream) % np.uint64(bound)).astype(np.int64)

    def between(self, stream: str, low: int, high: int) -> Ints:
        """Whole numbers low … high, both included."""
        return low + self.below(stream, high - low + 1)

    def unit(self, stream: str) -> Reals:
        """Reals in [0, 1)."""
        return (self.word(stream) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def chance(self, stream: str, probability: float) -> Flags:
        """True with that probability."""
        return np.asarray(self.unit(stream) < probability, dtype=np.bool_)

    def choice(self, stream: str, weights: tuple[float, ...]) -> Ints:
        """Positions 0 … len(weights) - 1 with these weights."""
        edges = np.cumsum(weights) / sum(weights)
        return np.searchsorted(edges[:-1], self.unit(stream), side="right").astype(np.int64)
