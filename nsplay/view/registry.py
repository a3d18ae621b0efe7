"""Every view by its name: what a lesson's `views` and `:show` may call for."""

from collections.abc import Iterable, Mapping
from typing import Final

from nsplay.view import groups
from nsplay.view.base import View
from nsplay.view.capabilities import Capabilities
from nsplay.view.cgroup import Cgroup
from nsplay.view.clocks import Clocks
from nsplay.view.files import Files
from nsplay.view.hostname import Hostname
from nsplay.view.ids import Ids
from nsplay.view.ipc import Ipc
from nsplay.view.links import Links
from nsplay.view.mounts import Mounts
from nsplay.view.namespaces import Namespaces
from nsplay.view.ps import Ps
from nsplay.view.tree import Tree

VIEWS: Final[Mapping[str, View]] = {
    view.name: view
    for view in (
        Hostname(),
        Ps(),
        Mounts(),
        Namespaces(),
        Cgroup(),
        Links(),
        Ids(),
        Ipc(),
        Clocks(),
        Capabilities(),
        Files(),
        Tree(),
        *groups.VIEWS,
    )
}


def parts_for(names: Iterable[str]) -> frozenset[str]:
    """What a snapshot must hold for these views. KeyError for a name that is no view's."""
    return frozenset().union(*(VIEWS[name].parts for name in names))
