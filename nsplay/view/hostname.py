"""The host name and the domain name. uts_namespaces(7)."""

from rich.text import Text

from nsplay.kernel.names import Names
from nsplay.snapshot import Side, Snapshot
from nsplay.view import tables
from nsplay.view.base import View, is_own, place
from nsplay.view.grid import row, sentences
from nsplay.view.tables import UNKNOWN, Moments, Sides
from nsplay.view.ui import Screen, Ui

FIELDS = ("hostname", "domainname")


class Hostname(View):
    """The names of the UTS namespaces on both sides. The domain name is shown once it moves or differs."""

    name = "hostname"
    parts = frozenset({"names"})

    def moved(self, before: Snapshot, after: Snapshot) -> bool:
        """A name, or the namespace that it is in."""
        return (
            place(before).names != place(after).names
            or before.host.names != after.host.names
            or is_own(before, "uts") != is_own(after, "uts")
        )

    def after(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        """Rows are sides, columns are moments."""
        if ui.plain:
            return self._told(ui, before, after)
        screen = Screen()
        for field in self._fields(before, after):
            rows = self._rows(ui, field, before, after)
            screen += tables.moments(ui, _label(ui, field), rows, titled=field == "hostname")
        return screen

    def sides(self, ui: Ui, now: Snapshot) -> Screen:
        """Host | inside, both names."""
        here = place(now)
        if ui.plain:
            return sentences(
                _sentence(ui, field, ui.say(*where), _name(side.names, field))
                for field in FIELDS
                for side, where in ((here, IN_HERE), (now.host, THE_HOST))
            )
        rows = [
            Sides(
                _label(ui, field),
                _name(now.host.names, field),
                _name(here.names, field),
                is_own(now, "uts"),
            )
            for field in FIELDS
        ]
        return Screen(tables.sides(ui, ui.say("names", "名前"), rows))

    def alone(self, ui: Ui, side: Side) -> Screen:
        """Both names."""
        if ui.plain:
            return sentences(
                f"{_label(ui, field).capitalize()}: {_name(side.names, field)}{ui.stop}" for field in FIELDS
            )
        return Screen(row(Text(_label(ui, field), "head"), _name(side.names, field)) for field in FIELDS)

    def _fields(self, before: Snapshot, after: Snapshot) -> tuple[str, ...]:
        domains = {
            _name(side.names, "domainname") for one in (before, after) for side in (one.host, place(one))
        }
        return FIELDS if len(domains) > 1 else FIELDS[:1]

    def _rows(self, ui: Ui, field: str, before: Snapshot, after: Snapshot) -> list[Moments]:
        owned, owns = is_own(before, "uts"), is_own(after, "uts")
        host = Moments(
            ui.say(*THE_HOST),
            _name(before.host.names, field),
            _name(after.host.names, field),
            note="" if owns else ui.say("<- you are here", "<- いまここ"),
        )
        if not owned and not owns:
            return [host]
        now = _name(place(after).names, field) if owns else None
        return [Moments(ui.say(*IN_HERE), _name(place(before).names, field), now, inside=True), host]

    def _told(self, ui: Ui, before: Snapshot, after: Snapshot) -> Screen:
        return sentences(
            _sentence(ui, field, one.label, one.after, one.before)
            for field in self._fields(before, after)
            for one in self._rows(ui, field, before, after)
        )


IN_HERE = ("in here", "ここ")
THE_HOST = ("the host", "ホスト")


def _label(ui: Ui, field: str) -> str:
    return ui.say("host name", "ホスト名") if field == "hostname" else ui.say("domain name", "ドメイン名")


def _name(names: Names | None, field: str) -> str:
    return getattr(names, field, UNKNOWN) if names else UNKNOWN


def _sentence(ui: Ui, field: str, where: str, now: str | None, was: str | None = None) -> str:
    of = "of the host" if where == THE_HOST[0] else where
    subject = ui.say(f"{_label(ui, field).capitalize()} {of}", f"{where}の{_label(ui, field)}")
    if now is None:
        return ui.say(f"{subject}: you left; it was {was}.", f"{subject}: 出ました。前は {was} でした。")
    if was is None:
        return ui.say(f"{subject}: {now}.", f"{subject}は {now} です。")
    if was == now:
        return ui.say(f"{subject}: {now}. Unchanged.", f"{subject}は {now} です。変化なし。")
    return ui.say(f"{subject}: {now}. Changed, it was {was}.", f"{subject}は {now} です。前は {was} でした。")
