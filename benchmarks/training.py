"""Batched training against a loop of ordinary modules and against vmaps, paired in one run.

Usage: python benchmarks/training.py [mlp | patches] [--networks 64] [--batch 64] [--threads 1] ...

`mlp`: perceptrons 64-128-10 on 1797 samples, as many as the digits. `patches`: the patch
networks of the quick preset, full batch. Every program trains the same networks from the same
weights on the same batches; the run fails if they do not end alike. They take turns, and the ratio
of the medians is reported. Records: benchmarks/records, by redirecting the output.

On a GPU: python benchmarks/training.py mlp --device cuda --networks 512 --compile
With JAX's jit(vmap(step)) of the perceptrons: --jax; it is no dependency of the project.

With one thread the whole process is held to one core, so that no program has helpers, and what is
counted is its time on the core: the same whether the machine is busy or not.
"""

import argparse
import json
import os
import platform
import statistics
import time
from contextlib import nullcontext
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch
from torch.func import functional_call, grad, stack_module_state, vmap

from validation.experiments.lottery.setting import settings
from validation.threads import one_thread
from validation.training import mlp, mlp_training
from validation.training.networks import initial_weights
from validation.training.optimizer import Optimizer
from validation.training.patches import train
from validation.training.schedule import Schedule

WIDTHS, SAMPLES, RATE = (64, 128, 10), 1797, 0.1


def seeds(count):
    return [np.random.SeedSequence(0, spawn_key=(n,)) for n in range(count)]


class PatchNetwork(torch.nn.Module):
    """One patch network as an ordinary module: the definition, case by case."""

    def __init__(self, weights, power):
        super().__init__()
        self.weights, self.power = torch.nn.Parameter(weights.clone()), power

    def forward(self, patches):
        z, q = torch.einsum("spd,crd->spcr", patches, self.weights), self.power
        smooth = torch.where(z <= 1, z**q / q, z - (1 - 1 / q))
        return torch.where(z <= 0, torch.zeros_like(z), smooth).sum(dim=(1, 3))


class Perceptrons:
    """Programs that train the perceptrons; each returns the first layer's weights."""

    def __init__(self, options):
        rng = np.random.default_rng(1)
        self.device = options.device
        inputs = rng.standard_normal((SAMPLES, WIDTHS[0])).astype(np.float32)
        self.inputs = torch.from_numpy(inputs).to(self.device)
        self.labels = torch.arange(SAMPLES, device=self.device) % WIDTHS[-1]
        self.targets = torch.nn.functional.one_hot(self.labels).float()
        self.order = mlp.batches(seeds(options.networks), SAMPLES, options.batch, options.steps)
        self.networks = options.networks

    def initial(self):
        return mlp.Perceptrons.initial(seeds(self.networks), WIDTHS).to(self.device)

    def modules(self):
        start = self.initial()
        made = []
        for n in range(self.networks):
            layers = [torch.nn.Linear(*WIDTHS[:2]), torch.nn.ReLU(), torch.nn.Linear(*WIDTHS[1:])]
            for layer, linear in enumerate(layers[::2]):
                linear.weight.data = start.weights[layer][n].T.contiguous()
                linear.bias.data = start.biases[layer][n, 0].clone()
            made.append(torch.nn.Sequential(*layers))
        return made

    def loop(self):
        ends = []
        for n, module in enumerate(self.modules()):
            optimiser = torch.optim.SGD(module.parameters(), lr=RATE)
            criterion = torch.nn.CrossEntropyLoss()
            for chosen in torch.from_numpy(self.order[:, n]).to(self.device):
                optimiser.zero_grad()
                criterion(module(self.inputs[chosen]), self.labels[chosen]).backward()
                optimiser.step()
            ends.append(module[0].weight.detach().T)
        return torch.stack(ends)

    def vmap(self):
        modules = self.modules()
        parameters, _ = stack_module_state(modules)
        parameters = {name: p.detach() for name, p in parameters.items()}

        def loss(own, inputs, labels):
            logits = functional_call(modules[0], own, inputs)
            return torch.nn.functional.cross_entropy(logits, labels)

        slope = vmap(grad(loss))
        for chosen in torch.from_numpy(self.order).to(self.device):
            gradient = slope(parameters, self.inputs[chosen], self.labels[chosen])
            for name, p in parameters.items():
                p.sub_(gradient[name], alpha=RATE)
        return parameters["0.weight"].transpose(1, 2)

    def jax(self):
        import jax

        start = self.initial()
        parameters = [
            (jax.numpy.asarray(w.numpy()), jax.numpy.asarray(b.numpy()[:, 0]))
            for w, b in zip(start.weights, start.biases, strict=True)
        ]
        inputs, labels = (jax.numpy.asarray(t.numpy()) for t in (self.inputs, self.labels))

        def loss(own, x, y):
            (first, first_bias), (second, second_bias) = own
            z = jax.nn.relu(x @ first + first_bias) @ second + second_bias
            return -jax.nn.log_softmax(z)[jax.numpy.arange(len(y)), y].mean()

        def step(own, chosen):
            slope = jax.grad(loss)(own, inputs[chosen], labels[chosen])
            return jax.tree.map(lambda p, s: p - RATE * s, own, slope)

        # Compiled once: the timed rounds find it made.
        self.step = getattr(self, "step", None) or jax.jit(jax.vmap(step), donate_argnums=0)
        for chosen in self.order.astype(np.int32):
            parameters = self.step(parameters, chosen)
        return torch.from_numpy(np.array(parameters[0][0]))

    def batched(self, compiled=False):
        networks = self.initial()
        mlp_training.train(
            networks,
            self.inputs,
            self.targets,
            self.order,
            Optimizer(rate=RATE),
            compiled=compiled,
        )
        return networks.weights[0]


