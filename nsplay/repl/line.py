"""One line at the shell's own prompt, edited by prompt_toolkit. It erases itself when done: the shell's echo is what stays."""

import asyncio
import contextlib
import enum
import itertools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from prompt_toolkit import PromptSession, search
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.auto_suggest import Suggestion
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, is_searching
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
from prompt_toolkit.input.posix_utils import PosixStdinReader
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output.vt100 import Vt100_Output
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.styles import Attrs, Style

from nsplay.background import OWED
from nsplay.repl.completion import Completions
from nsplay.repl.pty import window_size

REMEMBERED: Final = 1000  # lines of history that are read
LAST_STEPS: Final = 0.5  # seconds for prompt_toolkit to leave the terminal; it takes milliseconds

# Ctrl-] as xterm's modifyOtherKeys and kitty's keyboard protocol write it
ANSI_SEQUENCES.update({"\x1b[27;5;93~": Keys.ControlSquareClose, "\x1b[93;5u": Keys.ControlSquareClose})


class Why(enum.Enum):
    """How the editing of a line ended."""

    LINE = "Enter"
    INTERRUPT = "Ctrl-C"
    END = "Ctrl-D on an empty line"
    MENU = "Ctrl-]"
    LOST = "something else happened on the terminal"
    CLOSED = "our own terminal is gone"


@dataclass(frozen=True)
class Edited:
    """ahead: keys behind the one that ended the line, not yet passed on."""

    why: Why
    text: str
    cursor: int = 0
    ahead: bytes = b""


class History(FileHistory):
    """Whole commands, over sessions. The caller says what is kept: what prompt_toolkit itself would add isn't."""

    def append_string(self, string: str) -> None:
        """(prompt_toolkit calls it with every line, also with a piece of one.)"""

    def keep(self, text: str) -> None:
        """Not an empty line, not the last one again, and by custom none that begins with a blank."""
        if text.strip() and not text[0].isspace() and [text] != list(self._loaded_strings[:1]):
            with contextlib.suppress(OSError):  # a full disk, a read-only home: this session still has it
                super().append_string(text)

    def load_history_strings(self) -> Iterable[str]:
        """Newest first."""
        try:
            return list(itertools.islice(super().load_history_strings(), REMEMBERED))
        except OSError:
            return []


def _private(path: Path) -> Path:
    """Made for its owner's eyes alone, if it can be made."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    return path


class _Reader(PosixStdinReader):
    """Keys, without an answer that the terminal owes."""

    def read(self, count: int = 1024) -> str:
        """As PosixStdinReader's."""
        came = super().read(count)
        if not OWED.by(self.stdin_fd):
            return came
        return OWED.without(self.stdin_fd, came.encode(errors="surrogateescape")).decode(
            errors="surrogateescape"
        )


class _Input(Vt100Input):
    def __init__(self, stdin: TextIO) -> None:
        super().__init__(stdin)
        self.stdin_reader = _Reader(stdin.fileno(), encoding=stdin.encoding)


