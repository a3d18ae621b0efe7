"""What is at the paths that the step asks for, on both sides: the same file shows with the same words."""

from typing import Final

from nsplay.kernel.identity import ordered
from nsplay.kernel.paths import File
from nsplay.lesson.words import KINDS
from nsplay.snapshot import Side, Snapshot
from nsplay.view.listed import Listed
from nsplay.view.listed_rows import Item, Items
from nsplay.view.text import fit
from nsplay.view.ui import Screen, Ui

LONGEST: Final = 24  # columns of a file's text
NEWLINE: Final = r"\x0a"  # as a text has it


class Files(Listed):
    """Those that a check or guard of the step names."""

    name = "files"
    parts = frozenset()  # which paths a look asks for is the step's matter
    kind = "mnt"

    def head(self, ui: Ui) -> str:
        """What the list is of."""
        return ui.say("files", "ファイル")

    def items(self, ui: Ui, now: Snapshot, side: Side) -> Items:
        """A file by what it is and how it begins; its permissions are a note."""
        return {path: _item(ui, path, file) for path, file in side.files.items()}

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """Nothing where no path was asked for."""
        return super().sides(ui, now) if now.host.files else Screen()


def _item(ui: Ui, path: str, file: File | None) -> Item:
    if file is None:
        return Item(path, ui.say("not there", "ない"))
    words = ui.say(file.kind, KINDS.get(file.kind, file.kind))
    first = file.text.split(NEWLINE)[0]
    told = file.number or (fit(first, min(len(first), LONGEST)).plain if first else "")
    if first.startswith(r"\x7f") or r"\x00" in first:  # a program, an archive: no text
        told = ui.say(f"{file.size} bytes", f"{file.size} バイト")
    value = f"{words}: {told}" if told else words
    also = ui.listed(ordered(file.capabilities))
    return Item(path, value, also, compared=f"{value} {file.text} {also}")
