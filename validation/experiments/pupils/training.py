"""Trains and measures the networks of `PupilSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.pupils.setting import (
    BOOSTED,
    OWN,
    RESAMPLED,
    PupilSetting,
    after,
    before,
)
from validation.experiments.teaching.networks import PUPILS, TEACHERS, Classroom
from validation.experiments.teaching.setting import TEACHER
from validation.training import measure as measures
from validation.training.losses import CrossEntropy, Loss, Weighted
from validation.training.networks import initial_weights
from validation.training.teaching import Softened
from validation.trial.claim import Tables

RESAMPLING = 40
"""Purpose of random numbers, beside those of the classroom."""


def measure(
    setting: PupilSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Table `networks`, a row a network with its role: before it was taught and after it."""
    room = Classroom(setting, seed, replicate, device)
    STUDIES[setting.study](room, setting)
    tables = {"networks": room.networks, "ensembles": room.ensembles}
    return {name: rows for name, rows in tables.items() if rows}


def starts(room: Classroom, setting: PupilSetting) -> None:
    """Students of single networks, whose starts are more or less theirs."""
    teachers, names = room.beginners(TEACHERS, setting.teachers)
    first = teachers[: setting.students].clone()
    room.learn(teachers)
    room.record(TEACHER, teachers, [{name} for name in names])
    told = room.outputs(teachers)[: setting.students]
    own, _ = room.beginners(PUPILS, setting.students)
    for rho in setting.correlations:
        students = rho * first + (1 - rho**2) ** 0.5 * own
        named = room.enrol(students)
        room.learn(students)
        room.record(before(rho), students, [{name} for name in named])
        room.learn(students, told)
        behind = [{name, other} for name, other in zip(named, names, strict=False)]
        room.record(after(rho), students, behind)


def widths(room: Classroom, setting: PupilSetting) -> None:
    """Students of the whole ensemble, narrow ones and wide ones."""
    told, names = _ensemble(room, setting)
    for width in setting.widths:
        seeds = room.streams.sequences(setting.students, PUPILS, width)
        shape = (setting.data.classes, width, setting.data.dimension)
        drawn = torch.from_numpy(initial_weights(seeds, shape, setting.deviation))
        students = drawn.to(room.device)
        own, begun = room.enrol(students), _strengths(room, students)
        room.learn(students)
        room.record(before(width), students, [{name} for name in own])
        constant = np.full(setting.softened.steps, setting.temperatures[0])
        _soften(room, setting, students, told, constant)
        room.record(after(width), students, [{*names, name} for name in own])
        _foretell(room, setting, begun, setting.taught_at(setting.temperatures[0]))


def courses(room: Classroom, setting: PupilSetting) -> None:
    """Students of the whole ensemble that begin alike for each course of temperatures."""
    told, names = _ensemble(room, setting)
    pupils, own = room.beginners(PUPILS, setting.students)
    begun = _strengths(room, pupils)
    room.learn(pupils)
    room.record(before("all"), pupils, [{name} for name in own])
    for course in setting.courses:
        students = pupils.clone()
        _soften(room, setting, students, told, np.array(setting.course(*course)))
        room.record(after(course), students, [{*names, name} for name in own])
        _foretell(room, setting, begun, setting.taught_by(*course))


def teachers(room: Classroom, setting: PupilSetting) -> None:
    """Students of ensembles that were put together in several ways, one ensemble a student."""
    pupils, own = room.beginners(PUPILS, setting.students)
    room.learn(pupils)
    every, _ = room.beginners(TEACHERS, setting.students * max(n for _, n in setting.kinds))
    for kind, members in setting.kinds:
        networks = every[: setting.students * members].clone()
        families = networks.view(setting.students, members, *networks.shape[1:])
        if kind != OWN:
            families[:] = families[:, :1].clone()
        if kind == BOOSTED:
            _boost(room, setting, families)
        else:
            loss = _resampled(room, len(networks)) if kind == RESAMPLED else None
            room.train(networks, setting.alone, loss=loss)
        ensembles = room.outputs(networks).view(setting.students, members, *_shape(room)).mean(1)
        if kind != BOOSTED:  # its second networks have seen what the first ones got wrong alone
            named = room.enrol(networks)
            room.record(TEACHER, networks, [{name} for name in named])
        room.record_chains(kind, list(families.unbind(1)), [{name} for name in own])
        students = pupils.clone()
        room.learn(students, ensembles.contiguous())
        room.record(after(kind), students, [{name} for name in own])


def _shape(room: Classroom) -> tuple[int, int]:
    return room.setting.data.classes, len(room.labels)


def _resampled(room: Classroom, networks: int) -> Loss:
    count = len(room.labels)
    rng = room.streams.rng(TEACHERS, RESAMPLING)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=networks)
    return _weighted(room, drawn)


def _weighted(room: Classroom, drawn: np.ndarray) -> Loss:
    weights = torch.from_numpy(drawn.astype(np.float32)).to(room.device)
    return Weighted(loss=CrossEntropy(), weights=weights[:, None])


def _boost(room: Classroom, setting: PupilSetting, families: torch.Tensor) -> None:
    """Train the first of each two, then the second on what the first got wrong."""
    first, second = (families[:, number].contiguous() for number in range(2))
    room.train(first, setting.alone)
    wrong = ~measures.right(first, room.samples, setting.power)
    wrong |= ~wrong.any(axis=1, keepdims=True)
    drawn = wrong * (wrong.shape[1] / wrong.sum(axis=1, keepdims=True))
    room.train(second, setting.boosting, loss=_weighted(room, drawn))
    families[:, 0], families[:, 1] = first, second


def _ensemble(room: Classroom, setting: PupilSetting) -> tuple[torch.Tensor, list[int]]:
    """The mean outputs of all teachers on the training samples, and their names."""
    teachers, names = room.beginners(TEACHERS, setting.teachers)
    room.learn(teachers)
    room.record(TEACHER, teachers, [{name} for name in names])
    return room.outputs(teachers).mean(0), names


def _strengths(room: Classroom, weights: torch.Tensor) -> np.ndarray:
    return measures.strengths(weights.cpu().numpy(), room.setting.data.vectors)


def _foretell(
    room: Classroom, setting: PupilSetting, begun: np.ndarray, growths: tuple[float, ...]
) -> None:
    """Write beside the networks recorded last what their starts foretold."""
    for row, value in zip(
        room.networks[-len(begun) :], setting.foretold(begun, growths), strict=True
    ):
        row["foretold"] = float(value)


def _soften(
    room: Classroom,
    setting: PupilSetting,
    students: torch.Tensor,
    told: torch.Tensor,
    temperatures: np.ndarray,
) -> None:
    course = torch.from_numpy(temperatures.astype(np.float32)).to(room.device)
    teaching = Softened(
        outputs=told.expand(len(students), -1, -1).contiguous(),
        temperatures=course.expand(len(students), -1), weight=setting.weight,
        factored=setting.factored,
    )  # fmt: skip
    room.train(students, setting.softened, teaching)


STUDIES = {
    "starts": starts,
    "widths": widths,
    "temperatures": courses,
    "courses": courses,
    "teachers": teachers,
}
