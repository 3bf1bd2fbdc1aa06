"""The two lists of distillation problems: for development, and put aside until all is fixed.

They share no data set. The estimators and all their constants were fixed on the first before the
second was run; the problems SEEN of the second were put aside for earlier estimators too, whose
errors on them had been looked at.
"""

from pathlib import Path

import distillation_synthetic as synthetic
from distillation_problems import Planned
from distillation_real import (
    Plan,
    cifar10,
    cifar100,
    fashion,
    fashion_cnn,
    images,
    omniglot,
    table,
    text,
)
from distillation_students import adam, sgd

from validation.networks.recipe import Recipe

SEEN = [plan.name for plan in synthetic.ASIDE] + ["CIFAR-100", "Omniglot"]


def development(folder: Path | None) -> list[Planned]:
    """Without a folder of real data, the synthetic ones alone."""
    return [*synthetic.DEVELOPMENT, *(_real_development(folder) if folder else ())]


def aside(folder: Path | None) -> list[Planned]:
    return [*synthetic.ASIDE, *(_real_aside(folder) if folder else ())]


def _real_development(f: Path) -> list[Planned]:
    return [
        fashion(f, 0, Plan(1000, 8000, adam(0.001), 64, 1500, wide=256, members=3)),
        fashion(f, 1, Plan(3000, 3000, sgd(0.02), 128, 2000, wide=256, members=1)),
        fashion(f, 2, Plan(500, 500, adam(0.002), 32, 800, wide=256, members=1)),
        fashion(f, 3, Plan(2000, 20000, sgd(0.01), 64, 1500, wide=256, members=2, printed=True)),
        fashion_cnn(f, 0, 1000, 3000, 6, 12, 2, _recipe(10, 0.05, 0), printed=True),
        fashion_cnn(f, 1, 2000, 4000, 8, 8, 1, _recipe(6, 0.05, 1)),
        fashion_cnn(f, 2, 1000, 0, 6, 6, 4, _recipe(12, 0.02, 0)),
        table(f, "satimage", 0, Plan(400, 2000, adam(), 32, 800)),
        table(f, "satimage", 1, Plan(1000, 200, sgd(0.02), 64, 1500, wide=32, members=1)),
        table(f, "segment", 2, Plan(300, 900, adam(), 24, 800)),
        table(f, "dry_bean", 3, Plan(1000, 6000, sgd(0.02), 32, 1500, printed=True)),
        table(f, "dry_bean", 4, Plan(400, 0, adam(), 64, 1000, wide=64, members=5)),
        table(f, "vowel", 5, Plan(400, 0, sgd(0.03), 32, 1500, wide=64, members=8)),
        table(f, "page_blocks", 6, Plan(800, 2500, adam(0.001), 32, 1000)),
        table(f, "yeast", 7, Plan(500, 0, adam(0.001), 32, 300, wide=32, members=6)),
        text(f, "clinc150", 8, Plan(3000, 9000, adam(0.001), 64, 1500, wide=256)),
        text(f, "clinc150", 9, Plan(1500, 1500, sgd(0.02), 96, 1500, wide=64, members=1)),
        text(f, "clinc150", 10, Plan(4000, 0, adam(), 48, 800, members=4)),
        table(f, "isolet_1560", 11, Plan(500, 0, adam(), 48, 800, members=4)),
        table(f, "mfeat", 12, Plan(300, 1000, sgd(0.02), 24, 800)),
        table(f, "coil20", 13, Plan(300, 600, adam(0.001), 32, 600), "images"),
        table(f, "yaleb", 14, Plan(700, 0, sgd(0.01), 48, 1000, wide=96, members=3), "images"),
        table(f, "shuttle", 15, Plan(600, 5000, adam(), 24, 800), "imbalanced"),
        text(f, "hwu64", 16, Plan(3000, 0, adam(0.001), 64, 1500, wide=64, members=1)),
        text(f, "hwu64", 17, Plan(1500, 5000, sgd(0.03), 48, 1500, wide=256, printed=True)),
        table(f, "kmnist_test", 18,
              Plan(1000, 5000, adam(0.001), 48, 1200, wide=256, members=3), "images"),
    ]  # fmt: skip


def _real_aside(f: Path) -> list[Planned]:
    augmented = Recipe(epochs=15, batch=50, rate=0.05, shift=2, flip=True)
    return [
        table(f, "pendigits", 50, Plan(500, 4000, adam(), 32, 1000)),
        table(f, "pendigits", 51, Plan(1000, 300, sgd(), 32, 1500, wide=32, members=1, wrong=0.1)),
        table(f, "letter", 52, Plan(1500, 9000, adam(), 64, 1500)),
        table(f, "letter", 53, Plan(2000, 600, sgd(), 64, 2000, wide=48, members=1, printed=True)),
        text(f, "banking77", 54, Plan(2500, 6000, adam(0.001), 64, 1500, wide=256)),
        text(f, "banking77", 55, Plan(3000, 0, adam(), 64, 1000, members=4)),
        images(f, "mnist", 56, Plan(1000, 10000, adam(0.001), 48, 1000, wide=256)),
        images(f, "mnist", 57, Plan(500, 300, sgd(0.02), 32, 800, wide=32, members=1)),
        cifar10(f, 58, 1000, 4000, 16, 2, augmented, printed=True),
        cifar10(f, 59, 2000, 4000, 12, 1, Recipe(epochs=10, batch=50, rate=0.05), printed=False),
        table(f, "plants100_margin", 60, Plan(800, 0, adam(), 64, 1000, members=6)),
        table(f, "plants100_margin", 61, Plan(600, 600, adam(), 96, 800, wide=256)),
        Planned(name="CIFAR-100", kind="images", make=lambda: cifar100(f), seeds=2),
        Planned(name="Omniglot", kind="images", make=lambda: omniglot(f), seeds=2),
    ]


def _recipe(epochs: int, rate: float, shift: int) -> Recipe:
    return Recipe(epochs=epochs, batch=50, rate=rate, weight_decay=5e-4, shift=shift)
