"""`nsplay look`, `look --all` and `diff` as they read: exact lines, both languages, and what must hold at any width."""

import unicodedata
from dataclasses import replace

import pytest

from nsplay.containers import Container
from nsplay.dangers import judge
from nsplay.kernel.identity import CAPABILITIES
from nsplay.limits import Bound
from nsplay.portrait import Line, Overview, Pair, Portrait, as_json
from nsplay.standing import Standing
from nsplay.view import compare
from nsplay.view import containers as view_all
from nsplay.view import look as view
from nsplay.view.look_facts import outside
from nsplay.view.registry import VIEWS
from nsplay.view.ui import Screen, Ui
from tests.unit.test_dangers import identity
from tests.unit.view_world import drawn, mount, process, side, snapshot, system, table, ui

OWN = ("uts", "pid", "mnt", "net", "ipc")
MEMORY = 67_100_000


def container(**more: object) -> Container:
    known = {
        "runtime": "",
        "name": "",
        "id": "",
        "image": "",
        "pod": "",
        "real": True,
        "pid": 8116,
        "comm": "sh",
        "pids": frozenset({8116, 8117, 8118}),
        "own": OWN,
        "path": "/web",
        "grouped": True,
    }
    return Container(**{**known, **more})  # type: ignore[arg-type]


def portrait(problem: str = "", pid: int = 8116, name: str = "web", **more: object) -> Portrait:
    """What example 11 of the drawn screens looks at."""
    row = process(pid, "sh", 8115, inner=1)
    everybody = (*system(), row)
    there = {"processes": everybody, "mounts": table(20)}
    host = side("host", 1, identity=identity(0, frozenset(CAPABILITIES)), **there)  # type: ignore[arg-type]
    inside = side(
        "inside",
        pid,
        own=OWN,
        names=(name, "(none)"),
        processes=everybody,
        mounts=(mount("/"), mount("/proc", "proc"), mount("/dev"), mount("/dev/pts", "devpts")),
        cgroups={"": "/web"},
        identity=identity(0, frozenset(CAPABILITIES), no_new_privs=False, seccomp="none"),
        proc_own=True,
    )
    if problem:
        inside = replace(inside, ns={}, mounts=(), names=None, unreadable=("namespaces: Permission denied",))
    bounds = (
        Bound("memory", MEMORY, 3_100_000, "/web"),
        Bound("cpu", None, None, "/"),
        Bound("pids", None, 9, "/"),
    )
    now = snapshot(host, inside, everybody)
    return replace(
        Portrait(
            Standing(row, problem, *REFUSED if problem == "hidden" else ()),  # type: ignore[arg-type]
            now,
            "sh",
            container(pid=pid),
            bounds,
            judge(inside, host, frozenset({"pids", "cpu"})),
        ),
        **more,  # type: ignore[arg-type]
    )


