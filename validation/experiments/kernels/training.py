"""Trains the kernel regressions of `KernelSetting` on their dual coefficients.

Nothing here knows eigenvalues but the measurement at the end: the Gram matrix is made tridiagonal
once, by reflections, each round looks for the penalty on the training residuals, and every penalty
that it tries is a tridiagonal linear system.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from mvtheory.self_distillation import distill_kernel_regression
from validation.experiments.kernels.setting import DATA, KernelSetting, summary
from validation.trial.claim import Tables

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gram:
    """A Gram matrix G = Q T Q' with T tridiagonal and Q orthogonal."""

    bands: Array
    """What stands above the diagonal of T, after a 0, and the diagonal: shape (2, samples)."""
    basis: Array
    """Q."""

    @classmethod
    def of(cls, matrix: Array) -> "Gram":
        reduced, basis = linalg.hessenberg(matrix, calc_q=True, check_finite=False)
        return cls(np.stack([np.append(0.0, np.diag(reduced, 1)), np.diag(reduced)]), basis)

    def solve(self, penalty: float, targets: Array) -> Array:
        """(T + penalty)^-1 of targets in the basis, shape (samples,) or (samples, n)."""
        bands = self.bands.copy()
        bands[1] += penalty
        return np.asarray(linalg.solveh_banded(bands, targets, check_finite=False))


def fit(gram: Gram, targets: Array, tolerance: float, guess: float) -> tuple[float, Array]:
    """Penalty and dual coefficients of the regression that leaves this mean squared residual.

    Shape (samples,) of either, not in the basis; the search begins about the penalty `guess`.
    """
    inside = gram.basis.T @ targets

    def excess(exponent: float) -> float:
        # What is left of the targets is the penalty times the coefficients.
        left = np.exp(exponent) * gram.solve(np.exp(exponent), inside)
        return float(np.log(np.mean(left**2) / tolerance))

    # Penalties grow from round to round, by little.
    low, high = np.log(guess) - 0.01, np.log(guess) + 0.5
    while excess(low) > 0:
        low, high = low - 1.0, low
    while excess(high) < 0:
        low, high = high, high + 1.0
    penalty = float(np.exp(optimize.brentq(excess, low, high, xtol=1e-14)))
    return penalty, gram.basis @ gram.solve(penalty, inside)


def measure(
    setting: KernelSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Distil one draw of the data until collapse.

    Returns tables `kernels` (one row: what `summary` compares, the condition number and the
    differences from the recursion) and `kernel_rounds` (a row a round).
    """
    problem = setting.draw(setting.streams(seed, replicate).sequence(DATA))
    gram, count = problem.gram, len(problem.gram)
    scale = np.sqrt(count * setting.tolerance)
    _, vectors = linalg.eigh(gram)
    ends = vectors[:, [-1, 0]]
    reduced = Gram.of(gram)
    smoother, targets = np.eye(count), problem.labels
    norms = [float(np.linalg.norm(targets)) / scale]
    growths: list[float] = []
    functions: list[float] = []
    errors: list[float] = []
    penalties: list[float] = []
    residuals: list[float] = []
    fitted: list[Array] = []
    predicted: list[Array] = []
    penalty, kept = float(np.trace(gram)) / count, 1.0
    while norms[-1] > 1 and len(errors) < setting.rounds:
        penalty, dual = fit(reduced, targets, setting.tolerance, penalty)
        before, targets = targets, gram @ dual
        residuals.append(float(np.mean((before - targets) ** 2)))
        # What this round's map leaves of the first and the last basis function.
        left = gram @ (reduced.basis @ reduced.solve(penalty, reduced.basis.T @ ends))
        most, least = np.einsum("ij,ij->j", ends, left)
        # In the basis, where its trace is the same: G (G + penalty)^-1.
        smoother = smoother - penalty * reduced.solve(penalty, smoother)
        kept *= most
        norms.append(float(np.linalg.norm(targets)) / scale)
        growths.append(float(np.log(most / least)))
        functions.append(float(np.trace(smoother)) / kept)
        penalties.append(penalty)
        fitted.append(targets)
        predicted.append(problem.cross @ dual)
        errors.append(float(np.mean((predicted[-1] - problem.clean) ** 2)))
    stated = distill_kernel_regression(
        gram, problem.cross, problem.labels, setting.tolerance, setting.rounds
    )
    common = min(len(fitted), stated.run.rounds)
    row = summary(
        np.array(norms), np.array(growths), np.array(functions), np.array(errors), setting.stopping
    ) | {
        "condition": float(np.linalg.cond(gram)),
        "rounds": len(fitted),
        "residual_deviation": float(np.abs(np.array(residuals) / setting.tolerance - 1).max()),
        # Rounds more or less than the recursion's are a difference too.
        "fitted_difference": _largest(fitted[:common], stated.fitted[:common])
        + abs(len(fitted) - stated.run.rounds),
        "test_difference": _largest(predicted[:common], stated.predicted[:common]),
    }
    rounds = [
        {
            "round": t + 1, "penalty": penalties[t], "norm": norms[t + 1], "growth": growths[t],
            "functions": functions[t], "test_error": errors[t],
        }
        for t in range(len(errors))
    ]  # fmt: skip
    return {"kernels": [row], "kernel_rounds": rounds}


def _largest(trained: list[Array], stated: Array) -> float:
    return float(np.abs(np.array(trained) - stated).max())
