"""Trains the kernel regressions of `KernelSetting` on their dual coefficients.

Nothing here knows eigenvalues but the measurement at the end: each round solves linear systems with
the Gram matrix and looks for the penalty on the training residuals.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, optimize

from mvtheory.self_distillation import distill_kernel_regression
from validation.claim import Tables
from validation.experiments.kernel_data import Problem
from validation.experiments.kernels import KernelSetting, summary

Array = NDArray[np.float64]


def fit(gram: Array, targets: Array, tolerance: float, guess: float) -> tuple[float, Array]:
    """Penalty and dual coefficients of the regression that leaves this mean squared residual."""

    def coefficients(exponent: float) -> Array:
        matrix = _ridged(gram, np.exp(exponent))
        return np.asarray(linalg.cho_solve(matrix, targets, check_finite=False))

    def excess(exponent: float) -> float:
        left = targets - gram @ coefficients(exponent)
        return float(np.log(np.mean(left**2) / tolerance))

    # Penalties grow from round to round, by little.
    low, high = np.log(guess) - 0.01, np.log(guess) + 0.5
    while excess(low) > 0:
        low, high = low - 1.0, low
    while excess(high) < 0:
        low, high = high, high + 1.0
    exponent = optimize.brentq(excess, low, high, xtol=1e-14)
    return float(np.exp(exponent)), coefficients(exponent)


def _ridged(gram: Array, penalty: float) -> tuple[Array, bool]:
    """Cholesky factor of the Gram matrix with the penalty on its diagonal."""
    matrix = gram.copy()
    matrix.flat[:: len(gram) + 1] += penalty
    factor, lower = linalg.cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(factor), bool(lower)


def measure(setting: KernelSetting, problem: Problem) -> Tables:
    """Distil until collapse.

    Returns tables `kernels` (one row: what `summary` compares, the condition number and the
    differences from the recursion) and `kernel_rounds` (a row a round).
    """
    gram, count = problem.gram, len(problem.gram)
    scale = np.sqrt(count * setting.tolerance)
    _, vectors = linalg.eigh(gram)
    ends = vectors[:, [-1, 0]]
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
        penalty, dual = fit(gram, targets, setting.tolerance, penalty)
        before, targets = targets, gram @ dual
        residuals.append(float(np.mean((before - targets) ** 2)))
        matrix = _ridged(gram, penalty)
        # What this round's map leaves of the first and the last basis function.
        most, least = np.einsum("ij,ij->j", ends, gram @ linalg.cho_solve(matrix, ends))
        smoother = gram @ linalg.cho_solve(matrix, smoother)
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
