"""What a process could do to the host, and what would stop it: judged from what was read, nothing is tried. Pure.

capabilities(7), namespaces(7), seccomp(2); the paths are those that runtimes mask (OCI runtime specification, "Linux").
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from nsplay import hostfiles
from nsplay.hostfiles import Shared
from nsplay.kernel.identity import CAPABILITIES, Identity, ordered
from nsplay.side import FILE, Side

SYSRQ: Final = "/proc/sysrq-trigger"
# Of a snapshot
PARTS: Final = frozenset({"mounts", "identity", *(f"{FILE}{path}" for path in (*hostfiles.SOCKETS, SYSRQ))})

# Each of these is, by itself, a way to the rest of the machine, if it counts there.
STRONG: Final = frozenset(
    {"sys_admin", "sys_module", "sys_rawio", "sys_ptrace", "sys_boot", "sys_time"}
    | {"dac_read_search", "bpf", "perfmon", "syslog", "mac_admin"}
)


class Words(NamedTuple):
    """One sentence in both languages."""

    en: str
    ja: str


class Danger(NamedTuple):
    """key: for programs. cure: what would stop it, to type or to set; may be empty. lesson: that explains it."""

    key: str
    words: Words
    cure: str
    lesson: str


class Judgement(NamedTuple):
    """dangers: the gravest first. fine: what was looked at and is no danger. unknown: keys that couldn't be judged."""

    dangers: tuple[Danger, ...]
    fine: tuple[Words, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """A process beside the host. unlimited: controllers without any limit for it; None: nobody knows."""

    side: Side
    host: Side
    unlimited: frozenset[str] | None = None

    def own(self, kind: str) -> bool | None:
        """Has it a namespace of its own of this kind? None: may not be read."""
        here, there = self.side.ns.get(kind), self.host.ns.get(kind)
        return here != there if here and there else None

    @cached_property
    def who(self) -> Identity | None:
        """Its ids and capabilities."""
        return self.side.identity

    @cached_property
    def root(self) -> bool:
        """Is it root, as the host sees it?"""
        return self.who is not None and self.who.uids.effective == 0

    @cached_property
    def power(self) -> frozenset[str]:
        """Its capabilities that count on the host."""
        if self.who is None or self.own("user") is not False:
            return frozenset()
        return self.who.capabilities.effective | self.who.capabilities.permitted

    @property
    def apart(self) -> bool | None:
        """Has it a mount table of its own that could be read?"""
        own = self.own("mnt")
        return None if own and not self.side.mounts else own

    def open(self, path: str, *fstypes: str) -> bool:
        """Can root in there write to this path of a file system of the kernel's?"""
        mount = hostfiles.at(self.side.mounts, path)
        return mount is not None and mount.fstype in fstypes and hostfiles.writable(mount)

    @cached_property
    def folders(self) -> tuple[Shared, ...]:
        """What is mounted in there of the host's, and would be power over it."""
        return tuple(one for one in hostfiles.shared(self.side, self.host) if one.grave)

    @cached_property
    def sockets(self) -> tuple[str, ...]:
        """Ways to the host's container daemons."""
        return hostfiles.sockets(self.side, self.host)


@dataclass(frozen=True)
class _Rule:
    """bad: True, False, or None where it can't be known. applies: is there anything to say at all?"""

    key: str
    lesson: str
    bad: Callable[[Case], bool | None]
    words: Callable[[Case], tuple[str, str]]
    fine: tuple[str, str]
    cure: str = ""
    applies: Callable[[Case], bool] = lambda case: True


def judge(side: Side, host: Side, unlimited: frozenset[str] | None = None) -> Judgement:
    """All rules, in their order. Parts of both sides: PARTS; host: without the files."""
    case = Case(side, host, unlimited)
    dangers, fine, unknown = [], [], []
    for rule in RULES:
        if not rule.applies(case):
            continue
        bad = rule.bad(case)
        if bad is None:
            unknown.append(rule.key)
        elif bad:
            dangers.append(Danger(rule.key, Words(*rule.words(case)), rule.cure, rule.lesson))
        elif rule.fine[0]:
            fine.append(Words(*rule.fine))
    return Judgement(tuple(dangers), tuple(fine), tuple(unknown))


# ---- what a rule asks


def _shared(kind: str) -> Callable[[Case], bool | None]:
    return lambda case: None if (own := case.own(kind)) is None else not own


def _say(en: str, ja: str) -> Callable[[Case], tuple[str, str]]:
    return lambda case: (en, ja)


def _root(case: Case) -> bool | None:
    return None if case.who is None or case.own("user") is None else case.root


def _root_words(case: Case) -> tuple[str, str]:
    if case.own("user"):
        return (
            "its root is the host's root where files are: its map has 0 outside",
            "ファイルに対してはホストの root: 対応表の外側に 0 がある",
        )
    return "user is shared: root in there is root out here", "user を共有: 中の root は外でも root"


def _own_mounts(case: Case) -> bool:
    return case.apart is True


def _powerful(case: Case) -> bool:
    """Root of the host's own user namespace, with a mount table that could be read."""
    return case.root and not case.own("user") and _own_mounts(case)


def _host_root(case: Case) -> bool:
    root = hostfiles.at(case.side.mounts, "/")
    return hostfiles.same_root(case.side, case.host) and root is not None and hostfiles.writable(root)


def _folder_words(case: Case) -> tuple[str, str]:
    first = case.folders[0]
    more = len(case.folders) - 1
    where = f"{first.host}" if first.host == first.inside else f"{first.host} -> {first.inside}"
    return (
        f"the host's {where} is mounted, writable" + (f", and {more} more" if more else ""),
        f"ホストの {where} が書き込み可でマウントされている" + (f"、ほか {more}" if more else ""),
    )


def _capable(case: Case) -> bool | None:
    if case.who is None or case.own("user") is None:
        return None
    return bool(_strong(case))


def _strong(case: Case) -> tuple[str, ...]:
    strong = STRONG | ({"net_admin"} if case.own("net") is False else set())
    return ordered(case.power & strong)


def _capable_words(case: Case) -> tuple[str, str]:
    strong, count, all_ = _strong(case), len(case.power), len(CAPABILITIES)
    if len(strong) > 2:
        strong = ("sys_admin",) if "sys_admin" in strong else strong[:2]
    names = ", ".join(strong)
    return (
        f"{count} of {all_} capabilities, {names} among them",
        f"ケーパビリティ {count} / {all_}、{names.replace(', ', '、')} も",
    )


def _v1_or_whole(case: Case) -> bool:
    """Can its groups' limits be written in there? Not where a namespace of its own ends at nsdelegate (cgroups(7))."""
    for mount in case.side.mounts:
        if mount.fstype in ("cgroup", "cgroup2") and hostfiles.writable(mount):
            delegated = mount.fstype == "cgroup2" and "nsdelegate" in mount.super_options.split(",")
            if not (delegated and case.own("cgroup")):
                return True
    return False


def _leaks(case: Case) -> bool:
    """Is a mount of its a peer of one of the host's?"""
    theirs = {word for mount in case.host.mounts for word in mount.propagation if word.startswith("shared:")}
    return any(word in theirs for mount in case.side.mounts for word in mount.propagation)


def _unlimited(controller: str) -> Callable[[Case], bool | None]:
    return lambda case: None if case.unlimited is None else controller in case.unlimited


def _kernel_says(take: Callable[[Identity], bool | None]) -> Callable[[Case], bool | None]:
    return lambda case: None if case.who is None else take(case.who)


# fmt: off
RULES: Final = (
    _Rule("mnt", "mount", _shared("mnt"),
          _say("mnt is shared: the host's files are its files", "mnt を共有: ホストのファイルがそのまま見える"),
          ("", ""), "unshare -m"),
    _Rule("root", "rootfs", _host_root,
          _say("its root folder is the host's, and writable", "ルートがホストのもので、書き込める"),
          ("a root folder of its own", "ルートは独自"), "pivot_root", applies=_own_mounts),
    _Rule("socket", "runtime", lambda case: bool(case.sockets),
          lambda case: (f"{case.sockets[0]} is the host's: who may talk to it is root out here",
                        f"{case.sockets[0]} はホストのもの: これを使える者は外の root と同じ"),
          ("no docker.sock", "docker.sock なし"), applies=_own_mounts),
    _Rule("folders", "mount", lambda case: bool(case.folders), _folder_words,
          ("no folder of the host's system", "ホストのシステムディレクトリなし"), "ro",
          applies=lambda case: _own_mounts(case) and not _host_root(case)),
    _Rule("pid", "pid", _shared("pid"),
          _say("pid is shared: it sees every process of the host", "pid を共有: ホストの全プロセスが見える"),
          ("own pids", "pid は独自"), "unshare -pf"),
    _Rule("proc", "pid", lambda case: None if case.side.proc_own is None else not case.side.proc_own,
          _say("its /proc is another pid namespace's: ps lists others",
               "/proc が別の pid 名前空間のもの: ps に出るのもよそのプロセス"),
          ("own /proc", "/proc は独自"), "--mount-proc",
          applies=lambda case: _own_mounts(case) and bool(case.own("pid")) and case.side.process is not None),
    _Rule("user", "user", _root, _root_words, ("not the host's root", "ホストの root ではない"), "unshare -U"),
    _Rule("net", "network", _shared("net"),
          _say("net is shared: the host's links, ports and sockets", "net を共有: ホストのリンク、ポート、ソケット"),
          ("own network", "ネットワークは独自"), "unshare -n"),
    _Rule("ipc", "ipc", _shared("ipc"),
          _say("ipc is shared: the host's shared memory and queues", "ipc を共有: ホストの共有メモリとキュー"),
          ("", ""), "unshare -i"),
    _Rule("uts", "uts", _shared("uts"),
          _say("uts is shared: it can rename the host", "uts を共有: ホストの名前を変えられる"),
          ("", ""), "unshare -u", applies=lambda case: "sys_admin" in case.power),
    _Rule("capabilities", "capabilities", _capable, _capable_words,
          ("no capability that reaches the host", "ホストに届くケーパビリティなし"), "capsh --drop=..."),
    _Rule("proc-sys", "runtime", lambda case: case.open("/proc/sys", "proc"),
          _say("/proc/sys is writable: settings of the whole machine", "/proc/sys に書ける: マシン全体の設定"),
          ("/proc/sys read-only", "/proc/sys は読み取り専用"), "mount -o bind,ro", applies=_powerful),
    _Rule("sysrq", "runtime", lambda case: case.side.files.get(SYSRQ) is not None and case.open(SYSRQ, "proc"),
          _say("/proc/sysrq-trigger is writable: it can restart the host", "/proc/sysrq-trigger に書ける: ホストを再起動できる"),
          ("", ""), "mount -o bind,ro", applies=_powerful),
    _Rule("sys", "runtime", lambda case: case.open("/sys", "sysfs"),
          _say("/sys is writable: devices and settings of the kernel", "/sys に書ける: デバイスとカーネルの設定"),
          ("", ""), "mount -o ro", applies=_powerful),
    _Rule("dev", "devices", lambda case: any(mount.fstype == "devtmpfs" and mount.root == "/"
                                             for mount in case.side.mounts),
          _say("/dev is the host's: its disks are in there", "/dev がホストのもの: ディスクも中にある"),
          ("own /dev", "/dev は独自"), "mount -t tmpfs", applies=_powerful),
    _Rule("cgroup", "cgroup", _v1_or_whole,
          _say("cgroup mounts are writable: it can lift its own limits", "cgroup に書ける: 自分の上限を外せる"),
          ("", ""), "mount -o ro", applies=_powerful),
    _Rule("propagation", "mount", _leaks,
          _say("mounts are shared with the host: new ones show up there", "マウントをホストと共有: 新しいものは外にも現れる"),
          ("", ""), "--propagation private", applies=_own_mounts),
    _Rule("seccomp", "seccomp", _kernel_says(lambda who: None if who.seccomp is None else who.seccomp == "none"),
          _say("no seccomp filter: every system call is open", "seccomp なし: どのシステムコールも呼べる"),
          ("a seccomp filter", "seccomp フィルターあり"), "seccomp(2)"),
    _Rule("no_new_privs", "capabilities",
          _kernel_says(lambda who: None if who.no_new_privs is None else not who.no_new_privs),
          _say("no_new_privs off: a setuid program gains power", "no_new_privs なし: setuid で権限が増える"),
          ("no_new_privs", "no_new_privs"), "setpriv --no-new-privs"),
    _Rule("pids", "pids", _unlimited("pids"),
          _say("pids without a limit: a fork bomb reaches the host", "プロセス数の上限なし: fork 爆弾がホストに届く"),
          ("", ""), "pids.max"),
    _Rule("memory", "memory", _unlimited("memory"),
          _say("memory without a limit: it can take all there is", "メモリの上限なし: 全部使い切れる"),
          ("", ""), "memory.max"),
)
# fmt: on
KEYS: Final = tuple(rule.key for rule in RULES)
