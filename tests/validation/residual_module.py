"""One residual network for images the ordinary way, written apart from the stacks."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)

    def forward(self, x):
        inside = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        way = x
        if inside.shape != x.shape:
            way = torch.zeros_like(inside)
            way[:, : x.shape[1]] = x[:, :, ::2, ::2]
        return torch.relu(inside + way)


class Residual(nn.Module):
    """Of three stages of `blocks` blocks."""

    def __init__(self, blocks, width, channels, classes):
        super().__init__()
        self.conv = nn.Conv2d(channels, width, 3, 1, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        made, inputs = [], width
        for stage in range(3):
            for block in range(blocks):
                stride = 2 if stage > 0 and block == 0 else 1
                made.append(Block(inputs, width * 2**stage, stride))
                inputs = width * 2**stage
        self.blocks = nn.Sequential(*made)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.blocks(torch.relu(self.bn(self.conv(x))))
        return self.fc(x.mean(dim=(2, 3)))


def residual(stack, number):
    """That network of a stack of residual networks as a module, and the name of each parameter."""
    asked = stack.architecture
    module = Residual(asked.blocks, asked.width, asked.channels, asked.classes)
    module = module.to(stack.parameters["linear.weight"].dtype)
    pairs = [("start", module.conv, module.bn)]
    for index, block in enumerate(module.blocks):
        name = f"stage{index // asked.blocks}.block{index % asked.blocks}"
        pairs.append((f"{name}.first", block.conv1, block.bn1))
        pairs.append((f"{name}.second", block.conv2, block.bn2))
    own = {"linear.weight": module.fc.weight, "linear.bias": module.fc.bias}
    running = {}
    for name, conv, norm in pairs:
        own |= {
            f"{name}.weight": conv.weight,
            f"{name}.scale": norm.weight,
            f"{name}.shift": norm.bias,
        }
        running |= {f"{name}.mean": norm.running_mean, f"{name}.variance": norm.running_var}
    assert own.keys() == stack.parameters.keys()
    assert running.keys() == stack.statistics.keys()
    with torch.no_grad():
        for name, parameter in own.items():
            parameter.copy_(stack.parameters[name][number])
        for name, buffer in running.items():
            buffer.copy_(stack.statistics[name][number])
    return module, own, running
