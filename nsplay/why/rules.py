"""The rules of rules.toml: why the kernel refused a system call, and the smallest command that would pass."""

import errno
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from nsplay.kernel import cgroups
from nsplay.why import case, group
from nsplay.why.case import Case, Tell
from nsplay.why.group import Memories


@dataclass(frozen=True)
class Reason:
    """What can be said. rule: the kernel's; facts: what trips it here; see: the manual page and section; tries: a command
    that would pass, or a way to one; empty when there is none. command: can it be typed as it stands?
    """

    rule: str
    facts: tuple[str, ...]
    see: str
    tries: str
    command: bool = True


@dataclass(frozen=True)
class Rule:
    """One of the file's. under: of these one has to be in the path; fits: of CASES; none: it always fits."""

    calls: frozenset[str]
    errors: frozenset[int]
    en: str
    ja: str
    see: str
    tries: tuple[str, str]
    facts: tuple[Tell, ...]
    under: tuple[str, ...]
    fits: str

    def trips(self, case: Case) -> bool:
        """Is it this one?"""
        there = not self.under or any(word in case.path for word in self.under)
        return case.error in self.errors and case.call in self.calls and there and CASES[self.fits](case)


CASES: Final[Mapping[str, Callable[[Case], bool]]] = {
    "": lambda case: True,
    "rooted": lambda case: (
        case.in_user_namespace or case.has("sys_admin")
    ),  # in a user namespace, yet not the owner's
    "written": lambda case: case.has("sys_admin") and case.written,
    "groups_open": lambda case: case.has("sys_admin") and case.groups_open,
    "capless": lambda case: not case.has("sys_admin"),
    "inhabited": group.inhabited,
    "missing": group.missing,
    "ordinary": lambda case: not case.has("dac_override"),
    "device": group.device,
    "routed": lambda case: bool(case.facts.get("routes")),
    "kept": lambda case: any(path.startswith("/proc/") and "/ns/" in path for path in case.paths),
    "foreign": lambda case: case.has("sys_ptrace") and case.foreign,
    "powerless": lambda case: not case.owns or not case.has("sys_admin"),
}


def _teller(name: str) -> Tell:
    found: Tell = getattr(group if hasattr(group, name) else case, name)
    return found


@cache
def rules() -> tuple[Rule, ...]:
    """All, in the order of the file."""
    with open(os.path.join(os.path.dirname(__file__), "rules.toml"), "rb") as file:
        found = tomllib.load(file)["rule"]
    return tuple(
        Rule(
            calls=frozenset(one["calls"].split()),
            errors=frozenset(getattr(errno, name) for name in one["error"].split()),
            en=one["en"],
            ja=one["ja"],
            see=one["see"],
            tries=(one.get("try", ""), one.get("try_ja", one.get("try", ""))),
            facts=tuple(_teller(name) for name in one.get("facts", ())),
            under=tuple(one.get("under", ())),
            fits=one.get("fits", ""),
        )
        for one in found
    )


def reason(case: Case) -> Reason | None:
    """The rule that refused it; None when there is none in the list."""
    rule = next((rule for rule in rules() if rule.trips(case)), None)
    if rule is None:
        return None
    facts = tuple(told for tell in rule.facts if (told := tell(case)))
    same = rule.tries[0] == rule.tries[1]  # words are another's in each language, a command isn't
    return Reason(case.say(rule.en, rule.ja), facts, rule.see, case.say(*rule.tries), same)


def filtered(case: Case) -> Reason | None:
    """Where a command passes that is typed again beside the place's shell, which is under more seccomp filters than the
    host's side: none of those is asked then.
    """
    more = case.facts.get("seccomp.more")
    if not isinstance(more, int) or more <= 0:
        return None
    rule = case.say(
        "A seccomp filter is asked before the kernel's own rules. Typed again outside of your shell's filters, with every "
        "system call watched, none that mattered was refused: so it is a filter that refuses.",
        "seccomp フィルターは、カーネル自身の規則より先に判定します。シェルのフィルターの外でもう一度打ち、すべてのシステム"
        "コールを見ましたが、断られたものはありません。断ったのはフィルターです。",
    )
    here = case.say(
        f"Your shell has loaded {more} that the host's side isn't under.",
        f"シェルには、ホスト側にないフィルターが {more} 個あります。",
    )
    return Reason(rule, (here,), "seccomp(2)", "exit")


