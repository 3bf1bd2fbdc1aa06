"""Distillation problems that need no files: drawn at random, by kind, and scikit-learn's digits."""

from collections.abc import Callable

import numpy as np
from distillation_problems import TEST, Logits, Planned
from distillation_students import Problem, adam, sgd, taught

from validation.data import Labelled, ManyClasses, split_digits
from validation.training.optimizer import Optimizer

Source = Callable[[int, np.random.Generator], Labelled]


def network_labels(classes: int, dimension: int, seed: int) -> Source:
    """Gaussian inputs with the labels of a random network."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=(dimension, 30)) * 1.5 / np.sqrt(dimension)
    second = rng.normal(size=(30, classes)) * 3 / np.sqrt(30)

    def sample(count: int, rng: np.random.Generator) -> Labelled:
        inputs = rng.normal(size=(count, dimension))
        labels = (np.maximum(inputs @ first, 0) @ second).argmax(axis=1)
        return Labelled(inputs.astype(np.float32), labels)

    return sample


def topics(classes: int, seed: int, words: int = 400) -> Source:
    """Texts as bags of words: Zipf's frequencies, of which groups of classes and classes prefer
    some; roots of the counts, rare words counting more, all texts of one norm."""
    rng = np.random.default_rng([9, seed])
    base = 1 / np.arange(1, words + 1) ** 0.9
    groups = rng.gamma(0.3, size=(max(2, classes // 5), words))
    own = rng.gamma(0.15, size=(classes, words))
    table = base * (0.25 + groups[np.arange(classes) % len(groups)] + 2 * own)
    table /= table.sum(axis=1, keepdims=True)

    def sample(count: int, rng: np.random.Generator) -> Labelled:
        labels = rng.integers(classes, size=count)
        lengths = rng.integers(8, 30, size=count)
        counts = [rng.multinomial(n, table[y]) for n, y in zip(lengths, labels, strict=True)]
        inputs = np.sqrt(np.stack(counts).astype(float)) * -np.log(base)
        inputs = np.sqrt(words) * inputs / np.linalg.norm(inputs, axis=1, keepdims=True)
        return Labelled(inputs.astype(np.float32), labels)

    return sample


def imbalanced(source: Source, classes: int, power: float) -> Source:
    """The same with frequencies of classes that fall by a power."""
    share = 1 / np.arange(1, classes + 1) ** power

    def sample(count: int, rng: np.random.Generator) -> Labelled:
        all_ = source(int(count * classes * share.max() / share.sum() * 1.5) + 50, rng)
        kept = rng.random(len(all_.labels)) < (share / share.max())[all_.labels]
        return Labelled(all_.inputs[kept][:count], all_.labels[kept][:count])

    return sample


def random_problem(number: int) -> Planned:
    """A synthetic problem with everything drawn at random."""
    rng = np.random.default_rng([5, number])
    classes = int(rng.choice([5, 8, 12, 16, 25, 35, 50]))
    dimension = int(rng.choice([15, 25, 40, 60]))
    count = int(np.clip(classes * rng.choice([8, 12, 20, 35]), 150, 1200))
    method, rate = [(adam, 0.002), (sgd, 0.03)][rng.integers(2)]
    optimizer = method(rate * float(rng.choice([0.5, 1, 2])))
    told = int(count * rng.choice([0.6, 1, 3, 8]))
    hidden, steps = int(rng.choice([16, 32, 64, 128])), int(rng.choice([400, 1000, 2000]))
    wrong = float(rng.choice([0, 0, 0, 0.1, 0.25]))
    noise, clusters = float(rng.choice([0.6, 1.0, 1.4])), int(rng.choice([1, 2, 4]))
    source = (
        network_labels(classes, dimension, number)
        if rng.random() < 0.4
        else ManyClasses(
            classes=classes, dimension=dimension, clusters=clusters, noise=noise, seed=number
        ).sample
    )

    def make() -> Problem:
        draws = [np.random.default_rng([6, number, part]) for part in range(4)]
        training, teacher = source(count, draws[0]), source(told, draws[1])
        flipped = draws[3].random(count) < wrong
        labels = np.where(flipped, draws[3].integers(classes, size=count), training.labels)
        return taught(
            Labelled(training.inputs, labels), teacher, source(TEST, draws[2]), classes, optimizer,
            hidden=hidden, steps=steps,
        )  # fmt: skip

    return Planned(name=f"random {number}", kind="random", make=make)


def of_kind(kind: str, number: int) -> Planned:
    """A random problem, of which the kind forces what it is named for."""
    rng = np.random.default_rng([15, number])
    classes = int(rng.choice([3, 5, 8, 12, 16, 25, 35, 50]))
    dimension = int(rng.choice([15, 25, 40, 60]))
    count = int(np.clip(classes * rng.choice([8, 12, 20, 35]), 200, 1500))
    method, rate = [(adam, 0.002), (sgd, 0.03)][rng.integers(2)]
    optimizer = method(rate * float(rng.choice([0.5, 1, 2])))
    told = int(count * rng.choice([1, 2, 4, 8]))
    hidden, steps = int(rng.choice([16, 32, 64, 128])), int(rng.choice([500, 1000, 2000]))
    wrong, members, wide = 0.0, int(rng.choice([1, 2, 4])), 128
    noise, clusters = float(rng.choice([0.6, 1.0, 1.4])), int(rng.choice([1, 2, 4]))
    if kind == "many classes":
        classes = int(rng.choice([100, 150, 200]))
        count, noise = classes * int(rng.choice([8, 12])), 0.8
        dimension, hidden = int(rng.choice([40, 80])), int(rng.choice([64, 128]))
        told = count * int(rng.choice([1, 3]))
    if kind == "label noise":
        wrong = float(rng.choice([0.05, 0.1, 0.2]))
    if kind == "weak teacher":
        told = max(int(count * rng.choice([0.15, 0.25, 0.4])), 3 * classes, 64)
        members, wide = 1, 32
    if kind == "early":
        steps = int(rng.choice([60, 120, 200]))
    if kind == "printed":
        optimizer = sgd(0.03 * float(rng.choice([0.25, 0.5, 1])))
    source: Source = ManyClasses(
        classes=classes, dimension=dimension, clusters=clusters, noise=noise, seed=number
    ).sample
    if number % 3 == 0 and kind != "many classes":
        source = network_labels(classes, dimension, number)
    if kind == "text":
        classes = int(rng.choice([10, 30, 60]))
        count = classes * int(rng.choice([20, 35]))
        source, told = topics(classes, number), count * int(rng.choice([1, 3, 6]))
    if kind == "imbalanced":
        source = imbalanced(source, classes, float(rng.choice([0.7, 1.2])))
    if kind == "same data":
        wide, members = hidden, int(rng.choice([1, 1, 4, 10]))

    def make() -> Problem:
        draws = [np.random.default_rng([16, number, part]) for part in range(5)]
        training, teacher = source(count, draws[0]), source(told, draws[1])
        size = len(training.labels)
        flipped = draws[3].random(size) < wrong
        labels = np.where(flipped, draws[3].integers(classes, size=size), training.labels)
        training = Labelled(training.inputs, labels)
        shown = None
        if kind == "augmented":
            shown = size
            training = noisy_copies(training, draws[4])
        return taught(
            training, training if kind == "same data" else teacher, source(TEST, draws[2]),
            classes, optimizer, hidden=hidden, steps=steps, wide=wide, members=members,
            printed=kind == "printed", shown=shown,
            teacher_steps=3000 if kind == "many classes" else 1500,
        )  # fmt: skip

    return Planned(name=f"{kind} {number}", kind=kind, make=make)


def noisy_copies(training: Labelled, rng: np.random.Generator, copies: int = 7) -> Labelled:
    """The samples, then copies with noise of half their deviation."""
    inputs, deviation = training.inputs, training.inputs.std()
    noise = [np.float32(0.5) * rng.normal(size=inputs.shape).astype(np.float32) * deviation
             for _ in range(copies)]  # fmt: skip
    changed = np.concatenate([inputs, *(inputs + one for one in noise)])
    return Labelled(changed.astype(np.float32), np.tile(training.labels, copies + 1))


def permuted(logits: Logits) -> Logits:
    """A teacher sure of the class before the right one."""
    return np.roll(logits, -1, axis=1)


def uniform(logits: Logits) -> Logits:
    """A teacher that knows nothing: label smoothing."""
    return np.zeros_like(logits)


def digits(name: str, optimizer: Optimizer, change: Callable[[Logits], Logits] = lambda x: x):
    """Scikit-learn's digits, 8 x 8."""

    def make() -> Problem:
        parts = split_digits(training=300, teacher=700, seed=11)
        return taught(
            parts.training, parts.teacher, parts.test, 10, optimizer,
            hidden=24, steps=800, change=change,
        )  # fmt: skip

    return Planned(name=f"digits {name}", kind="digits", make=make)


