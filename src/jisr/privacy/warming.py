"""What the first look at a text would wait for, loaded before there is one."""

from __future__ import annotations

import logging
from threading import Thread

from jisr.config import PrivacySettings
from jisr.privacy.recognizers import load_recognizers
from jisr.privacy.sight import Sight
from jisr.types import Message, Request, Role

LOG = logging.getLogger(__name__)

_TEXTS = (
    "Yesterday Zodvboz Green, an Omani nurse, wrote to me from muscat about Harbour Lights.",
    "اسمي خالد الحارثي وأسكن في مسقط، ورقم هاتفي ٩٩١٢٣٤٥٦",
)
"""Texts that every list and the model are asked about; nobody's."""


def warm() -> Thread:
    """Read lists and model in a thread of its own, which is returned; a failure is logged.

    What fails here fails again at the first look, which then says why.
    """
    thread = Thread(target=_look, name="jisr-warming", daemon=True)
    thread.start()
    return thread


def _look() -> None:
    try:
        messages = tuple(Message(Role.USER, text) for text in _TEXTS)
        Sight(load_recognizers(PrivacySettings())).look(Request(messages=messages))
    except Exception as error:
        LOG.warning("Lists of names could not be read ahead: %s", type(error).__name__)
