"""The lottery with few classes: many networks at a low price, where a claim asks for numbers.

A network of K classes costs about K^3 and runs K races, so that races are cheapest with few
classes. What a claim needs besides is kept: single-view samples, one for each (class, view), which
the network memorises by their background, and dimensions enough for memory not to drown views.
"""

from dataclasses import replace
from typing import Any

from validation.data import MultiViewData
from validation.experiments.lottery.setting import SCHEDULE, LotterySetting
from validation.training.schedule import Schedule

SIZES = {  # classes, samples of a class, distractors, schedule
    "smoke": (3, 12, 1, Schedule(30, 3.0, 20, 10.0)),
    "quick": (3, 20, 1, Schedule(150, 4.0, 60, 12.0, late_momentum=0.3)),
    "careful": (3, 30, 1, Schedule(310, 2.5, 100, 10.0, late_momentum=0.3)),
    "standard": (5, 30, 2, Schedule(450, 3.0, 150, 10.0)),
    "full": (20, 50, 2, SCHEDULE),
}
"""More momentum would overshoot where a few samples have to be memorised, and drown views."""


def small_lottery(
    size: str,
    name: str,
    views: int,
    networks: int,
    of_data: dict[str, Any] | None = None,
    noise_dimensions: int = 14,
    **changes: Any,
) -> LotterySetting:
    """A setting of one of the `SIZES`; `of_data` and `changes` are more fields of data and setting.

    They are the presets and, between quick and standard, `careful`: with more samples single
    networks know every multi-view sample. `noise_dimensions` are left to noise for each class: the
    more, the less the memory of many networks drowns a view that few of them know.
    """
    classes, samples, distractors, schedule = SIZES[size]
    return LotterySetting(
        name=name,
        data=MultiViewData(
            classes=classes,
            views=views,
            dimension=(views + noise_dimensions) * classes,
            distractors=distractors,
            single_view_fraction=views / samples,
            **(of_data or {}),
        ),
        training_samples=samples * classes,
        networks=networks,
        schedule=schedule,
        test_samples=100 if size == "smoke" else 1000,
        # Few classes have few test items, and all networks of a replicate are asked the same.
        repeats={"smoke": 2, "quick": 32, "careful": 32}.get(size, 16),
        **changes,
    )


def small_steps(preset: str) -> tuple[LotterySetting, ...]:
    """Networks whose strengths follow the growth law step by step, as those of Theorem 1 do.

    Its learning rate vanishes. At the other settings' rates a view passes the threshold of the ReLU
    by a single step, which may carry it beyond what its samples ask for: then strengths tell how a
    step fell, not what is to be learned. Here a step adds at most a tenth or so of the strength
    that a view has in the end, first while nearly all races are on and then, a little faster, while
    single-view samples are memorised.

    A class that ties all of three views is 2.6 times as strong as one that learns one. Of networks
    that start at .014 fewer have such a class than of those at .02, and races last twice as long.
    """
    views = {"smoke": (2,), "quick": (2,)}.get(preset, (2, 3))
    made = {  # networks, deviation, schedule
        2: (20, 0.02, Schedule(900, 0.5, 500, 2.0)),
        3: (30, 0.014, Schedule(1800, 0.5, 1000, 2.0)),
    }
    if preset == "smoke":
        made[2] = (20, 0.02, Schedule(40, 0.5, 20, 2.0))
    return tuple(
        replace(
            small_lottery(
                {"full": "standard"}.get(preset, preset),
                "the smallest steps",
                count,
                networks=networks,
                sizes=(1,),
            ),
            schedule=schedule,
            deviation=deviation,
            # Of fewer some classes start too weak to be taken up in time.
            neurons=10,
            in_full=True,
        )
        for count in views
        for networks, deviation, schedule in [made[count]]
    )
