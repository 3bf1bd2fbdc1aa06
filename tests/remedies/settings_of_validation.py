"""Errors of settings, data and the training of networks; part of `of_validation`."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from remedy import Remedy

from validation.claims import CLAIMS
from validation.data import Labelled, ManyClasses, MultiViewData, split_digits
from validation.data.gaussian import GaussianInputs
from validation.experiments.image_channels import setting as image_channels
from validation.experiments.image_features import setting as image_features
from validation.experiments.image_hundred import setting as image_hundred
from validation.experiments.kernels import data as kernel_data
from validation.experiments.lottery import setting as lottery
from validation.experiments.methods import setting as methods
from validation.experiments.pathways import setting as pathways
from validation.experiments.random_features import setting as random_features
from validation.experiments.students import networks as student_networks
from validation.experiments.summed import setting as summed
from validation.experiments.teaching import setting as lessons
from validation.experiments.tokens import setting as tokens
from validation.experiments.weak_labels import setting as weak_labels
from validation.experiments.wide import setting as wide
from validation.training import mlp_training
from validation.training.mlp import Perceptrons, batches
from validation.training.optimizer import Optimizer
from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.training.teaching import Truncated
from validation.trial.claim import Measured, Sample

# Networks and data.


def multi_view(**changes: Any) -> MultiViewData:
    return MultiViewData(**({"classes": 4, "views": 2, "dimension": 30} | changes))


def of_lottery(**changes: Any) -> lottery.LotterySetting:
    return replace(lottery.settings("smoke")[0], **changes)


def of_methods(**changes: Any) -> methods.MethodSetting:
    plain = methods.MethodSetting(data=methods.plain_data(3, 2), training_samples=30)
    return replace(plain, **({"made": "masked"} | changes))


def of_lessons(**changes: Any) -> lessons.TeachingSetting:
    return replace(lessons.settings("quick")[0], **changes)


def of_summed(**changes: Any) -> summed.SummedSetting:
    plain = {"classes": 4, "views": 2, "presence": 0.7, "dimension": 30, "training_samples": 50}
    return summed.SummedSetting(**(plain | changes))


def of_pathways(**changes: Any) -> pathways.PathwaySetting:
    return replace(pathways.settings("smoke")[0], **changes)


def of_weak_labels(**changes: Any) -> weak_labels.WeakLabelsSetting:
    return replace(weak_labels.settings("smoke")[0], **changes)


def of_tokens(**changes: Any) -> tokens.TokenSetting:
    return replace(tokens.settings("smoke")[0], **changes)


def of_wide(**changes: Any) -> wide.WideSetting:
    return replace(wide.settings("smoke")[0], **changes)


def features(**changes: Any) -> random_features.RandomFeatureSetting:
    plain = {
        "data": multi_view(), "training_samples": 20, "features": "random features",
        "counts": (5,), "ridge": 0.1, "models": 2,
    }  # fmt: skip
    return random_features.RandomFeatureSetting(**(plain | changes))


def of_images(**changes: Any) -> image_features.ImageFeatureSetting:
    return replace(image_features.settings("smoke")[0], **changes)


def of_channels(**changes: Any) -> image_channels.ChannelSetting:
    return replace(image_channels.settings("smoke")[0], **changes)


def of_hundred(**changes: Any) -> image_hundred.HundredSetting:
    return replace(image_hundred.settings("standard")[0], **changes)


def gains(ensemble: float) -> Sample:
    """On what fewer features leave to gain, an ensemble gains."""
    kinds = dict.fromkeys(random_features.KINDS, 0.6) | {"one": 0.5, "ensemble": ensemble}
    rows = [
        {"replicate": r, "count": 5, "kind": kind, "view_only": share}
        for r in range(2)
        for kind, share in kinds.items()
    ]
    return random_features.in_gains(Measured(None, 2, {"models": pd.DataFrame(rows)}), 5, "one")


def kernel(condition: float) -> None:
    kernel_data.draw("smooth", "Gaussian", 0.5, condition, 0.1, (8, 4), np.random.default_rng(0))


def gradient(features: str) -> float:
    setting = next(s for s in CLAIMS["random-features"].settings("smoke"))
    return random_features._expected(replace(setting, features=features), 2, "one")


SEEDS = [np.random.SeedSequence(n) for n in range(2)]
INPUTS, LABELS = np.random.default_rng(0).standard_normal((6, 3)), np.array([0, 1] * 3)


def students(**changes: Any) -> Any:
    plain = {
        "training": Labelled(INPUTS, LABELS), "test_inputs": INPUTS,
        "teacher_logits": INPUTS[:, :2], "conditions": [(2.0, 0.5)], "seeds": SEEDS, "hidden": 4,
        "optimizer": Optimizer(rate=0.1), "steps": 2, "batch": 3,
    }  # fmt: skip
    return student_networks.train_students(**(plain | changes))


def mlp(orders: int = 2, taught: int = 2, compiled: bool = False, method: Any = "momentum") -> None:
    networks = Perceptrons.initial(SEEDS, (3, 4, 2))
    one_hot = torch.eye(2)[torch.from_numpy(LABELS)]
    teaching = mlp_training.Teaching(
        logits=torch.zeros(6, 2), temperature=torch.ones(taught), soft_weight=torch.ones(taught)
    )
    order = batches((SEEDS * 2)[:orders], 6, 3, 2)
    mlp_training.train(
        networks, torch.from_numpy(INPUTS).float(), one_hot, order,
        Optimizer(method=method, rate=0.1), teaching, compiled=compiled,
    )  # fmt: skip


def teaching(shape: tuple[int, ...]) -> mlp_training.Teaching:
    return mlp_training.Teaching(
        logits=torch.zeros(6, 2), temperature=torch.ones(2), soft_weight=torch.ones(shape)
    )


def patches(compiled: bool) -> None:
    train(
        torch.zeros(1, 2, 3, 4), torch.zeros(5, 2, 4), torch.zeros(5, dtype=torch.int64), 3,
        Schedule(steps=1, rate=1.0, switch=1, late_rate=1.0), compiled=compiled,
        teaching=Truncated(outputs=torch.zeros(1, 2, 5), cap=1.0, weight=1.0),
    )  # fmt: skip


def each(make: Callable[..., Any], says: str, **cases: tuple[Any, Any]) -> list[Remedy]:
    """An argument at a time: a value that is refused, and one that follows the message."""
    return [
        Remedy(
            partial(make, **{name: wrong}),
            f"{name}=.*{says}",
            partial(make, **{name: right}),
        )
        for name, (wrong, right) in cases.items()
    ]


SETTINGS = [
    *each(multi_view, "choose more", classes=(1, 3), views=(0, 1)),
    *each(multi_view, "raise it or use fewer classes", dimension=(8, 9)),
    Remedy(
        partial(multi_view, dimension=8),
        "use fewer classes",
        partial(multi_view, dimension=8, classes=3),
    ),
    *each(multi_view, "use fewer of them or more classes", distractors=(4, 3)),
    *each(multi_view, "choose one in this range", single_view_fraction=(1.5, 1.0)),
    *each(multi_view, "give each view its scale", scales=((1.0,), (1.0, 0.5))),
    *each(multi_view, "or none", scales=((1.0, 0.0), ())),
    *each(multi_view, "choose a smaller one", cosine=(1.0, 0.9)),
    *each(
        partial(ManyClasses, **{"classes": 4, "dimension": 3}),
        "choose one in this range",
        classes=(1, 2),
        dimension=(0, 1),
        clusters=(2.5, 2),
        seed=(-1, 0),
        noise=(np.inf, 0.0),
    ),
    *each(
        partial(GaussianInputs, function="fc2"),
        "choose one (of .*|in this range)",
        inputs=("uniform", "mixture"),
        sampling=("any", "rejection"),
        noise=(1.0, 0.5),
        classes=(1, 2),
        width=(0, 1),
    ),
    *each(partial(split_digits, teacher=9, seed=0), "choose smaller parts", training=(1788, 1787)),
    *each(of_lottery, "choose a value in this range", shared=(1.5, 1.0)),
    *each(of_lottery, "choose a divisor", families=(3, 5)),
    *each(of_lottery, "choose a value in this range", decoy=(1.0, 0.3)),
    *each(of_lottery, "choose smaller ensembles", sizes=((11,), (10,))),
    *each(of_methods, "choose a share in this range", share=(1.5, 1.0)),
    Remedy(
        lambda: of_methods(made="as they are", share=0.5),
        "or how samples are made",
        lambda: of_methods(made="pasted", share=0.5),
    ),
    *each(of_lessons, "choose 34", cohort=(1, 34)),
    *each(partial(of_lessons, chains=(), students=12), "choose 12", cohort=(11, 12)),
    *each(of_summed, "choose a value in this range", presence=(0.0, 1.0)),
    *each(of_summed, "raise it or use fewer classes", dimension=(8, 9)),
    *each(of_pathways, "raise it", width=(5, 6)),
    *each(of_weak_labels, "take a multiple of 20", samples=(30, 40), teacher_samples=(0, 20)),
    *each(of_weak_labels, "stop before the end", early=(60, 59)),
    *each(of_tokens, "choose longer sequences", length=(2, 3)),
    *each(of_wide, "give more widths in order", widths=((16,), (16, 32))),
    *each(features, "choose one of", features=("any", "neural tangent")),
    *each(features, "take 2", groups=(1, 2)),
    *each(features, "such as 1e-08", ridge=(0.0, 1e-8)),
    Remedy(
        partial(gradient, "neural tangent"), "ask for random", partial(gradient, "random features")
    ),
    *each(of_images, "take 1 or more", filters=(0, 1), models=(0, 1)),
    *each(of_images, "take 3", side=(4, 3)),
    Remedy(partial(of_hundred, given=1), "given=1.*choose such", of_hundred),
    Remedy(partial(of_hundred, few=30), "few=30.*a divisor of members", of_hundred),
    Remedy(partial(of_channels, parts=(2, 3)), "parts=.*leave 3 out", of_channels),
    Remedy(partial(of_channels, parts=(1, 2)), "parts=.*leave 1 out", of_channels),
    Remedy(partial(gains, 0.5), "take fewer features", partial(gains, 0.7)),
    Remedy(partial(kernel, 1e30), "choose a smaller one", partial(kernel, 100.0)),
    Remedy(partial(students, seeds=[]), "give at least one", partial(students, seeds=SEEDS[:1])),
    *each(students, "choose a larger one", hidden=(0, 1), steps=(0, 1)),
    *each(students, "choose one in this range", batch=(0, 1)),
    *each(students, "choose one in this range", batch=(7, 6)),
    Remedy(
        partial(students, teacher_logits=INPUTS[:5, :2]),
        "give the teacher's logits on these",
        students,
    ),
    Remedy(partial(students, test_inputs=INPUTS[:, :2]), "3 columns; give the same ones", students),
    Remedy(partial(teaching, (2, 1)), "give each network its number", partial(teaching, (2,))),
    Remedy(partial(mlp, orders=3), "give one for each network", mlp),
    Remedy(partial(mlp, orders=3), "or for equal groups of them", partial(mlp, orders=1)),
    Remedy(partial(mlp, taught=3), "give each network its temperature", mlp),
    Remedy(partial(mlp, compiled=True), "train without compiling", mlp),
    Remedy(partial(patches, True), "train without compiling", partial(patches, False)),
    *each(
        partial(Optimizer, **{"rate": 0.1}),
        "choose (one of|a value in this range)",
        method=("newton", "adam"),
        rate=(0.0, 1e-9),
        final=(0.0, 1.0),
        weight_decay=(-1.0, 0.0),
        momentum=(1.0, 0.99),
        averaging=((0.9, 1.0), (0.9, 0.99)),
    ),
]
