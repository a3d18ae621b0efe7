"""Containers found by namespaces and cgroup paths alone, on recorded machines; names from the runtimes' files."""

from pathlib import Path

import pytest

from nsplay import containers
from nsplay.containers import Container
from nsplay.kernel.runtimes import Origin, best, origin
from tests.unit.tables import DATA, machine

D, E, P = "d" * 64, "e" * 64, "a" * 64
POD = "1a2b3c4d-0000-1111-2222-333344445555"
SLICE = POD.replace("-", "_")


@pytest.mark.parametrize(
    ("path", "runtime", "name"),
    [
        (f"/docker/{D}", "docker", D),
        (f"/system.slice/docker-{D}.scope", "docker", D),
        (f"/docker/{D}/system.slice/nginx.service", "docker", D),
        (f"/docker/{D}/docker/{E}", "docker", E),
        (f"/user.slice/user-1000.slice/user@1000.service/user.slice/docker-{D}.scope", "docker", D),
        (f"/libpod_parent/libpod-{P}", "podman", P),
        (f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{P}.scope/container", "podman", P),
        (f"/machine.slice/libpod-conmon-{P}.scope", "", ""),
        (f"/system.slice/nerdctl-{P}.scope", "containerd", P),
        (f"/default/{P}", "containerd", P),
        (f"/kubepods/burstable/pod{POD}/{D}", "kubernetes", D),
        (f"/kubepods.slice/kubepods-pod{SLICE}.slice/crio-{D}.scope", "kubernetes", D),
        (f"/kubepods.slice/kubepods-pod{SLICE}.slice/crio-conmon-{D}.scope", "", ""),
        (f"/system.slice/containerd.service/kubepods-pod{SLICE}.slice:cri-containerd:{D}", "kubernetes", D),
        (f"/docker/{E}/kubelet/kubepods/besteffort/pod{POD}/{D}", "kubernetes", D),
        (r"/machine.slice/machine-my\x2dbox.scope/payload", "nspawn", "my-box"),
        ("/machine.slice/systemd-nspawn@box.service/supervisor", "", ""),
        (r"/machine.slice/machine-lxc\x2d12\x2dweb.scope", "libvirt", "web"),
        ("/lxc.payload.web/init.scope", "lxc", "web"),
        ("/lxc/web", "lxc", "web"),
        ("/lxc.monitor.web", "", ""),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.gimp.GIMP-7.scope", "flatpak", "org.gimp.GIMP"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/snap.firefox.firefox-7c.scope", "snap", "firefox"),
        ("/system.slice/systemd-logind.service", "systemd", "systemd-logind.service"),
        ("/nsplay-71234-abc/stage/shell", "nsplay", "71234"),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", "", ""),
        ("/user.slice/user-1000.slice/session-1.scope", "", ""),
        ("/docker/not-a-number", "", ""),
        ("/", "", ""),
    ],
)  # fmt: skip
def test_a_path_tells_the_runtime(path: str, runtime: str, name: str) -> None:
    found = origin(path) or Origin("")
    assert (found.runtime, found.id or found.name) == (runtime, name)


def test_a_pod_is_named_by_its_uid() -> None:
    found = origin(f"/kubepods.slice/kubepods-pod{SLICE}.slice/cri-containerd-{D}.scope")
    assert found and found.pod == POD


def test_of_many_trees_the_container_counts() -> None:
    found = best(["/", "/system.slice/cron.service", f"/docker/{D}"])
    assert found and found.runtime == "docker"


def by_pid(
    table: str, folder: Path, monkeypatch: pytest.MonkeyPatch, root: str = "/nothing"
) -> dict[int, Container]:
    now, proc = machine(table, folder, monkeypatch)
    return {one.pid: one for one in containers.find(now, proc, root)}


def told(found: dict[int, Container]) -> dict[int, tuple[str, str, tuple[int, ...]]]:
    return {pid: (one.runtime, one.called, tuple(sorted(one.pids))) for pid, one in found.items()}


