"""Stacked networks for images are the networks that ordinary modules would be."""

import numpy as np
import pytest
import torch
from residual_module import residual

from validation.networks.architecture import Architecture
from validation.networks.functions import Stack, forward, initial, join, select

KINDS = ("perceptron", "cnn", "resnet-8", "resnet-14")
TOLERANCE = {"rtol": 1e-9, "atol": 1e-11}
"""For doubles; what batch norm divides by is never small here."""

pytestmark = pytest.mark.usefixtures("one_thread")


def seeds(count, purpose=0):
    return [np.random.SeedSequence(5, spawn_key=(purpose, n)) for n in range(count)]


def architecture(kind="resnet-8", size=9, width=3):
    return Architecture(kind=kind, width=width, channels=2, size=size, classes=4)


def doubled(stack):
    return Stack(
        stack.architecture,
        {name: tensor.double() for name, tensor in stack.parameters.items()},
        {name: tensor.double() for name, tensor in stack.statistics.items()},
    )


def unlike(kind="resnet-8", count=3, **changes):
    """Networks in double precision whose batch norm is no longer the identity."""
    stack = doubled(initial(architecture(kind, **changes), seeds(count)))
    generator = torch.Generator().manual_seed(1)
    for name, own in (stack.parameters | stack.statistics).items():
        if name.endswith((".scale", ".variance")):
            own.copy_(0.5 + torch.rand(own.shape, generator=generator))
        elif not name.endswith(".weight"):
            own.copy_(torch.randn(own.shape, generator=generator) / 3)
    return stack


def drawn(*shape):
    return torch.from_numpy(np.random.default_rng(2).standard_normal((*shape, 2, 9, 9)))


@pytest.mark.parametrize("kind", KINDS)
def test_initial_weights_follow_from_the_seed_alone(kind):
    many, alone = (initial(architecture(kind), s) for s in (seeds(4), seeds(4)[2:3]))
    for name, own in many.parameters.items():
        assert torch.equal(own[2], alone.parameters[name][0]), name
        if name.endswith(".weight"):
            assert not torch.equal(own[0], own[1])
    assert len(many) == 4


def test_initial_weights_have_the_variance_of_he():
    stack = initial(architecture(width=16), seeds(2))
    for layer in stack.architecture.convolutions:
        weight = stack.parameters[f"{layer.name}.weight"]
        # The relative deviation of a deviation from n numbers is 1/sqrt(2n).
        width = 5 / np.sqrt(2 * weight.numel())
        assert float(weight.std()) == pytest.approx((2 / (9 * layer.inputs)) ** 0.5, rel=width)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_stacked_networks_equal_each_alone(kind, training, shared):
    stack, images = unlike(kind), drawn(5) if shared else drawn(3, 5)
    apart = [select(stack, [n]) for n in range(3)]
    logits = forward(stack, images, training)
    assert logits.shape == (3, 5, 4)
    for n, alone in enumerate(apart):
        own = forward(alone, images if shared else images[n : n + 1], training)
        torch.testing.assert_close(logits[n], own[0], **TOLERANCE)
        for name, running in alone.statistics.items():
            torch.testing.assert_close(stack.statistics[name][n], running[0], **TOLERANCE)
    assert (logits[0] - logits[1]).abs().max() > 0.1


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("kind", ["resnet-8", "resnet-14"])
def test_residual_networks_equal_ordinary_modules(kind, training):
    stack, images = unlike(kind, count=2), drawn(2, 6)
    modules = [residual(stack, n) for n in range(2)]
    for own in stack.parameters.values():
        own.requires_grad_()
    logits = forward(stack, images, training)
    slopes = torch.from_numpy(np.random.default_rng(3).standard_normal(logits.shape))
    (logits * slopes).sum().backward()
    for n, (module, own, running) in enumerate(modules):
        module.train(training)
        expected = module(images[n])
        torch.testing.assert_close(logits[n], expected, **TOLERANCE)
        (expected * slopes[n]).sum().backward()
        for name, parameter in own.items():
            torch.testing.assert_close(
                stack.parameters[name].grad[n], parameter.grad, rtol=1e-8, atol=1e-10
            )
        for name, buffer in running.items():
            torch.testing.assert_close(stack.statistics[name][n], buffer, **TOLERANCE)
    moved = unlike(kind, count=2).statistics["start.mean"] - stack.statistics["start.mean"]
    assert (moved.abs().max() > 0.01) == training


