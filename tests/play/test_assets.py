"""Do the README's recording and pictures show what nsplay shows?"""

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from nsplay.cast.format import Cast, Event, read
from nsplay.cast.screen import step_rows

ROOT = Path(__file__).parents[2]
OTHERS = {"was", "not", "you"}  # what a busy machine adds: "(was 191, not by you)"


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """assets/make.py."""
    spec = importlib.util.spec_from_file_location("make", ROOT / "assets" / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(cast: Cast) -> set[str]:
    """That stand on its screen: no numbers, no names of this machine."""
    rows = step_rows(cast._replace(events=(Event(0.0, "m", "all"), *cast.events)), "all")
    text = "\n".join("".join(run.text for run in row) for row in rows).replace(os.uname().nodename, "")
    return set(re.findall(r"[A-Za-z][A-Za-z-]{2,}", text))


def test_the_step_says_today_what_it_says_in_the_readme(make: ModuleType, tmp_path: Path) -> None:
    shown, today = words(read(str(make.CAST))), words(read(str(make.rehearsed(str(tmp_path)))))
    assert len(shown) > 40
    assert shown - today == set()
    assert today - shown <= OTHERS


def test_the_readme_shows_them_all(make: ModuleType) -> None:
    readme = (ROOT / "README.md").read_text()
    for path in (make.CAST, *make.PICTURES.values()):
        assert f"assets/{path.name}" in readme


def test_what_is_out_of_date_is_told(
    make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert make.stale() == []
    cast = tmp_path / "uts.cast"
    cast.write_text(make.CAST.read_text().replace("uts/name ", "uts/name f"))
    pictures = {background: tmp_path / path.name for background, path in make.PICTURES.items()}
    for background, path in pictures.items():
        path.write_text(make.PICTURES[background].read_text())
    pictures["light"].write_text("drawn by hand")
    monkeypatch.setattr(make, "CAST", cast)
    monkeypatch.setattr(make, "PICTURES", pictures)
    wording, drawing = make.stale()
    assert "another wording" in wording
    assert "uts-light.svg isn't what is drawn" in drawing
    assert make.main(["--draw"]) == 0
    assert make.stale() == [wording]
    assert make.main(["--check"]) == 1
