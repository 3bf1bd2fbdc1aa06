"""Batched against one-at-a-time training of the patch networks, paired in one run.

Usage: python benchmarks/training.py [--networks 16] [--steps 50] [--device cpu] [--threads 2]

Both programs train the same networks on the same data from the same weights with the same steps;
the run fails if they do not end at the same weights. They take turns, and the ratio of the
medians is reported. Records go to benchmarks/records by redirecting the output.
"""

import argparse
import json
import platform
import statistics
import time

import numpy as np
import torch

from validation.experiments.lottery import settings
from validation.networks import initial_weights
from validation.training import Schedule, train


class PatchNetwork(torch.nn.Module):
    """One patch network as an ordinary module."""

    def __init__(self, weights: torch.Tensor, power: int):
        super().__init__()
        classes, neurons, dimension = weights.shape
        self.shape, self.power = (classes, neurons), power
        self.linear = torch.nn.Linear(dimension, classes * neurons, bias=False)
        self.linear.weight.data.copy_(weights.reshape(classes * neurons, dimension))

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        z = self.linear(patches)
        value = torch.where(
            z <= 1, z.clamp(min=0) ** self.power / self.power, z - 1 + 1 / self.power
        )
        return value.sum(dim=1).unflatten(1, self.shape).sum(dim=2)


def one_at_a_time(weights, patches, labels, power, schedule):
    trained = []
    for initial in weights[0]:
        network = PatchNetwork(initial, power).to(weights.device)
        optimiser = torch.optim.SGD(network.parameters(), lr=1.0)
        for step in range(schedule.steps):
            optimiser.param_groups[0]["lr"] = schedule.at(step) * weights.shape[2]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(network(patches[0]), labels[0]).backward()
            optimiser.step()
        trained.append(network.linear.weight.detach().reshape(initial.shape))
    return torch.stack(trained)[None]


def batched(weights, patches, labels, power, schedule):
    trained = weights.clone()
    train(trained, patches, labels, power, schedule)
    return trained


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=16)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    setting = settings("quick")[0]
    data, schedule = setting.data, Schedule(options.steps, 3.0, options.steps, 3.0)
    samples = data.sample(setting.training_samples, np.random.default_rng(0))
    seeds = [[np.random.SeedSequence(0, spawn_key=(n,)) for n in range(options.networks)]]
    shape = (data.classes, setting.neurons, data.dimension)
    weights = torch.from_numpy(initial_weights(seeds, *shape, setting.deviation))
    arguments = (
        weights.to(options.device),
        torch.from_numpy(samples.patches)[None].to(options.device),
        torch.from_numpy(samples.labels)[None].to(options.device),
        setting.power,
        schedule,
    )
    programs = {"one at a time": one_at_a_time, "batched": batched}
    times = {name: [] for name in programs}
    ends = {}
    for _ in range(options.repeats + 1):  # the first round warms up
        for name, program in programs.items():
            start = time.perf_counter()
            ends[name] = program(*arguments)
            if options.device == "cuda":
                torch.cuda.synchronize()
            times[name].append(time.perf_counter() - start)
    torch.testing.assert_close(ends["batched"], ends["one at a time"], rtol=1e-3, atol=1e-4)
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    device = torch.cuda.get_device_name() if options.device == "cuda" else platform.processor()
    print(
        json.dumps(
            {
                "networks": options.networks,
                "steps": options.steps,
                "device": f"{options.device} {device}".strip(),
                "threads": options.threads,
                "torch": torch.__version__,
                "seconds": medians,
                "ratio": medians["one at a time"] / medians["batched"],
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
