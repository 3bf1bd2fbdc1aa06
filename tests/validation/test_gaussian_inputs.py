"""Data without views, and what ensembles gain on them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from validation.claims.gaussian_inputs import GAUSSIAN_INPUTS
from validation.claims.gaussian_inputs_narrow import GAUSSIAN_INPUTS_NARROW, places
from validation.data.gaussian import GaussianInputs, margins
from validation.experiments import measure
from validation.experiments.gaussian_inputs.setting import (
    FUNCTIONS,
    Learner,
    condition,
    narrow,
    table_of_problems,
    wide,
)
from validation.trial.claim import Measured

pytestmark = pytest.mark.usefixtures("one_thread")


def draw(seed: int = 0, training: int = 2000, test: int = 1000, **chosen):
    problem = GaussianInputs(**({"function": "fc2"} | chosen))
    return problem.draw(training, test, np.random.default_rng(seed))


def test_margins():
    assert margins(np.array([[3.0, 1.0, 2.5], [0.0, -4.0, -1.0]])).tolist() == [0.5, 1.0]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("inputs", ["Gaussian", "mixture"])
def test_inputs_have_unit_variance_and_all_classes_occur(function, inputs):
    training, test = draw(function=function, inputs=inputs, training=8000)
    assert training.inputs.dtype == np.float32
    assert (len(training.labels), len(test.labels)) == (8000, 1000)
    shares = np.bincount(training.labels, minlength=4) / 8000
    assert shares.size == 4
    assert shares.min() > 0.02
    # Per dimension 1/2 + 1/2 of the variance of ten centres, whose relative deviation over ten
    # dimensions and ten centres is about sqrt(2/100); five of these.
    assert training.inputs.var() == pytest.approx(1, abs=0.05 if inputs == "Gaussian" else 0.36)


def test_a_linear_label_is_a_linear_function_after_standardisation():
    """Least squares on the labels' one-hot rows finds nearly all of it; of fc3's it does not."""
    found = {}
    for function in ("linear", "fc3"):
        training, test = draw(function=function, training=8000, sampling="rejection")
        x = np.column_stack([training.inputs, np.ones(8000)])
        weights = np.linalg.lstsq(x, np.eye(4)[training.labels], rcond=None)[0]
        outputs = np.column_stack([test.inputs, np.ones(1000)]) @ weights
        found[function] = (outputs.argmax(1) == test.labels).mean()
    assert found["linear"] > 0.95 > found["fc3"] + 0.1


def test_rejection_keeps_inputs_away_from_borders():
    """The label of a kept input survives a small step that changes many labels of all inputs."""
    changed = {}
    for sampling in ("uniform", "rejection"):
        training, test = draw(function="linear", sampling=sampling, training=5000)
        # The nearest of the training samples, a step of its own size away.
        distance = ((test.inputs[:200, None] - training.inputs[None]) ** 2).sum(2)
        nearest = distance.argmin(1)
        changed[sampling] = (training.labels[nearest] != test.labels[:200]).mean()
    assert changed["rejection"] < changed["uniform"] / 2


def test_balancing_makes_classes_as_frequent_as_the_rarest():
    (plain, _), (even, _) = (
        draw(function="fc3", sampling=sampling, training=8000)
        for sampling in ("uniform", "balanced")
    )
    shares = [np.bincount(part.labels, minlength=4) / 8000 for part in (plain, even)]
    # Shares are known from 4000 inputs and seen in 8000: 1 % of .25, and four of these.
    np.testing.assert_allclose(shares[1], 0.25, atol=4 * 0.0125)
    assert np.ptp(shares[1]) < np.ptp(shares[0])


def test_a_third_layer_is_another_function_of_the_same_inputs():
    for shallow in ("residual", "convolutional"):
        two, three = (draw(function=name)[0] for name in (shallow, f"{shallow}3"))
        # Inputs of one seed follow those of the weights: neither are these the same.
        assert (two.labels != three.labels).mean() > 0.3


def test_noise_replaces_training_labels_only():
    clean, clean_test = draw(function="residual")
    noisy, noisy_test = draw(function="residual", noise=0.1)
    np.testing.assert_array_equal(clean.inputs, noisy.inputs)
    np.testing.assert_array_equal(clean_test.labels, noisy_test.labels)
    # Binomial: 0.1 with deviation 0.0067 over 2000 labels; four of these.
    assert (clean.labels != noisy.labels).mean() == pytest.approx(0.1, abs=0.027)


def test_problems_say_what_is_wrong_with_them():
    for name, value in (("function", "fc4"), ("inputs", "uniform"), ("sampling", "all")):
        with pytest.raises(ValueError, match=f"{name}='{value}' is not known; choose one of"):
            GaussianInputs(**({"function": "fc2"} | {name: value}))
    with pytest.raises(ValueError, match=r"noise=1.0 is not in \[0, 1\)"):
        GaussianInputs(function="fc2", noise=1.0)
    with pytest.raises(ValueError, match="classes=1 is not allowed"):
        GaussianInputs(function="fc2", classes=1)


def test_the_table_of_problems():
    whole, some = table_of_problems(True), table_of_problems(False)
    assert (len(set(whole)), len(set(some))) == (63, 23)
    assert set(some) < set(whole)
    names = {condition(p) for p in some}
    assert names == {
        "Gaussian, uniform", "Gaussian, uniform, 10 % noise", "Gaussian, rejection",
        "mixture, uniform", "Gaussian, balanced",
    }  # fmt: skip
    assert {p.function for p in some} == set(FUNCTIONS)


def test_networks_do_not_depend_on_their_company():
    """Neither on other problems nor on other learners of the replicate."""
    (setting,) = narrow("smoke")
    together = measure(setting, 2, 0)["gains"]
    chosen = Learner((16, 16), 200)
    alone = measure(replace(setting, problems=setting.problems[1:], learners=(chosen,)), 2, 0)
    (row,) = alone["gains"]
    (same,) = (
        r for r in together if r["problem"] == 1 and (*r["hidden"], r["samples"]) == (16, 16, 200)
    )
    assert same == row | {"problem": 1}


def test_an_ensemble_of_one_gains_nothing():
    (setting,) = wide("smoke")
    rows = measure(replace(setting, networks_each=1), 2, 0)["gains"]
    assert len(rows) == len(setting.problems)
    assert all(row["gain"] == 0 for row in rows)


def test_networks_learn():
    (setting,) = wide("smoke")
    rows = measure(setting, 2, 0)["gains"]
    chance = 1 / 4
    assert all(row["training"] > chance + 0.15 and row["one"] > chance + 0.15 for row in rows)
    assert measure(setting, 2, 0)["gains"] == rows
    assert measure(setting, 2, 1)["gains"] != rows


def test_observations_come_in_the_order_of_the_expectations():
    """Gains that tell where they belong; a loss after rejection counts as none."""
    (setting,) = wide("quick")
    table = pd.DataFrame(
        {"problem": i, "replicate": n, "gain": (i - 12) / 1000} for i in range(23) for n in range(2)
    )
    samples = GAUSSIAN_INPUTS.observe(Measured(setting, 2, {"gains": table}))
    for i, (problem, sample) in enumerate(zip(setting.problems, samples, strict=True)):
        rejected = problem.sampling == "rejection"
        expected = max(i - 12, 0) if rejected else i - 12
        assert sample.values.mean() == pytest.approx(expected / 1000, abs=1e-12)
        assert (sample.trials is not None) == rejected

    (setting,) = narrow("quick")
    rows = [
        {
            "problem": i, "replicate": n, "hidden": list(own.hidden), "samples": own.samples,
            "gain": i + own.hidden[0] / 1e3 + own.samples / 1e6,
        }
        for i in range(2) for own in setting.learners for n in range(2)
    ]  # fmt: skip
    measured = Measured(setting, 2, {"gains": pd.DataFrame(rows)})
    for (_, _, index, own), sample in zip(
        places(setting), GAUSSIAN_INPUTS_NARROW.observe(measured), strict=True
    ):
        gain = index + own.hidden[0] / 1e3 + own.samples / 1e6
        assert sample.values.tolist() == pytest.approx([gain, gain])


def test_every_width_and_every_number_of_samples_is_a_place():
    (setting,) = narrow("quick")
    found = [(panel, x) for panel, x, index, _ in places(setting) if index == 0]
    assert found == [
        *(("width", width) for width in (16, 32, 64, 128)),
        *(("training samples", count) for count in (500, 1000, 2000, 4000)),
    ]
