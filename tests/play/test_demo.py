"""A lesson that types itself before a room: by the presenter's keys, with a detour, and without anybody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import patience
from tests.play.learner import Learner

READY = "READY#"  # (with a blank at its end it would be asked whether nsplay edits the line)
TO_STEP_2 = (
    rf"{READY} uname -n\n\S+\n{READY}",
    f"For more details.*{READY}",
    f"step 1 of 10 done\n{READY}",
    f"Give it a name.*dark\n{READY}",
)
WHOLE = patience(120.0)  # seconds that a whole lesson may take
DARK = 1049 << 5  # pyte's number for the alternate screen


@pytest.fixture
def presenter(tmp_path: Path) -> Iterator[Learner]:
    """Before the first step of the UTS lesson."""
    person = Learner(tmp_path, "demo", "uts")
    try:
        yield person.until(f"Make a UTS namespace.*{READY}")
    finally:
        person.close()


def test_a_key_types_the_next_command_and_one_more_goes_on(presenter: Learner) -> None:
    presenter.key("\r").until(r"# uname -n\n\S+\nREADY#")
    presenter.key("\x1b[6~").until(r"# unshare -h\n.*For more details.*READY#")
    presenter.key(" ").until(r"# unshare -u /bin/sh\n.*step 1 of 10 done")
    presenter.key("\r").until("Give it a name.*step 2 of 10|step 2 of 10.*Give it a name")


def test_keys_pressed_while_it_types_are_dropped(presenter: Learner) -> None:
    presenter.key("\r").until(f"{READY} una")
    presenter.key("\r\rls\r").until(r"# uname -n\n\S+\nREADY#")
    assert presenter.text().count("READY#") == 2


def test_ctrl_c_stops_it(presenter: Learner) -> None:
    presenter.key("\r").until(f"{READY} una")
    presenter.key("\x03").until(rf"READY# una[^\n]*\^C\n{READY}")
    presenter.key("\r").until(r"# uname -n\n\S+\nREADY#")


def test_a_letter_takes_over_until_it_is_given_back(presenter: Learner) -> None:
    presenter.key("pwd").until("READY# pwd")
    presenter.key("\r").until(r"READY# pwd\n/\S*\n")
    presenter.key("id -u\r").until(r"READY# id -u\n0\n")
    presenter.key("\x1d").until("The lesson types again")
    presenter.key("\r").until(r"# uname -n\n\S+\nREADY#")


def test_a_line_may_be_edited_before_it_is_entered(presenter: Learner) -> None:
    presenter.key("\t").until("READY# uname -n$")
    presenter.key("r\r").until(r"READY# uname -nr\n")
    presenter.key("\r").until(r"# uname -n\n\S+\nREADY#")  # the lesson's own is still to come


def test_after_a_detour_it_asks_and_repairs(presenter: Learner) -> None:
    for pattern in TO_STEP_2:
        presenter.key("\r").until(pattern)
    presenter.key("xit").until("# xit$")
    presenter.key("\x01e\r").until("start a shell with unshare")
    presenter.key("\x1d").until("This step isn't done. What now")
    presenter.key("r").until(r"hostname my-new-hostname.*step 2 of 10 done")
    presenter.key("\r").until(r"# uname -n\nmy-new-hostname\n")
    presenter.key("\r").until("The second name")


def test_after_commands_that_fail_it_asks_and_starts_over(presenter: Learner) -> None:
    for pattern in TO_STEP_2:
        presenter.key("\r").until(pattern)
    presenter.key("PATH=/nowhere").until("# PATH=/nowhere$").key("\r").until("# PATH=/nowhere\n.*READY#")
    presenter.key("\x1d").until("The lesson types again")
    presenter.key("\r").until("# hostname my-new-hostname\n.*hostname.*not found.*READY#")
    presenter.key("\r").until("# uname -n\n.*not found.*This step isn't done. What now.*start the step over")
    assert ", show the recording" not in presenter.text()  # there is none
    presenter.key("s").until("doing steps? 1.*Give it a name.*Enter type it.*READY#")
    presenter.key("\r").until("hostname my-new-hostname.*step 2 of 10 done")


def test_page_up_leads_back(presenter: Learner) -> None:
    for pattern in TO_STEP_2:
        presenter.key("\r").until(pattern)
    presenter.key("\x1b[5~").until("Give it a name.*Make a UTS namespace.*READY#")


def test_a_dark_screen_until_a_key(presenter: Learner) -> None:
    presenter.key(".").meets(lambda: DARK in presenter.screen.mode)
    presenter.key("x").meets(lambda: DARK not in presenter.screen.mode)
    presenter.key("\r").until(rf"uname -n\n\S+\n{READY}")


def test_the_menu_leaves_and_says_where_to_go_on(presenter: Learner) -> None:
    presenter.key("\x1d").until("leave")
    presenter.key("q").until("nsplay demo uts/make")
    assert presenter.gone() == 0


def test_by_itself(tmp_path: Path) -> None:
    person = Learner(tmp_path, "demo", "uts/let-go", "--auto", "0.2")
    try:
        person.until("step 10 of 10 done.*Receipt|receipt")
        assert person.gone() == 0
    finally:
        person.close()


@pytest.mark.parametrize("lesson", ["uts", "mount"])
def test_a_rehearsal_plays_all_and_is_no_progress(tmp_path: Path, lesson: str) -> None:
    person = Learner(tmp_path, "demo", lesson, "--rehearse", "--plain")
    try:
        assert person.gone(WHOLE) == 0
        text = " ".join(person.text().split())
        assert "are left to talk" in text
        assert "not done by its own commands" not in text
        assert not (tmp_path / "nsplay" / "progress.json").exists()
    finally:
        person.close()


def test_of_what_there_is_no_demo(tmp_path: Path) -> None:
    for words, said in ((["demo"], "wants a lesson"), (["demo", "no-such"], "no-such")):
        person = Learner(tmp_path, *words)
        try:
            assert person.gone() == 2
            assert said in person.text()
        finally:
            person.close()


def test_for_the_back_row(tmp_path: Path) -> None:
    person = Learner(tmp_path, "demo", "uts/name", "--big", size=(60, 20))
    try:
        person.until("Give it a name.*c +neither.*#")
        person.key("\r").until("IN HERE.*-> my-new-hostname.*THE HOST.*unchanged.*names the UTS namespace")
        rows = person.screen.rows()
        assert "namespaces" not in " ".join(rows)  # one view, and no keys
        assert "Enter" not in " ".join(rows)
        assert max(len(row) for row in rows) <= 60
    finally:
        person.close()
