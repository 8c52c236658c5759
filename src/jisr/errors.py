"""Everything this package raises on purpose.

* JisrError
  x ConfigError             a setting is unknown or has a value it cannot have
  x InvalidRequest          a turn cannot be done as it was asked
    - ContextOverflow       it is longer than the model's context
    - UnknownModel          it names a model that is not served here
    - BodyTooLarge          it has more bytes than the server takes
  x ModelError              weights cannot be had or used
    - ModelNotFound         no catalog entry, file or pulled copy of that name
    - ModelDamaged          size, checksum or form is not what it must be
    - PullFailed            a source could not give the weights
  x EngineError             the engine cannot do what it was asked
    - EngineClosed          it was shut down while, or before, it was asked
    - EngineBusy            its queue is full
  x NoPlace                 the user's limits leave no place for a turn
    - AskFirst              the policy keeps it here, and the user wants to be asked
  x BackendError            a place could not complete the turn
    - BackendTimeout        it ran past its deadline
    - BackendUnavailable    it could not be reached, or is not set up
    - BackendBusy           too many turns wait there already
    - BackendRefused        it answered that it will not do this turn
    - BackendBroken         it broke off, or said what cannot be understood
  x OfflineError            a socket beyond loopback was asked for while offline
  x PrivacyError            a promise about private text would be broken
  x LedgerError             the ledger cannot be read or written
  x ServerError             a Jisr that was asked answered with an error
  x CalibrationError        a calibration cannot be made, or is none
  x BenchError              a benchmark cannot be run as it was asked

Each error has a `code`, a stable word for logs, the wire and tests; the
message is for people, says the remedy where there is one, and may change.
"""

from __future__ import annotations


class JisrError(Exception):
    """Base of all errors of this package."""

    code = "error"


class ConfigError(JisrError):
    """A setting is unknown or has a value it cannot have."""

    code = "config"


class InvalidRequest(JisrError):
    """A turn cannot be done as it was asked."""

    code = "invalid_request"

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        """Name of the field at fault, if it is one field's."""


class ContextOverflow(InvalidRequest):
    """A turn is longer than the model's context."""

    code = "context_length_exceeded"


class UnknownModel(InvalidRequest):
    """A request names a model that is not served here."""

    code = "model_not_found"


class BodyTooLarge(InvalidRequest):
    """A request has more bytes than the server takes."""

    code = "body_too_large"


class ModelError(JisrError):
    """Weights cannot be had or used."""

    code = "model"


class ModelNotFound(ModelError):
    """No catalog entry, file or pulled copy has that name."""

    code = "model_not_pulled"


class ModelDamaged(ModelError):
    """A file's size, checksum or form is not what it must be."""

    code = "model_damaged"


class PullFailed(ModelError):
    """A source could not give the weights."""

    code = "pull_failed"


class EngineError(JisrError):
    """The engine cannot do what it was asked."""

    code = "engine"


class EngineClosed(EngineError):
    """The engine was shut down while, or before, it was asked."""

    code = "engine_closed"


class EngineBusy(EngineError):
    """The engine's queue is full."""

    code = "engine_busy"


class NoPlace(JisrError):
    """The user's limits leave no place that may answer a turn."""

    code = "no_place"


class AskFirst(NoPlace):
    """A turn would leave if its policy did not keep it here, and the user wants to be asked."""

    code = "ask_first"


class BackendError(JisrError):
    """A place could not complete the turn."""

    code = "backend"

    def __init__(self, message: str = "", *, cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause
        """What is wrong with the place, with the remedy where there is one. Unlike the message it
        repeats nothing of a turn and nothing that a service said. Empty: that is not known."""

    @property
    def reason(self) -> str:
        """What may be logged and told of it wherever it comes up: its code, and the cause."""
        return f"{self.code}: {self.cause}" if self.cause else self.code


class BackendTimeout(BackendError):
    """A backend ran past its deadline."""

    code = "backend_timeout"


class BackendUnavailable(BackendError):
    """A backend could not be reached, or is not set up."""

    code = "backend_unavailable"


class BackendBusy(BackendError):
    """Too many turns wait for a backend already."""

    code = "backend_busy"


class BackendRefused(BackendError):
    """A backend answered that it will not do this turn."""

    code = "backend_refused"


class BackendBroken(BackendError):
    """A backend broke off, or said what cannot be understood."""

    code = "backend_broken"


class OfflineError(JisrError):
    """A socket beyond loopback was asked for while offline."""

    code = "offline"


class PrivacyError(JisrError):
    """A promise about private text would be broken."""

    code = "privacy"


class LedgerError(JisrError):
    """The ledger cannot be read or written."""

    code = "ledger"


class ServerError(JisrError):
    """A Jisr that was asked answered with an error, whose words these are."""

    code = "server"

    def __init__(self, message: str, *, told: str | None = None) -> None:
        super().__init__(message)
        self.told = told
        """Code of the error there."""


class CalibrationError(JisrError):
    """A calibration cannot be made, or is none."""

    code = "calibration"


class BenchError(JisrError):
    """A benchmark cannot be run as it was asked."""

    code = "bench"
