"""When a view is learned: the escape time of the growth law."""

from mvtheory.arguments import DRIVE, POWER, STRENGTH
from mvtheory.formula import Formula
from mvtheory.references import Source

escape_time = Formula(
    name="escape_time",
    summary="Time at which a view of initial strength Lambda and drive S takes off.",
    symbol="t",
    quantity="time, in units of gradient flow",
    arguments=(STRENGTH, DRIVE, POWER),
    expression=lambda strength, drive, power: 1 / ((power - 2) * drive * strength ** (power - 2)),
    # Not cancelling for a power near 2: doubles subtract 2 exactly there.
    stable=lambda strength, drive, power: strength ** (2 - power) / ((power - 2) * drive),
    source=Source("allenzhu2023", "Appendix D"),
    status="heuristic of the paper",
    notes=(
        "dLambda/dt = S Lambda^(q-1) diverges there, for q > 2. Of the views of a class the one "
        "that escapes first is learned: the largest S^(1/(q-2)) Lambda, see `predict_winner`."
    ),
)
