"""The panels of the explorer, one a file."""

from mvtheory.explore.outputs import Distillation, Members
from mvtheory.explore.panel import Panel
from mvtheory.explore.panels import coverage, growth, phase, size, spectra, surface, winner

__all__ = ["all_panels"]


def all_panels(distillation: Distillation, members: Members) -> tuple[Panel, ...]:
    """The panels in their order, of these outputs."""
    return (
        coverage.panel(),
        winner.panel(),
        growth.panel(),
        phase.panel(),
        spectra.panel(),
        surface.panel(distillation),
        size.panel(members),
    )
