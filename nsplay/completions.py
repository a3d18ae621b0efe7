"""What Tab offers in bash, zsh and fish: one answer for all three, asked for by a few lines in each."""

import argparse
import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from nsplay.arguments import parser
from nsplay.commands import COMMANDS
from nsplay.errors import NsplayError, UsageError
from nsplay.lesson.course import course, find

# In each shell: `nsplay completion -- WORDS...` is asked, the last word being the one that is typed; no answer: files.
SHELLS: Final = {
    "bash": """\
# nsplay: source <(nsplay completion bash)
_nsplay() {
    local line words=("${COMP_WORDS[@]:1:COMP_CWORD}")
    COMPREPLY=()
    while IFS= read -r line; do COMPREPLY+=("${line%%$'\\t'*}"); done < <(nsplay completion -- "${words[@]}" 2>/dev/null)
}
complete -o default -o nosort -F _nsplay nsplay 2>/dev/null || complete -o default -F _nsplay nsplay
""",
    "zsh": """\
#compdef nsplay
# nsplay: source <(nsplay completion zsh), or this as a file _nsplay in fpath
_nsplay() {
    local line
    local -a found
    for line in "${(@f)$(nsplay completion -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -n $line ]] && found+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
    done
    if (( $#found )); then _describe nsplay found; else _files; fi
}
if [[ $funcstack[1] == _nsplay ]]; then _nsplay; elif (( $+functions[compdef] )); then compdef _nsplay nsplay; fi
""",
    "fish": """\
# nsplay: nsplay completion fish | source
function __nsplay
    set -l words (commandline -opc) (commandline -ct)
    nsplay completion -- $words[2..] 2>/dev/null
end
complete -c nsplay -f -a '(__nsplay)'
complete -c nsplay -n 'test (count (__nsplay)) -eq 0' -F
""",
}
# What stands behind these words of COMMANDS, wherever they do.
LESSONS: Final = ("LESSON", "LESSON[/STEP]", "[LESSON[/STEP]]", "[LESSON ...]", "[ID ...]", "ID")


MANY: Final = ("[ID ...]", "[LESSON ...]")
EVERYBODYS: Final = frozenset({"--lang"})  # though a command names it


class Offer(NamedTuple):
    """A word, and what it is; "" where it says it itself."""

    word: str
    meaning: str = ""


def completion(folder: str, shells: Sequence[str]) -> int:
    """Prints what one of SHELLS wants to source: 0. UsageError for another one."""
    if len(shells) != 1 or shells[0] not in SHELLS:
        raise UsageError(
            "completion for which shell?", f"there are {', '.join(SHELLS)}", "nsplay completion bash"
        )
    print(SHELLS[shells[0]], end="")
    return 0


def offer(folder: str, words: Sequence[str]) -> int:
    """Prints what may stand in place of the last word, a line each: the word, a tab, what it is. folder: with the lessons."""
    for one in offers(folder, words):
        print(f"{one.word}\t{one.meaning}")
    return 0


def offers(folder: str, words: Sequence[str]) -> list[Offer]:
    """The same as data. Nothing: files may be meant, or nothing is known."""
    *before, typed = words or [""]
    options = _options()
    last = options.get(before[-1]) if before else None
    if last and last.nargs != 0:
        return _beginning([Offer(str(one)) for one in last.choices or ()], typed)
    plain = _plain(before, options)
    if typed.startswith("-"):
        return _beginning(_of_verb(plain, options), typed)
    return _beginning(_next(folder, plain, typed), typed)


def _beginning(found: Iterable[Offer], typed: str) -> list[Offer]:
    """Each word once: a lesson may be called like the command that looks at the same thing."""
    by_word: dict[str, Offer] = {}
    for one in found:
        if one.word.startswith(typed):
            by_word.setdefault(one.word, one)
    return list(by_word.values())


def _options() -> dict[str, argparse.Action]:
    return {name: action for action in parser()._actions for name in action.option_strings}


def _plain(before: Sequence[str], options: dict[str, argparse.Action]) -> list[str]:
    """Without options and what belongs to them."""
    found, skip = [], False
    for word in before:
        action = options.get(word)
        if skip or action or word.startswith("-"):
            skip = bool(action) and not skip and action is not None and action.nargs != 0
        else:
            found.append(word)
    return found


def _of_verb(plain: Sequence[str], options: dict[str, argparse.Action]) -> Iterator[Offer]:
    """Options of the command that is typed, then those of all."""
    named = {name for words, _ in COMMANDS for name in re.findall(r"--[a-z-]+", words)}
    mine = {name for words, _ in _rows(plain) for name in re.findall(r"--[a-z-]+", words)}
    for name, action in options.items():
        if name.startswith("--") and (name in mine or name not in named - EVERYBODYS):
            yield Offer(name, (action.help or "").replace("%%", "%"))


def _rows(plain: Sequence[str]) -> list[tuple[str, str]]:
    """The commands that begin with these words, as far as they are words of a command."""
    return [row for row in COMMANDS if plain and row[0].split()[:1] == list(plain[:1])]


def _next(folder: str, plain: Sequence[str], typed: str) -> list[Offer]:
    if not plain:
        verbs = [Offer(words.split()[0], does) for words, does in COMMANDS if re.match(r"[a-z]", words)]
        return verbs + _lessons(folder, typed)
    found: list[Offer] = []
    for words, does in _rows(plain):
        pieces = re.findall(r"\[[^\[\]]*(?:\[[^\]]*\])?[^\[\]]*\]|\S+", words)
        usual = [piece for piece in pieces if not piece.startswith(("[-", "-"))]
        if len(usual) <= len(plain):
            many = usual[-1] in MANY and usual[: len(usual) - 1] == list(plain[: len(usual) - 1])
            found += _lessons(folder, typed) if many else []
            continue
        if any(
            re.match("[a-z|]+$", mine) and theirs not in mine.split("|")
            for mine, theirs in zip(usual, plain, strict=False)
        ):
            continue
        piece = usual[len(plain)]
        if piece in LESSONS:
            found += _lessons(folder, typed)
        elif re.fullmatch(r"[a-z|]+", piece):
            found += [Offer(word, does) for word in piece.split("|")]
    return found


def _lessons(folder: str, typed: str) -> list[Offer]:
    """Their ids; behind a slash their steps, too."""
    from nsplay.lesson.outline import outline

    with contextlib.suppress(NsplayError, OSError):
        lesson, slash, _ = typed.partition("/")
        if slash:
            return [
                Offer(f"{lesson}/{step}", title)
                for step, title, *_ in outline(find(folder, lesson), "en").steps
            ]
        return [Offer(path.rsplit("/", 1)[-1]) for path in course(folder)]
    return []
