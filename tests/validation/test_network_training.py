"""Networks for images are trained as ordinary loops train modules."""

import platform
from dataclasses import replace

import numpy as np
import pytest
import torch
from residual_module import residual
from torch.nn import functional

from validation.networks.architecture import Architecture
from validation.networks.augmentation import draw, views
from validation.networks.functions import Stack, forward, initial, select
from validation.networks.memory import keep_memory
from validation.networks.recipe import Recipe
from validation.networks.training import BLOCK, Teacher, descend, outputs, train

SMALL = Architecture(kind="resnet-8", width=3, channels=2, size=8, classes=4)
RECIPE = Recipe(epochs=2, batch=10, rate=0.05, shift=2, flip=True, cutout=3)
ONE_STEP = Recipe(epochs=1, batch=10, rate=0.05, momentum=0.0, weight_decay=0.0)
"""From the first rate of a cosine, which is the whole one: by the gradient times 0.05."""
TOLERANCE = {"rtol": 1e-8, "atol": 1e-10}
"""For doubles, in which some 10 steps of rounding by 1e-16 grow by far less than 1e6."""
CPU = torch.device("cpu")

pytestmark = pytest.mark.usefixtures("one_thread")


def seeds(count, purpose=0):
    return [np.random.SeedSequence(6, spawn_key=(purpose, n)) for n in range(count)]


def problem(samples=25):
    rng = np.random.default_rng(1)
    images = torch.from_numpy(rng.standard_normal((samples, 2, 8, 8)))
    return images, torch.from_numpy(rng.integers(4, size=samples))


def networks(count, kind="resnet-8", purpose=0):
    stack = initial(replace(SMALL, kind=kind), seeds(count, purpose))
    return Stack(
        stack.architecture,
        {name: tensor.double() for name, tensor in stack.parameters.items()},
        {name: tensor.double() for name, tensor in stack.statistics.items()},
    )


def all_of(stack):
    return stack.parameters | stack.statistics


def epochs_of(seed, recipe, samples):
    """What a network draws, an epoch at a time."""
    rng = np.random.default_rng(seed)
    return [draw([rng], recipe, samples, 8, CPU) for _ in range(recipe.epochs)]


# Training.


@pytest.mark.parametrize("schedule", ["cosine", "one-cycle"])
def test_training_equals_an_ordinary_loop(schedule):
    stack, (images, labels) = networks(2), problem()
    recipe = replace(RECIPE, weight_decay=0.01, schedule=schedule)
    trained = train(stack, recipe, images, labels, seeds(2, 1))
    for n in range(2):
        module, own, running = residual(stack, n)
        kinds = [[p for name, p in own.items() if name.endswith(".weight") == w] for w in (0, 1)]
        optimiser = torch.optim.SGD(
            [{"params": kinds[0]}, {"params": kinds[1], "weight_decay": 0.01}],
            lr=0.05, momentum=0.9, nesterov=True,
        )  # fmt: skip
        step = 0
        for draws in epochs_of(seeds(2, 1)[n], recipe, 25):
            for start in (0, 10):
                for group in optimiser.param_groups:
                    group["lr"] = recipe.at(step, 4)
                seen = views(images, draws, slice(start, start + 10), recipe)[0]
                optimiser.zero_grad()
                right = labels[draws.order[0, start : start + 10]]
                functional.cross_entropy(module(seen), right).backward()
                optimiser.step()
                step += 1
        for name, parameter in (own | running).items():
            torch.testing.assert_close(all_of(trained)[name][n], parameter.detach(), **TOLERANCE)
        change = trained.parameters["start.weight"] - stack.parameters["start.weight"]
        assert change.abs().max() > 0.01


@pytest.mark.parametrize("kind", ["perceptron", "cnn", "resnet-8", "resnet-14"])
@pytest.mark.parametrize("taught", [False, True])
def test_networks_do_not_depend_on_their_company(kind, taught):
    stack, (images, labels) = networks(3, kind), problem()
    before = {name: tensor.clone() for name, tensor in all_of(stack).items()}
    teacher = Teacher(networks(2, "cnn", purpose=7), 3.0, 0.4) if taught else None
    trained = train(stack, RECIPE, images, labels, seeds(3, 1), teacher=teacher)
    for n in (2, 0):
        alone = train(
            select(stack, [n]), RECIPE, images, labels, seeds(3, 1)[n : n + 1], teacher=teacher
        )
        for name, own in all_of(alone).items():
            torch.testing.assert_close(all_of(trained)[name][n], own[0], **TOLERANCE)
    for name, own in all_of(stack).items():
        assert torch.equal(own, before[name]), name
    assert not any(own.requires_grad for own in all_of(trained).values())