REFUSED = ("it runs as user 0", "the same with sudo")
SCREENS = {
    ("", 80, "en"): """
 look 8116   sh, pid 1 in there, 3 processes          no runtime that is known
-------------------------------------------------------------------------------
   namespaces    [uts][pid][mnt][net][ipc] user  cgroup  time   [ ] its own
                 5 of 8 are its own; user, cgroup, time: the host's
   host name     web                     the host: vm
   root          tmpfs, 4 mounts         the host: ext4, 20 mounts
   user          0: root
   capabilities  41: files 10, ids 3, network 4, machine 12, processes 4, audit
                 5, nearly all 3
   seccomp       no filter, no_new_privs off
   cgroup        /web
   limits        memory  [#-------------------]  3.1 of 67.1 MB
                 no limit for cpu, pids

   dangers       what it could do to the host, and what would stop it
 ! root          its root folder is the host's, and writable
 ! user          user is shared: root in there is root out here
 ! capabilities  41 of 41 capabilities, sys_admin among them
 ! proc-sys      /proc/sys is writable: settings of the whole machine
 ! seccomp       no seccomp filter: every system call is open
 ! no_new_privs  no_new_privs off: a setuid program gains power
 ! pids          pids without a limit: a fork bomb reaches the host
 ✓ fine          no docker.sock, own pids, own /proc, own network, own /dev

 nsplay look 8116 mounts a view in full   --watch   --json
""",
    ("", 80, "ja"): """
 look 8116   sh、中では pid 1、プロセス 3             既知のランタイムではない
-------------------------------------------------------------------------------
   名前空間      [uts][pid][mnt][net][ipc] user  cgroup  time   [ ] 独自
                 8 のうち 5 は独自。user、cgroup、time はホストのもの
   ホスト名      web                     ホスト: vm
   ルート        tmpfs、マウント 4       ホスト: ext4、マウント 20
   ユーザー      0: root
   capabilities  41: ファイル 10、ID 3、ネットワーク 4、マシン 12、プロセス 4、
                 監査 5、ほぼ全部 3
   seccomp       フィルターなし、no_new_privs なし
   cgroup        /web
   上限          memory  [#-------------------]  3.1 / 67.1 MB
                 cpu、pids は上限なし

   危険          ホストに対してできてしまうことと、それを止めるもの
 ! root          ルートがホストのもので、書き込める
 ! user          user を共有: 中の root は外でも root
 ! capabilities  ケーパビリティ 41 / 41、sys_admin も
 ! proc-sys      /proc/sys に書ける: マシン全体の設定
 ! seccomp       seccomp なし: どのシステムコールも呼べる
 ! no_new_privs  no_new_privs なし: setuid で権限が増える
 ! pids          プロセス数の上限なし: fork 爆弾がホストに届く
 ✓ よし          docker.sock なし、pid は独自、/proc は独自、ネットワークは独
                 自、/dev は独自

 nsplay look 8116 mounts ビューを全部   --watch   --json   nsplay diff 8116 PID
""",
    ("", 100, "en"): """
 look 8116   sh, pid 1 in there, 3 processes                              no runtime that is known
---------------------------------------------------------------------------------------------------
   namespaces    [uts] [pid] [mnt] [net] [ipc]  user   cgroup   time   [ ] its own
                 5 of 8 are its own; user, cgroup, time: the host's
   host name     web                     the host: vm
   root          tmpfs, 4 mounts         the host: ext4, 20 mounts
   user          0: root
   capabilities  41: files 10, ids 3, network 4, machine 12, processes 4, audit 5, nearly all 3
   seccomp       no filter, no_new_privs off
   cgroup        /web
   limits        memory  [#-------------------]  3.1 of 67.1 MB
                 no limit for cpu, pids

   dangers       what it could do to the host, and what would stop it
 ! root          its root folder is the host's, and writable                 pivot_root
 ! user          user is shared: root in there is root out here              unshare -U
 ! capabilities  41 of 41 capabilities, sys_admin among them                 capsh --drop=...
 ! proc-sys      /proc/sys is writable: settings of the whole machine        mount -o bind,ro
 ! seccomp       no seccomp filter: every system call is open                seccomp(2)
 ! no_new_privs  no_new_privs off: a setuid program gains power              setpriv --no-new-privs
 ! pids          pids without a limit: a fork bomb reaches the host          pids.max
 ✓ fine          no docker.sock, own pids, own /proc, own network, own /dev

 nsplay look 8116 mounts a view in full   --watch   --json   nsplay diff 8116 PID
""",
    ("hidden", 80, "en"): """
 look 8116   sh, pid 1 in there, 3 processes          no runtime that is known
-------------------------------------------------------------------------------

 ! process 8116 (sh) may not be looked at: it runs as user 0 (the same with
   sudo shows all). What can be said all the same:

   namespaces    ?uts ?pid ?mnt ?net ?ipc ?user ?cgroup ?time
                 may not be read; pid is its own: it has a number in there
 ? root          mounts may not be read
   user          0: root
   capabilities  41: files 10, ids 3, network 4, machine 12, processes 4, audit
                 5, nearly all 3
   seccomp       no filter, no_new_privs off
   cgroup        /web
   limits        memory  [#-------------------]  3.1 of 67.1 MB
                 no limit for cpu, pids

   dangers       what it could do to the host, and what would stop it
 ! seccomp       no seccomp filter: every system call is open
 ! no_new_privs  no_new_privs off: a setuid program gains power
 ! pids          pids without a limit: a fork bomb reaches the host
 ? not known     mnt, pid, user, net, ipc, capabilities

 nsplay look --all   --json
""",
    ("all", 80, "en"): """
 look --all                  2 containers, 1 more with namespaces of their own
-------------------------------------------------------------------------------
   name              made by        pid procs  its own        memory  dangers
   shop              docker         901     3 upmni---   31 / 512 MB  none
 ! sh                by hand       8116     3 upmni---     3 / 67 MB  7
 ? cron.service      systemd         77     3        ?             ?

 ? 12 processes may not be looked into: only what their cgroups tell is here.
   With sudo: all

   u uts, p pid, m mnt, n net, i ipc, U user, C cgroup, T time; - is shared
   with the host

 nsplay look 901 one of them   --watch   --json
""",
    ("all", 100, "ja"): """
 look --all                                                 コンテナ 2、ほかに名前空間を持つもの 1
---------------------------------------------------------------------------------------------------
   名前              作ったもの     pid    数     独自        メモリ  危険
   shop              docker         901     3 upmni---   31 / 512 MB  なし
 ! sh                手作り        8116     3 upmni---     3 / 67 MB  7: root user capabilities ..
 ? cron.service      systemd         77     3        ?             ?

 ? 12 個のプロセスは中を見せてもらえず、cgroup から分かることだけ。sudo なら全部

   u uts、p pid、m mnt、n net、i ipc、U user、C cgroup、T time。- はホストと共有

 nsplay look 901 その一つ   --watch   --json
""",
}


