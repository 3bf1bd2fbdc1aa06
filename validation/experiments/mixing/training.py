"""Trains the ridge regressions of `MixingSetting` by their normal equations."""

import numpy as np
from numpy.typing import NDArray

from validation.experiments.mixing.setting import MixingSetting, design
from validation.experiments.streams import Streams
from validation.trial.claim import Tables

Array = NDArray[np.float64]
ORIGIN = 0.5
"""Mixing at which, with 0 and 1, the empirical parabola is measured."""


def measure(
    setting: MixingSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train teachers and students on draws of the noise.

    Returns table `mixing`, one row: mean excess risks of the compared students, the mixing at the
    minimum of the parabola through three students of one step, and the noise's deviation.
    """
    # Apart from the streams of the kernel experiment, whose keys begin with 0 and 1.
    key = (2, round(1e6 * setting.penalty), replicate)
    rng = Streams(seed, key).rng()
    inputs, signal = design(setting.samples)
    noise = setting.deviation * rng.standard_normal((setting.samples, setting.draws))
    labels = signal[:, None] + noise
    normal = inputs.T @ inputs + setting.penalty * np.eye(inputs.shape[1])

    def fitted(targets: Array) -> Array:
        return np.asarray(inputs @ np.linalg.solve(normal, inputs.T @ targets))

    def risk_of(mixings: Array) -> float:
        values = fitted(labels)
        for mixing in mixings:
            values = fitted((1 - mixing) * labels + mixing * values)
        return float(np.mean((values - signal[:, None]) ** 2))

    risks = {name: risk_of(mixings) for name, mixings in setting.mixings().items()}
    none, half, whole = (risk_of(np.array([x])) for x in (0.0, ORIGIN, 1.0))
    curvature, slope = 2 * (none + whole - 2 * half), 4 * half - 3 * none - whole
    row = {name.replace(" ", "_"): value for name, value in risks.items()} | {
        "best": -slope / (2 * curvature),
        "deviation": float(noise.std()),
    }
    return {"mixing": [row]}
