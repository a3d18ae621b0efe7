"""What the learner asks of nsplay at the prompt: Enter after a done step, a guess, a colon command."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from nsplay.lesson.model import Move
from nsplay.repl.listener import Reply

if TYPE_CHECKING:
    from nsplay.repl.session import Session

LETTERS = "abcdefgh"


def submit(play: "Session", line: str) -> Reply | None:
    """A line at the prompt: Enter after a done step, a guess, a colon command; everything else is the shell's."""
    word, _, argument = line.strip().partition(" ")
    if not word and play.done and not play.playing:
        return _next(play)
    if _is_guess(play, word) and not argument:
        return _take_guess(play, word)
    if len(word) > 1 and word.startswith(":") and word[1:].replace("-", "").isalpha():
        return _colon(play, word, argument.strip(), line)
    return None


def _is_guess(play: "Session", word: str) -> bool:
    predict = play.step.predict
    if not predict or play.done or play.playing or len(word) != 1:
        return False
    return word in LETTERS[: len(predict.options)]


def _take_guess(play: "Session", letter: str) -> Reply:
    play.tally.guesses += play.guess is None  # another letter changes it
    play.guess = LETTERS.index(letter)
    return Reply(text=play.pages.guessed(play, letter))


def _next(play: "Session") -> Reply:
    if play.at + 1 == len(play.lesson.steps):
        play.finished = True
        return Reply(leave="finished")
    play.enter(play.at + 1)
    play.progress.stand(play.lesson.id, play.step.id)
    play.before = play.last = play.look()
    play.publish(play)
    return Reply(text=play.pages.task(play))


def _colon(play: "Session", word: str, argument: str, line: str) -> Reply | None:
    deeds: dict[str, Callable[[], Reply]] = {
        ":next": lambda: (
            _next(play) if play.done else Reply(text=play.pages.answer(play, ":not-done", "") or "")
        ),
        ":reset": lambda: Reply(leave="rebuild"),
        ":again": lambda: Reply(leave="rebuild"),
        ":back": partial(_back, play),
        ":skip": partial(_skip, play),
        ":run": partial(_run, play),
        ":play": partial(_play, play),
        ":check": partial(_check, play),
        ":both": lambda: _both(play, argument),
        ":why": lambda: _why(play, argument),
        ":menu": lambda: Reply(leave="menu"),
        ":quit": lambda: Reply(leave="quit"),
    }
    if play.playing and word in (":next", ":skip", ":run", ":check"):
        return Reply(text=play.pages.answer(play, ":in-play", "") or "")
    if word in deeds:
        return deeds[word]()
    if word == ":hint":
        play.tally.hints += play.hints < len(play.step.hints)
        play.hints = min(play.hints + 1, len(play.step.hints))
    text = play.pages.answer(play, word, argument)
    return Reply(text=text, keep=True) if text is not None else None


def _back(play: "Session") -> Reply:
    play.enter(max(0, play.at - 1))
    play.progress.stand(play.lesson.id, play.step.id)
    return Reply(leave="rebuild")


def _skip(play: "Session") -> Reply:
    if play.done:
        return _next(play)
    moves = play.moves()
    if play.spent:
        return Reply(text=play.pages.answer(play, ":typed-all", "") or "")
    first = next(at for at in range(len(moves)) if at not in play.made)
    play.skipping, rest = True, moves[first:]
    lines = ", ".join(f"`{line}{' ..' * bool(more)}`" for line, _, more in _parts(rest))
    return Reply(text=play.pages.answer(play, ":skipping", lines) or "", type=rest)


def _parts(moves: Sequence[Move]) -> Iterator[tuple[str, str, str]]:
    return (move.line.partition("\n") for move in moves)


def _run(play: "Session") -> Reply:
    if move := play.next_move():
        return Reply(type=(move,))
    return Reply(text=play.pages.answer(play, ":nothing-to-run", "") or "")


def _play(play: "Session") -> Reply:
    play.playing = not play.playing
    if not play.playing:  # the stage is as the learner left it: the step is built again
        return Reply(leave="rebuild")
    return Reply(text=play.pages.answer(play, ":playing", "") or "")


def _both(play: "Session", command: str) -> Reply:
    """One command on both sides."""
    if not command:
        return Reply(text=play.pages.answer(play, ":both", "") or "")
    return Reply(work=lambda: play.pages.both(play, command), keep=True)


def _why(play: "Session", command: str) -> Reply:
    """The last command, or the one named."""
    last = play.tally.deeds[-1] if play.tally.deeds else None
    if not command and not last:
        return Reply(text=play.pages.answer(play, ":why", "") or "")
    if not command and last and last.lasting:
        return Reply(text=play.pages.answer(play, ":why-did", last.line) or "")
    return Reply(work=lambda: play.pages.why(play, command or (last.line if last else "")), keep=True)


def _check(play: "Session") -> Reply:
    assert play.before
    play.last = now = play.look()
    verdicts = play.verdicts(now)
    if not play.done and all(verdict.passed for verdict in verdicts):
        play.finish()
        play.publish(play)
    return Reply(text=play.pages.result(play, play.before, now, verdicts, ":check"))
