"""What container runtimes have written down about their containers: names and images, read from their state files.

No daemon is asked. Where a file is missing, broken, or not for us to read, there is a number and no name.
"""

import contextlib
import glob
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from nsplay.kernel.runtimes import Origin

_LARGEST: Final = 4 << 20  # bytes of a state file that are read
# Below a root folder, and for a runtime without a daemon also below a home ($HOME) or $XDG_RUNTIME_DIR ($RUN)
_DOCKER: Final = ("var/lib/docker/containers", "$HOME/.local/share/docker/containers")
_STORAGE: Final = (
    "var/lib/containers/storage",
    "run/containers/storage",
    "$HOME/.local/share/containers/storage",
)
_BUNDLES: Final = (
    "run/containerd/io.containerd.runtime.v2.task/*/{id}/config.json",
    "run/containers/storage/overlay-containers/{id}/userdata/config.json",
    "var/lib/containers/storage/overlay-containers/{id}/userdata/config.json",
)
_RUNC: Final = ("run/runc", "run/user/*/runc")
_CRUN: Final = ("run/crun", "run/user/*/crun")
_LXC: Final = (
    ("incus", "var/lib/incus/containers"),
    ("lxd", "var/snap/lxd/common/lxd/containers"),
    ("lxd", "var/lib/lxd/containers"),
)
# Annotations of a bundle (config.json of the OCI runtime specification): container, pod, pod's namespace, image
_ANNOTATIONS: Final = (
    ("io.kubernetes.cri.container-name", "io.kubernetes.container.name", "nerdctl/name"),
    ("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"),
    ("io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"),
    ("io.kubernetes.cri.image-name", "io.kubernetes.cri-o.ImageName"),
)
_LOG: Final = re.compile(r"(?P<pod>[^_/]+)_(?P<namespace>[^_/]+)_(?P<name>[^/]+)-[0-9a-f]{64}\.log")


class Named(NamedTuple):
    """What is written of a container. Empty: nothing is. image: as it was asked for."""

    runtime: str = ""  # where it is another one than the path says
    name: str = ""
    image: str = ""


def named(origin: Origin, home: str = "", root: str = "/") -> Named:
    """What the files say of a container whose path is known. home: of the user that it runs as."""
    if origin.runtime == "docker":
        return _docker(origin.id, home, root)
    if origin.runtime in ("podman", "buildah"):
        return _storage(origin.id, home, root)
    if origin.runtime in ("kubernetes", "containerd", "cri-o"):
        return _bundle(origin.id, root) or _log(origin.id, root)
    if origin.runtime == "lxc":
        return next(
            (Named(runtime) for runtime, folder in _LXC if _there(root, folder, origin.name)), Named()
        )
    return Named()


def by_pid(root: str = "/") -> Mapping[int, Named]:
    """First process → what the files of runc, crun and systemd-machined say of its container: their paths may be anything."""
    return {
        **{pid: Named("runc", name) for pid, name in _states(root, _RUNC, "state.json", "init_process_pid")},
        **{pid: Named("crun", name) for pid, name in _states(root, _CRUN, "status", "pid")},
        **dict(_machines(root)),
    }


def _json(path: str) -> Any:
    """What a file holds; None when it isn't there, isn't for us, or is no JSON."""
    with contextlib.suppress(OSError, ValueError, RecursionError), open(path, "rb") as file:
        return json.loads(file.read(_LARGEST))
    return None


def _get(found: Any, *keys: str) -> Any:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _word(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _folders(root: str, folders: tuple[str, ...], home: str) -> Iterator[str]:
    for folder in folders:
        if not folder.startswith("$HOME"):
            yield os.path.join(root, folder)
        elif home:
            yield os.path.join(root, folder.replace("$HOME", home.lstrip("/"), 1))


def _there(root: str, folder: str, name: str) -> bool:
    return os.path.isdir(os.path.join(root, folder, name))


def _docker(number: str, home: str, root: str) -> Named:
    for folder in _folders(root, _DOCKER, home):
        if found := _json(f"{folder}/{number}/config.v2.json"):
            return Named("", _word(_get(found, "Name")).lstrip("/"), _word(_get(found, "Config", "Image")))
    return Named()


def _storage(number: str, home: str, root: str) -> Named:
    """containers/storage keeps a list for each of its drivers."""
    for folder in _folders(root, _STORAGE, home):
        for path in glob.iglob(f"{glob.escape(folder)}/*-containers/*containers.json"):
            rows = _json(path)
            for row in rows if isinstance(rows, list) else ():
                if _get(row, "id") == number:
                    names, told = _get(row, "names"), {}
                    with contextlib.suppress(ValueError, RecursionError):
                        told = json.loads(_word(_get(row, "metadata")) or "{}")
                    first = names[0] if isinstance(names, list) and names else _get(told, "name")
                    return Named("", _word(first), _word(_get(told, "image-name")))
    return Named()


def _bundle(number: str, root: str) -> Named | None:
    for pattern in _BUNDLES if number else ():
        for path in glob.iglob(os.path.join(glob.escape(root), pattern.format(id=number))):
            notes = _get(_json(path), "annotations")
            name, pod, space, image = (
                next(filter(None, (_word(_get(notes, key)) for key in keys)), "") for keys in _ANNOTATIONS
            )
            if name or pod:
                return Named("", "/".join(filter(None, (space, pod, name or "(pause)"))), image)
    return None


def _log(number: str, root: str) -> Named:
    """The kubelet links each container's log by all of its names."""
    for path in (
        glob.iglob(os.path.join(glob.escape(root), f"var/log/containers/*-{number}.log")) if number else ()
    ):
        if found := _LOG.fullmatch(os.path.basename(path)):
            return Named("", "/".join((found["namespace"], found["pod"], found["name"])))
    return Named()


def _states(root: str, folders: tuple[str, ...], file: str, key: str) -> Iterator[tuple[int, str]]:
    for folder in folders:
        for path in glob.iglob(os.path.join(glob.escape(root), folder, "*", file)):
            pid = _get(_json(path), key)
            if isinstance(pid, int):
                yield pid, os.path.basename(os.path.dirname(path))


def _machines(root: str) -> Iterator[tuple[int, Named]]:
    """systemd-machined: one file a machine, also of those that others have registered (virtual machines are no containers)."""
    for path in glob.iglob(os.path.join(glob.escape(root), "run/systemd/machines/*")):
        try:
            with open(path, errors="replace") as file:
                told = dict(line.partition("=")[::2] for line in file.read(_LARGEST).splitlines())
        except OSError:
            continue
        if told.get("CLASS") == "container" and told.get("LEADER", "").isdigit():
            runtime = {"systemd-nspawn": "nspawn"}.get(told.get("SERVICE", ""), "machined")
            yield int(told["LEADER"]), Named(runtime, told.get("NAME", ""))
