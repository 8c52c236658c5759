"""Replace private text as planned: the one way for a turn to leave the device.

What is covered:
- every span of the plan, in all that `jisr.privacy.leaving` names;
- the same value gets the same placeholder all through a conversation;
- words that say less, where the plan has them, instead of a placeholder;
- text of the user's that looks like a placeholder is kept apart from ours;
- JSON stays JSON; a number of it that is replaced becomes a string;
- the names of tools, where brackets cannot stand, get the placeholder's name alone; the
  identifiers of calls are numbered anew.

What is not covered: what the plan does not hold, or says may leave.

Source: entity types and replacement by spans as in Microsoft Presidio's anonymizer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, takewhile

from jisr.departure import Manifest
from jisr.errors import PrivacyError
from jisr.privacy.json_text import Leaf, read_json
from jisr.privacy.lookalikes import Piece, is_lookalike, kept_apart
from jisr.privacy.plan import NAMES_OF, Action, Plan, Planned, replacing
from jisr.privacy.sight import ONLY_WHERE_FOUND, Sighting, is_worth_searching, occurrences
from jisr.privacy.vault import TOOL_NAME, Vault
from jisr.tools import Tool, Toolbox, ToolCall
from jisr.types import Message, Outbound, Request, Role, Wish

_MAY_NOT_LEAVE = "A private value may not leave, so this turn may not."


def redact(request: Request, plan: Plan | Sighting, vault: Vault, *, turn_id: str = "") -> Outbound:
    """Return the one form of a turn that may leave the device.

    The vault takes up the values that were replaced. A sighting in the place of a plan has
    every span replaced. What the audit log is told of it goes along.

    Raises:
        PrivacyError: The plan is of another turn, has it stay on the device, or would leave
            a private value standing.
    """
    if isinstance(plan, Sighting):
        plan = replacing(plan)
    if plan.must_stay:
        raise PrivacyError(f"This turn may not leave the device: {plan.stay_reason}.")
    redactor = _Redactor(plan, vault)
    sampling = request.sampling
    outbound = Outbound(
        messages=tuple(map(redactor.redact_message, request.messages)),
        sampling=replace(
            sampling,
            stop=tuple(map(redactor.redact, sampling.stop)),
            json_schema=redactor.redact_schema(sampling.json_schema),
            grammar=None if sampling.grammar is None else redactor.redact(sampling.grammar),
        ),
        joint=replace(request.joint, may_end_on_device=request.wish is not Wish.ONLY_CLOUD),
        toolbox=redactor.redact_toolbox(request.toolbox),
        manifest=Manifest(turn_id, plan.actions),
    )
    redactor.check()
    return outbound


def placeholder_of(it: Planned, value: str, vault: Vault) -> str:
    """Return the placeholder of a planned value.

    What a conversation has called it before stays, though more is known of it by now.
    """
    before = (name for name in NAMES_OF.get(it.span.entity_type, ()) if vault.knows(name, value))
    return vault.placeholder_for(next(before, it.name), value)


class _Redactor:
    """Redacts the texts of one turn and remembers what it left standing."""

    def __init__(self, plan: Plan, vault: Vault) -> None:
        self._plan, self._vault = plan, vault
        self._types = plan.placeholder_types | vault.types
        self._private: set[str] = set()
        self._left: list[str] = []
        self._call_ids: dict[str, str] = {}

    def redact_message(self, message: Message) -> Message:
        """Return a message with its text, calls and result redacted."""
        is_result = message.role is Role.TOOL
        return Message(
            message.role,
            self._redact_json(message.text) if is_result else self.redact(message.text),
            tuple(
                ToolCall(
                    self._call_id(call.call_id),
                    self._redact_name(call.name),
                    self._redact_json(call.arguments),
                )
                for call in message.tool_calls
            ),
            self._call_id(message.call_id) if is_result else "",
        )

    def redact_toolbox(self, toolbox: Toolbox) -> Toolbox:
        """Return what is said of tools, redacted."""
        tools = (
            Tool(
                self._redact_name(tool.name),
                self.redact(tool.description),
                self.redact_schema(tool.parameters),
                tool.is_strict,
            )
            for tool in toolbox.tools
        )
        only = toolbox.only and self._redact_name(toolbox.only)
        return replace(toolbox, tools=tuple(tools), only=only)

    def redact_schema(self, schema: str | None) -> str | None:
        """Return a JSON schema with what it says redacted, None as it is."""
        return None if schema is None else self._redact_json(schema, is_schema=True)

    def redact(self, text: str) -> str:
        """Return `text` with its spans and look-alikes replaced."""
        return self._redact_part(text, 0, len(text), self._planned(text))

    def _planned(self, text: str) -> list[Planned]:
        planned = self._plan.spans.get(text)
        if planned is None:
            raise PrivacyError("The plan does not cover this turn: look at it again.")
        return [it for it in planned if it.action is not Action.KEEP]

    def _redact_part(self, text: str, start: int, end: int, planned: Iterable[Planned]) -> str:
        """Return `text[start:end]` with these spans, none outside of it, replaced."""
        pieces, done = [], start
        for it in planned:
            pieces.append(Piece(text[done : it.span.start]))
            pieces.append(self._stand_in(it, text[it.span.start : it.span.end]))
            done = it.span.end
        apart = kept_apart([*pieces, Piece(text[done:end])], self._types, self._vault)
        self._left += (piece.text for piece in apart if piece.is_the_users)
        return "".join(piece.text for piece in apart)

    def _redact_json(self, text: str, *, is_schema: bool = False) -> str:
        """Return JSON with its strings redacted; any other text redacted as it is."""
        document = read_json(text, is_schema=is_schema)
        if document is None:
            return self.redact(text)
        view, planned = document.view, self._planned(document.view)
        ends = [it.span.end for it in planned]

        def redacted(leaf: Leaf) -> str | None:
            first = bisect_right(ends, leaf.start)
            there = takewhile(lambda it: it.span.start < leaf.end, islice(planned, first, None))
            new = self._redact_part(view, leaf.start, leaf.end, _inside(leaf, there))
            return None if new == view[leaf.start : leaf.end] else new

        return document.with_leaves(redacted)

    def _redact_name(self, name: str) -> str:
        """Return a name that services take, for one that is private or looks like one of ours."""
        planned = self._planned(name)
        if any(it.action is Action.STAY for it in planned):
            raise PrivacyError(_MAY_NOT_LEAVE)
        if planned or is_lookalike(name, self._types):
            return self._vault.name_for(TOOL_NAME, name)
        return name

    def _call_id(self, call_id: str) -> str:
        """Return another identifier for a call, the same one every time."""
        return self._call_ids.setdefault(call_id, f"call{len(self._call_ids) + 1:05}")

    def check(self) -> None:
        """Raise if a private value stands in what was not replaced."""
        left = "\0".join(self._left)
        if is_worth_searching(len(self._private), [left]):
            has_leak = any(any(True for _ in occurrences(it, left)) for it in self._private)
        else:
            has_leak = not self._private.isdisjoint(left.replace("\0", " ").split())
        if has_leak:
            raise PrivacyError("A private value would leave with this turn, so it may not leave.")

    def _stand_in(self, it: Planned, value: str) -> Piece:
        """Return what leaves in the place of a value."""
        if it.action is Action.STAY:
            raise PrivacyError(_MAY_NOT_LEAVE)
        if it.span.entity_type not in ONLY_WHERE_FOUND:
            self._private.add(value)
        if it.action is Action.GENERALISE:
            return Piece(it.words, is_words=True)
        return Piece(placeholder_of(it, value, self._vault), is_ours=True)


def _inside(leaf: Leaf, planned: Iterable[Planned]) -> Iterator[Planned]:
    """Yield what is to happen inside of a leaf; a number is replaced as a whole."""
    for it in planned:
        start, end = max(it.span.start, leaf.start), min(it.span.end, leaf.end)
        if start >= end:  # an empty string, inside of a span
            return
        if not leaf.is_string:
            start, end = leaf.start, leaf.end
        if (start, end) != (it.span.start, it.span.end):
            action = max(it.action, Action.REPLACE, key=lambda action: action.strictness)
            it = replace(it, span=replace(it.span, start=start, end=end), action=action)
        yield it
        if not leaf.is_string:
            return
