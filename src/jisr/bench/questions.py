"""What a benchmark asks: its own questions, or those of a file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from jisr.errors import BenchError
from jisr.types import Message, Role

OWN = "Count from {number} to {last} in words, one number a line, and nothing else."


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions by number; those of a file begin again after its last row."""

    prompts: tuple[str, ...] = ()
    """None given: questions of its own, no two of which are the same."""

    def text(self, number: int) -> str:
        """Return a question."""
        if self.prompts:
            return self.prompts[number % len(self.prompts)]
        return OWN.format(number=10 * number + 1, last=10 * number + 99)

    def messages(self, number: int) -> tuple[Message, ...]:
        """Return a question as a conversation."""
        return (Message(Role.USER, self.text(number)),)


OWN_QUESTIONS = Questions()


def read_questions(path: Path) -> Questions:
    """Return the questions of a file: lines of JSON, each an object with a `prompt`.

    Raises:
        BenchError: It cannot be read, or a line is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BenchError(f"{path} cannot be read: {error}") from None
    prompts = tuple(
        _prompt(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()
    )
    if not prompts:
        raise BenchError(f"{path} holds no question.")
    return Questions(prompts)


def _prompt(line: str, where: str) -> str:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BenchError(f"{where} is not JSON: {error}") from None
    prompt = row.get("prompt") if isinstance(row, dict) else None
    if not isinstance(prompt, str) or not prompt.strip():
        raise BenchError(f'{where} is no row of the form {{"prompt": "…"}}.')
    return prompt
