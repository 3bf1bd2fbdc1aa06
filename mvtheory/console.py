"""The one console of the commands: names of files and errors are printed as they are."""

from rich.console import Console


def plain_console(width: int | None = None) -> Console:
    """Square brackets and colons of a path are no markup and no emoji."""
    return Console(highlight=False, markup=False, emoji=False, width=width)


console = plain_console()


def say_file(what: str, path: object) -> None:
    """``Figure: PATH`` on a line of its own, never broken: it is there to be copied."""
    console.print(f"{what}: {path}", soft_wrap=True)
