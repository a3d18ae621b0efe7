"""Ids and capabilities of recorded processes."""

from pathlib import Path

import pytest

from nsplay.kernel import identity
from nsplay.kernel.identity import MapRow

DATA = Path(__file__).parents[1] / "data"
DEBIAN, CENTOS, CONTAINER = (str(DATA / f"proc-{name}") for name in ("debian12", "centos7", "container"))


def test_root_of_a_user_namespace_is_somebody_outside() -> None:
    who = identity.read(900, DEBIAN)
    assert (who.uid, who.uids.effective, who.gid, who.gids.effective) == (0, 1000, 0, 1000)
    assert who.uid_map == (MapRow(inside=0, outside=1000, size=1),)
    assert who.setgroups == "deny"
    assert "sys_admin" in who.capabilities.effective


def test_our_own_map_is_not_applied_twice() -> None:
    """Within a container the status shows inner ids already, and its map leads to the machine."""
    who = identity.read(1, CONTAINER)
    assert (who.uid, who.uids.effective) == (0, 0)
    assert who.uid_map == (MapRow(0, 100000, 65536),)


def test_our_own_map_is_known_without_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> str:
        raise PermissionError(path)

    monkeypatch.setattr("os.readlink", refuse)
    assert identity.read(1, CONTAINER).uid == 0
    assert identity.read(900, DEBIAN).uid == 0


def test_an_id_without_a_place_in_the_map() -> None:
    assert identity.inner(7, [MapRow(0, 1000, 1)]) == identity.OVERFLOW == 65534
    assert identity.inner(7, []) == 65534
    rows = [MapRow(0, 1000, 1), MapRow(1, 100000, 65536)]
    assert [identity.inner(outer, rows) for outer in (1000, 100000, 165535, 165536)] == [0, 1, 65536, 65534]


def test_capabilities_as_words() -> None:
    assert identity.words(0) == frozenset()
    assert identity.words(1 << 21 | 1) == {"chown", "sys_admin"}
    assert identity.words(1 << 40 | 1 << 63) == {"checkpoint_restore", "63"}


def test_docker_default_set_in_the_kernels_order() -> None:
    words = identity.ordered(identity.read(1, CONTAINER).capabilities.bounding)
    assert words == (
        *(
            "chown",
            "dac_override",
            "fowner",
            "fsetid",
            "kill",
            "setgid",
            "setuid",
            "setpcap",
            "net_bind_service",
        ),
        *("net_raw", "sys_chroot", "mknod", "audit_write", "setfcap"),
    )
    assert identity.ordered({"100", "63", "setfcap", "chown"}) == ("chown", "setfcap", "63", "100")


def test_privileges() -> None:
    who = identity.read(1, CONTAINER)
    assert (who.no_new_privs, who.seccomp) == (True, "filter")
    who = identity.read(1, DEBIAN)
    assert (who.no_new_privs, who.seccomp, who.filters) == (False, "none", None)


def test_how_many_filters(tmp_path: Path) -> None:
    with_filters = (
        (Path(DEBIAN) / "1/status").read_text().replace("Seccomp:\t0", "Seccomp:\t2\nSeccomp_filters:\t3")
    )
    (tmp_path / "1").mkdir()
    (tmp_path / "1/status").write_text(with_filters)
    for name in ("uid_map", "gid_map"):
        (tmp_path / "1" / name).touch()
    who = identity.read(1, str(tmp_path))
    assert (who.seccomp, who.filters) == ("filter", 3)


def test_an_old_kernel_says_less() -> None:
    who = identity.read(701, CENTOS)
    assert (who.uid, who.uid_map, who.setgroups, who.no_new_privs, who.seccomp) == (0, (), "", None, None)
    assert who.capabilities.ambient == frozenset()


def test_a_status_cut_short_is_a_process_that_ended() -> None:
    with pytest.raises(ProcessLookupError):
        identity.read(906, DEBIAN)
    with pytest.raises(ProcessLookupError):
        identity.read(4711, DEBIAN)


def test_an_id_as_somebody_around_has_it() -> None:
    """On an ordinary user's stage, whose 0 is the machine's 1000."""
    stage = (MapRow(0, 1000, 1),)
    assert identity.as_in(1000, [MapRow(7, 1000, 1)], stage) == (0, (MapRow(7, 0, 1),))
    assert identity.as_in(5, [MapRow(0, 5, 1)], stage) == (
        identity.OVERFLOW,
        (MapRow(0, identity.OVERFLOW, 1),),
    )
    everybody = (MapRow(0, 0, 0xFFFFFFFF),)
    assert identity.as_in(1000, stage, everybody) == (1000, stage)
