"""Trains and measures the networks of `PupilSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.pupils.setting import TEACHER, PupilSetting, after, before
from validation.experiments.teaching.networks import PUPILS, TEACHERS, Classroom
from validation.training import measure as measures
from validation.training.networks import initial_weights
from validation.training.teaching import Softened
from validation.trial.claim import Tables


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
    return {"networks": room.networks}


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
        _soften(room, setting, students, told, constant, factored=True)
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
        _soften(room, setting, students, told, np.array(setting.course(*course)), factored=False)
        room.record(after(course), students, [{*names, name} for name in own])
        _foretell(room, setting, begun, setting.taught_by(*course))


def _ensemble(room: Classroom, setting: PupilSetting) -> tuple[torch.Tensor, list[int]]:
    """The mean outputs of all teachers on the training samples, and their names."""
    teachers, names = room.beginners(TEACHERS, setting.teachers)
    room.learn(teachers)
    room.record(TEACHER, teachers, [{name} for name in names])
    return room.outputs(teachers).mean(0), names


def _strengths(room: Classroom, weights: torch.Tensor) -> np.ndarray:
    return measures.strengths(weights.cpu().numpy(), room.setting.data.vectors)


def _foretell(room: Classroom, setting: PupilSetting, begun: np.ndarray, growth: float) -> None:
    """Write beside the networks recorded last what their starts foretold."""
    for row, value in zip(
        room.networks[-len(begun) :], setting.foretold(begun, growth), strict=True
    ):
        row["foretold"] = float(value)


def _soften(
    room: Classroom,
    setting: PupilSetting,
    students: torch.Tensor,
    told: torch.Tensor,
    temperatures: np.ndarray,
    factored: bool,
) -> None:
    course = torch.from_numpy(temperatures.astype(np.float32)).to(room.device)
    teaching = Softened(
        outputs=told.expand(len(students), -1, -1).contiguous(),
        temperatures=course.expand(len(students), -1), weight=setting.weight, factored=factored,
    )  # fmt: skip
    room.train(students, setting.softened, teaching)


STUDIES = {"starts": starts, "widths": widths, "courses": courses}