def test_the_same_call_gives_the_same_bits():
    stack, (images, labels) = initial(SMALL, seeds(2)), problem()
    once, again = (train(stack, RECIPE, images.float(), labels, seeds(2, 1)) for _ in range(2))
    other = train(stack, RECIPE, images.float(), labels, seeds(2, 2))
    for name, own in all_of(once).items():
        assert torch.equal(own, all_of(again)[name])
        assert not torch.equal(own, all_of(other)[name])


def test_steps_are_those_of_torch():
    rng = np.random.default_rng(0)
    starts = [torch.from_numpy(rng.standard_normal(shape)) for shape in ((3, 4), (5,))]
    theirs = [start.clone().requires_grad_() for start in starts]
    optimiser = torch.optim.SGD(
        [{"params": theirs[:1], "weight_decay": 0.1}, {"params": theirs[1:]}],
        lr=0.3, momentum=0.8, nesterov=True,
    )  # fmt: skip
    ours, velocities = [s.clone() for s in starts], [torch.zeros_like(s) for s in starts]
    for _ in range(5):
        gradients = [torch.from_numpy(rng.standard_normal(start.shape)) for start in starts]
        for own, gradient in zip(theirs, gradients, strict=True):
            own.grad = gradient.clone()
        optimiser.step()
        descend(ours, gradients, velocities, [0.1, 0.0], momentum=0.8, rate=0.3)
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other.detach(), rtol=1e-14, atol=1e-14)


def test_a_batch_is_no_larger_than_the_data():
    images, labels = problem(7)
    whole, larger = (
        train(networks(1), replace(RECIPE, batch=batch), images, labels, seeds(1, 1))
        for batch in (7, 100)
    )
    for name, own in all_of(whole).items():
        assert torch.equal(own, all_of(larger)[name])


def gradient_of_a_step(stack, name, **options):
    images, labels = problem(10)
    trained = train(stack, ONE_STEP, images, labels, seeds(len(stack), 1), **options)
    return (stack.parameters[name] - trained.parameters[name]) / ONE_STEP.rate


def test_networks_trained_together_follow_the_loss_of_their_mean():
    stack, (images, labels) = networks(3), problem(10)
    modules = [residual(stack, n) for n in range(3)]
    mean = sum(module(images) for module, _, _ in modules) / 3
    functional.cross_entropy(mean, labels).backward()
    for name in ("start.weight", "stage1.block0.second.scale", "linear.bias"):
        found = gradient_of_a_step(stack, name, together=True)
        expected = torch.stack([own[name].grad for _, own, _ in modules])
        torch.testing.assert_close(found, expected, **TOLERANCE)
    apart = gradient_of_a_step(stack, "linear.bias")
    assert (apart - 3 * expected).abs().max() > 0.01  # which the sum of their losses would give


def test_networks_trained_together_see_what_the_first_seed_says():
    stack, (images, labels) = networks(2), problem()
    mixed = [seeds(2, 1)[0], seeds(2, 9)[1]]
    trained = [
        train(stack, RECIPE, images, labels, own, together=True)
        for own in (seeds(2, 1), mixed, seeds(1, 1), seeds(2, 9))
    ]
    first, *same, other = (t.parameters["linear.weight"] for t in trained)
    assert all(torch.equal(first, one) for one in same)
    assert not torch.equal(first, other)


@pytest.mark.parametrize(("temperature", "hard_weight"), [(1.0, 0.0), (4.0, 0.3), (0.5, 1.0)])
def test_slope_of_distillation_is_in_closed_form(temperature, hard_weight):
    """On a student's logits: a (p - Y) + (1 - a) T (p(z/T) - p(Z/T)), by the last bias."""
    stack, (images, labels) = networks(2), problem(10)
    known = train(networks(2, purpose=7), RECIPE, images, labels, seeds(2, 3))
    teacher = Teacher(known, temperature, hard_weight)
    found = gradient_of_a_step(stack, "linear.bias", teacher=teacher)
    asked = [residual(known, n)[0].eval() for n in range(2)]
    told = sum(module(images) for module in asked) / 2
    for n in range(2):
        logits = residual(stack, n)[0](images)
        hard = logits.softmax(1) - functional.one_hot(labels, 4)
        soft = (logits / temperature).softmax(1) - (told / temperature).softmax(1)
        slope = hard_weight * hard + (1 - hard_weight) * temperature * soft
        torch.testing.assert_close(found[n], slope.mean(0).detach(), **TOLERANCE)
    for name, own in all_of(known).items():
        assert torch.equal(own, all_of(teacher.stack)[name])


def test_a_teacher_sees_what_the_student_sees():
    """A student that is its teacher, with its statistics, has nothing to learn from it."""
    images, labels = problem(10)
    perceptron = networks(1, "perceptron")
    recipe = replace(RECIPE, weight_decay=0.0)
    taught = train(
        perceptron, recipe, images, labels, seeds(1, 1), teacher=Teacher(perceptron, 2.0, 0.0)
    )
    for name, own in taught.parameters.items():
        torch.testing.assert_close(own, perceptron.parameters[name], rtol=0, atol=1e-12)