def killed(case: Case, before: Memories, after: Memories) -> Reason | None:
    """Where the OOM killer came while the command was typed again."""
    path = group.hungry(before, after)
    if not path:
        return None
    rule = case.say(
        "No call was refused: there was no more memory in the group, none that could be taken back, and the OOM killer "
        "ended a program with signal 9.",
        "断られた呼び出しはありません。グループに使えるメモリも取り戻せるメモリもなくなり、OOM killer がプログラムをシグナル 9 で"
        "終わらせました。",
    )
    it = after[path]
    here = case.say(
        f"{path} may have {it.limit} bytes, and has lost {it.killed} by now.",
        f"{path} の上限は {it.limit} バイトで、これまでに {it.killed} 個を失いました。",
    )
    file = "memory.max" if it.high is not None else "memory.limit_in_bytes"
    return Reason(rule, (here,), "cgroup-v2.rst, Memory; cgroup-v1/memory.rst", f"cat GROUP/{file}")


# cgexec -g cpu,memory:box, and the like
_CONTROLLERS: Final = re.compile(r"\bcg[a-z]+\b.*\s-g\s*([a-z_,]+):")


def treeless(case: Case, command: str) -> Reason | None:
    """Where libcgroup is asked for a controller that no tree has: it asks the kernel for nothing then."""
    found = _CONTROLLERS.search(command)
    there = {name for tree in cgroups.hierarchies() for name in tree.controllers}
    missing = sorted(set(found[1].split(",")) - there) if found else []
    if not missing:
        return None
    names = ", ".join(missing)
    rule = case.say(
        f"No rule of the kernel's: no tree of groups that is mounted here has {names}, so nothing was asked for.",
        f"カーネルの規則ではありません。ここにマウントされたツリーに {names} はなく、何も要求されていません。",
    )
    here = case.say(f"There are: {', '.join(sorted(there))}.", f"あるもの: {', '.join(sorted(there))}。")
    return Reason(rule, (here,), "cgroups(7)", "cat /proc/cgroups")


# What programs write that don't understand their own words: getopt(3), usage lines, iproute2.
_UNREAD: Final = re.compile(
    r"(unrecognized|unknown|invalid|ambiguous) (long )?option|option .*(requires an argument|is unknown)|(extra|missing)"
    r" operand|is a garbage|is unknown, try|Command line is not complete|(argument|parameter) \S+ is wrong|^usage:",
    re.IGNORECASE,
)


def misread(case: Case, command: str, said: Sequence[str]) -> Reason | None:
    """Where the program itself turned its words down: whatever it asked the kernel meanwhile isn't why."""
    line = next((line for line in said if _UNREAD.search(line)), None)
    program = next((word for word in command.split() if "=" not in word), "")
    if line is None or not program:
        return None
    rule = case.say(
        f"No rule of the kernel's: {program} doesn't understand what was typed, and asked for nothing.",
        f"カーネルの規則ではありません。{program} は打たれた語を解釈できず、何も要求していません。",
    )
    return Reason(rule, (line.strip(),), program, f"{program} --help")


def born_nowhere(case: Case) -> bool:
    """Can the place's shell have no more children: has the pid namespace that they would be born in lost its process 1?
    pid_namespaces(7), The namespace init process.
    """
    born, own = case.side.ns_for_children.get("pid"), case.side.ns.get("pid")
    if born is None or born == own:  # the kernel shows it from the first child on, and that one is born
        return False
    return own is not None and not any(row.pid_ns == born for row in case.now.processes)
