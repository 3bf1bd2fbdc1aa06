r"""A student that learns features, on the labels of a teacher that knows only the easy ones.

Two classes and three patches: an easy signal z_e mu_y, a hard one +-z_h nu_y of either sign, and
noise of norm xi. A teacher that is linear in the patches knows mu_y and never nu_y: samples that
show an easy signal it labels rightly, those that show a hard one alone by chance. What neurons of
both classes answer to the four signals and to the noise of each sample closes under gradient
descent, at rate 1 by

    x += 2/n sum over samples of r s z ReLU~'(s z x),   y_i += 2/n r_i xi^2 ReLU~'(y_i),

r the residual of the label that the sample was given. So with few samples noise is memorised before
the hard signal grows, and nothing is learned (`signal_lead`); with more of them the hard signal is
first, and the teacher's errors are memorised beside it. With more still, memory comes so late that
easy signals have explained all samples that show them: then the wrong labels of hard signals alone
undo these (`corrected_margin`), and what is left goes by which of a sign's labels are more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mvtheory.arguments import DEVIATION, GATED_POWER, NEURONS, Argument
from mvtheory.race.descent import DRAWS, SEED
from mvtheory.race.recognition import smoothed_relu
from mvtheory.shapes import Bool, Booleans, Float, Floats, Int, Integers

COUNT = Argument("count", "n", "samples of a class", 0, 1e9, integer=True)
COEFFICIENT = Argument("coefficient", "z", "coefficient of a signal, or norm of noise", 0, 1e3)
DIMENSIONS = Argument("noise_dimensions", "d", "dimensions of the noise", 1, 1e12, integer=True)
RATE = Argument("rate", "eta", "learning rate", 0, 1e3, low_open=True)
STEPS = Argument("steps", "t", "steps of gradient descent", 1, 1e6, integer=True)
RANGES = {
    "easy_only": COUNT, "both": COUNT, "hard_only": COUNT, "easy": COEFFICIENT, "hard": COEFFICIENT,
    "noise": COEFFICIENT, "noise_dimensions": DIMENSIONS, "neurons": NEURONS, "power": GATED_POWER,
    "deviation": DEVIATION, "rate": RATE, "steps": STEPS,
}  # fmt: skip
LIKE = 8
"""Samples of a kind that stand for all of it, at most: each has noise of its own."""
QUESTIONS = 12
"""Asked of each draw, for each hard signal of each sign."""
SIGNALS = 6
"""Easy ones of both classes, then hard ones of positive and of negative sign."""


@dataclass(frozen=True, kw_only=True)
class WeakLabels:
    """A student of two classes in training on the labels of a teacher that is linear.

    Parameters
    ----------
    easy_only, both, hard_only : int, >= 0
        Samples of each class that show one signal, or both; hard signals have either sign as often.
        One at least shows something.
    easy, hard : float, >= 0
        Coefficients z of the signals, which are orthonormal.
    noise : float, >= 0
        Norm of the noise of a sample, in a patch of its own and orthogonal to all signals.
    noise_dimensions : int, >= 1
        Far more than there are samples.
    neurons : int, >= 1
        Of each class.
    power : float, 2 <= q <= 16
        Of the smoothed ReLU.
    deviation : float, > 0
        Of <w, v> at the start, in units of the ReLU's threshold.
    rate : float, > 0
        In the units of `race.Setting`: 1 moves by the mean gradient over the samples of a class.
    steps : int, >= 1

    Examples
    --------
    >>> few = WeakLabels(easy_only=4, both=8, hard_only=8, easy=0.7, hard=2, noise=8,
    ...                  noise_dimensions=800, neurons=6, power=2, deviation=0.01, rate=2, steps=60)
    >>> few.samples
    40
    """

    easy_only: int
    both: int
    hard_only: int
    easy: float
    hard: float
    noise: float
    noise_dimensions: int
    neurons: int
    power: float
    deviation: float
    rate: float
    steps: int

    def __post_init__(self) -> None:
        for name, argument in RANGES.items():
            replace(argument, name=name).number(getattr(self, name))
        if not self.samples:
            raise ValueError(
                "easy_only=0, both=0, hard_only=0: no samples are not allowed (one at least of "
                "some kind); give samples to learn from"
            )

    @property
    def samples(self) -> int:
        """Of both classes."""
        return 2 * (self.easy_only + self.both + self.hard_only)


@dataclass(frozen=True)
class Correction:
    """What becomes of a teacher's errors, at the steps watched and at the end.

    Attributes
    ----------
    accuracy : float array, shape (times, draws)
        Share of new samples with a hard signal alone that are put right; the teacher has 1/2.
    repeated : float array, shape (times, draws)
        Share of the wrong labels in training that the student gives too; 0 where there are none.
    """

    accuracy: Float[Floats, "times draws"]
    repeated: Float[Floats, "times draws"]


def correct_labels(
    setting: WeakLabels, watched: tuple[int, ...] = (), draws: int = 200, seed: int = 0
) -> Correction:
    """Follow a student of weak labels, in responses to signals and to its samples' own noise.

    Parameters
    ----------
    setting : WeakLabels
    watched : tuple of int
        Steps before which it is asked, counted from 0; the end comes last.
    draws : int, 2 to 1e7
        Data sets, each with a student; nothing is fitted, they sample starts and wrong labels.
    seed : int

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Our extension of the growth law (Allen-Zhu & Li, 2023, Appendix D), for what Oh, Song & Yun
    (2025) prove. Hypotheses: the noise of one sample is orthogonal to that of others, so that
    samples are few beside its dimensions; of each kind some samples stand for all.

    Examples
    --------
    >>> few = WeakLabels(easy_only=4, both=8, hard_only=8, easy=0.7, hard=2, noise=8,
    ...                  noise_dimensions=800, neurons=6, power=2, deviation=0.01, rate=2, steps=30)
    >>> [float(correct_labels(replace(few, noise=xi)).accuracy.mean().round(1))
    ...  for xi in (8, 2)]
    [0.6, 0.9]
    """
    draws, seed = int(DRAWS.number(draws)), int(SEED.number(seed))
    if not all(0 <= step < setting.steps and step == int(step) for step in watched):
        raise ValueError(
            f"watched={watched!r} is not allowed (integers, 0 <= step < {setting.steps}); leave "
            "out the end, which is always kept"
        )
    student = _Student(setting, draws, np.random.default_rng(seed))
    asked = []
    for step in range(setting.steps):
        if step in watched:
            asked.append(student.asked())
        student.step()
    accuracy, repeated = zip(*asked, student.asked(), strict=True)
    return Correction(np.stack(accuracy), np.stack(repeated))


class _Student:
    """Responses of the neurons, one student a draw; a row of `answers` stands for some samples."""

    def __init__(self, setting: WeakLabels, draws: int, rng: np.random.Generator) -> None:
        self.setting, self.rng = setting, rng
        shown, own, wrong, stands = zip(*_rows(setting, draws, rng), strict=True)
        sizes = [len(part) for part in stands]
        self.shows = np.repeat(np.array(shown, dtype=float), sizes, axis=0)
        self.wrong, self.weights = np.concatenate(wrong), np.concatenate(stands)
        label = np.repeat(own, sizes)[:, None] ^ self.wrong
        self.given = np.stack([label == 0, label == 1])
        size, m = setting.deviation, setting.neurons
        self.x = size * rng.standard_normal((2, m, 4, draws))
        self.first = size * setting.noise * rng.standard_normal((2, m, *label.shape))
        self.y = self.first.copy()

    def responses(self) -> Float[Floats, "2 neurons 6 draws"]:
        """To the signals as they are shown."""
        easy, hard = self.setting.easy * self.x[:, :, :2], self.setting.hard * self.x[:, :, 2:]
        return np.concatenate([easy, hard, -hard], axis=2)

    def outputs(
        self, to_signals: Float[Floats, "2 neurons 6 draws"], to_noise: Floats
    ) -> Float[Floats, "2 rows draws"]:
        return np.asarray(self.shows @ to_signals.sum(axis=1) + to_noise.sum(axis=1))

    def step(self) -> None:
        setting, q = self.setting, self.setting.power
        values, slopes = smoothed_relu(self.responses(), q)
        memory, steep = smoothed_relu(self.y, q)
        outputs = self.outputs(values, memory)
        residuals = self.given - 1 / (1 + np.exp(outputs[::-1] - outputs))
        pace = 2 * setting.rate / setting.samples
        steep *= (pace * setting.noise**2 * residuals)[:, None]
        self.y += steep
        slopes *= (self.shows.T @ (pace * self.weights * residuals))[:, None]
        easy, positive, negative = np.split(slopes, 3, axis=2)
        self.x[:, :, :2] += setting.easy * easy
        self.x[:, :, 2:] += setting.hard * (positive - negative)

    def asked(self) -> tuple[Float[Floats, " draws"], Float[Floats, " draws"]]:
        """Shares of new samples with a hard signal that are right, and of wrong labels given."""
        setting, q = self.setting, self.setting.power
        values = smoothed_relu(self.responses(), q)[0]
        outputs = self.outputs(values, smoothed_relu(self.y, q)[0])
        wrong, again = self.weights * self.wrong, (outputs > outputs[::-1]) & self.given
        repeated = (wrong * again.any(axis=0)).sum(axis=0) / np.maximum(wrong.sum(axis=0), 1)
        # New noise, as the starts and as what was memorised of the noise of samples answer to it.
        gained = (self.y - self.first) * np.sqrt(self.weights / setting.noise_dimensions)
        draws = self.weights.shape[1]
        right = np.zeros(draws)
        for signal in range(2, SIGNALS):
            for _ in range(QUESTIONS):
                start = self.rng.standard_normal((2, setting.neurons, draws))
                along = self.rng.standard_normal(self.weights.shape)
                to_noise = setting.deviation * setting.noise * start + (gained * along).sum(axis=2)
                answers = (values[:, :, signal] + smoothed_relu(to_noise, q)[0]).sum(axis=1)
                right += answers[signal % 2] > answers[1 - signal % 2]
        return right / (QUESTIONS * (SIGNALS - 2)), repeated


def _rows(
    setting: WeakLabels, draws: int, rng: np.random.Generator
) -> Iterator[tuple[list[bool], int, Bool[Booleans, "rows draws"], Float[Floats, "rows draws"]]]:
    """Signals shown, the class, where the label is wrong, how many samples a row stands for."""
    for own in range(2):
        yield _alike(own, (own,), setting.easy_only, np.zeros(draws, dtype=int))
        for sign in range(2):
            hard = 2 + 2 * sign + own
            both, alone = ((count + 1 - sign) // 2 for count in (setting.both, setting.hard_only))
            yield _alike(own, (own, hard), both, np.zeros(draws, dtype=int))
            yield _alike(own, (hard,), alone, rng.binomial(alone, 0.5, draws))


def _alike(
    own: int, signals: tuple[int, ...], count: int, wrong: Int[Integers, " draws"]
) -> tuple[list[bool], int, Bool[Booleans, "rows draws"], Float[Floats, "rows draws"]]:
    """Rows for `count` samples of which so many have the wrong label."""
    rows = min(count, LIKE)
    # Both labels have a row if they have a sample, and their rows stand for just as many.
    with_wrong = np.round(wrong * rows / max(count, 1)).astype(int)
    with_wrong = np.clip(with_wrong, wrong > 0, rows - (wrong < count))
    is_wrong = np.arange(rows)[:, None] < with_wrong
    stands = np.where(
        is_wrong, wrong / np.maximum(with_wrong, 1),
        (count - wrong) / np.maximum(rows - with_wrong, 1),
    )  # fmt: skip
    return [signal in signals for signal in range(SIGNALS)], own, is_wrong, stands
