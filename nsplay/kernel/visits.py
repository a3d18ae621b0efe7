"""What one look asks from within namespaces: all questions to a side in one visit, and each namespace once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from nsplay.kernel import cgroups, clocks, firewall, inside, ipc, network
from nsplay.kernel.inside import Answer, Question

_Key = tuple[str, int | None, int]  # part, namespace, and the process where each has an answer of its own
_PERSONAL: Final = frozenset({"cgroups"})


class Visits:
    """parts: of a snapshot; those that need no visit are nobody's business here. pids: of all sides."""

    def __init__(self, parts: frozenset[str], pids: Iterable[int], proc: str) -> None:
        self.proc = proc
        makers: Mapping[str, Callable[[int], Question]] = {
            "network": lambda _: network.question(pids, proc),
            "rules": lambda _: firewall.question(proc),
            "ipc": lambda _: ipc.question(proc),
            "clocks": lambda _: clocks.question(proc),
            "cgroups": lambda pid: cgroups.question(pid, proc),
        }
        self.makers = {part: maker for part, maker in makers.items() if part in parts}
        self.answers: dict[_Key, Answer] = {}

    def answer(self, part: str, pid: int, ns: Mapping[str, int]) -> Sequence[bytes]:
        """The answer for `part` in the namespaces `ns` of pid. Raises the OSError that it is."""
        questions = {name: make(pid) for name, make in self.makers.items()}
        keys: dict[str, _Key] = {
            name: (name, ns.get(question.kind), pid if name in _PERSONAL else 0)
            for name, question in questions.items()
        }
        if keys[part] not in self.answers:
            asked = [name for name, key in keys.items() if key not in self.answers]
            told = inside.ask(pid, [questions[name] for name in asked], self.proc)
            self.answers.update({keys[name]: answer for name, answer in zip(asked, told, strict=True)})
        found = self.answers[keys[part]]
        if isinstance(found, OSError):
            raise found
        return found
