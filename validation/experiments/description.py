"""Settings as plain data, which plans and shards hold, and back."""

from dataclasses import asdict, fields, is_dataclass
from typing import Any, ClassVar, get_args, get_type_hints


class Described:
    """A setting: a frozen dataclass with a label, which names its experiment."""

    experiment: ClassVar[str]
    label: Any
    """What it is called in reports: a string, or a property that is one."""

    def describe(self) -> dict[str, Any]:
        """Every number of the setting, and what it is."""
        own = asdict(self)  # type: ignore[call-overload]
        return {"experiment": self.experiment, "label": self.label, **own}


def rebuild(kind: type, known: dict[str, Any]) -> Any:
    """The dataclass that dataclasses.asdict described so, also where a file made lists of tuples.

    What is no field, such as a label, is passed over.
    """
    hints = get_type_hints(kind)
    return kind(**{f.name: _value(hints[f.name], known[f.name]) for f in fields(kind)})


def _value(hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and is_dataclass(hint):
        return rebuild(hint, value)
    if isinstance(value, list | tuple):
        of = next(iter(get_args(hint)), None)
        return tuple(_value(of, item) for item in value)
    return value
