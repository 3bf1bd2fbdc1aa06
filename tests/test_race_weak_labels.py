"""Students of a linear teacher: drives, balances, and whole networks of orthogonal noise."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import optimize

from mvtheory.race import WeakLabels, correct_labels, corrected_margin, signal_lead
from mvtheory.race.weak_labels import SIGNALS, _Student
from validation.training.networks import smoothed_relu_

SETTING = WeakLabels(
    easy_only=3, both=6, hard_only=8, easy=0.7, hard=1.7, noise=2.4, noise_dimensions=10**6,
    neurons=3, power=3, deviation=0.4, rate=0.8, steps=25,
)  # fmt: skip


def network(student: _Student, setting: WeakLabels) -> tuple[torch.Tensor, ...]:
    """A draw as a network on samples whose noise is orthogonal: weights, inputs and labels.

    The first dimensions are the signals, each sample has one of its own for its noise.
    """
    rows = len(student.weights)
    inputs = np.zeros((rows, 3, 4 + rows))
    for signal in range(SIGNALS):
        shown = student.shows[:, signal] == 1
        if signal < 2:
            inputs[shown, 0, signal] = setting.easy
        else:
            inputs[shown, 1, 2 + signal % 2] = setting.hard * (1 if signal < 4 else -1)
    inputs[:, 2, 4:] = setting.noise * np.eye(rows)
    weights = np.concatenate([student.x, student.y / setting.noise], axis=2)[..., 0]
    given = student.given[..., 0].argmax(axis=0)
    return torch.tensor(weights), torch.tensor(inputs), torch.tensor(given)


def test_a_student_is_a_network_of_orthogonal_noise():
    """Against torch's own gradients of the loss as it is said, up to rounding."""
    student = _Student(SETTING, 1, np.random.default_rng(3))
    assert student.weights.sum() == pytest.approx(SETTING.samples)
    weights, inputs, labels = network(student, SETTING)
    counts = torch.tensor(student.weights[:, 0])
    # All rows stand for one sample here, so that the network sees what the student sees.
    assert (counts == 1).all()
    for _ in range(SETTING.steps):
        own = weights.clone().requires_grad_()
        responses = torch.einsum("jmd,npd->njmp", own, inputs)
        # A copy, whose value is overwritten and whose slope is the smoothed ReLU's.
        values = responses.detach().clone()
        slopes = smoothed_relu_(values, SETTING.power)
        outputs = (values + slopes * (responses - responses.detach())).sum(dim=(2, 3))
        loss = torch.nn.functional.cross_entropy(outputs, labels, reduction="sum")
        loss.backward()
        weights = weights - 2 * SETTING.rate / SETTING.samples * own.grad
        student.step()
    x, y = weights[:, :, :4].numpy(), SETTING.noise * weights[:, :, 4:].numpy()
    assert student.x[..., 0] == pytest.approx(x, rel=1e-11, abs=1e-12)
    assert student.y[..., 0] == pytest.approx(y, rel=1e-11, abs=1e-12)
    assert np.abs(y).max() > 1  # something has been memorised, and something learned
    assert np.abs(x[:, :, 2:]).max() > 1 / SETTING.hard


@pytest.mark.parametrize("power", [2, 3, 5])
def test_the_lead_is_that_of_the_first_step(power):
    """Of z x, the answer to a hard signal, and of y, both over their own power q - 1."""
    setting = replace(SETTING, power=power, hard_only=0, deviation=0.01)
    student = _Student(setting, 1, np.random.default_rng(5))
    signal, noise = setting.hard * student.x[0, :, 2], student.y[0][:, student.given[0, :, 0]]
    student.step()

    def drive(before: np.ndarray, after: np.ndarray) -> np.ndarray:
        alive = before > 0
        return ((after - before)[alive] / before[alive] ** (power - 1)).mean()

    lead = drive(signal, setting.hard * student.x[0, :, 2]) / drive(
        noise, student.y[0][:, student.given[0, :, 0]]
    )
    # A coefficient squared is in the gains, the others make responses larger from the start.
    lead *= (setting.hard / setting.noise) ** (power - 2)
    expected = signal_lead(
        samples=setting.samples, both=2 * setting.both / setting.samples, hard=setting.hard,
        noise=setting.noise, classes=2, power=power,
    )  # fmt: skip
    # Residuals are 1/2 but for a quarter of the outputs, of which four deviations are the most.
    most = setting.neurons * 2 * (4 * setting.noise * setting.deviation) ** power / power
    assert lead == pytest.approx(expected, rel=most)


