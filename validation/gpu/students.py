"""Students of soft and of one-hot labels, and the spectra of their K H beside the laws."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.console import say
from mvtheory.distillation import h_spectrum
from validation.experiments.class_sets import class_sets
from validation.experiments.images.training import right
from validation.gpu.courses import Course, Lessons
from validation.gpu.job import Job
from validation.gpu.stacks import go_through
from validation.networks.functions import Stack
from validation.networks.training import Teacher, outputs

KINDS = ("one-hot", "soft")
TEACHER = 0
"""Of the kinds of networks, for random numbers; after it come KINDS."""
TEMPERATURE = 4.0
"""Of the teacher; the students of soft labels learn from it alone."""
SETS = 4
"""Of test images, whose spectra are compared with the laws."""
COLDNESS = {"one-hot predictions": 0.0, "soft predictions": 1.0}


def run(job: Job, course: Course) -> list[str]:
    """Train what is missing; words for what is left."""
    if not [n for kind in KINDS for n in missing(job, course, kind)]:
        summarise(job, course)
        return []
    if job.left <= 0:
        return [f"students on {course.name}"]
    lessons = Lessons(course, job)
    if not (stack := taught_by(job, lessons)):
        return [f"teacher and students on {course.name}"]
    left = []
    for kind, teacher in (("one-hot", None), ("soft", Teacher(stack, TEMPERATURE, 0.0))):
        if more := trained(job, lessons, kind, teacher):
            left.append(f"{len(more)} students of {kind} labels on {course.name}")
    summarise(job, course)
    return left


def trained(job: Job, lessons: Lessons, kind: str, teacher: Teacher | None) -> list[int]:
    """Train what is missing of a kind of students; what is left."""
    course = lessons.course

    def work(numbers: Sequence[int]) -> None:
        stack = lessons.trained(1 + KINDS.index(kind), numbers, teacher)
        for number, own in zip(numbers, outputs(stack, lessons.test_images), strict=True):
            spectra = of_student(lessons.test_labels, own, number)
            job.write_arrays(file(course, kind, number), **spectra)

    def probe(networks: int) -> float:
        return lessons.probe(networks, teacher)

    todo = missing(job, course, kind)
    return go_through(job, f"{course.name}, {kind}", todo, probe, work, 200_000)


def file(course: Course, kind: str, number: int) -> str:
    return f"spectra/{course.name}/{kind}-{number:02d}.npz"


def missing(job: Job, course: Course, kind: str) -> list[int]:
    return [n for n in range(course.networks) if job.find(file(course, kind, n)) is None]


def taught_by(job: Job, lessons: Lessons) -> Stack | None:
    """The teacher, trained or read; None if it is not there yet."""
    course = lessons.course
    name = f"spectra/{course.name}/teacher.npz"

    def work(numbers: Sequence[int]) -> None:
        stack = lessons.trained(TEACHER, numbers)
        own = stack.parameters | stack.statistics
        job.write_arrays(name, **{key: value.cpu().numpy() for key, value in own.items()})

    if job.find(name) is None:
        weights = sum(9 * c.inputs * c.outputs for c in course.architecture.convolutions)
        size = 5 * weights + 100_000
        if go_through(job, f"{course.name}, teacher", [0], lessons.probe, work, size):
            return None
    stored = {key: torch.from_numpy(v).to(lessons.device) for key, v in job.arrays(name).items()}
    running = {key for key in stored if key.endswith((".mean", ".variance"))}
    return Stack(
        course.architecture,
        {key: value for key, value in stored.items() if key not in running},
        {key: value for key, value in stored.items() if key in running},
    )


def of_student(
    labels: NDArray[np.int64], logits: NDArray[np.float32], number: int
) -> dict[str, NDArray]:
    """Eigenvalues and distances from the laws, on several sets with as many of each class.

    For each coldness `NAME, eigenvalues` has shape (sets, K - 1), `NAME, LAW` (sets, 2): the
    distance, and the mean of the law's own matrices.
    """
    sets = class_sets(labels, logits.shape[1], SETS)
    found: dict[str, NDArray] = {"accuracy": np.array(right(logits, labels))}
    for name, temperature in COLDNESS.items():
        spectra = [
            h_spectrum(labels[own], logits[own], temperature=temperature, rng=SETS * number + part)
            for part, own in enumerate(sets)
        ]
        found[f"{name}, eigenvalues"] = np.array([s.eigenvalues for s in spectra], np.float32)
        for place, law in enumerate(spectra[0].laws):
            compared = [s.comparisons[place] for s in spectra]
            found[f"{name}, {law}"] = np.array(
                [[c.distance, np.mean(c.sampled_distances)] for c in compared]
            )
    return found


def summarise(job: Job, course: Course) -> None:
    """Mean excess distances over the students and sets that are there."""
    record = {}
    for kind in KINDS:
        stored = [job.arrays(name) for name in job.done(f"spectra/{course.name}/{kind}-*.npz")]
        if not stored:
            continue
        alone = np.array([float(own["accuracy"]) for own in stored])
        laws = [key for key in stored[0] if key.split(", ")[0] in COLDNESS]
        excess = {
            law: float(np.mean([own[law][:, 0] - own[law][:, 1] for own in stored]))
            for law in laws
            if not law.endswith("eigenvalues")
        }
        record[kind] = {"accuracies": alone.tolist(), "excess distance": excess}
        words = ", ".join(f"{law}: {value:+.3f}" for law, value in excess.items())
        say(
            f"{course.name}: {len(stored)} students of {kind} labels, accuracy {alone.mean():.4f}; "
            f"K H further from its law than the law's own matrices by {words}"
        )
    if record:
        job.write_record(f"spectra/{course.name}.json", record)
