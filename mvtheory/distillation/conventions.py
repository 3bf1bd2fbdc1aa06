"""What does T mean here, and which alpha: translating other libraries' arguments into a `Loss`."""

import inspect
from dataclasses import dataclass
from typing import Any

from mvtheory.distillation.libraries import LIBRARIES, Library
from mvtheory.distillation.losses import Loss


@dataclass(frozen=True)
class Convention:
    """How a library writes the distillation loss.

    Parameters
    ----------
    name : str
        "hinton" (ours), "source", or a library: "torchdistill", "repdistiller", "mdistiller",
        "keras", "keras-example", "trl-gkd", "trl-distillation", "ms-swift", "verl".

    Raises
    ------
    ValueError
        For a name that is not among them.

    Examples
    --------
    >>> crd = Convention("repdistiller").loss(kd_T=4, gamma=0.1, alpha=0.9)
    >>> crd.temperature, crd.hard_weight, crd.squared
    (4.0, 0.1, True)
    >>> crd.setting  # of an Anchor
    {'temperature': 4.0, 'hard_weight': 0.1, 'beta': 0.0}
    >>> gkd = Convention("trl-gkd").loss(beta=0, temperature=2)
    >>> gkd.divergence, gkd.squared
    ('forward', False)
    >>> hinton = Convention("hinton")
    >>> hinton.arguments(gkd), hinton.factor(gkd)
    ({'temperature': 2.0, 'hard_weight': 0.0}, 0.25)
    """

    name: str

    def __post_init__(self) -> None:
        if self.name not in LIBRARIES:
            raise ValueError(f"name={self.name!r} is not allowed ({', '.join(LIBRARIES)}); choose "
                             "one of them, or write the loss as a Loss")  # fmt: skip

    def __str__(self) -> str:
        found = self.library
        means = "; ".join(f"{name}: {text}" for name, text in found.arguments.items())
        return f"{self.name} {found.version}: {found.says}. {means}. {found.remark}"

    @property
    def library(self) -> Library:
        """Version, file, formula, arguments and remark."""
        return LIBRARIES[self.name]

    def loss(self, **arguments: Any) -> Loss:
        """The loss that the library computes with these arguments.

        Raises ValueError for arguments that it has not or needs, and for values out of range.
        """
        names = self.library.arguments
        parameters = inspect.signature(self.library.read).parameters.values()
        needed = [p.name for p in parameters if p.default is p.empty]
        if wrong := sorted({*arguments} - {*names}):
            raise ValueError(f"{wrong[0]}={arguments[wrong[0]]!r} is no argument of {self.name} "
                             f"({', '.join(names)}); give these")  # fmt: skip
        if missing := [name for name in needed if name not in arguments]:
            raise ValueError(f"{missing[0]} is not given ({self.name} needs {', '.join(needed)}); "
                             f"give {missing[0]}, {names[missing[0]]}")  # fmt: skip
        return self.library.read(**arguments)

    def arguments(self, loss: Loss) -> dict[str, Any]:
        """The library's arguments for this loss, up to `factor`.

        Raises ValueError for a loss that the library has not.
        """
        for name, values in self.library.can.items():
            if (given := getattr(loss, name)) not in values:
                allowed = ", ".join(str(value) for value in values)
                raise ValueError(f"{name}={given!r} is not allowed ({self.name} has {allowed}); "
                                 f"choose {name}={values[0]!r}, or write the loss yourself"
                                 )  # fmt: skip
        if loss.temperature != loss.teacher_temperature:
            raise ValueError(f"teacher_temperature={loss.teacher_temperature:g} is not allowed "
                             f"({self.name} has one temperature for both sides, here "
                             f"{loss.temperature:g}); give the same, or divide the teacher's logits"
                             )  # fmt: skip
        return self.library.write(loss)

    def factor(self, loss: Loss) -> float:
        """What multiplies the library's loss, at `arguments(loss)`, to give this one.

        Where it is not 1, multiply the learning rate by it.
        """
        theirs = self.loss(**self.arguments(loss))
        if loss.soft_factor:
            return loss.soft_factor / theirs.soft_factor
        return loss.hard_factor / theirs.hard_factor
