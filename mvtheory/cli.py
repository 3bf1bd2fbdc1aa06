"""The command ``mvtheory``: what there is, what it says, predictions, figures and advice."""

import io
import sys
from typing import Annotated

import typer

import mvtheory
from mvtheory import catalogue, extras
from mvtheory.advise import advise
from mvtheory.console import console
from mvtheory.doctor import doctor
from mvtheory.ensemble import ensemble
from mvtheory.explore.command import explore
from mvtheory.listing import list_names, search_names, show
from mvtheory.multiprecision import NoConvergence
from mvtheory.predicting import plot, predict
from mvtheory.spectrum import spectrum

CONTEXT = {
    "help_option_names": ["-h", "--help"],
    # --hard_weights is --hard-weights.
    "token_normalize_func": lambda word: word.replace("_", "-"),
}
"""Of every command line."""
app = typer.Typer(
    name="mvtheory",
    help="Predict what ensembles and distilled networks reach.",
    rich_markup_mode=None,
    context_settings=CONTEXT,
)
app.command("list")(list_names)
app.command("search")(search_names)
app.command()(show)
app.command()(predict)
app.command()(plot)
app.command()(spectrum)
app.command()(advise)
app.command()(ensemble)
app.command()(doctor)
app.command()(explore)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        console.print(mvtheory.__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        console.print(context.get_help())


def run_app(application: typer.Typer, name: str, arguments: list[str] | None) -> int:
    """Run a command; every error is one line on stderr and exit code 2."""
    # A file's name need not be text, nor the terminal know every letter.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = application(args=arguments, standalone_mode=False, prog_name=name)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (ValueError, OSError, NoConvergence) as error:
        message = str(error)
    except MemoryError as error:
        message = f"more memory is wanted than there is ({error}); ask for less at once"
    except ModuleNotFoundError as error:
        line = extras.remedy(error.name)
        if line is None:
            raise
        message = line
    except Exception as error:
        # Usage errors of the command line library know their own text.
        if not hasattr(error, "format_message"):
            raise
        message = _with_suggestion(error.format_message(), application)
    else:
        return code if isinstance(code, int) else 0
    print(f"{name}: {' '.join(message.splitlines())}", file=sys.stderr)
    return 2


def _with_suggestion(message: str, application: typer.Typer) -> str:
    """A message on wrong usage with what to do: older libraries do not name the nearest command."""
    if any(remedy in message for remedy in ("Did you mean", "Possible options", "--help")):
        return message
    close = ""
    if message.startswith("No such command"):
        known = [c.name or getattr(c.callback, "__name__", "")
                 for c in application.registered_commands]  # fmt: skip
        close = catalogue.nearest(message.split("'")[1], known)
    if close:
        return f"{message} Did you mean {close!r}?"
    return f"{message.rstrip('.')}; see --help"


def main(arguments: list[str] | None = None) -> int:
    """Entry of the command; returns the exit code."""
    return run_app(app, "mvtheory", arguments)
