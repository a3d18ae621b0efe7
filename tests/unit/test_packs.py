"""Lessons by others: found, named, told what is wrong with them; and our own course is there whatever they are."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nsplay.errors import UsageError
from nsplay.lesson import packs
from nsplay.lesson.course import lessons_folder
from nsplay.lesson.loader import load
from nsplay.lesson.packs import everything, in_pack, lookup
from nsplay.listing import list_lessons, rows, troubles
from nsplay.repl.trust import digest
from nsplay.settings import Settings

LESSON = Path("lessons/uts/lesson.md").read_text()


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    packs.installed.cache_clear()
    yield
    packs.installed.cache_clear()


def lessons(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "lesson.md").write_text(LESSON)
    return folder


def settings(tmp_path: Path, pack: Path | str = "") -> Settings:
    state = str(tmp_path / "state")
    return Settings("en", False, True, lessons_folder(), state, False, "edit", str(pack))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Installs a package as pip leaves it: its folder, and a dist-info that importlib.metadata reads."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def write(point: str, *names: str, package: str = "their_pack", text: str = "") -> Path:
        info = site / f"{package}-1.5.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(text or f"[nsplay.lessons]\n{point}\n")
        folder = site / package
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").write_text("raise SystemExit('the package was executed')")
        return lessons(folder, *names)

    return write


@pytest.mark.parametrize("inner", ["", "lessons"])
def test_a_checkout_adds_its_lessons_to_the_course(tmp_path: Path, inner: str) -> None:
    checkout = tmp_path / "My Pack"
    lessons(checkout / inner, "mine", "uts", "list")
    there = settings(tmp_path, checkout)
    ids = [place.id for place in everything(there)]
    assert ids[-3:] == ["my-pack:list", "my-pack:mine", "my-pack:uts"] and "uts" in ids and len(ids) == 31
    assert lookup(there, "mine").id == "my-pack:mine"  # nobody else has it
    assert lookup(there, "uts").pack is None  # a pack's never takes the place of ours
    assert lookup(there, "nsplay:uts").folder == lookup(there, "uts").folder
    assert lookup(there, "my-pack:uts").folder == str(checkout / inner / "uts")
    assert [row.pack for row in rows(there)][-3:] == ["my-pack"] * 3


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    there = settings(tmp_path, lessons(tmp_path / "a", "one"))
    for name, says in {
        "a:two": "no lesson two",
        "b:one": "no pack b",
        "nowhere": "no lesson nowhere",
    }.items():
        with pytest.raises(UsageError, match=says):
            lookup(there, name)


def test_an_installed_package_is_a_pack_and_no_line_of_it_is_executed(
    tmp_path: Path, install: Callable[..., Path]
) -> None:
    folder = install("theirs = their_pack", "one")
    (place,) = (place for place in everything(settings(tmp_path)) if place.pack)
    assert place.id == "theirs:one" and place.folder == str(folder / "one")
    assert place.pack and place.pack.source == "their_pack 1.5"
    assert "their_pack" not in sys.modules


def test_a_folder_within_a_package(tmp_path: Path, install: Callable[..., Path]) -> None:
    folder = install("theirs = their_pack.more", "more/lessons/one")
    assert lookup(settings(tmp_path), "theirs:one").folder == str(folder / "more" / "lessons" / "one")


@pytest.mark.parametrize(
    ("point", "says"),
    [
        ("theirs = gone", "there is no package gone"),
        ("theirs = their_pack.gone", "there is no package their_pack.gone"),
        ("theirs = json.decoder", "there is no package json.decoder"),
        ("theirs = os", "there is no package os"),
        ("theirs = their_pack:make", "is no package's name"),
        ("theirs = their_pack", "there are no lessons in"),
        ("nsplay = their_pack", "nsplay is no name for a pack"),
        ("Theirs = their_pack", "Theirs is no name for a pack"),
        ("theirs", ""),
        ("= x\n=\n[", ""),
    ],
)
def test_a_broken_package_is_told_and_the_course_is_there(
    tmp_path: Path,
    install: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
    point: str,
    says: str,
) -> None:
    install(point)
    there = settings(tmp_path)
    assert list_lessons(there, as_json=False) == 0
    out = capsys.readouterr().out
    assert "uts" in out and says in out and (not says or "! " in out)
    assert len(list(everything(there))) == 28


def test_two_packs_of_one_name(tmp_path: Path, install: Callable[..., Path]) -> None:
    install("theirs = their_pack", "one")
    checkout = lessons(tmp_path / "theirs", "two")
    there = settings(tmp_path, checkout)
    assert [place.id for place in everything(there)][28:] == ["theirs:two"]
    (trouble,) = troubles(there)
    assert "their_pack 1.5" in trouble and f"another pack is called theirs, too: {checkout}" in trouble


def test_one_id_in_two_packs(tmp_path: Path, install: Callable[..., Path]) -> None:
    install("theirs = their_pack", "one")
    with pytest.raises(UsageError, match="2 packs have a lesson one: mine:one, theirs:one"):
        lookup(settings(tmp_path, lessons(tmp_path / "mine", "one")), "one")


def test_folders_of_any_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many, loop, broken = tmp_path / "many", tmp_path / "loop", tmp_path / "broken"
    many.mkdir()
    for number in range(10_000):
        (many / f"f{number}").touch()
    lessons(many, *(f"l{number}" for number in range(201)))
    (lessons(loop, "one") / "self").symlink_to(loop)
    (loop / "two").mkdir()
    (loop / "two" / "lesson.md").symlink_to("lesson.md")
    lessons(broken, "one")
    (broken / "course.toml").write_text("order = [")
    says = {many: "more than 200", broken: "course.toml", tmp_path / "state" / "x": ""}
    for folder in (many, broken):
        (trouble,) = troubles(settings(tmp_path, folder))
        assert says[folder] in trouble
        assert len(list(everything(settings(tmp_path, folder)))) == 28
    assert list_lessons(settings(tmp_path, loop), as_json=True) == 0
    found = {row["id"]: row for row in json.loads(capsys.readouterr().out)["lessons"]}
    assert found["loop:one"]["runnable"] and "can't be read" in found["loop:two"]["why_not"]
    assert "loop:self" not in found


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: becomes an ordinary user")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    folder = lessons(tmp_path / "shut", "one")
    os.chmod(tmp_path, 0o755)
    os.chmod(folder, 0o700)
    child = os.fork()
    if child == 0:
        try:
            os.setresuid(65534, 65534, 65534)
            os._exit(0 if "can't be read" in packs.of_folder(str(folder)).problem else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


def test_what_may_run_is_what_is_trusted(tmp_path: Path) -> None:
    folder = lessons(tmp_path, "one") / "one"

    def after(old: str, new: str) -> str:
        assert old in LESSON
        (folder / "lesson.md").write_text(LESSON.replace(old, new, 1))
        return digest(load(str(folder)))

    first = digest(load(str(folder)))
    assert after("title = ", "title =  ") == first
    assert after("# unshare", "# id; unshare") != first
    assert after('tools = ["', 'features = ["disk"], tools = ["') != first


def test_an_id_within_its_pack() -> None:
    assert [in_pack(name) for name in ("uts", "a:uts")] == ["uts", "uts"]
