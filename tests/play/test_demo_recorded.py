"""A recording of the rehearsal as the last resort: shown by one key, labelled, and back to where one was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nsplay.lesson.course import lessons_folder
from tests.play.learner import Learner, learner
from tests.play.test_demo import DARK, WHOLE

STEP = "uts/let-go"  # the last one: its rehearsal is short
TAKE = "nsplay/rehearsals/uts/let-go.en.cast"


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder in which that step was rehearsed."""
    state = tmp_path_factory.mktemp("rehearsed")
    with learner(state, "demo", STEP, "--rehearse") as person:
        assert person.gone(WHOLE) == 0
        assert "Recorded: 1 of 1 steps" in " ".join(person.text().split())
    assert (state / TAKE).exists()
    return state


@pytest.fixture
def presenter(rehearsed: Path) -> Iterator[Learner]:
    with learner(rehearsed, "demo", STEP) as person:
        person.until(r"Let it go.*exit.*READY# ?$")
        yield person


def test_a_key_shows_it_and_leads_back(presenter: Learner) -> None:
    presenter.key(",").until(
        r"RECORDED \d{4}-\d\d-\d\d \d\d:\d\d +Linux \d.*Let it go.*# e.*RECORDED, not live"
    )
    assert DARK in presenter.screen.mode  # (the alternate screen)
    for columns, lines in ((50, 15), (160, 50), (80, 24)):
        presenter.resize(columns, lines).until("RECORDED, not live")
        presenter.meets(lambda: presenter.screen.rows()[0].startswith(" RECORDED 2"))
        assert max(map(len, presenter.screen.rows())) < columns
    presenter.key("\r").until(r"# exit\n")  # as it was typed
    for _ in range(4):  # the commands, one after the other
        presenter.key("\r")
    presenter.until(r"rm /run/kept.*any key: back")
    presenter.key("x").meets(lambda: DARK not in presenter.screen.mode)
    presenter.key("\r").until("what changed.*the host's.*Enter type it")  # this one is real


def test_every_other_key_leads_back_at_once(presenter: Learner) -> None:
    for key in ("\x1b", "\x1b[5~", ",", "\x03", "q"):
        presenter.key(",").meets(lambda: DARK in presenter.screen.mode)
        presenter.key(key).meets(lambda: DARK not in presenter.screen.mode)
    presenter.key("\r").until("what changed.*the host's.*Enter type it")


def test_the_keys_tell_of_it(presenter: Learner) -> None:
    assert ", recorded" in presenter.text()


def test_one_of_another_version_says_so(rehearsed: Path, tmp_path: Path) -> None:
    take = tmp_path / TAKE
    take.parent.mkdir(parents=True)
    head, rest = (rehearsed / TAKE).read_text().split("\n", 1)
    take.write_text(head.replace("uts/let-go ", "uts/let-go f") + "\n" + rest)
    with learner(tmp_path, "demo", STEP) as person:
        person.until(r"Let it go.*READY# ?$")
        person.key(",").until("RECORDED.*another version of this lesson.*Let it go")


def test_without_a_recording_and_with_a_damaged_one(tmp_path: Path) -> None:
    with learner(tmp_path, "demo", STEP) as person:
        person.until(r"Let it go.*READY# ?$")
        assert ", recorded" not in person.text()
        person.key(",").until(rf"no recording of this step.*nsplay demo {STEP} --rehearse.*READY# ?$")
        (tmp_path / TAKE).parent.mkdir(parents=True)
        (tmp_path / TAKE).write_bytes(b"\0\xff[1")
        person.key(",").until(r"The recording can't be shown.*is no recording.*READY# ?$")
        person.key("\r").until(r"READY# exit\n")


def test_where_the_machine_cannot_the_recordings_are_told_of(rehearsed: Path, tmp_path: Path) -> None:
    lesson = tmp_path / "lessons" / "uts" / "lesson.md"
    lesson.parent.mkdir(parents=True)
    text = Path(lessons_folder(), "uts", "lesson.md").read_text()
    lesson.write_text(text.replace("needs = {", 'needs = { kernel = "99.1",'))
    for state, told in ((rehearsed, True), (tmp_path, False)):
        with learner(state, "demo", STEP, NSPLAY_LESSONS=str(tmp_path / "lessons")) as person:
            assert person.gone() == 3
            assert "99.1" in person.text()
            assert ("rehearsals/uts: `nsplay render" in person.text().replace("\n", "")) == told
