"""What kind of answer is wanted."""

from __future__ import annotations

from jisr.question import Question, TaskKind

_WORDS = {
    TaskKind.NUMBER: "a quantity that must be worked out",
    TaskKind.CHOICE: "one of the answers it names",
    TaskKind.SHORT: "one fact",
    TaskKind.GROUNDED: "what the text that is given says",
    TaskKind.OTHER: "something of no kind that was measured",
}


class KindReader:
    """1 if a question is of one kind, else 0."""

    def __init__(self, kind: TaskKind) -> None:
        """Take the kind."""
        self.kind = kind
        self.name = f"kind_{kind.value}"

    def read(self, question: Question) -> float:
        """Return 1 or 0."""
        return float(question.kind is self.kind)

    def explain(self, value: float) -> str:
        """Return it in words."""
        return f"it {'asks' if value else 'does not ask'} for {_WORDS[self.kind]}"
