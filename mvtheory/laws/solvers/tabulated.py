"""States at points of a law that is known by an equation only, from tables on its bands."""

import functools

import numpy as np

from mvtheory.laws.contract.shapes import Complexes, Floats
from mvtheory.laws.solvers.band_search import BandSearch
from mvtheory.laws.solvers.descent import UNKNOWN, State
from mvtheory.laws.solvers.equation import between

NODES = 160
AT_ONCE = 4096


class TabulatedStates(BandSearch):
    """Bands are looked for, tables of states on them start everything else."""

    @functools.cached_property
    def _tables(self) -> dict[int, tuple[Floats, State]]:
        return {}

    def _table(self, band: int) -> tuple[Floats, State]:
        """Angles, x = low + width sin^2(angle/2), in which states are smooth up to the ends of a
        band, and states there."""
        if band not in self._tables:
            self._tabulate([band])
        return self._tables[band]

    def _tabulate(self, bands: list[int]) -> None:
        """Tables of some bands, all at once."""
        if not bands:
            return
        angle = (np.arange(NODES) + 0.5) * np.pi / NODES
        x, density, _, known = self._scan
        places, starts = [], []
        for band in bands:
            low, high = self.support[band]
            place = low + (high - low) * np.sin(angle / 2) ** 2
            here = (density > 0) & (x > low) & (x < high)
            if np.count_nonzero(here) > 1:
                nodes = 2 * np.arcsin(np.sqrt((x[here] - low) / (high - low)))
                starts.append(between(angle, nodes, known[:, here]))
            else:
                starts.append(between(place, x, known))
            places.append(place)
        z = np.concatenate(places).astype(complex)
        states = np.split(self._within(z, np.concatenate(starts, axis=1)), len(bands), axis=1)
        states = [
            self._among(state, place.astype(complex), angle)
            for state, place in zip(states, places, strict=True)
        ]
        found = self._completed(np.concatenate(states, axis=1), z)
        for band, state in zip(bands, np.split(found, len(bands), axis=1), strict=True):
            good = np.isfinite(state).all(axis=0)
            self._tables[band] = angle[good], state[:, good]

    def _states(self, z: Complexes) -> State:
        """The state at points on and above the real line."""
        state = np.full((len(self._far(z[:1] + 1j * self._width)), z.size), UNKNOWN)
        band = np.where(z.imag == 0, self._band(z.real), -1)
        bands = np.unique(band[band >= 0]).tolist()
        self._tabulate([index for index in bands if index not in self._tables])
        for index in bands:
            here = band == index
            low, high = self.support[index]
            share = np.clip((z.real[here] - low) / (high - low), 0, 1)
            state[:, here] = between(2 * np.arcsin(np.sqrt(share)), *self._table(index))
        inside = np.flatnonzero(band >= 0)
        if inside.size:
            state[:, inside] = self._within(z[inside], state[:, inside])
        rest = np.flatnonzero(np.isnan(state[-1]))
        for start_at in range(0, rest.size, AT_ONCE):
            part = rest[start_at : start_at + AT_ONCE]
            state[:, part] = self._descend(z[part])
        return state