@pytest.mark.parametrize("bridges", [0.01, 0.5, 1.0, 40.0])
@pytest.mark.parametrize("easy", [0.0, 0.3, 3.0, 12.0])
def test_wrong_labels_balance_where_the_loss_is_least(bridges, easy):
    def loss(margin: float) -> float:
        explained = bridges * np.logaddexp(0, -easy - margin)
        return float(explained + (np.logaddexp(0, -margin) + np.logaddexp(0, margin)) / 2)

    found = optimize.minimize_scalar(loss, bounds=(0, 20), method="bounded",
                                     options={"xatol": 1e-9})  # fmt: skip
    margin = corrected_margin(bridges=bridges, easy_output=easy)
    # A minimum is found to the root of rounding.
    assert margin == pytest.approx(found.x, abs=1e-6)
    if easy == 0:
        assert margin == pytest.approx(np.log1p(2 * bridges), rel=1e-14)
    if easy == 12:
        # To the first order of c e^-F_e.
        first = 4 * bridges * np.exp(-easy)
        assert margin == pytest.approx(first, rel=2 * first + 2 * np.exp(-easy))


def test_a_student_settles_where_labels_balance():
    """Without noise and with samples without number: outputs go to the balance, as steps go on."""
    setting = replace(
        SETTING, noise=0.0, easy_only=0, both=2 * 10**8, hard_only=4 * 10**8, easy=0.0, power=2,
        deviation=0.05, steps=400, neurons=6,
    )  # fmt: skip
    student = _Student(setting, 20, np.random.default_rng(1))
    for _ in range(setting.steps):
        student.step()
    values = np.maximum(student.responses(), 0)
    values = np.where(values < 1, values**2 / 2, values - 0.5).sum(axis=1)
    found = (values[0] - values[1])[2::2]
    learned = found > 0.1  # in some draws no neuron answers to a signal
    margin = corrected_margin(bridges=0.5, easy_output=0)
    # The share of wrong labels among 2e8 has a deviation of 3.5e-5, which counts 1 + 2 times; four
    # of these.
    assert found[learned] == pytest.approx(margin, abs=4.2e-4)
    assert learned.mean() > 0.9


def test_the_boundary_is_sharper_for_smaller_starts():
    """On both sides of a lead of 1, in the limit all and nothing."""
    base = replace(
        SETTING, easy_only=4, both=8, hard_only=8, hard=2.0, power=2, neurons=6, rate=2.0
    )  # fmt: skip
    n = base.samples
    right = []
    for deviation, steps in ((1e-2, 12), (1e-5, 30), (1e-10, 60)):
        row = []
        for lead in (0.35, 3.0):
            noise = (n * 0.4 * base.hard**2 / (4 * lead)) ** 0.5
            setting = replace(base, noise=noise, deviation=deviation, steps=steps)
            row.append(correct_labels(setting, draws=300).accuracy[-1].mean())
        right.append(row)
    below, above = np.transpose(right)
    assert (np.diff(below) < 0).all()
    # Of 300 draws, to more than four deviations.
    assert below[-1] < 0.6
    assert above[-1] > 0.9


def test_training_on_forgets_what_early_stopping_knows():
    """With weak noise; with noise that is strong enough to be memorised in between nothing is."""
    base = replace(
        SETTING, easy_only=4, both=8, hard_only=8, hard=2.0, power=2, neurons=6, rate=2.0,
        deviation=0.01, steps=60,
    )  # fmt: skip
    for noise, forgotten in ((0.5, True), (2.2, False)):
        found = correct_labels(replace(base, noise=noise), (8,))
        early, late = found.accuracy.mean(axis=1)
        assert early > 0.9
        assert (late < 0.75) == forgotten
        assert (found.repeated[-1].mean() < 0.6) == forgotten
        assert found.repeated[0].mean() < 0.3


def test_draws_follow_from_the_seed_and_do_not_need_all_kinds():
    one, same, other = (correct_labels(SETTING, draws=20, seed=seed) for seed in (1, 1, 2))
    assert (one.accuracy == same.accuracy).all()
    assert (one.accuracy != other.accuracy).any()
    plain = correct_labels(replace(SETTING, easy_only=0, hard_only=0), draws=20)
    assert (plain.repeated == 0).all()
    assert plain.accuracy.shape == (1, 20)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"both": -1}, "both=-1"),
        ({"neurons": 0}, "neurons=0"),
        ({"power": 1.5}, "power=1.5"),
        ({"noise": -1.0}, "noise=-1"),
        ({"rate": 0.0}, "rate=0"),
        ({"steps": 2.5}, "steps=2.5"),
        ({"easy_only": 0, "both": 0, "hard_only": 0}, "no samples"),
    ],
)
def test_settings_out_of_range_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(SETTING, **change)


def test_steps_that_are_not_trained_cannot_be_watched():
    with pytest.raises(ValueError, match=r"watched=.*25"):
        correct_labels(SETTING, (25,))