def test_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = by_pid("server", tmp_path, monkeypatch)
    assert told(found) == {
        # Who entered the container's network with nsenter is in there, and not its first process
        601: ("docker", "d" * 12, (601, 602, 603, 1201)),
        701: ("docker", "e" * 12, (701,)),
        801: ("podman", "a" * 12, (801,)),
        901: ("nspawn", "box", (901, 902)),
        1001: ("lxc", "old", (1001,)),
        1101: ("lxc", "new", (1101,)),
        1301: ("unshare", "bash", (1300, 1301, 1302)),
        400: ("systemd", "systemd-logind.service", (400,)),
        410: ("systemd", "systemd-networkd.service", (410,)),
    }
    assert [one.real for one in found.values()] == [True] * 7 + [False] * 2
    assert found[601].own == ("uts", "pid", "mnt", "net", "ipc", "cgroup")
    assert found[701].own == ("mnt", "ipc", "cgroup") and found[701].grouped
    assert found[1301].own == ("uts", "pid", "mnt") and not found[1301].grouped


def test_names_are_in_the_runtimes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = by_pid("server", tmp_path, monkeypatch, str(DATA / "root"))
    assert (found[601].name, found[601].image) == ("shop", "nginx:1.25")
    assert (found[801].name, found[801].image) == ("cache", "docker.io/library/redis:7")
    assert (found[901].runtime, found[901].name) == ("nspawn", "box")
    assert (found[1001].runtime, found[1101].runtime) == ("lxc", "incus")
    assert found[601].answers("shop") and found[601].answers("dddd") and not found[601].answers("ddd")
    assert containers.of(1201, found.values()) == found[601]
    assert containers.of(1200, found.values()) is None


def test_a_kubernetes_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three containers share the pod's namespaces and stay three; the pause container is one of them."""
    found = by_pid("node", tmp_path, monkeypatch, str(DATA / "root"))
    assert told(found) == {
        601: ("kubernetes", "0" * 12, (601,)),
        602: ("kubernetes", "prod/web-7d9/web", (602,)),
        603: ("kubernetes", "prod/web-7d9/sidecar", (603,)),
        701: ("kubernetes", "batch/night/job", (701,)),
        800: ("kubernetes", "d" * 12, (800,)),
    }
    assert found[602].pod == POD and found[602].image == "example.org/web:3"
    assert found[602].answers("web")


def test_a_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that were made in one terminal's service are two, and no service."""
    found = by_pid("desktop", tmp_path, monkeypatch)
    assert told(found) == {
        952: ("unshare", "unshare", (952,)),
        953: ("unshare", "unshare", (953,)),
        1001: ("flatpak", "org.gimp.GIMP", (1000, 1001, 1002)),
        1400: ("bubblewrap", "bwrap", (1400,)),
        1100: ("snap", "firefox", (1100,)),
        1201: ("browser", "chromium", (1201, 1202)),
        1301: ("browser", "firefox-esr", (1301,)),
    }
    assert [pid for pid, one in found.items() if not one.real] == [1100, 1201, 1301]


def test_an_ordinary_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths and NSpid are everybody's; what isn't is said to be unknown."""
    found = by_pid("ordinary-user", tmp_path, monkeypatch)
    assert told(found) == {601: ("docker", "d" * 12, (601, 602)), 701: ("unshare", "sh", (701, 702))}
    assert all(one.own is None for one in found.values())


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"Name": 7}', '{"Config": []}', "[" * 9999])
def test_a_broken_file_is_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    files = ("var/lib/docker/containers", D, "config.v2.json"), ("run/runc", "x", "state.json")
    stored = ("var/lib/containers/storage", "overlay-containers", "containers.json")
    for place in (*files, stored):
        file = tmp_path.joinpath("root", *place)
        file.parent.mkdir(parents=True)
        file.write_text(content)
    (tmp_path / "proc").mkdir()
    found = by_pid("server", tmp_path / "proc", monkeypatch, str(tmp_path / "root"))
    assert found[601].called == "d" * 12 and found[801].called == "a" * 12
