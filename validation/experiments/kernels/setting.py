"""The kernel experiment: regressions that learn from their own last fit, round after round.

`KernelSetting` holds every number of the experiment and what the theory expects of it. Labels have
mean square 1 and the kernel a nugget that sets its condition number, so that the bounds follow from
the setting alone.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mvtheory.self_distillation import collapse_time, distill, rounds_at_least
from validation.experiments.description import Described
from validation.experiments.kernels.data import KERNELS, PROBLEMS, Problem, draw
from validation.experiments.streams import Streams
from validation.trial.claim import Expectation, Measured, Sample

PROBES = (1, 2, 4, 8)
"""Rounds after which norms are compared."""
REFERENCES = 24
"""Draws of other data on which the recursion is averaged before anything is trained."""
MOST_ROUNDS = 10_000
SOLVED = 1e-9
"""Relative deviation of a mean squared residual from the tolerance, up to which a round is solved:
a hundred times what rounding leaves at a condition number of 10^4, and no number here shows it."""
DATA, REFERENCE = range(2)
"""Purposes of random numbers; each has its own stream."""


@dataclass(frozen=True, kw_only=True)
class KernelSetting(Described):
    """A replicate is a draw of training and test data with its noise, distilled until collapse.

    `condition` is kappa, and `relative_norm` r_0: every round leaves a mean squared residual of
    1/r_0^2. `noise` is the share of labels turned round (digits), or the noise's deviation.
    `overfits` says that the first fit follows the noise, so that further rounds are to help.
    """

    experiment = "kernels"
    trainer = "validation.experiments.kernels.training"
    kind_of_model = "kernel regression"

    problem: str
    kernel: str
    scale: float
    condition: float
    relative_norm: float
    noise: float
    samples: int
    test_samples: int = 400
    overfits: bool = False
    rounds: int = MOST_ROUNDS

    @property
    def label(self) -> str:
        # Short, for the columns of a figure: 5e3 and not 5000.
        large = f"{self.condition:.3g}" if self.condition < 1000 else f"{self.condition:.0e}"
        return f"{self.problem}, {self.kernel}, kappa {large.replace('e+0', 'e')}"

    @property
    def steps(self) -> int:
        """Rounds until collapse, roughly: twice those that are sure; `rounds` is only a limit."""
        return min(self.rounds, 2 * self.networks)

    @property
    def networks(self) -> int:
        """Regressions of a replicate, at least: as many as are sure before collapse."""
        return math.ceil(self.relative_norm - 1)

    @property
    def tolerance(self) -> float:
        return self.relative_norm**-2

    @property
    def stopping(self) -> int:
        """Where to stop, fixed beforehand: after the r_0 - 1 rounds that are sure."""
        return max(1, math.floor(rounds_at_least(relative_norm=self.relative_norm)))

    def shortened(self, steps: int) -> "KernelSetting":
        return replace(self, rounds=steps)

    def streams(self, seed: int, replicate: int) -> Streams:
        key = (PROBLEMS.index(self.problem), list(KERNELS).index(self.kernel), replicate)
        return Streams(seed, key)

    def draw(self, seed: np.random.SeedSequence) -> Problem:
        return draw(
            self.problem, self.kernel, self.scale, self.condition, self.noise,
            (self.samples, self.test_samples), np.random.default_rng(seed),
        )  # fmt: skip

    def expected(self) -> dict[str, tuple[float, float]]:
        """Mean and deviation of what a replicate is to show, by the recursion."""
        return _expected(self)


def summary(
    norms: NDArray[np.float64],
    growths: NDArray[np.float64],
    functions: NDArray[np.float64],
    errors: NDArray[np.float64],
    stopping: int,
) -> dict[str, float]:
    """What is compared of one replicate: of the recursion, or of the trained regressions.

    Parameters
    ----------
    norms : array, shape (rounds + 1,)
        r_0, r_1, ...
    growths : array, shape (rounds,)
        Growth in each round of log(B_max/B_min), of the largest eigenvalue over the smallest.
    functions, errors : array, shape (rounds,)
        Effective number of basis functions, and mean squared test error.
    stopping : int
        Round at which to stop.
    """
    stopped = errors[min(stopping, len(errors)) - 1]
    found = {
        # Stopped before the collapse, as probes of the cost are, it counts as collapsed.
        "time": collapse_time(norms) if norms[-1] <= 1 else float(len(errors)),
        "growth": float(growths.min()),
        "share": float(functions[-1] / functions[0]),
        # In logarithms: the error itself varies between draws by more than the rounds change it.
        "gain": float(np.log(errors[0] / stopped)),
        "loss": float(np.log(errors[-1] / stopped)),
    }
    return found | {f"norm_{t}": float(norms[t]) if t < len(norms) else 0.0 for t in PROBES}


@lru_cache(maxsize=64)
def _expected(setting: KernelSetting) -> dict[str, tuple[float, float]]:
    rows = []
    for number in range(REFERENCES):
        problem = setting.draw(setting.streams(0, number).sequence(REFERENCE))
        # As `distill_kernel_regression` does, with the eigenvectors that the draw already has.
        d, vectors = problem.eigenvalues, problem.vectors
        run = distill(d, vectors.T @ problem.labels, setting.tolerance, setting.rounds)
        # Of the fit z_t the dual coefficients are its components over d.
        predicted = (run.values / d) @ vectors.T @ problem.cross.T
        least, most = d[0], d[-1]
        rows.append(
            summary(
                run.relative_norms,
                np.log1p(run.penalties / least) - np.log1p(run.penalties / most),
                run.effective_functions,
                np.mean((predicted - problem.clean) ** 2, axis=1),
                setting.stopping,
            )
        )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    # The deviation of 24 draws is itself known to 15 %: two of these on the side of caution.
    return {
        name: (float(np.mean(values)), 1.3 * float(np.std(values, ddof=1)))
        for name, values in columns.items()
    }


def settings(preset: str) -> tuple[KernelSetting, ...]:
    """Settings of a preset: samples grow with it; smoke is for tests of the machinery.

    More samples leave less to overfit. Where the first fit is to overfit, the kernel is therefore
    narrower, or its nugget smaller, the more there are.
    """
    samples = {"smoke": 30, "quick": 150, "standard": 250, "full": 500}[preset]
    more = samples / 150
    flat = KernelSetting(
        problem="digits", kernel="Laplace", scale=8.0, condition=1.5, relative_norm=10.0,
        noise=0.2, samples=samples,
    )  # fmt: skip
    every = (
        flat,
        replace(flat, kernel="Gaussian", condition=10.0, relative_norm=20.0),
        replace(
            flat, kernel="arc-cosine", scale=1.0, condition=round(5e3 * more**2, -3),
            relative_norm=20.0, noise=0.3, overfits=True,
        ),
        replace(
            flat, problem="smooth", kernel="Gaussian", scale=0.5 / more**0.5, condition=1e4,
            relative_norm=20.0, noise=1.0, overfits=True,
        ),
    )  # fmt: skip
    return every[::3] if preset == "smoke" else every


def require(setting: KernelSetting) -> list[Expectation]:
    """Every round leaves the residual that it is to leave: it was solved to the end."""
    return [
        Expectation(
            "largest deviation of a residual, relative", "training", setting.label, 0.0, None,
            SOLVED, 1e-11,
        )
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(measured.by_replicate("kernels", "residual_deviation"))]
