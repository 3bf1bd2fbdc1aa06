"""Networks for CIFAR-10 and ensembles of them; then the spectra of students on CIFAR-100."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mvtheory.console import say
from validation.experiments.images.training import growth, probabilities, right
from validation.gpu import students
from validation.gpu.courses import Course, Lessons, cifar_10, cifar_100, tiny
from validation.gpu.job import FINISHED, Job
from validation.gpu.stacks import go_through
from validation.networks.training import outputs

GOOD = 0.9
STEP = 2.0**-5
"""Of stored logits: off by 1/64 at most, below what training in bfloat16 leaves uncertain."""
ANALYSIS = 20.0
"""Seconds kept for ensembles of all sizes."""

Logits = NDArray[np.float32]


def run(job: Job) -> int:
    ten = tiny(0, 4) if job.tiny else cifar_10()
    hundred = tiny(1, 2) if job.tiny else cifar_100()
    for course in (ten, hundred):  # before any is trained
        if course.problem.files:
            course.problem.read()
    left = []
    lessons = Lessons(ten, job)
    missing = members(job, lessons)
    if missing:
        left.append(f"{len(missing)} networks on {ten.name}")
    if len(job.done(f"{folder(ten)}/*.npz")) > 1 and job.left > ANALYSIS * (not job.tiny):
        summarise(job, ten, lessons)
    del lessons
    if not missing:
        left += students.run(job, hundred)
    return job.unfinished("; ".join(left)) if left else FINISHED


def folder(course: Course) -> str:
    return f"images/{course.name}"


def file(course: Course, number: int) -> str:
    return f"{folder(course)}/network-{number:03d}.npz"


def members(job: Job, lessons: Lessons) -> list[int]:
    """Train what is missing of the ensemble; what is left."""
    course = lessons.course

    def work(numbers: Sequence[int]) -> None:
        logits = outputs(lessons.trained(0, numbers), lessons.test_images)
        for number, own in zip(numbers, logits, strict=True):
            job.write_arrays(
                file(course, number), planes=packed(own),
                accuracy=np.array(right(own, lessons.test_labels)),
            )  # fmt: skip

    todo = [n for n in range(course.networks) if job.find(file(course, n)) is None]
    # Packed, a logit takes 1.4 bytes.
    size = int(1.5 * lessons.test_labels.size * course.architecture.classes) + 1000
    return go_through(job, course.name, todo, lessons.probe, work, size)


def packed(logits: Logits) -> NDArray[np.uint8]:
    """As float16 of whole steps, the lower bytes apart from the upper ones, which compress better.

    A logit less the sample's mean: the softmax is the same, and numbers are smaller.
    """
    centred = logits - logits.mean(axis=-1, keepdims=True)
    halves = (np.round(centred / STEP) * STEP).astype(np.float16)
    return np.moveaxis(halves.view(np.uint8).reshape(*logits.shape, 2), -1, 0)


def unpacked(planes: NDArray[np.uint8]) -> Logits:
    halves = np.ascontiguousarray(np.moveaxis(planes, 0, -1)).view(np.float16)
    return halves[..., 0].astype(np.float32)


def summarise(job: Job, course: Course, lessons: Lessons) -> None:
    """Accuracies of the networks and of ensembles of each size, of all that is there."""
    names = job.done(f"{folder(course)}/*.npz")
    stored = [job.arrays(name) for name in names]
    alone = np.array([float(own["accuracy"]) for own in stored])
    shares = probabilities(np.stack([unpacked(own["planes"]) for own in stored]))
    sizes = growth(shares, lessons.test_labels, np.random.default_rng(job.seed))
    good = int((alone >= GOOD).sum())
    job.write_record(
        f"{folder(course)}.json",
        {
            "networks": len(names), "accuracies": alone.tolist(), f"of {GOOD} or more": good,
            "ensemble accuracy by size": sizes, "checksums": lessons.checksums,
        },
    )  # fmt: skip
    say(
        f"{course.name}: {len(names)} networks of accuracy {alone.mean():.4f} +- "
        f"{alone.std(ddof=1):.4f} (least {alone.min():.4f}); {good} of {GOOD:.0%} or more"
    )
    shown = [size for size in (1, 2, 3, 5, 10, 20, 50, 100) if size <= len(sizes)]
    words = ", ".join(f"{size}: {sizes[size - 1]:.4f}" for size in shown)
    say(f"{course.name}: ensembles by size: {words}")
