"""The one console of the commands: names of files and errors are printed as they are."""

from rich.console import Console


def plain_console(width: int | None = None) -> Console:
    """Square brackets and colons of a path are no markup and no emoji."""
    return Console(highlight=False, markup=False, emoji=False, width=width)


console = plain_console()


def say(text: str) -> None:
    """A line as it is, however long: what is broken at spaces is no path any more."""
    console.print(text, soft_wrap=True)
