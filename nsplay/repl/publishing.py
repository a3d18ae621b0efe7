"""What a session tells other processes about itself (nsplay/sessions.py has the file and its readers)."""

import contextlib
import os
from pathlib import Path

from nsplay import sessions
from nsplay.facts import facts
from nsplay.repl.pty import OpenShell
from nsplay.repl.session import Session
from nsplay.settings import Settings
from nsplay.stage.stage import Stage


class Publisher:
    """Keeps the file of the session on one stage. `with Publisher(...)`: at its end the file is gone.

    Where the state folder can't be written, nobody finds the session, and it is played all the same.
    """

    def __init__(self, settings: Settings, stage: Stage, lessons: str) -> None:
        """lessons: the folder that the lesson lies in."""
        self._lessons, self._stage, self._state = lessons, stage, Path(settings.state)
        self._shells: dict[int, int] = {}
        self._began = sessions.started(os.getpid()) or 0

    def opener(self, number: int) -> OpenShell:
        """The stage's open_terminal; the shell is told of as that terminal's from its first prompt on."""

        def open_terminal(tty: int, argv: list[str], env: dict[str, str], cwd: str) -> int:
            self._shells[number] = shell = self._stage.open_terminal(tty, argv, env, cwd)
            return shell

        return open_terminal

    def tell(self, play: Session) -> None:
        """The session as it is now."""
        if not play.before or not play.start:
            return  # the stage is still being brought to the step
        deed = play.latest
        with contextlib.suppress(OSError):
            sessions.publish(
                self._state,
                sessions.Running(
                    pid=os.getpid(),
                    began=self._began,
                    stage=self._stage.pid,
                    warden=self._stage.warden,
                    shells=tuple(self._shells.get(number, 0) for number in range(1, max(self._shells) + 1)),
                    lessons=self._lessons,
                    lesson=play.lesson.id,
                    step=play.step.id,
                    lang=play.lesson.lang,
                    done=play.done,
                    before=facts(play.before),
                    start=facts(play.start),
                    last=sessions.Command(deed.line, facts(deed.before), facts(deed.after)) if deed else None,
                    todo=tuple((move.line, move.terminal) for move in play.moves()[play.typed :]),
                ),
            )

    def __enter__(self) -> "Publisher":
        sessions.sweep(self._state)
        return self

    def __exit__(self, *_: object) -> None:
        sessions.withdraw(self._state, os.getpid())
