"""The command ``mvtheory explore``: the page of sliders, in the browser or as one file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mvtheory.console import console, say
from mvtheory.interrupt import raised

if TYPE_CHECKING:  # the other commands do not wait for it
    from mvtheory.explore.panel import Panel


def explore(
    export: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write one HTML file that needs no server.")
    ] = None,
    port: Annotated[int, typer.Option(help="Of 127.0.0.1; 0 for any that is free.")] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser; print the address alone.")
    ] = False,
    labels: Annotated[
        str | None, typer.Option(metavar="FILE", help="Classes of your outputs, from 0: (N,).")
    ] = None,
    student: Annotated[
        str | None, typer.Option(metavar="FILE", help="Logits of a student of hard labels: (N, K).")
    ] = None,
    teacher: Annotated[
        str | None, typer.Option(metavar="FILE", help="Logits of its teacher: (N, K).")
    ] = None,
    soft_student: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE@T", help="Logits of a student of soft labels; any number."),
    ] = None,
    distilled: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE@T,a_H", help="Logits of a distilled student; any number."),
    ] = None,
    member: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="Logits of a network, (N, K); two or more."),
    ] = None,
) -> None:
    """Move sliders over the theory in your browser: coverage, races, spectra, distillation.

    Labels with a student and a teacher, or with members, put your own outputs in the place of the
    built-in examples. Files are those of mvtheory advise and mvtheory ensemble.
    """
    panels = panels_of(labels, student, teacher, soft_student or [], distilled or [], member or [])
    if export is not None:
        return write_page(panels, export)
    import webbrowser

    from mvtheory.explore.server import Explorer

    with Explorer(panels, port) as server:
        say(f"Explore: {server.address} (Ctrl-C ends it)")
        if not no_browser:
            webbrowser.open(server.address)
        try:
            with raised():
                server.serve_forever()
        except KeyboardInterrupt:
            say("Ended.")


def panels_of(
    labels: str | None,
    student: str | None,
    teacher: str | None,
    soft: list[str],
    distilled: list[str],
    members: list[str],
) -> "tuple[Panel, ...]":
    """All panels, of the files that were named; ValueError unless they belong together."""
    from mvtheory.explore import outputs
    from mvtheory.explore.panels import all_panels

    if (student is None) != (teacher is None) or ((soft or distilled) and student is None):
        raise ValueError(
            "--student, --teacher go together, with any --soft-student and --distilled; name both "
            "files, or none for the built-in example"
        )
    if (labels is None) != (student is None and not members):
        raise ValueError(
            "--labels go with --student and --teacher, or with --member, and these with labels; "
            "name the file of labels and that of outputs, or none for the built-in example"
        )
    teaching, ensemble = outputs.distillation_from_example(), outputs.members_from_example()
    if labels is not None and student is not None and teacher is not None:
        teaching = outputs.distillation_from_files(labels, student, teacher, soft, distilled)
    if labels is not None and members:
        ensemble = outputs.members_from_files(labels, members)
    return all_panels(teaching, ensemble)


def write_page(panels: "tuple[Panel, ...]", file: Path) -> None:
    """Write the page that needs no server; ValueError for a name that is no page's."""
    from mvtheory.explore.page import exported

    if file.suffix not in (".html", ".htm") or not file.parent.is_dir():
        raise ValueError(
            f"export={str(file)!r} must end in .html and lie in a folder that is there; name it so"
        )
    with console.status("Computing the panels that have no closed form"):
        text = exported(panels)
    file.write_text(text, encoding="utf-8")
    say(f"Page: {file} ({len(text) / 1e6:.1f} MB)")
