"""The claims of finished runs side by side, a line a claim: how a verdict depends on the seed.

    python -m validation run --preset standard --seed 0 --out DIR
    python -m validation run --preset standard --seed 1 --out DIR2
    python benchmarks/standard.py DIR DIR2

The table goes to benchmarks/records/standard.md and has the claims that were tried on every seed;
of several runs of a claim on a seed the last one given is told of.
Of a claim with several comparisons that is shown which is farthest from its prediction on the first
seed, with what was observed there on each.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from validation.records import files
from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion, conclude
from validation.report.claims_table import prediction
from validation.report.markdown import escaped, table
from validation.report.rows import rows, telling
from validation.report.words import models_words, with_error

RECORD = Path(__file__).parent / "records/standard.md"


def page(folders: Sequence[Path]) -> str:
    """How the runs were made, and a row for each claim that every seed has."""
    runs = [conclude(folder) for folder in folders]
    by_seed: dict[int, dict[str, ClaimRecord]] = {}
    for run in runs:
        by_seed.setdefault(run.plan.seed, {}).update({own.name: own for own in run.claims})
    names = [f"seed {seed}" for seed in by_seed]
    columns = ["claim", "predicted", *names, *(f"verdict, {name}" for name in names)]
    common = set.intersection(*map(set, by_seed.values()))
    first, *_ = every = list(by_seed.values())
    lines = [_row([own[name] for own in every]) for name in first if name in common]
    made = "\n".join(f"- {_made(*own)}" for own in zip(runs, folders, strict=True))
    return f"""# The preset {runs[0].plan.preset}, {" and ".join(names)}

{made}

Verdicts are those of today's code, deviations those of each run's own report. In brackets the
range, fixed before training; of a claim with several comparisons that is shown
which is farthest from its prediction on the first seed. A claim is judged at three looks at most;
one that was run again on a seed, in a setting mended since, is told of by the last of its runs.

{table(columns, lines)}"""


def _made(run: Conclusion, folder: Path) -> str:
    counts = Counter(str(record.verdict) for record in run.claims)
    unlike = [r.name for r in run.claims if r.verdict is not r.claim.recorded]
    return (
        f"Seed {run.plan.seed}: mvtheory {run.plan.mvtheory}, plan `{run.plan.name}`, results "
        f"`{run.digest}`; {models_words(run.models)} in {run.seconds / 3600:.1f} hours of one "
        f"core, on {'; '.join(run.environments)}. "
        f"{', '.join(f'{number} {verdict}' for verdict, number in counts.items())}; "
        f"not as recorded: {', '.join(f'`{name}`' for name in unlike) or 'none'}. "
        f"{_deviations(run, folder)}"
    )


def _deviations(run: Conclusion, folder: Path) -> str:
    """As the run's own report has them: that its code is not today's is none of it."""
    reported = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    if reported["digest"] != run.digest:
        raise ValueError(f"{folder}/verdicts.json is of other results than are there: write it "
                         f"anew by `python -m validation report {folder}`")  # fmt: skip
    return " ".join(reported["deviations"]) or "No deviations."


def _row(records: Sequence[ClaimRecord]) -> list[str]:
    shown = telling(records[0])
    predicted, observed = "-", ["-"] * len(records)
    if shown is not None:
        predicted = f"{prediction(shown.expectation)}: {escaped(shown.place)}"
        observed = [_observed(record, shown.place) for record in records]
    return [f"`{records[0].name}`", predicted, *observed, *map(_verdict, records)]


def _observed(record: ClaimRecord, place: str) -> str:
    found = [row.comparison for row in rows(record) if row.place == place]
    return with_error(found[0].observed, found[0].standard_error) if found else "-"


def _verdict(record: ClaimRecord) -> str:
    known = ", as recorded" if record.verdict is record.claim.recorded else ", not as recorded"
    look = "" if record.look is None else f", look {record.look}"
    return f"{record.outcome}{known}{look}, {record.replicates} replicates"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    parser.add_argument("--record", type=Path, default=RECORD)
    given = parser.parse_args()
    files.write(given.record, page(given.folders))
    print(f"Record: {given.record}")


if __name__ == "__main__":
    main()
