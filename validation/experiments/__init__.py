"""The experiments that claims share, a folder each: `setting.py` says what is trained and what the
theory expects of it, `training.py` trains and measures it.

A setting names its trainer and never imports it: predictions and reports do without torch. Here
settings are found by the names of their experiments, and trainers by their settings.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from validation.experiments.description import Described, located, rebuild
from validation.trial.claim import Setting, Tables

__all__ = ["experiments", "measure", "restore"]


@cache
def experiments() -> dict[str, type[Described]]:
    """The class of settings of every experiment here, by its name, as found in the folders."""
    modules = [
        import_module(f"{folder.name}.setting")
        for folder in iter_modules(__path__, f"{__name__}.")
        if folder.ispkg
    ]
    return {
        kind.experiment: kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Described) and hasattr(kind, "experiment")
    }


def measure(
    setting: Setting,
    seed: int,
    replicate: int,
    device: str = "cpu",
    compiled: bool = False,
    keep: tuple[str, ...] = (),
) -> Tables:
    """Train and measure the networks of one replicate, by the setting's trainer.

    Parameters
    ----------
    setting : Setting
        `setting.trainer` is the name of a module whose `measure` takes what this function takes.
    seed, replicate : int, >= 0
        With the setting they determine the tables.
    device : str
        A device of torch.
    compiled : bool
        Whether networks are trained by compiled code where there is some.
    keep : tuple of str
        `EXTRAS` to add, empty where the trainer makes none of this name.
    """
    tables: Tables = import_module(setting.trainer).measure(
        setting, seed, replicate, device, compiled, keep
    )
    return tables | {name: [] for name in keep if name not in tables}


def restore(description: dict[str, Any]) -> Any:
    """The setting that described itself so, in a plan or a shard.

    Raises
    ------
    ValueError
        For an experiment that is not known here, and for a class of a user's own that cannot be
        imported.
    """
    if place := description.get("class"):
        return rebuild(located(place), description)
    name = description.get("experiment")
    if name not in experiments():
        raise ValueError(
            f"experiment={name!r} is not known to this version, which knows "
            f"{', '.join(experiments())}: use the version that made the run"
        )
    return rebuild(experiments()[name], description)
