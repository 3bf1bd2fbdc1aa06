"""What a teacher adds to the loss, and training with it and with momentum."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.training.teaching import Softened, Truncated

POWER = 4
pytestmark = pytest.mark.usefixtures("one_thread")


# What a teacher adds.


def drawn(*shape: int, seed: int = 0, scale: float = 2.0) -> torch.Tensor:
    return scale * torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


def truncated(networks: int, classes: int = 4, samples: int = 9) -> Truncated:
    return Truncated(outputs=drawn(networks, classes, samples, seed=1), cap=0.8, weight=0.7)


def softened(networks: int, classes: int = 4, samples: int = 9, steps: int = 5) -> Softened:
    temperatures = torch.linspace(0.5, 6, networks * steps, dtype=torch.float64)
    return Softened(
        outputs=drawn(networks, classes, samples, seed=1),
        temperatures=temperatures.view(networks, steps),
        weight=0.7,
    )


def as_(kind: torch.dtype, teaching):
    """The same teaching in another precision."""
    tensors = {
        f.name: getattr(teaching, f.name).to(kind)
        for f in fields(teaching)
        if isinstance(getattr(teaching, f.name), torch.Tensor)
    }
    return replace(teaching, **tensors)


def taught_loss(teaching, logits: torch.Tensor, step: int) -> torch.Tensor:
    """What the docstrings state, summed over samples and networks."""
    if isinstance(teaching, Truncated):
        cap = torch.tensor(teaching.cap, dtype=logits.dtype)
        off = torch.minimum(logits, cap) - torch.minimum(teaching.outputs, cap)
        return teaching.weight / 2 * (off**2).sum()
    total = torch.zeros((), dtype=logits.dtype)
    for n, temperature in enumerate(teaching.temperatures[:, step]):
        told = functional.log_softmax(teaching.outputs[n] / temperature, dim=0)
        own = functional.log_softmax(logits[n] / temperature, dim=0)
        divergence = functional.kl_div(own, told, reduction="sum", log_target=True)
        total = total + teaching.weight * temperature**2 * divergence
    return total


@pytest.mark.parametrize("precision", [torch.float64, torch.float32])
@pytest.mark.parametrize("make", [truncated, softened])
@pytest.mark.parametrize("step", [0, 3])
def test_slopes_are_those_of_the_stated_loss(make, step, precision):
    logits = drawn(3, 4, 9).requires_grad_()
    exact = make(3)
    taught_loss(exact, logits, step).backward()
    teaching = as_(precision, exact)
    given, before = logits.detach().to(precision), drawn(3, 4, 9, seed=2).to(precision)
    residuals, outputs = before.clone(), given.clone()
    teaching.add_(residuals, outputs, step)
    # A dozen roundings of numbers up to 10 (residuals, outputs over T, weight T).
    room = 12 * 10 * torch.finfo(precision).eps
    torch.testing.assert_close((residuals - before).double(), logits.grad, rtol=0, atol=room)
    assert logits.grad.abs().max() > 0.5
    # Nothing else is changed.
    assert torch.equal(outputs, given)
    assert torch.equal(teaching.outputs, as_(precision, make(3)).outputs)


def test_outputs_above_the_cap_are_left_alone():
    teaching, logits = truncated(3), drawn(3, 4, 9)
    above = logits >= teaching.cap
    assert 5 < above.sum() < above.numel() - 5
    slopes = torch.zeros_like(logits)
    teaching.add_(slopes, logits, 0)
    assert (slopes[above] == 0).all()
    assert (slopes[~above] != 0).all()
    # Of a teacher above the cap nothing is seen but the cap.
    higher = replace(teaching, outputs=teaching.outputs + 5 * (teaching.outputs > teaching.cap))
    again = torch.zeros_like(logits)
    higher.add_(again, logits, 0)
    assert torch.equal(again, slopes)


@pytest.mark.parametrize("make", [truncated, softened])
def test_a_part_is_that_of_some_of_the_networks(make):
    teaching, chosen, logits = make(5), slice(1, 4), drawn(5, 4, 9)
    part = teaching.part(chosen)
    assert torch.equal(part.outputs, teaching.outputs[chosen])
    assert part.weight == teaching.weight
    whole, some = torch.zeros(5, 4, 9).double(), torch.zeros(3, 4, 9).double()
    teaching.add_(whole, logits, 2)
    part.add_(some, logits[chosen], 2)
    assert torch.equal(some, whole[chosen])
    assert teaching.part(slice(0, 5)).outputs.shape == teaching.outputs.shape


def test_every_step_has_its_temperature():
    teaching, logits = softened(3), drawn(3, 4, 9)
    before = None
    for step in range(5):
        constant = replace(teaching, temperatures=teaching.temperatures[:, step, None])
        scheduled, still = torch.zeros_like(logits), torch.zeros_like(logits)
        teaching.add_(scheduled, logits, step)
        constant.add_(still, logits, 0)
        assert torch.equal(scheduled, still)
        assert before is None or not torch.allclose(scheduled, before)
        before = scheduled


# Training.


def reference_logits(weights: torch.Tensor, patches: torch.Tensor) -> torch.Tensor:
    """Of one network, shape (classes, samples): the definition case by case."""
    z = torch.einsum("spd,crd->csrp", patches, weights)
    bent = torch.where(z <= 1, z.clamp(0, 1) ** POWER / POWER, z - 1 + 1 / POWER)
    return bent.sum(dim=(2, 3))


def problem(networks: int, scale: float):
    rng = np.random.default_rng(8)
    patches = torch.from_numpy(0.5 * rng.standard_normal((9, 3, 12)))
    labels = torch.from_numpy(rng.integers(4, size=9))
    return drawn(networks, 4, 3, 12, seed=9, scale=scale), patches, labels


@pytest.mark.parametrize("momenta", [(0.0, 0.0), (0.9, 0.9), (0.0, 0.8), (0.9, 0.0)])
@pytest.mark.parametrize("make", [None, truncated, softened])
def test_training_is_that_of_an_ordinary_optimizer(make, momenta):
    weights, patches, labels = problem(3, scale=0.6)
    schedule = Schedule(12, 0.05, 7, 0.12, *momenta)
    teaching = make and (make(3, steps=12) if make is softened else make(3))
    trained = weights.clone()
    train(trained, patches, labels, POWER, schedule, teaching=teaching)
    for n in range(3):
        own = weights[n].clone().requires_grad_()
        # Without momentum torch keeps no velocity for steps that have it; so next to none.
        optimizer = torch.optim.SGD([own], lr=1.0, momentum=1e-13)
        for step in range(12):
            # Rates are in units of the number of classes.
            group = optimizer.param_groups[0]
            group["lr"] = 4 * (0.05 if step < 7 else 0.12)
            group["momentum"] = momenta[step >= 7] or 1e-13
            optimizer.zero_grad()
            logits = reference_logits(own, patches)
            loss = functional.cross_entropy(logits.T, labels)
            if teaching is not None:
                part = teaching.part(slice(n, n + 1))
                loss = loss + taught_loss(part, logits[None], step) / len(labels)
            loss.backward()
            optimizer.step()
        assert (own - weights[n]).abs().max() > 0.1
        torch.testing.assert_close(trained[n], own.detach(), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("make", [truncated, softened])
def test_students_do_not_depend_on_their_company(make):
    weights, patches, labels = problem(16, scale=0.3)
    weights, patches = weights.float(), patches.float()
    schedule = Schedule(steps=8, rate=0.2, switch=5, late_rate=0.4, momentum=0.8, late_momentum=0.6)
    teaching = as_(torch.float32, make(16, steps=8) if make is softened else make(16))
    alone = weights.clone()
    train(alone, patches, labels, POWER, schedule, packing=1, teaching=teaching)
    for packing in (2, 3, 7, 16, None):
        packed = weights.clone()
        train(packed, patches, labels, POWER, schedule, packing, teaching=teaching)
        assert torch.equal(packed, alone), packing
    # A teacher makes a difference, and each network has its own.
    untaught = weights.clone()
    train(untaught, patches, labels, POWER, schedule)
    assert not torch.allclose(untaught, alone)
    swapped = weights.clone()
    other = replace(teaching, outputs=teaching.outputs.flip(0))
    train(swapped, patches, labels, POWER, schedule, teaching=other)
    assert not torch.allclose(swapped, alone)


def test_teaching_is_not_compiled():
    weights, patches, labels = problem(1, scale=0.3)
    before = weights.clone()
    with pytest.raises(ValueError, match=r"compiled=True is not allowed with teaching .*; train"):
        train(weights, patches, labels, POWER, Schedule(2, 1, 1, 1), compiled=True,
              teaching=truncated(1))  # fmt: skip
    assert torch.equal(weights, before)


def test_time_counts_what_momentum_keeps():
    assert Schedule(steps=10, rate=0.5, switch=4, late_rate=2.0).time == pytest.approx(14)
    assert Schedule(3, 0.5, 4, 2.0).time == pytest.approx(1.5)
    schedule = Schedule(50, 0.5, 20, 2.0, momentum=0.9, late_momentum=0.8)
    assert schedule.time == pytest.approx(20 * 0.5 / 0.1 + 30 * 2.0 / 0.2, rel=1e-14)
    # A constant force moves the heavy ball by this time, less what its start takes.
    even = replace(schedule, late_rate=0.5, late_momentum=0.9)
    position, velocity = 0.0, 0.0
    for _ in range(50):
        velocity = 0.9 * velocity + 1
        position += 0.5 * velocity
    start = 0.5 * 0.9 * (1 - 0.9**50) / (1 - 0.9) ** 2
    assert position == pytest.approx(even.time - start, rel=1e-12)
