"""The experiments that claims share: what a setting is, and what trains its networks."""

from typing import Any

from validation.experiments.lottery import LotterySetting
from validation.experiments.students import StudentSetting

EXPERIMENTS: dict[str, Any] = {"lottery": LotterySetting, "students": StudentSetting}

__all__ = ["EXPERIMENTS", "restore"]


def restore(description: dict[str, Any]) -> Any:
    """The setting that described itself so, in a plan or a shard."""
    name = description.get("experiment")
    if name not in EXPERIMENTS:
        raise ValueError(
            f"experiment={name!r} is not known to this version; it knows {', '.join(EXPERIMENTS)}"
        )
    return EXPERIMENTS[name].restore(description)
