"""Patch networks in the numbers that decide their races, and what the growth law makes of them."""

from functools import lru_cache

from mvtheory.race import Descent, Setting, descend
from validation.experiments.patches import ScheduledSetting

DRAWS = 800
"""Classes drawn for a coverage: the standard error of one between 0 and 1 is then below 0.012."""


def race_setting(setting: ScheduledSetting) -> Setting:
    """The setting as the theory sees it: views equally strong and orthogonal."""
    data, schedule = setting.data, setting.schedule
    samples = setting.training_samples // data.classes
    early = min(schedule.steps, schedule.switch)
    stages = (
        (early, schedule.rate, schedule.momentum),
        (schedule.steps - early, schedule.late_rate, schedule.late_momentum),
    )
    return Setting(
        views=data.views,
        classes=data.classes,
        neurons=setting.neurons,
        power=setting.power,
        deviation=setting.deviation,
        samples=samples,
        single_view_samples=round(data.single_view_fraction * samples / data.views),
        stages=tuple(stage for stage in stages if stage[0]),
        strength=data.strength,
        background_noise=data.background_noise,
        backgrounds=data.backgrounds,
        noise_dimensions=data.dimension - data.features,
    )


@lru_cache(maxsize=256)
def followed(setting: Setting, watched: tuple[int, ...] = (), draws: int = DRAWS) -> Descent:
    """`descend`, once for each setting: reports and plans ask for the same prediction again."""
    return descend(setting, draws, watched=watched)
