"""What one look asks from within namespaces: all questions to a side in one visit, and each namespace once."""

from collections.abc import Iterable, Mapping, Sequence

from nsplay.kernel import clocks, firewall, inside, ipc, network
from nsplay.kernel.inside import Answer, Question


class Visits:
    """parts: of a snapshot, some of QUESTIONS' names; others are nobody's business here. pids: of all sides."""

    def __init__(self, parts: frozenset[str], pids: Iterable[int], proc: str) -> None:
        self.proc = proc
        self.questions: Mapping[str, Question] = {
            part: question
            for part, question in (
                ("network", network.question(pids, proc)),
                ("rules", firewall.question(proc)),
                ("ipc", ipc.question(proc)),
                ("clocks", clocks.question(proc)),
            )
            if part in parts
        }
        self.answers: dict[tuple[str, int | None], Answer] = {}

    def answer(self, part: str, pid: int, ns: Mapping[str, int]) -> Sequence[bytes]:
        """The answer for `part` in the namespaces `ns` of pid. Raises the OSError that it is."""
        key = part, ns.get(self.questions[part].kind)
        if key not in self.answers:
            asked = {
                (name, ns.get(question.kind)): question
                for name, question in self.questions.items()
                if (name, ns.get(question.kind)) not in self.answers
            }
            told = inside.ask(pid, list(asked.values()), self.proc)
            self.answers.update(zip(asked, told, strict=True))
        found = self.answers[key]
        if isinstance(found, OSError):
            raise found
        return found