def sixty_classes(name: str, optimizer: Optimizer, told: int, seed: int, kind: str) -> Planned:
    source = ManyClasses(classes=60, dimension=40, seed=seed)

    def make() -> Problem:
        draws = [np.random.default_rng([7, seed, part]) for part in range(3)]
        return taught(
            source.sample(900, draws[0]), source.sample(told, draws[1]),
            source.sample(TEST, draws[2]), 60, optimizer, hidden=64, steps=1500, wide=256,
            teacher_steps=3000,
        )  # fmt: skip

    return Planned(name=f"K = 60 {name}", kind=kind, make=make)


NUMBERS = {
    "label noise": [*range(100, 104), *range(200, 205)],
    "weak teacher": [*range(110, 114), *range(210, 216)],
    "augmented": [*range(120, 124), *range(220, 224)],
    "early": [*range(130, 134), *range(230, 234)],
    "printed": [*range(140, 145), *range(240, 244)],
    "many classes": [*range(150, 153), *range(250, 252)],
    "same data": [*range(160, 165), *range(260, 264)],
    "text": [*range(170, 174), *range(270, 273)],
    "imbalanced": [*range(180, 183), *range(280, 284)],
}
DEVELOPMENT = [
    *map(random_problem, range(28)),
    *(of_kind(kind, number) for kind, numbers in NUMBERS.items() for number in numbers),
]
ASIDE = [
    sixty_classes("Adam", adam(), 9000, 601, "many classes"),
    digits("Adam", adam()),
    sixty_classes("SGD", sgd(), 9000, 602, "many classes"),
    digits("SGD", sgd()),
    sixty_classes("weak teacher", adam(), 500, 603, "weak teacher"),
    digits("uniform teacher", adam(), change=uniform),
    digits("permuted teacher", adam(), change=permuted),
]