def test_one_network_is_the_plain_module_to_the_bit():
    """In the memory format that is fastest on a CPU."""
    stack = initial(architecture(width=8, size=16), seeds(1))
    module, _, running = residual(stack, 0)
    module = module.to(memory_format=torch.channels_last)
    images = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 2, 16, 16))).float()
    plain = module(images.contiguous(memory_format=torch.channels_last))
    assert torch.equal(forward(stack, images[None], training=True)[0], plain)
    for name, buffer in running.items():
        assert torch.equal(stack.statistics[name][0], buffer)


def test_the_cnn_is_what_it_says():
    stack, images = unlike("cnn", count=1), drawn(6)
    x, own = images, {name: tensor[0] for name, tensor in stack.parameters.items()}
    for stage in range(3):
        x = torch.conv2d(x, own[f"stage{stage}.weight"], padding=1)
        x = x - x.mean(dim=(0, 2, 3), keepdim=True)
        x = x / (x.square().mean(dim=(0, 2, 3), keepdim=True) + 1e-5).sqrt()
        x = (
            x * own[f"stage{stage}.scale"][:, None, None]
            + own[f"stage{stage}.shift"][:, None, None]
        )
        x = torch.relu(x)
        half = x.shape[-1] // 2
        x = x[:, :, : 2 * half, : 2 * half].unflatten(3, (half, 2)).unflatten(2, (half, 2))
        x = x.amax(dim=(3, 5))
    expected = x.mean(dim=(2, 3)) @ own["linear.weight"].T + own["linear.bias"]
    torch.testing.assert_close(forward(stack, images, True)[0], expected, **TOLERANCE)


@pytest.mark.parametrize("training", [False, True])
def test_what_is_no_number_stays_none(training):
    """In a sum of maxima and of values above 0, too: a training that diverges is seen to."""
    stack, images = unlike("cnn", count=1), drawn(5)
    stack.parameters["stage0.weight"][0, 1, 0, 1, 1] = torch.nan
    assert forward(stack, images, training).isnan().all()


def test_the_perceptron_is_what_it_says():
    stack, images = unlike("perceptron", count=1), drawn(6)
    own = {name: tensor[0] for name, tensor in stack.parameters.items()}
    hidden = torch.relu(images.reshape(6, -1) @ own["hidden.weight"].T + own["hidden.bias"])
    expected = hidden @ own["linear.weight"].T + own["linear.bias"]
    torch.testing.assert_close(forward(stack, images, True)[0], expected, **TOLERANCE)


def test_networks_are_chosen_and_joined():
    stack = unlike(count=4)
    turned = join([select(stack, [3, 1]), select(stack, [0])])
    for tensors, of in (("parameters", turned.parameters), ("statistics", turned.statistics)):
        for name, tensor in getattr(stack, tensors).items():
            assert torch.equal(of[name], tensor[[3, 1, 0]])
    turned.parameters["linear.bias"].zero_()
    assert stack.parameters["linear.bias"].all()


@pytest.mark.parametrize(("kind", "layers"), [("resnet-8", 8), ("resnet-14", 14)])
@pytest.mark.parametrize("size", [9, 16])
def test_layers_and_multiplications(kind, layers, size):
    asked = architecture(kind, size)
    assert len(asked.convolutions) + len(asked.linears) == layers
    module, _, _ = residual(initial(asked, seeds(1)), 0)
    counted = [module.fc.weight.numel()]
    for layer in module.modules():
        if isinstance(layer, torch.nn.Conv2d):
            layer.register_forward_hook(
                lambda conv, _, out: counted.append(conv.weight.numel() * out[0, 0].numel())
            )
    module(torch.zeros(2, 2, size, size))
    assert asked.multiplications == sum(counted)


def test_multiplications_of_small_networks():
    # 27 -> 5 -> 4, and three convolutions on 9x9, 4x4 and 2x2 pixels.
    assert architecture("perceptron", 3, 5).multiplications == 18 * 5 + 5 * 4
    maps = 9 * (2 * 3 * 81 + 3 * 6 * 16 + 6 * 12 * 4)
    assert architecture("cnn").multiplications == maps + 12 * 4
