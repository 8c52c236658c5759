"""What of a turn could leave the device: every text of it, and each as recognizers see it.

What is covered: messages, the calls of tools and their results, stop strings, the JSON schema,
the grammar, and what is said of tools. JSON is seen by what its strings say.

What is not covered: the identifiers of calls, in the place of which others leave; numbers that
say how tokens are chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from jisr.privacy.json_text import read_json
from jisr.tools import Toolbox
from jisr.types import Message, Request, Role


def texts_of(request: Request) -> Iterator[str]:
    """Yield every text of a turn that could leave the device, as it is to be looked at."""
    yield from chain.from_iterable(map(_texts_of_message, request.messages))
    yield from request.sampling.stop
    if request.sampling.json_schema is not None:
        yield view(request.sampling.json_schema, is_schema=True)
    if request.sampling.grammar is not None:
        yield request.sampling.grammar
    yield from _texts_of_tools(request.toolbox)


def view(text: str, *, is_schema: bool = False) -> str:
    """Return what JSON says; any other text as it is."""
    document = read_json(text, is_schema=is_schema)
    return text if document is None else document.view


def _texts_of_message(message: Message) -> Iterator[str]:
    yield view(message.text) if message.role is Role.TOOL else message.text
    for call in message.tool_calls:
        yield from (call.name, view(call.arguments))


def _texts_of_tools(toolbox: Toolbox) -> Iterator[str]:
    for tool in toolbox.tools:
        yield from (tool.name, tool.description)
        if tool.parameters is not None:
            yield view(tool.parameters, is_schema=True)
    if toolbox.only:
        yield toolbox.only
