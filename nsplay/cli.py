"""From the words to the work, and exit codes. Everything heavy is imported where it is needed: --help and list stay quick."""

import argparse
import contextlib
import io
import os
import sys
import termios
from collections.abc import Callable

from nsplay.arguments import KINDS, harmless, parser
from nsplay.background import told
from nsplay.commands import verbs
from nsplay.errors import LIMITS, NsplayError, UsageError
from nsplay.settings import Settings, language, may_ask, state_folder

LESSON_VERBS = ("new", "draft", "edit", "watch", "lint", "test", "facts")


def _parsed(words: list[str], command: list[str] | None) -> argparse.Namespace:
    args = parser().parse_intermixed_args(words)
    args.command = command
    return args


def settings(args: argparse.Namespace) -> Settings:
    """The command line and the environment, put together."""
    from nsplay.lesson.course import existing, lessons_folder
    from nsplay.lesson.packs import lessons_in

    asked = existing(args.lessons) if args.lessons else ""
    writes = args.words[:1] in (["lesson"], ["export"])  # then it is about that folder alone
    return Settings(
        lang=language(args.lang, os.environ),
        plain=args.plain,
        fence=not args.no_fence,
        lessons=lessons_in(asked) if asked and writes else lessons_folder(),
        pack="" if args.words[:1] == ["lesson"] else asked,
        yes=args.yes,
        state=state_folder(),
        ask=may_ask(args.yes),
        line=args.line,
        background=told(args.background, os.environ),
    )


def _asks(args: argparse.Namespace) -> bool:
    """Is `look` followed by an option of the command's?"""
    return bool(args.all or args.container or args.watch or args.json or args.owe)


def _sandbox(args: argparse.Namespace, more: list[str]) -> int:
    from nsplay.byhand import wish
    from nsplay.repl.sandbox import sandbox

    if more:
        raise UsageError(
            f"the sandbox takes no word {more[0]}",
            "a command goes behind --",
            f"nsplay sandbox -- {' '.join(more)}",
        )
    wanted = wish(args.kinds, args.memory, args.cpu, args.pids, args.root)
    return sandbox(settings(args), wanted, args.command)


def _before_a_room(args: argparse.Namespace, words: list[str]) -> int:
    """What an instructor asks for."""
    if args.kind and words[0] in ("render", "report", "export") and words[0] not in KINDS[args.kind]:
        have = ", ".join(f"--{kind}" for kind, where in KINDS.items() if words[0] in where)
        raise UsageError(f"`nsplay {words[0]}` knows no --{args.kind}", f"it has {have}", "nsplay --help")
    match words:
        case ["render", path, *step] if len(step) <= 1:
            from nsplay.cast.render import render

            return render(path, step[0] if step else None, args.kind or "html")
        case ["report", *files]:
            from nsplay.report import report

            return report(settings(args), files, as_json=args.json, as_html=args.kind == "html")
        case ["export", *ids]:
            from nsplay.book.export import Wish, export

            return export(settings(args), ids, Wish(args.kind or "html", args.to, args.paper))
        case ["watch"]:
            from nsplay.beside import watch

            return watch(settings(args), args.session, big=args.big)
        case ["notes"]:
            from nsplay.beside import notes

            return notes(settings(args), args.session)
        case ["demo", lesson]:
            from nsplay.demo.demo import Manner, demo

            if args.rehearse:
                from nsplay.doctor import doctor

                doctor(settings(args), json_wanted=False, report=False)
            return demo(settings(args), lesson, Manner(args.auto, args.seed, args.rehearse, args.big))
    wants = (
        "a lesson"
        if words[0] == "demo"
        else "FILE.cast, and at most a step"
        if words[0] == "render"
        else "no word"
    )
    raise UsageError(f"`nsplay {words[0]}` wants {wants}", "", "nsplay --help")


def _lesson(args: argparse.Namespace, words: list[str]) -> int:
    """What authors ask for."""
    match words:
        case ["test", *ids]:
            from nsplay.repl.lesson_test import Wanted, run_tests

            return run_tests(settings(args), ids, Wanted(args.step, args.mutate), as_json=args.json)
        case ["new", *ids]:
            from nsplay.authoring import new_lesson

            return new_lesson(settings(args), ids, args.lang, verbs())
        case ["draft", *ids]:
            from nsplay.authoring import draft_lesson

            return draft_lesson(settings(args), ids, verbs())
        case ["edit" | "watch", *ids]:
            from nsplay.authoring import edit_lesson

            return edit_lesson(settings(args), ids, args.step)
        case ["lint", *ids]:
            from nsplay.linting import lint_lessons

            return lint_lessons(settings(args), ids, as_json=args.json)
        case ["facts"]:
            from nsplay.asking import Wish
            from nsplay.checking import show_facts

            return show_facts(settings(args), Wish(args.pid, args.session), diff=args.diff, as_json=args.json)
    raise UsageError("`nsplay lesson` needs a verb", f"there are: {', '.join(LESSON_VERBS)}", "nsplay --help")


