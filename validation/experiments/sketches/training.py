"""Draws data and sketches of `SketchSetting`, and solves its ridge regressions."""

import math

import numpy as np
from numpy.typing import NDArray

from validation.experiments.sketches.setting import (
    GAUSSIAN,
    HASHED,
    KINDS,
    SketchSetting,
)
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

Array = NDArray[np.float64]


def measure(
    setting: SketchSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Draw data and sketches, and solve.

    Returns table `sketches`: a row for each kind and ridge with means over the draws of the
    degrees of freedom over p, of the risks of one model and of the average, and of tr T T' / p.
    """
    streams = Streams(seed, (setting.size, setting.samples, setting.columns, replicate))
    sums = {(kind, ridge): np.zeros(4) for kind in KINDS for ridge in setting.ridges}
    for draw in range(setting.draws):
        rng = streams.rng(draw)
        axes = np.linalg.qr(rng.standard_normal((setting.size, setting.size)))[0]
        root = np.sqrt(setting.spectrum())
        inputs = rng.standard_normal((setting.samples, setting.size)) * root
        for kind in KINDS:
            sketches = [axes.T @ sketch(kind, setting, rng) for _ in range(setting.models)]
            for ridge, row in _solved(setting, inputs, sketches).items():
                sums[kind, ridge] += row
    names = ("share", "one", "average", "mean")
    return {
        "sketches": [
            {"kind": kind, "ridge": ridge}
            | dict(zip(names, (row / setting.draws).tolist(), strict=True))
            for (kind, ridge), row in sums.items()
        ]
    }


def sketch(kind: str, setting: SketchSetting, rng: np.random.Generator) -> Array:
    """T, shape (size, columns), with E T T' = 1."""
    size, columns = setting.size, setting.columns
    if kind == HASHED:
        found = np.zeros((size, columns))
        found[np.arange(size), rng.integers(columns, size=size)] = rng.choice([-1.0, 1.0], size)
        return found
    if kind == GAUSSIAN:
        return np.asarray(rng.standard_normal((size, columns)) / math.sqrt(columns))
    turned = np.linalg.qr(rng.standard_normal((size, columns)))[0]
    return np.asarray(turned * math.sqrt(size / columns))


def _solved(setting: SketchSetting, inputs: Array, sketches: list[Array]) -> dict[float, Array]:
    """By ridge: degrees of freedom over p, risks of one and of the average, the mean of T T'.

    With A = X'X/n and W the eigenvectors of T'AT, turned back, the fits are W g W'A b + noise, g =
    1/(d + ridge): risks are sums over pairs of columns, which do not depend on the ridge.
    """
    spectrum, noise = setting.spectrum(), setting.deviation**2 / setting.samples
    bases = []
    for t in sketches:
        seen = inputs @ t
        values, vectors = np.linalg.eigh(seen.T @ seen / setting.samples)
        basis = t @ vectors
        bases.append((values, basis, inputs.T @ (inputs @ basis) / setting.samples))
    mean = float(np.mean([np.sum(t**2) for t in sketches])) / setting.size
    pairs = {
        (i, j): (
            bases[i][1].T @ (spectrum[:, None] * bases[j][1]),
            bases[i][2].T @ bases[j][2] + noise * bases[i][1].T @ bases[j][2],
        )
        for i in range(len(bases))
        for j in range(len(bases))
    }
    alike = np.eye(len(bases), dtype=bool)
    found = {}
    for ridge in setting.ridges:
        solved = [1 / (values + ridge) for values, *_ in bases]
        single = [
            float(own @ np.einsum("ia,i,ia->a", basis, spectrum, image))
            for own, (_, basis, image) in zip(solved, bases, strict=True)
        ]
        square = np.array(
            [
                [float(solved[i] @ (pairs[i, j][0] * pairs[i, j][1]) @ solved[j])
                 for j in range(len(bases))]
                for i in range(len(bases))
            ]
        )  # fmt: skip
        known = float(spectrum.sum()) - 2 * float(np.mean(single))
        shares = [float(values @ own) for own, (values, *_) in zip(solved, bases, strict=True)]
        found[ridge] = np.array(
            [np.mean(shares) / setting.size, known + square[alike].mean(), known + square.mean(),
             mean]
        )  # fmt: skip
    return found