def test_outputs_are_those_of_evaluation_in_blocks():
    stack = networks(2)
    images, labels = problem(2 * BLOCK + 3)
    stack = train(stack, replace(RECIPE, batch=100), images, labels, seeds(2, 1))
    found = outputs(stack, images)
    assert (found.shape, found.dtype) == ((2, 2 * BLOCK + 3, 4), np.float32)
    expected = forward(stack, images, training=False)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-6, atol=1e-6)


def test_a_rate_that_is_too_high_is_named():
    images, labels = problem()
    with pytest.raises(FloatingPointError, match=r"epoch 1 of 2 at rate=1e\+200 .* lower one"):
        train(networks(1, "perceptron"), replace(RECIPE, rate=1e200), images, labels, seeds(1, 1))


# Augmentation.


def seen_slowly(image, down, right, mirrored, row, column, recipe):
    """One image, pixel by pixel."""
    size = image.shape[-1]
    seen = torch.zeros_like(image)
    for i in range(size):
        for j in range(size):
            k = size - 1 - j if recipe.flip and mirrored else j
            y, x = i + down - recipe.shift, k + right - recipe.shift
            top, left = row - recipe.cutout // 2, column - recipe.cutout // 2
            cut = top <= i < top + recipe.cutout and left <= j < left + recipe.cutout
            if 0 <= y < size and 0 <= x < size and not cut:
                seen[:, i, j] = image[:, y, x]
    return seen


@pytest.mark.parametrize(
    "changes",
    [{}, {"shift": 2}, {"flip": True}, {"cutout": 3}, {"shift": 3, "flip": True, "cutout": 4}],
)
def test_augmentation_equals_pixel_by_pixel(changes):
    recipe, (images, _) = Recipe(epochs=1, **changes), problem(12)
    draws = draw([np.random.default_rng(s) for s in seeds(2)], recipe, 12, 8, CPU)
    part = slice(4, 11)
    seen = views(images, draws, part, recipe)
    assert seen.shape == (2, 7, 2, 8, 8)
    for n in range(2):
        for place in range(7):
            down, right, mirrored, row, column = (
                int(of[n, part][place])
                for of in (draws.down, draws.right, draws.mirrored, draws.row, draws.column)
            )
            image = images[draws.order[n, part][place]]
            expected = seen_slowly(image, down, right, mirrored, row, column, recipe)
            assert torch.equal(seen[n, place], expected)


def test_draws_are_uniform_and_orders_whole():
    draws = draw([np.random.default_rng(3)], Recipe(epochs=1, shift=2), 20_000, 8, CPU)
    assert torch.equal(draws.order[0].sort().values, torch.arange(20_000))
    for drawn, values in (
        (draws.down, 5), (draws.right, 5), (draws.mirrored.long(), 2), (draws.row, 8),
        (draws.column, 8),
    ):  # fmt: skip
        shares = torch.bincount(drawn[0], minlength=values) / 20_000
        assert len(shares) == values
        # Five deviations of a share.
        width = 5 * (1 / values * (1 - 1 / values) / 20_000) ** 0.5
        assert (shares - 1 / values).abs().max() < width


def test_draws_follow_from_the_network_alone_and_orders_not_from_the_recipe():
    recipes = [Recipe(epochs=1), RECIPE]
    many, alone = (
        [draw([np.random.default_rng(s) for s in own], r, 30, 8, CPU) for r in recipes]
        for own in (seeds(3), seeds(3)[1:2])
    )
    for one, other in zip(many, alone, strict=True):
        for name in ("order", "down", "right", "mirrored", "row", "column"):
            assert torch.equal(getattr(one, name)[1:2], getattr(other, name))
    assert torch.equal(many[0].order, many[1].order)
    assert not torch.equal(many[0].order[0], many[0].order[1])


# Rates.


def test_the_cosine_is_that_of_torch():
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=7)
    for step in range(7):
        found = Recipe(epochs=1, rate=0.3).at(step, 7)
        assert found == pytest.approx(theirs.get_last_lr()[0], rel=1e-12)
        optimiser.step()
        theirs.step()


def test_one_cycle_rises_for_a_quarter_and_falls_to_nothing():
    recipe, steps = Recipe(epochs=1, rate=0.4, schedule="one-cycle"), 999
    rates = np.array([recipe.at(step, steps) for step in range(steps)])
    assert rates.argmax() == 249
    assert rates.max() == pytest.approx(0.4, rel=1e-12)
    np.testing.assert_allclose(np.diff(rates[:250]), 0.4 / 250, rtol=1e-9)
    np.testing.assert_allclose(np.diff(rates[249:]), -0.4 / 750, rtol=1e-9)
    assert rates[-1] == pytest.approx(0.4 / 750, rel=1e-9)


def test_memory_is_kept_where_the_c_library_can():
    assert keep_memory() == (platform.libc_ver()[0] == "glibc")
