"""Seeds of a replicate: no random number depends on the order of work."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Streams:
    """The random numbers of one replicate, a stream for each purpose.

    `key` holds what the experiment names of the setting, such as its size, and the replicate;
    settings of one size may share what they draw. A purpose is one number or several, such as
    that of a network.
    """

    seed: int
    key: tuple[int, ...]

    def sequence(self, *purpose: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.seed, spawn_key=(*map(int, self.key), *purpose))

    def sequences(self, count: int, *purpose: int) -> list[np.random.SeedSequence]:
        """One for each of so many networks."""
        return [self.sequence(*purpose, number) for number in range(count)]

    def rng(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng(self.sequence(*purpose))
