"""The commands about a finished run: its report, what it proves, its verdicts for programs."""

from pathlib import Path
from typing import Annotated

import typer

from mvtheory.console import say
from validation.choosing import take
from validation.options import EXIT_CODES, Ledger, Modules, Roots, exit_code, stoppable, whole

app = typer.Typer()


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    modules: Modules = None,
    ledger: Ledger = None,
    roots: Roots = None,
    other: Annotated[
        Path | None,
        typer.Option("--against", metavar="DIR", help="Folder of another run: what differs?"),
    ] = None,
) -> None:
    """Rebuild the report of a run from its raw files; and say where another run differs."""
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.against import against
    from validation.report.page import write_report
    from validation.report.terminal import show_against

    with stoppable(lambda: say("Stopped; the same command writes the report again.")):
        results = conclude(folder, ledger, roots)
        found = against(results, other) if other else None
        path = write_report(folder, results, found)
        if found:
            show_against(found)
        say(f"Report: {path}")


@app.command("figure")
def claim_figure(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="A claim of the run.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="A .pdf, .svg or .eps to write.")
    ],
    folder: Annotated[Path, typer.Option("--run", metavar="DIR", help="Folder of the run.")] = Path(
        "report"
    ),
    columns: Annotated[
        str, typer.Option(metavar="1|2", help="Columns of a paper that it spans.")
    ] = "1",
    modules: Modules = None,
) -> None:
    """Draw a claim's figure for a paper: lines as lines, text as text, as wide as its columns."""
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.paper import write_figure

    say(f"Figure: {write_figure(conclude(folder), claim, out, whole('columns', columns, 1))}")


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    sample: Annotated[str, typer.Option(metavar="N", help="Replicates to compute again.")] = "5",
    seed: Annotated[str, typer.Option(help="Of the choice of replicates.")] = "0",
    modules: Modules = None,
) -> None:
    """Compute some replicates of a run anew, drawn by chance: are they what is stored?

    Exit code: 0 if all are, to the last bit or, in another environment, within half of the spread
    of a replicate; and the folder departs in nothing from its log and plan. Else 1.
    """
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.terminal import show_all_verified, show_deviations, show_verified
    from validation.running.verifying import verify as compute_again

    results = conclude(folder)
    show_deviations(results)
    count, chosen = whole("sample", sample, 1), whole("seed", seed, 0)
    with stoppable(lambda: say("Stopped; nothing was written.")):
        found = compute_again(folder, results.plan, count, chosen, show_verified)
    show_all_verified(found)
    good = all(own.good for own in found) and not results.deviations
    raise typer.Exit(0 if good else 1)


@app.command(
    help="Judge a finished run again, write its report, and say by the exit code how it came out; "
    "within GitHub Actions with annotations and a summary." + EXIT_CODES
)
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    modules: Modules = None,
    ledger: Ledger = None,
    roots: Roots = None,
) -> None:
    take(modules)
    from validation.records.conclusion import conclude
    from validation.report.github import tell
    from validation.report.page import write_report
    from validation.report.terminal import summarise

    results = conclude(folder, ledger, roots)
    summarise(results)
    tell(results)
    say(f"Report: {write_report(folder, results)}")
    verdicts = [record.verdict for record in results.claims]
    recorded = [record.claim.recorded for record in results.claims]
    code = exit_code(verdicts, recorded, results.seen)
    raise typer.Exit(code or (5 if results.deviations else 0))


@app.command("schema")
def print_schema() -> None:
    """Print the JSON schema of the verdicts.json that a report writes."""
    from validation.report.machine import schema

    print(schema(), end="")


@app.command("claims")
def claims_table(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Folders of finished runs; a claim is told of by the first."
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="The page; its figures go into a folder of its name.")
    ] = Path("docs/claims.md"),
    modules: Modules = None,
) -> None:
    """Write the table of all claims with their verdicts, a page of Markdown."""
    take(modules)
    from validation.report.claims_table import write_claims

    with stoppable(lambda: say("Stopped; the same command writes the table again.")):
        say(f"Table: {write_claims(folders, out)}")