class Patches:
    """Programs that train the patch networks; each returns their weights."""

    def __init__(self, options):
        setting = settings("quick")[0]
        data, self.power = setting.data, setting.power
        samples = data.sample(setting.training_samples, np.random.default_rng(0))
        shape = (data.classes, setting.neurons, data.dimension)
        start = initial_weights(seeds(options.networks), shape, setting.deviation)
        self.start = torch.from_numpy(start).to(options.device)
        self.patches = torch.from_numpy(samples.patches).to(options.device)
        self.labels = torch.from_numpy(samples.labels).to(options.device)
        self.rate, self.steps = setting.schedule.rate, options.steps

    def loop(self):
        ends = []
        for initial in self.start:
            module = PatchNetwork(initial, self.power)
            optimiser = torch.optim.SGD(module.parameters(), lr=self.rate * initial.shape[0])
            criterion = torch.nn.CrossEntropyLoss()
            for _ in range(self.steps):
                optimiser.zero_grad()
                criterion(module(self.patches), self.labels).backward()
                optimiser.step()
            ends.append(module.weights.detach())
        return torch.stack(ends)

    def vmap(self):
        module = PatchNetwork(self.start[0], self.power)
        weights = self.start.clone()

        def loss(own):
            logits = functional_call(module, {"weights": own}, self.patches)
            return torch.nn.functional.cross_entropy(logits, self.labels)

        slope = vmap(grad(loss))
        for _ in range(self.steps):
            weights.sub_(slope(weights), alpha=self.rate * weights.shape[1])
        return weights

    def batched(self, compiled=False):
        weights = self.start.clone()
        schedule = Schedule(self.steps, self.rate, self.steps, self.rate)
        train(weights, self.patches, self.labels, self.power, schedule, compiled=compiled)
        return weights


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("problem", choices=["mlp", "patches"], nargs="?", default="mlp")
    parser.add_argument("--networks", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64, help="of the perceptrons")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--jax", dest="with_jax", action="store_true", help="JAX as well; of mlp")
    parser.add_argument("--without", choices=["loop", "vmap"], nargs="*", default=[])
    parser.add_argument("--compile", action="store_true", help="time compiled training as well")
    return parser.parse_args()


def main():
    chosen = options()
    torch.set_num_threads(chosen.threads)
    if chosen.with_jax and (chosen.problem != "mlp" or find_spec("jax") is None):
        raise SystemExit("--jax is for mlp, where JAX is installed: pip install jax")
    on_gpu, alone = chosen.device == "cuda", chosen.threads == 1
    clock = time.process_time if alone and not on_gpu else time.perf_counter
    if alone and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if chosen.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("no CUDA GPU here: this benchmark is ready and waits for one")
    problem = (Perceptrons if chosen.problem == "mlp" else Patches)(chosen)
    programs = {"loop": problem.loop, "vmap": problem.vmap, "batched": problem.batched}
    if chosen.with_jax:
        programs["jax"] = problem.jax
    if chosen.compile:
        programs["compiled"] = lambda: problem.batched(compiled=True)
    for name in chosen.without:
        del programs[name]
    times = {name: [] for name in programs}
    ends = {}
    with one_thread() if alone else nullcontext():
        for _ in range(chosen.rounds + 1):  # the first round warms up
            for name, program in programs.items():
                start = clock()
                ends[name] = program()
                if on_gpu:
                    torch.cuda.synchronize()
                times[name].append(clock() - start)
    for name, end in ends.items():
        # A ReLU whose input is 0 but for rounding may open in one program and not in another.
        apart = ((end - ends["batched"]).abs() > 1e-4).float().mean().item()
        assert apart < 1e-3, f"{name} and batched differ in {apart:.1%} of the weights"
    medians = {name: statistics.median(values[1:]) for name, values in times.items()}
    packages = ("torch", "numpy", "numba", *(["jax"] if chosen.with_jax else []))
    record = {
        **vars(chosen),
        "processor": torch.cuda.get_device_name() if on_gpu else platform.processor(),
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
        "clock": clock.__name__,
        "seconds": medians,
        **{
            f"{name} over batched": median / medians["batched"]
            for name, median in medians.items()
            if name != "batched"
        },
        "ratios of the rounds": {
            name: [round(a / b, 2) for a, b in zip(values[1:], times["batched"][1:], strict=True)]
            for name, values in times.items()
            if name != "batched"
        },
    }
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