def dispatch(args: argparse.Namespace) -> int:
    """Does what the words say."""
    words: list[str] = args.words
    match words:
        case ["list"]:
            from nsplay.listing import list_lessons

            return list_lessons(settings(args), as_json=args.json)
        case ["next"]:
            from nsplay.repl.play import play_next

            return play_next(settings(args))
        case ["card", lesson]:
            from nsplay.repl.card import print_card

            return print_card(settings(args), lesson)
        case ["demo" | "watch" | "notes" | "render" | "report" | "export", *_]:
            return _before_a_room(args, words)
        case ["completion", *shells]:
            from nsplay.completions import completion

            return completion(settings(args).lessons, shells)
        case ["man"]:
            from nsplay.manual import manual

            return manual()
        case ["devices", _, *_]:  # alone it is the lesson
            from nsplay.devices import devices

            return devices(words[1:])
        case ["sandbox", *more]:
            return _sandbox(args, more)
        case ["clean"]:
            from nsplay.cleaning import clean

            return clean(settings(args))
        case ["doctor"]:
            from nsplay.doctor import doctor

            return doctor(settings(args), json_wanted=args.json, report=args.report)
        case ["look" | "diff", *_] if words != ["look"] or _asks(args):  # `look` alone is the lesson
            from nsplay.looking import Options, run

            return run(
                settings(args), words, Options(args.container, args.all, args.watch, args.json, args.owe)
            )
        case ["check"] | ["check", _]:
            from nsplay.asking import Wish
            from nsplay.checking import check

            wish, word = Wish(args.pid, args.session), words[1] if len(words) > 1 else None
            return check(settings(args), word, wish, lang=args.lang, as_json=args.json)
        case ["lesson", *verb]:
            return _lesson(args, verb)
        case [] | [_]:
            from nsplay.repl.play import play

            return play(settings(args), words[0] if words else None)
    raise UsageError(f"too many words: {' '.join(words)}", "one lesson at a time", "nsplay --help")


def _recorded(args: argparse.Namespace) -> int:
    """The same, and what is seen of it in a file where one was asked for."""
    if not args.record:
        return dispatch(args)
    from pathlib import Path

    from nsplay.cast.format import Cast
    from nsplay.cast.record import record

    head = Cast(title=" ".join(["nsplay", *args.words]), background=told(args.background, os.environ))
    return record(
        args.record, args.asciicast, head, Path(state_folder()), lambda: guarded(lambda: dispatch(args))
    )


def guarded(work: Callable[[], int]) -> int:
    """Runs work. What goes wrong is told to a reader; the exit status says which kind it was."""
    try:
        status = work()
        sys.stdout.flush()  # here a full disk can still be told
        return status
    except NsplayError as error:
        _tell(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `nsplay list | head -1`
        return 0
    except (
        OSError,
        termios.error,
    ) as error:  # the second is none, for all that it has the same two arguments
        error = error if isinstance(error, OSError) else OSError(*error.args)
        says = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        _tell(str(NsplayError(says, *LIMITS.get(error.errno or 0, ()))))
        return 3
    except Exception:  # noqa: BLE001  (a fault of ours: told in a sentence, kept for whoever mends it)
        _tell(f"this is a fault of nsplay's own; {_keep_trace()}")
        return 1
    finally:
        _let_go()


def _tell(says: str) -> None:
    """To the reader, if there is one left to be told (a closed window, a pipe that nobody reads)."""
    with contextlib.suppress(OSError):
        print(f"nsplay: {harmless(says)}", file=sys.stderr, flush=True)


def _let_go() -> None:
    """What nobody can take any more is dropped here: Python itself would end with a status of its own, 120."""
    for fd, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), fd)


def _keep_trace() -> str:
    """Writes the traceback of the exception being handled to a file; a sentence that says where."""
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile("w", prefix="nsplay-fault-", suffix=".txt", delete=False) as file:
            traceback.print_exc(file=file)
    except OSError:
        return "its trace could not be kept."
    return f"its trace is in {file.name}: please report it with that file."


def _open_all_three() -> None:
    """`nsplay list >&-`: what we open later must not be taken for the standard input or output, and Python has no stream
    for one that is closed.
    """
    for fd, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(fd, "w" if fd else "r", closefd=False))


def main(argv: list[str] | None = None) -> int:
    """The program. argv without the program's name; sys.argv by default."""
    _open_all_three()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without Japanese, half a letter in a path
    words = sys.argv[1:] if argv is None else argv
    command = None
    if "sandbox" in words and "--" in words:  # what is behind is the command's own, options and all
        words, command = words[: words.index("--")], words[words.index("--") + 1 :]
    if words[:2] == ["completion", "--"]:  # what was typed so far, options and all
        from nsplay.completions import offer
        from nsplay.lesson.course import lessons_folder

        return guarded(lambda: offer(lessons_folder(), words[2:]))
    if words[:1] == ["load"]:  # has words of its own, and has to stay small
        from nsplay.load.command import main as load

        return guarded(lambda: load(words[1:]))
    match words:
        case ["seccomp", verb, *_] if not verb.startswith(
            "-"
        ):  # the rest is a command's; alone it is the lesson
            from nsplay.seccomp import main as seccomp

            return seccomp(words[1:])
    return guarded(lambda: _recorded(_parsed(words, command)))
