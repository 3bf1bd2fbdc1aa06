"""The experiment on weak labels, and the claim about students of a linear teacher."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mvtheory.race import signal_lead
from tests.validation.refusing import check_wrong_formulas_are_refused
from validation.claims.weak_to_strong_patches import WEAK_TO_STRONG_PATCHES
from validation.experiments import measure
from validation.experiments.streams import Streams
from validation.experiments.weak_labels import setting as weak
from validation.experiments.weak_labels.training import linear, summed, taught
from validation.testing import train
from validation.training.networks import initial_weights, logits
from validation.training.patches import train as descend
from validation.training.schedule import Schedule

(SMALL,) = weak.settings("smoke")


def test_the_claim_keeps_its_contract_and_refuses_wrong_formulas_on_what_is_trained():
    settings = WEAK_TO_STRONG_PATCHES.settings("quick")
    studies = [train(setting, 6) for setting in settings]
    told = check_wrong_formulas_are_refused(WEAK_TO_STRONG_PATCHES, studies)
    assert len(told) == len(settings)


@pytest.fixture(scope="module")
def lesson():
    """Samples, the teacher's labels, and what is asked."""
    streams = Streams(5, (1,))
    samples = SMALL.sample(SMALL.samples, streams.rng(0))
    teacher = linear(SMALL, SMALL.sample(SMALL.teacher_samples, streams.rng(1)))
    return (
        samples,
        (summed(samples) @ teacher > 0).astype(np.int64),
        SMALL.hard_only(streams.rng(2)),
    )


@pytest.mark.parametrize("setting", [*weak.settings("quick"), *weak.settings("standard")])
def test_samples_are_those_of_the_theory(setting):
    samples, theory = setting.sample(setting.samples, np.random.default_rng(0)), setting.theory
    parts = theory.easy_only, theory.both, theory.hard_only
    for own in range(2):
        counts = np.bincount(samples.part[samples.classes == own], minlength=3)
        assert tuple(counts) == parts
    hard = samples.inputs[:, 1, 2:4]
    for part in (1, 2):
        # As many of either sign, in each class and part.
        assert (hard[samples.part == part].sum(axis=0) == 0).all()
        assert (np.abs(hard[samples.part == part]).max(axis=1) == setting.hard).all()
    assert (samples.inputs[samples.part == 0, 1] == 0).all()
    assert (samples.inputs[samples.part == 2, 0] == 0).all()
    # Squared norms of n samples in d dimensions vary by sqrt(2 / n d); five of these.
    squares = (samples.inputs[:, 2] ** 2).sum(axis=1).mean()
    off = 5 * (2 / (setting.samples * setting.noise_dimensions)) ** 0.5
    assert squares == pytest.approx(setting.noise**2, rel=off)
    assert signal_lead(
        samples=setting.samples, both=setting.both, hard=setting.hard, noise=setting.noise,
        classes=2, power=setting.power,
    ) == pytest.approx(setting.lead, rel=1e-13)  # fmt: skip


def test_a_linear_teacher_is_right_of_just_half_of_hard_signals():
    """Its answer to a sample of the other sign and the opposite noise is the opposite one."""
    rng = np.random.default_rng(1)
    teacher = linear(SMALL, SMALL.sample(SMALL.teacher_samples, rng))
    asked = SMALL.hard_only(rng)
    opposite = asked._replace(inputs=-asked.inputs)
    assert (summed(opposite) @ teacher == -(summed(asked) @ teacher)).all()
    easy = SMALL.sample(2000, rng)
    right = (summed(easy) @ teacher > 0) == easy.classes
    assert right[easy.part != weak.HARD_ONLY].mean() > 0.99


def test_a_teacher_descends_its_loss():
    rng = np.random.default_rng(2)
    samples = SMALL.sample(60, rng)
    w = torch.zeros(summed(samples).shape[1], dtype=torch.float64, requires_grad=True)
    inputs, sign = torch.tensor(summed(samples)).double(), torch.tensor(2.0 * samples.classes - 1)
    for _ in range(SMALL.teacher_steps):
        loss = torch.nn.functional.softplus(-sign * (inputs @ w)).mean()
        (slope,) = torch.autograd.grad(loss, w)
        w = (w - SMALL.rate * slope).detach().requires_grad_()
    # Floats are of single precision there.
    assert linear(SMALL, samples) == pytest.approx(w.detach().numpy(), rel=1e-4, abs=1e-6)


def test_students_do_not_depend_on_their_company(lesson):
    """Bit for bit: neither on how many are trained at once, nor on who else is."""
    seeds = Streams(5, (2,)).sequences(3, 0)
    every = taught(SMALL, *lesson, seeds, "cpu")
    assert taught(SMALL, *lesson, seeds, "cpu", packing=1) == every
    assert taught(SMALL, *lesson, seeds[:1], "cpu") == [r for r in every if r["student"] == 0]


def test_students_are_patch_networks_trained_in_one_go(lesson):
    samples, given, asked = lesson
    seeds = Streams(5, (2,)).sequences(2, 0)
    shape = (2, SMALL.neurons, 4 + SMALL.noise_dimensions)
    weights = torch.from_numpy(initial_weights(seeds, shape, SMALL.deviation))
    schedule = Schedule(SMALL.steps, SMALL.rate, SMALL.steps, SMALL.rate)
    inputs = torch.from_numpy(samples.inputs)
    descend(weights, inputs, torch.from_numpy(given), SMALL.power, schedule)
    answers = logits(weights, torch.from_numpy(asked.inputs), SMALL.power).numpy().argmax(-1)
    right = (answers == asked.classes).mean(axis=1)
    last = [row for row in taught(SMALL, *lesson, seeds, "cpu") if row["step"] == SMALL.steps]
    assert [row["accuracy"] for row in last] == right.tolist()


def test_data_sets_do_not_depend_on_the_others():
    two = measure(replace(SMALL, data_sets=2, students=2), 5, 1)
    one = measure(replace(SMALL, students=2), 5, 1)
    assert [row for row in two["students"] if row["data_set"] == 0] == one["students"]
    assert two["teachers"][:1] == one["teachers"]
    again = measure(replace(SMALL, students=2), 6, 1)
    assert again != one


@pytest.mark.parametrize(
    ("change", "words"),
    [({"samples": 30}, "samples=30"), ({"teacher_samples": 0}, "teacher_samples=0"),
     ({"early": 60}, "early=60")],
)  # fmt: skip
def test_settings_that_do_not_come_out_even_are_refused(change, words):
    with pytest.raises(ValueError, match=words):
        replace(SMALL, **change)


def test_where_no_label_is_wrong_none_is_repeated(lesson):
    samples, _, asked = lesson
    rows = taught(SMALL, samples, samples.classes, asked, Streams(5, (2,)).sequences(1, 0), "cpu")
    assert [row["repeated"] for row in rows] == [0, 0]
