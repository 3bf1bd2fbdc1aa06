"""Settings as plain data, which plans and shards hold, and back."""

from dataclasses import asdict, fields, is_dataclass, replace
from importlib import import_module
from operator import attrgetter
from typing import Any, ClassVar, Self, get_args, get_type_hints

HOME = "validation.experiments."
"""Where settings are found by their experiment's name; others say in which module they are."""

BESIDES = {"experiment", "label", "class"}
"""What a description says besides the fields."""


class Described:
    """A setting: a frozen dataclass with a label, which names its experiment and its trainer."""

    experiment: ClassVar[str]
    trainer: ClassVar[str]
    """The module whose `measure` trains and measures it; see `validation.experiments.measure`."""
    label: Any
    """What it is called in reports: a string, or a property that is one."""
    networks: Any
    """How many models are trained in a replicate, >= 1: a number, or a property that is one."""
    kind_of_model: ClassVar[str] = "network"
    """What they are, in the singular; reports count each kind by itself."""
    steps: Any
    """Of training, >= 1, in the same way."""
    files: Any = False
    """Whether it needs files that are the user's to bring."""

    @property
    def work(self) -> float:
        """Of a replicate, to compare the costs of an experiment's settings: steps of networks."""
        return float(self.networks * self.steps)

    def describe(self) -> dict[str, Any]:
        """Every number of the setting, and what it is."""
        own = asdict(self)  # type: ignore[call-overload]
        kind = type(self)
        if not kind.__module__.startswith(HOME):
            own["class"] = f"{kind.__module__}:{kind.__qualname__}"
        return {"experiment": self.experiment, "label": self.label, **own}

    def ready(self) -> None:
        """ValueError, before anything is trained, if files that it needs are not as they should."""

    def shortened(self, steps: int) -> Self:
        """The same setting trained for fewer steps, to measure what a step costs."""
        return replace(self, steps=steps)  # type: ignore[type-var]


def located(place: str) -> type[Described]:
    """The class of settings at "module:Name"; ValueError if there is none."""
    module, _, name = place.partition(":")
    try:
        found = attrgetter(name)(import_module(module))
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"class={place!r} cannot be imported ({error}): install the package that defines this "
            "setting, and define it at the top of its module"
        ) from error
    if not (isinstance(found, type) and issubclass(found, Described)):
        raise ValueError(
            f"class={place!r} is no setting (a subclass of {Described.__qualname__}, of "
            f"{Described.__module__}): use the version of its package that made the run"
        )
    return found


def rebuild(kind: type, known: dict[str, Any]) -> Any:
    """The dataclass that dataclasses.asdict described so, also where a file made lists of tuples.

    ValueError if it says more or less than a setting of this version has.
    """
    hints = get_type_hints(kind)
    own = {f.name for f in fields(kind)}
    if others := own ^ (known.keys() - (BESIDES - own)):
        raise ValueError(
            f"setting={known.get('label', kind.__name__)!r} and those of this version differ in "
            f"{min(others)!r}, which only one of them says: use the version that made the run, or "
            "run the claims again into a fresh folder"
        )
    return kind(**{f.name: _value(hints[f.name], known[f.name]) for f in fields(kind)})


def _value(hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and is_dataclass(hint):
        return rebuild(hint, value)
    if isinstance(value, list | tuple):
        of = next(iter(get_args(hint)), None)
        return tuple(_value(of, item) for item in value)
    return value
