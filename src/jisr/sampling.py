"""How the tokens of an answer are chosen, and what is refused."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from math import isfinite

from jisr.errors import InvalidRequest

MAX_SEED = 2**63 - 1
MAX_TOP_LOGPROBS = 20
MAX_STOPS = 16
MAX_TEMPERATURE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are chosen. The default is greedy: the likeliest token each time."""

    temperature: float = 0.0
    """0 is greedy, 1 the model's own distribution; 0 to 5."""
    top_k: int = 0
    """Keep the k likeliest tokens; 0 keeps all."""
    top_p: float = 1.0
    """Keep the likeliest tokens whose probabilities reach this sum; above 0, to 1."""
    min_p: float = 0.0
    """Keep tokens at least this likely relative to the likeliest; 0 to 1."""
    seed: int | None = None
    """The same seed gives the same tokens; None draws one. 0 to 2^63 - 1."""
    stop: tuple[str, ...] = ()
    """The completion ends before the first of these strings."""
    max_output_tokens: int = 1024
    """At most this many tokens come out; at least 1."""
    num_top_logprobs: int | None = None
    """None: no log-probabilities; n: of the chosen token and the n likeliest, 0 to 20."""
    json_schema: str | None = None
    """JSON text of the schema the output must follow; `{}` is any JSON object."""
    grammar: str | None = None
    """GBNF grammar the output must follow, root rule `root`."""

    def __post_init__(self) -> None:
        """Refuse values outside their range.

        Raises:
            InvalidRequest: A value is outside the range its field names.
        """
        _require(
            0 <= self.temperature <= MAX_TEMPERATURE, "temperature", "from 0 to 5", self.temperature
        )
        _require(self.top_k >= 0, "top_k", "0 or more", self.top_k)
        _require(0 < self.top_p <= 1, "top_p", "above 0 and at most 1", self.top_p)
        _require(0 <= self.min_p <= 1, "min_p", "from 0 to 1", self.min_p)
        _require(0 <= (self.seed or 0) <= MAX_SEED, "seed", "from 0 to 2^63 - 1", self.seed)
        _require(self.max_output_tokens >= 1, "max_tokens", "1 or more", self.max_output_tokens)
        _require(
            0 <= (self.num_top_logprobs or 0) <= MAX_TOP_LOGPROBS,
            "top_logprobs",
            f"from 0 to {MAX_TOP_LOGPROBS}",
            self.num_top_logprobs,
        )
        _require(len(self.stop) <= MAX_STOPS, "stop", f"at most {MAX_STOPS} strings", self.stop)
        _require(all(self.stop), "stop", "strings that are not empty", self.stop)
        both = self.json_schema is not None and self.grammar is not None
        _require(not both, "grammar", "left out when a JSON schema is given", self.grammar)


def _require(holds: bool, param: str, must: str, value: object) -> None:
    if not holds or (isinstance(value, float) and not isfinite(value)):
        raise InvalidRequest(f"{param} must be {must}; it is {reprlib.repr(value)}.", param=param)
