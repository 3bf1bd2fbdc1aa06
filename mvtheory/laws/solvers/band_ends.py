"""The ends of bands of a law that is known by an equation only, from points on both sides."""

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.affine import AbstractLaw
from mvtheory.laws.contract.shapes import Floats
from mvtheory.laws.solvers.branch_points import DISTANCES, NODES, turning_points
from mvtheory.laws.solvers.descent import State
from mvtheory.laws.solvers.equation import Equation, between

SECTIONS = 16
"""Parts into which the place of an edge is divided at a time."""
PATIENT = 30
"""Newton steps to points beside an edge."""
CLOSER, CLOSEST = 6, 0.1
"""How often points nearer to an edge are taken, and by which share."""
EXACT, ENOUGH = 1e-14, (1e-10, 1e-9, 1e-8, 1e-7)
"""Doubts of an edge over the width: below which no points nearer to it are tried, and what will do
from the first, the second, ... point of the band."""
BEYOND = (3e-6, 1e-7)
"""Distances over the width at which a gap must be; the second where the first tells nothing."""
CERTAIN = 10.0 ** -np.arange(4, 13, 2)
"""Distances from an edge, over the width, at which it is tried."""


class BandEnds(Equation, AbstractLaw):
    """Ends where z as a function of G turns, or else by sections."""

    @abstractmethod
    def _evaluate(self, x: Floats, start: State | None = None) -> tuple[Floats, Floats, State]:
        """Density, continuous mass below and state, from starts nearby if there are any."""

    def _poles_of_density(self) -> list[float]:
        """Where an atom has just vanished: ends of bands with infinite density."""
        return []

    def _edge_errors(self) -> Floats:
        """For each end of a band, over the width, the least distance at which there is density
        inside and none outside."""
        edges = np.array(self.support).ravel()
        way = np.tile([-1.0, 1.0], edges.size // 2)
        room = np.diff(np.concatenate([[-np.inf], edges, [np.inf]]))
        room = np.minimum(room[:-1], room[1:]) / 2
        errors = np.minimum(room / self._width, 1.0)
        steps = self._width * CERTAIN
        inside, _, _ = self._evaluate((edges - way * steps[:, None]).ravel())
        outside, _, _ = self._evaluate((edges + way * steps[:, None]).ravel())
        certain = ((inside > 0) & (outside == 0)).reshape(steps.size, -1)
        for distance, found in zip(steps, certain, strict=True):
            seen = found & (distance < room)
            errors[seen] = np.minimum(errors[seen], distance / self._width)
        return errors

    def _ends(self, inner: Floats, outer: Floats, state: State) -> Floats:
        """Where densities end between points in bands, of known states, and points outside."""
        edges, slack = np.full(inner.shape, np.nan), 1e-8 * self._width
        for pole in self._poles_of_density():
            edges[(pole - np.minimum(inner, outer) >= -slack)
                  & (pole - np.maximum(inner, outer) <= slack)] = pole  # fmt: skip
        guess, doubt, reach = edges.copy(), np.full(edges.shape, np.inf), np.abs(outer - inner)
        beside = state.copy()
        for most in ENOUGH:
            left = np.flatnonzero(np.isnan(edges))
            if not left.size:
                return edges
            found = self._turning_points(inner[left], outer[left], reach[left], state[:, left])
            better = found[1] < doubt[left]
            here = left[better]
            guess[here], doubt[here], beside[:, here] = (row[..., better] for row in found)
            good = left[doubt[left] <= most * self._width]
            way = np.sign(outer - inner)[good]
            is_end = self._is_end(guess[good], way, beside[:, good])
            edges[good] = np.where(is_end, guess[good], np.nan)
            inner[left], state[:, left] = self._farther(inner[left], outer[left], state[:, left])
            reach = np.abs(outer - inner) / SECTIONS
        for k in np.flatnonzero(np.isnan(edges)):
            before = np.inf
            while 1e-13 * self._width < abs(inner[k] - outer[k]) < before:
                before = abs(inner[k] - outer[k])
                inner[k], outer[k], state[:, k] = self._closer(inner[k], outer[k], state[:, k])
            edges[k] = (inner[k] + outer[k]) / 2
        return edges

    def _closer(self, inner: float, outer: float, state: State) -> tuple[float, float, State]:
        """The same two points and state closer together: many points cost little more than one."""
        points = np.linspace(inner, outer, SECTIONS + 1)[1:-1]
        start = np.repeat(state[:, None], points.size, axis=1)
        density, _, found = self._evaluate(points, start)
        outside = np.flatnonzero(density == 0)
        first = int(outside[0]) if outside.size else points.size
        inside = np.flatnonzero(density[:first] > 0)
        outer = float(points[first]) if outside.size else outer
        return (float(points[inside[-1]]), outer, found[:, inside[-1]]) if inside.size else (
            inner, outer, state
        )  # fmt: skip

    @np.errstate(all="ignore")
    def _farther(self, inner: Floats, outer: Floats, state: State) -> tuple[Floats, State]:
        """Points of bands closer to those outside, and states there, as far as they are seen."""
        x = np.linspace(inner, outer, SECTIONS + 1)[:-1]
        z = x.ravel().astype(complex)
        known, size = self._settle(np.tile(state, SECTIONS), z, 12)
        good = ((size < 1e-7) & self._inside(known, z)).reshape(x.shape)
        good[0] = True
        last = np.sum(np.logical_and.accumulate(good), axis=0) - 1
        here = np.arange(inner.size)
        return x[last, here], known.reshape(len(state), *x.shape)[:, last, here]

    @np.errstate(all="ignore")
    def _turning_points(
        self, inner: Floats, outer: Floats, reach: Floats, state: State
    ) -> tuple[Floats, Floats, State]:
        """Ends where G is a square root, by points inside that come closer, their doubts, and
        nearly the states at the first BEYOND inside of them."""
        way, origin, reach = np.sign(outer - inner), inner.copy(), reach.copy()
        beside, at = state.copy(), np.sqrt([BEYOND[0] * self._width])
        found, least = np.full(inner.size, np.nan), np.full(inner.size, np.inf)
        todo, start = np.arange(inner.size), np.repeat(state[:, :, None], NODES, axis=2)
        for count in range(CLOSER):
            x = origin[todo, None] - (way * reach)[todo, None] * DISTANCES
            z = x.ravel().astype(complex)
            known, size = self._settle(start[:, todo].reshape(len(state), -1), z, PATIENT)
            good = ((size < 1e-7) & self._inside(known, z)).reshape(x.shape).all(axis=1)
            edge, doubt = turning_points(self._g(known, z).reshape(x.shape), x)
            good &= np.abs(edge - (inner + outer)[todo] / 2) <= np.abs(inner - outer)[todo]
            good &= doubt < least[todo]
            found[todo[good]], least[todo[good]] = edge[good], doubt[good]
            roots = np.sqrt(np.abs(x - edge[:, None]))
            known = known.reshape(len(state), *x.shape)
            for k in np.flatnonzero(good).tolist():
                beside[:, todo[k]] = between(at, roots[k], known[:, k])[:, 0]
            good &= doubt > EXACT * self._width
            known = known[:, good]
            todo, x, edge, doubt = todo[good], x[good], edge[good], doubt[good]
            if not todo.size:
                break
            # Not beyond the end, which is known as far as that.
            origin[todo] = edge - way[todo] * 2 * doubt
            reach[todo] *= CLOSEST if count else 1
            roots = np.sqrt(np.abs(x - edge[:, None]))
            wanted = np.sqrt(2 * doubt[:, None] + reach[todo, None] * DISTANCES)
            for k, end in enumerate(todo.tolist()):
                start[:, end] = between(wanted[k], roots[k], known[:, k])
        return found, least, beside

    @np.errstate(all="ignore")
    def _is_end(self, edges: Floats, way: Floats, inside: State) -> NDArray[np.bool_]:
        """Whether there is no density beyond, from states nearly at points as far inside."""
        sure, state, scale = np.zeros(edges.shape, dtype=bool), inside.copy(), BEYOND[0]
        for share in BEYOND:
            left = np.flatnonzero(np.isfinite(edges) & ~sure)
            if left.size:
                near = way[left] * share * self._width
                start = self._turned(state[:, left], np.sqrt(share / scale))
                sure[left], state[:, left] = self._turns(edges[left], near, start)
            scale = share
        left = np.flatnonzero(np.isfinite(edges) & ~sure)
        if left.size:
            z = (edges + way * BEYOND[0] * self._width)[left].astype(complex)
            sure[left] = self._is_real(self._descend(z), z)
        return sure

    def _turned(self, state: State, factor: Any) -> State:
        """A state with the part that its mirror image has with the other sign times a factor."""
        mirrored = self._mirrored(state)
        return (state + mirrored) / 2 + factor * (state - mirrored) / 2

    def _turns(self, edges: Floats, near: Floats, inside: State) -> tuple[NDArray[np.bool_], State]:
        """Whether what goes about ends above the real line is real beyond, and states inside.

        A state is smooth in the root of the distance, which becomes i times it. Where a solution
        is closer to the state so turned than to where both signs of the root meet, it is that.
        """
        z, beyond = (edges - near).astype(complex), (edges + near).astype(complex)
        state, size = self._settle(inside, z, PATIENT)
        sure = (size < 1e-7) & self._inside(state, z)
        middle, wanted = (self._turned(state, factor) for factor in (0, -1j * np.sign(near)))
        found, size = self._settle(wanted, beyond, 12)
        scale = self._sizes(middle)
        off, far = (np.max(np.abs(part - wanted) / scale, axis=0) for part in (found, middle))
        return sure & (size < 1e-7) & (off < far / 2) & self._is_real(found, beyond), state
