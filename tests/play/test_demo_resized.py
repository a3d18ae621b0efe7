"""A terminal that gets another size in a demo: what comes is drawn for it, and a recording plays at every one."""

import re
from pathlib import Path

import pytest

from nsplay.cast.film import film
from nsplay.cast.format import Cast, read
from nsplay.cast.movie import movie
from nsplay.cast.screen import step_rows
from tests.play.learner import Learner, learner

NARROW, WIDE, USUAL = (50, 15), (160, 50), (80, 24)


def shown(cast: Cast, step: str) -> str:
    return "\n".join("".join(run.text for run in row).rstrip() for row in step_rows(cast, step))


def fits(person: Learner, columns: int) -> None:
    """Is what stands on the screen no wider than this, though there was room once?"""
    rows = person.screen.rows()
    assert max(map(len, rows)) <= columns, "\n".join(rows)


def test_while_it_types_while_a_page_shows_and_while_a_command_runs(tmp_path: Path) -> None:
    path = tmp_path / "resized.cast"
    with learner(tmp_path, "demo", "uts", "--record", str(path), size=USUAL) as person:
        person.until(r"Make a UTS namespace.*READY# ?$")
        person.key("\r").until("READY# una").resize(*NARROW)  # while it types
        person.until(r"uname -n\n\S+\nREADY#")
        person.key("\r").until("For more details.*READY#")
        person.key("\r").until("step 1 of 10 done|unshare -u. made a UTS")
        fits(person, 50)
        person.key("\r").until(r"Give it a name.*READY# ?$")
        fits(person, 50)
        person.resize(*WIDE)  # while the page shows
        person.key("\r").until(r"what changed.*step 2 of 10 done.*READY# ?$")
        title = next(row for row in person.screen.rows() if "what changed" in row)
        assert len(title) > 80
        person.key("cat").until("READY# cat$").key("\r").runs("cat").resize(*USUAL)  # while a command runs
        person.key("still here\r").until("still here\nstill here").key("\x04").until(r"READY# ?$")
        person.type("stty size", r"24 80\n")
        person.key("\x1d").until("The lesson types again")
        person.key("\r").until(r"uname -n\nmy-new-hostname\n").key("\r").until("The second name")
        fits(person, 80)
        person.key("\x1d").until("leave").key("q")
        assert person.gone() == 0
    cast = read(str(path))
    assert [event.data for event in cast.events if event.code == "r"] == ["50x15", "160x50", "80x24"]
    told = shown(cast, "name")
    for words in ("Give it a name", "my-new-hostname", "still here", "24 80", "step 2 of 10 done"):
        assert words in told
    assert "The second name" in movie(cast)
    assert "The second name" in film(cast)


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_for_the_back_row(tmp_path: Path, size: tuple[int, int]) -> None:
    with learner(tmp_path, "demo", "uts/name", "--big", size=(60, 20)) as person:
        person.until("Give it a name.*c +neither.*#")
        person.resize(*size)
        person.key("\r").until("IN HERE.*my-new-hostname.*THE HOST.*names the UTS namespace")
        fits(person, 60)
        assert not re.search(r"\S{61}", person.text())
