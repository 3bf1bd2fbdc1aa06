"""Pages that are made go into folders of their own, which git ignores."""

from pathlib import Path


def write(folder: Path, pages: dict[str, str]) -> None:
    """Write the pages that have changed, and remove those that are made no more."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
