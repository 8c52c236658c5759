"""The settings of privacy: what may leave the device, and what is kept and written down of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jisr.setting_values import File, Name, Table, Words


class PrivacySettings(Table):
    """What may leave the device."""

    stay: Words = ()
    """Entity types that keep the whole turn on the device, such as IBAN_CODE."""
    phone_region: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "US"
    """Country whose phone numbers are found without their country code."""
    policy: Name = "balanced"
    """What may leave in what form: `strict`, `balanced`, `open`, or a policy file of your own."""
    ask: bool = False
    """Ask before a turn leaves that the policy keeps here, instead of keeping it."""
    max_redaction_loss: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Expected loss of quality by redaction, 0 to 1, above which the device is preferred; 1 never
    is."""
    own_words: File | None = None
    """Names, addresses and numbers of your own that may not leave: a text file, one a line, or
    contacts (`.vcf`)."""
    keep_conversations: bool = True
    """Keep what placeholders stand for, encrypted, for requests that name their conversation."""
    conversation_idle_days: Annotated[float, Field(gt=0)] = 30.0
    """Days after its last turn that a conversation is forgotten."""
    max_conversations: Annotated[int, Field(ge=1)] = 1000
    """Conversations that are kept; beyond, the one idle the longest is forgotten."""
    key_store: Literal["auto", "keyring", "file"] = "auto"
    """Where the key to what is kept and to the audit log is: the system's keyring, a file that only
    you can read, or (`auto`) the keyring where there is one."""
    audit: bool = True
    """Write down every sending before it happens; what cannot be written down is not sent."""
    audit_fsync: bool = False
    """Wait until each row is on the disk itself: slower, and safe from a loss of power."""
    audit_file_bytes: Annotated[int, Field(ge=4096)] = 16 * 2**20
    """Size from which the audit log goes on in a new file."""
