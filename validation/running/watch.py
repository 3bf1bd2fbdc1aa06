"""What a run tells while it goes on."""

from validation.trial.claim import Verdict


class Watch:
    """Told what happens; this one keeps it to itself."""

    def advance(self, label: str, done: int, wanted: int, seconds: float | None = None) -> None:
        """So many shards of a setting are finished of those wanted at this look.

        `seconds` is what the last one took, where it was computed now.
        """

    def decided(self, claim: str, verdict: Verdict, look: int) -> None:
        """A claim has its verdict; told once."""

    def waits(self, claim: str, look: int) -> None:
        """All replicates of a claim are there; only with those of others it may be decided."""

    def told(self, line: str) -> None:
        """Something else of the run, in a sentence."""

    def undecided(self, claims: list[str], look: int) -> None:
        """A look is over without a verdict on these."""