class Editor:
    """Reads lines from one terminal. words: what Tab knows at a line's begin, beside commands."""

    def __init__(self, stdin: int, stdout: int, history: Path, words: Callable[[], Sequence[str]]) -> None:
        self._loop = asyncio.new_event_loop()
        self._spare_signals()
        # They only borrow the descriptors.
        self._input = os.fdopen(stdin, encoding="utf-8", closefd=False)
        self._output = os.fdopen(stdout, "w", encoding="utf-8", closefd=False)
        self._stdout = stdout
        self._completions = Completions(words)
        self._suggestion = ""
        self.history = History(str(_private(history)))
        self._session: PromptSession[str | Edited] = PromptSession(
            history=self.history,
            completer=self._completions,
            complete_while_typing=False,
            complete_style=CompleteStyle.READLINE_LIKE,
            reserve_space_for_menu=0,
            erase_when_done=True,
            key_bindings=self._keys(),
            style=Style([("auto-suggestion", "dim" if "dim" in Attrs._fields else "ansigray")]),
            input=_Input(self._input),
            # Without CPR: its answer would be read by whatever program has the terminal next.
            output=Vt100_Output(self._output, self._size, term=os.environ.get("TERM"), enable_cpr=False),
        )
        self._buffer = self._session.default_buffer
        # An empty buffer asks for no suggestion by itself, hence here and in pre_run.
        self._buffer.on_text_changed += lambda _: self._suggest()

    def close(self) -> None:
        self._loop.close()
        self._input.close()
        self._output.close()

    def read(
        self,
        prompt: str,
        pid: int,
        suggestion: str,
        before: tuple[str, int],
        readers: Mapping[int, Callable[[], bytes | None]],
        ahead: bytes = b"",
    ) -> Edited:
        """One line behind a prompt (ANSI text) of process pid; before: its text and cursor at the start.

        readers: called when their descriptor is readable; bytes are shown above the line, None gives the line up.
        ahead: keys that were typed before.
        """
        self._suggestion, self._completions.pid = suggestion, pid
        self._type_ahead(ahead)
        for fd, call in readers.items():
            self._loop.add_reader(fd, self._readable, call)
        ask = self._session.prompt_async(
            ANSI(prompt), default=Document(*before), pre_run=self._begin, handle_sigint=False
        )
        task = self._loop.create_task(ask)
        try:
            got = self._loop.run_until_complete(task)
        except EOFError:
            return Edited(Why.CLOSED, "")
        except BaseException:  # a signal's
            self._give_up(task)
            raise
        finally:
            for fd in readers:
                self._loop.remove_reader(fd)
        done = got if isinstance(got, Edited) else Edited(Why.LINE, got)
        return Edited(done.why, done.text, done.cursor, self._ahead())

    def _begin(self) -> None:
        """prompt_toolkit has taken the loop over."""
        self._spare_signals()
        self._suggest()

    def _spare_signals(self) -> None:
        """An exception in a task is told of with its traceback, by prompt_toolkit, which then waits for Enter, or by asyncio:
        one of a signal's is on its way to our caller already.
        """
        theirs = self._loop.get_exception_handler() or type(self._loop).default_exception_handler

        def tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            if not isinstance(context.get("exception"), KeyboardInterrupt | SystemExit):
                theirs(loop, context)

        self._loop.set_exception_handler(tell)

    def _give_up(self, task: asyncio.Task[str | Edited]) -> None:
        """Lets prompt_toolkit put the terminal right. A signal may have come between the loop's taking a step and doing it:
        then that step is lost, and the task never ends.
        """
        task.cancel()
        self._loop.run_until_complete(asyncio.wait({task}, timeout=LAST_STEPS))
        if not task.done():
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own way to say: we know
            with contextlib.suppress(OSError):
                self._session.app.renderer.reset()
        elif not task.cancelled():
            task.exception()  # is known: it is being raised

    def _size(self) -> Size:
        size = window_size(self._stdout)
        return Size(rows=size.lines, columns=size.columns)

    def _type_ahead(self, keys: bytes) -> None:
        found: list[KeyPress] = []
        parser = Vt100Parser(found.append)
        parser.feed_and_flush(keys.decode(errors="surrogateescape"))
        store_typeahead(self._session.app.input, found)

    def _ahead(self) -> bytes:
        keys = get_typeahead(self._session.app.input)
        typed = (key.data.replace("\n", "\r") if key.key is Keys.BracketedPaste else key.data for key in keys)
        return "".join(typed).encode(errors="surrogateescape")

    def _end(self, why: Why) -> None:
        app, buffer = self._session.app, self._buffer
        if app.is_running and app.future and not app.future.done():
            app.exit(result=Edited(why, buffer.text, buffer.cursor_position))

    def _readable(self, call: Callable[[], bytes | None]) -> None:
        data = call()
        if data is None:
            self._end(Why.LOST)
        elif data:
            run_in_terminal(lambda: os.write(self._stdout, data))

    def _suggest(self) -> None:
        text = self._buffer.text
        rest = self._suggestion[len(text) :] if self._suggestion.startswith(text) else ""
        self._buffer.suggestion = Suggestion(rest) if rest else None

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()
        empty = Condition(lambda: not self._buffer.text)
        suggested = Condition(
            lambda: self._buffer.suggestion is not None and self._buffer.document.is_cursor_at_the_end
        )
        keys.add("c-c")(lambda event: self._end(Why.INTERRUPT))
        keys.add("c-]", eager=True)(lambda event: self._end(Why.MENU))
        keys.add("c-d", filter=empty, eager=True)(lambda event: self._end(Why.END))

        @keys.add("tab", filter=suggested, eager=True)
        def _(event: KeyPressEvent) -> None:
            if self._buffer.suggestion:
                self._buffer.insert_text(self._buffer.suggestion.text)

        @keys.add("tab", filter=empty & ~suggested, eager=True)
        def _(event: KeyPressEvent) -> None:
            """Nothing is suggested, and every command there is would be no help."""

        @keys.add("enter", filter=is_searching, eager=True)
        def _(event: KeyPressEvent) -> None:
            """As in bash: what Ctrl-R found is entered, not only taken."""
            search.accept_search()
            self._buffer.validate_and_handle()

        @keys.add("c-z")
        @keys.add("c-\\")
        def _(event: KeyPressEvent) -> None:
            """There is nothing to stop at a prompt."""

        return keys
