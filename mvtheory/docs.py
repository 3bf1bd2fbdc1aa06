"""``python -m mvtheory.docs``: build the documentation of a checkout, and open it."""

import importlib.util
import sys
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from mvtheory import extras
from mvtheory.interrupt import guarded

ROOT = Path(__file__).parents[1]
FAILED = 1


def check_checkout(root: Path) -> None:
    """Raise ValueError unless the sources of the documentation are there."""
    if not (root / "docs" / "conf.py").is_file() or not (root / "pyproject.toml").is_file():
        raise ValueError(
            f"the sources of the documentation are not beside {str(root / 'mvtheory')!r}: run this "
            "in a checkout of the project, they are no part of an installed package"
        )


def check_extra(modules: Sequence[str] = ()) -> None:
    """Raise ValueError unless these modules are installed, by default those of the extra `docs`."""
    wanted = modules or map(extras.module_of, extras.requirements()["docs"])
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing:
        raise ValueError(f'{", ".join(missing)} is missing: pip install "mvtheory[docs]"')


def build(root: Path, out: Path) -> int:
    """Build the pages of a checkout into a folder; a warning is an error.

    Returns Sphinx's exit code.
    """
    check_checkout(root)
    check_extra()
    from sphinx.cmd.build import main as sphinx

    pages, kept = str(out / "html"), str(out / "doctrees")
    strict = ["--fail-on-warning", "--keep-going", "--quiet"]
    return int(sphinx(["-b", "html", *strict, "-d", kept, str(root / "docs"), pages]))


def load() -> Callable[[], int]:
    import typer

    from mvtheory.cli import run_app
    from mvtheory.console import say

    app = typer.Typer(add_completion=False)

    @app.command()
    def docs(
        out: Annotated[Path, typer.Option(help="Folder for the pages.")] = ROOT / "build" / "docs",
        build_only: Annotated[bool, typer.Option(help="Do not open them.")] = False,
    ) -> int:
        """Build the documentation, run all that it shows, and open it in a browser."""
        if build(ROOT, out):
            say(f"the documentation has faults, told above; what was built: {out / 'html'}")
            return FAILED
        index = (out / "html" / "index.html").resolve()
        say(f"Documentation: {index}")
        if not build_only:
            webbrowser.open(index.as_uri())
        return 0

    return lambda: run_app(app, "mvtheory.docs", None)


def main() -> int:
    return guarded("mvtheory.docs", load)


if __name__ == "__main__":
    sys.exit(main())