def page(eyes: Ui, it: Portrait) -> Screen:
    return view.look(outside(eyes), it)


def overview() -> Overview:
    """Two containers and a service that nobody may look into."""
    web = portrait()
    named = container(runtime="docker", name="shop", id="d" * 64, image="nginx:1.25", pid=901)
    service = container(runtime="systemd", name="cron.service", real=False, pid=77, own=None, grouped=False)
    limited = (Bound("memory", 512_000_000, 31_000_000, "/docker/d"),)
    fine = judge(web.now.host, web.now.host)._replace(dangers=())
    return Overview(
        (Line(named, fine, limited), Line(container(), web.judged, web.bounds), Line(service, None, None)), 12
    )


@pytest.mark.parametrize(("what", "width", "lang"), SCREENS)
def test_the_screens(what: str, width: int, lang: str) -> None:
    eyes = ui(width, lang)
    screen = view_all.containers(eyes, overview()) if what == "all" else page(eyes, portrait(what))
    assert drawn(screen, width, lang) == SCREENS[what, width, lang]


def pair() -> Pair:
    a, b = portrait(), portrait(pid=9000, name="db")
    a, b = replace(a, container=container(name="web")), replace(b, container=container(name="db", pid=9000))
    names = replace(b.side, name="inside", mounts=(*b.side.mounts, mount("/data", "ext4")))
    return Pair(a, b, replace(a.now, host=replace(a.side, name="host"), inside=names))


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("width", [20, 33, 41, 50, 60, 76, 80, 100, 110, 160])
def test_at_any_width(width: int, lang: str) -> None:
    """Nothing reaches over the edge, and no character of ours is of ambiguous width (style: East Asian width A)."""
    for plain in (False, True):
        eyes = ui(width, lang, plain=plain)
        pages = [page(eyes, portrait(what)) for what in ("", "hidden", "ended", "kernel")]
        pages += [view_all.containers(eyes, overview()), compare.compare(eyes, pair())]
        for screen in pages:
            for line in screen.fitted(eyes.cols):
                assert line.cell_len <= eyes.cols, line.plain
                assert not [c for c in line.plain if unicodedata.east_asian_width(c) == "A"], line.plain


@pytest.mark.parametrize("lang", ["en", "ja"])
@pytest.mark.parametrize("plain", [False, True])
def test_nobody_is_in_there(lang: str, plain: bool) -> None:
    """The views' words for a learner's place aren't said of a process that is looked at, nor of two."""
    never = ("in here", "you ", "your", "ここ", "あなた", "自分")
    it = portrait()
    told = [VIEWS[name].sides(outside(ui(100, lang, plain=plain)), it.now) for name in VIEWS]
    told += [page(ui(100, lang, plain=plain), it), compare.compare(ui(100, lang, plain=plain), pair())]
    for screen in told:
        words = "\n".join(line.plain for line in screen.lines)
        assert not [word for word in never if word in words], words
        assert lang == "en" or "the host" not in words


def test_two_are_called_by_their_names() -> None:
    words = "\n".join(line.plain for line in compare.compare(ui(), pair()).lines)
    assert (
        "in web" in words
        and "in db" in words
        and "/data" in words
        and " host" not in words.replace("host name", "")
    )
    assert [one.name for one in compare.sort(pair()).differs] == ["hostname", "mounts"]
    same = replace(pair().b, container=container(name="web"))
    assert compare.called(pair()._replace(b=same)) == ("8116", "9000")


def test_news_are_what_moved() -> None:
    before = portrait()
    after = replace(before, bounds=(Bound("memory", MEMORY, 40_000_000, "/web"), *(before.bounds or ())[1:]))
    assert drawn(view.news(ui(), before, after)) == "\n ~ memory        3.1 of 67.1 MB -> 40.0 of 67.1 MB\n"
    assert not view.news(ui(), before, before).lines
    words = drawn(view.news(ui(plain=True), before, after), plain=True)
    assert words == "\nMemory: 40.0 of 67.1 MB. It was 3.1 of 67.1 MB.\n"


def test_json_of_what_may_not_be_read_is_null() -> None:
    told = as_json(portrait("hidden"))
    assert told["problem"]["kind"] == "hidden" and told["hostname"] is None and told["mounts"] == []
    assert told["namespaces"]["uts"] == {"inode": None, "own": None, "owner": None}
    told = as_json(portrait())
    assert told["problem"] is None and told["namespaces"]["uts"]["own"] is True
    assert [danger["key"] for danger in told["dangers"]][:2] == ["root", "user"]
