"""What the kernel did for one line that was typed: the receipt's right column."""

from nsplay.changes import changes
from nsplay.facts import facts
from nsplay.kernel.mounts import Mount
from nsplay.repl.tally import Deed
from nsplay.view.base import own, place
from nsplay.view.ui import Ui


def made(deed: Deed, ui: Ui) -> list[tuple[str, str]]:
    """(mark, words) for each thing that the kernel did between two looks."""
    before, after = deed.before, deed.after
    found: list[tuple[str, str]] = []
    old, new = place(before).ns, place(after).ns
    known = facts(after)
    for kind in sorted(old.keys() & new.keys()):
        if old[kind] == new[kind]:
            continue
        if kind not in own(after):
            found.append(("", ui.say(f"left {kind} {old[kind]}", f"{kind} {old[kind]} から出た")))
        elif known.get(f"inside.{kind}.joined") or known.get(f"inside.{kind}.kept"):
            found.append(("", ui.say(f"joined {kind} {new[kind]}", f"{kind} {new[kind]} に入った")))
        else:
            found.append(("+", f"{kind} {new[kind]}"))
    for side in ("host", "inside"):
        a, b = (before.host, after.host) if side == "host" else (place(before), place(after))
        if (
            a.names
            and b.names
            and a.ns.get("uts") == b.ns.get("uts")
            and (side == "host" or "uts" in own(after))
        ):
            for what, x, y in (
                (ui.say("host name", "ホスト名"), a.names.hostname, b.names.hostname),
                (ui.say("domain name", "ドメイン名"), a.names.domainname, b.names.domainname),
            ):
                if x != y:
                    found.append(("~", f"{what}: {x} -> {y}"))
    for change in changes(before, after):
        if change.side == "host" and change.what == "mount" and change.kind != "same":
            thing = change.after or change.before
            assert isinstance(thing, Mount)
            mark = {"added": "+", "removed": "-"}.get(change.kind, "~")
            found.append((mark, ui.say("mount ", "マウント ") + thing.target))
    return found
