"""Trains and measures the networks of `TeachingSetting`: the part of the experiment with torch."""

import torch

from validation.experiments.teaching.networks import PUPILS, TEACHERS, Classroom
from validation.experiments.teaching.setting import (
    TEACHER,
    TeachingSetting,
    after_views,
    generations_to,
    self_distilled,
    student_of,
)
from validation.trial.claim import Tables


def measure(
    setting: TeachingSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate and measure them.

    Returns tables `networks` (a row a network, with its role), `ensembles` (a row for each role
    whose networks are averaged) and, of students who are followed, `course` (a row a network and
    step).
    """
    room = Classroom(setting, seed, replicate, device)
    LESSONS[setting.lesson](room)
    tables = {"networks": room.networks, "ensembles": room.ensembles, "course": room.course}
    return {name: rows for name, rows in tables.items() if rows}


def generations(room: Classroom) -> None:
    """Students of ensembles and of single networks, and students of students."""
    setting = room.setting
    teachers, names = room.beginners(TEACHERS, setting.teachers)
    room.learn(teachers)
    alone = [{name} for name in names]
    room.record(TEACHER, teachers, alone)
    for size in setting.sizes:
        room.record_ensembles(TEACHER, teachers, size, alone)

    known = room.outputs(teachers)
    cohort, own = room.beginners(PUPILS, setting.cohort)
    room.learn(cohort)
    kinds = {
        student_of(size): [
            [(size * n + i) % len(teachers) for i in range(size)] for n in range(setting.students)
        ]
        for size in setting.sizes
    } | {self_distilled(1): [[n] for n in range(setting.teachers)]}
    taught_by = [members for group in kinds.values() for members in group]
    starts = [n for group in kinds.values() for n in range(len(group))]
    students = cohort[starts]
    room.learn(students, torch.stack([known[members].mean(0) for members in taught_by]))
    behind = [
        {names[n] for n in members} | {own[start]}
        for members, start in zip(taught_by, starts, strict=True)
    ]
    start = 0
    for role, group in kinds.items():
        chosen = slice(start, start + len(group))
        room.record(role, students[chosen], behind[chosen])
        room.record_ensembles(role, students[chosen], setting.students, behind[chosen])
        start = chosen.stop
    generation, behind = students[chosen], behind[chosen]
    every = [teachers, generation]
    room.record_chains(generations_to(1), every, behind)
    for rounds, chains in enumerate(setting.chains, start=2):
        starts = setting.starts(rounds)
        told, generation = room.outputs(generation[:chains]), cohort[starts]
        room.learn(generation, told)
        behind = [a | {own[start]} for a, start in zip(behind[:chains], starts, strict=True)]
        room.record(self_distilled(rounds), generation, behind)
        every.append(generation)
        room.record_chains(generations_to(rounds), every, behind)


def followed(room: Classroom) -> None:
    """Students of the whole ensemble, asked time and again while they are taught."""
    setting = room.setting
    teachers, names = room.beginners(TEACHERS, setting.teachers)
    room.learn(teachers)
    room.record(TEACHER, teachers, [{name} for name in names])
    told = room.outputs(teachers).mean(0)
    students, own = room.beginners(PUPILS, setting.students)
    room.learn(students)
    room.learn(students, told.expand(len(students), -1, -1).contiguous(), room.ask)
    room.record(student_of(len(names)), students, [{*names, name} for name in own])


def curriculum(room: Classroom) -> None:
    """Networks that see one view of every class after the other, and students of an ensemble."""
    setting = room.setting
    pupils, own = room.beginners(PUPILS, setting.students)
    if setting.teachers:
        teachers, names = room.beginners(TEACHERS, setting.teachers)
        room.learn(teachers)
        told = room.outputs(teachers).mean(0)
        students = pupils.clone()
        room.learn(students)
        room.learn(students, told.expand(len(students), -1, -1).contiguous())
        room.record(student_of(len(names)), students, [{*names, name} for name in own])
    for view in range(setting.data.views):
        room.train(pupils, setting.alone, patches=room.showing(view))
        room.record(after_views(view + 1), pupils, [{name} for name in own])


def together(room: Classroom) -> None:
    """Several students each of every two teachers, and of all of them."""
    setting = room.setting
    teachers, names = room.beginners(TEACHERS, setting.teachers)
    room.learn(teachers)
    alone = [{name} for name in names]
    room.record(TEACHER, teachers, alone)
    known = room.outputs(teachers)
    every = len(teachers)
    groups = [slice(n, n + 2) for n in range(0, every - 1, 2)] + [slice(0, every)]
    # Of each group their own: students of several groups would share what they win.
    pupils, own = room.beginners(PUPILS, setting.students * len(groups))
    room.learn(pupils)
    told = torch.stack([known[group].mean(0) for group in groups])
    room.learn(pupils, told.repeat_interleave(setting.students, dim=0))
    for n, group in enumerate(groups):
        chosen = slice(n * setting.students, (n + 1) * setting.students)
        size, behind = len(names[group]), [{*names[group], name} for name in own[chosen]]
        room.record(student_of(size), pupils[chosen], behind)
        room.record_ensembles(student_of(size), pupils[chosen], setting.students, behind)
        room.record_ensembles(TEACHER, teachers[group], size, alone[group])


LESSONS = {
    "generations": generations,
    "followed": followed,
    "curriculum": curriculum,
    "together": together,
}
