"""What a source states, and where it is computed and put on trial here."""

from dataclasses import dataclass

from mvtheory.references import Credit, Source


@dataclass(frozen=True)
class Statement:
    """A statement of a source, or one of ours where the sources say nothing.

    Parameters
    ----------
    source : Source or Credit
        Whose it is, and where it stands there.
    text : str
        What is stated, in our words: a sentence or two.
    computed : tuple of str
        Names below mvtheory that compute it, such as "coverage.ensemble"; may be empty.
    claims : tuple of str
        Claims that put it on trial.
    untested : str
        Why no claim does, or what of it none does; needed where there is no claim.
    """

    source: Source | Credit
    text: str
    computed: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    untested: str = ""

    def __post_init__(self) -> None:
        if not self.claims and not self.untested:
            raise ValueError(
                f"claims=() is not allowed without untested ({self.source}: {self.text!r}); name "
                "the claims that try the statement, or say why none does"
            )
