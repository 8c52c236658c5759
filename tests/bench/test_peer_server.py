import json
import urllib.request

import pytest

from jisr.bench.children import started
from jisr.errors import BackendUnavailable
from tests.weights import small_model

MODULE = "jisr.bench.peer_server"
SMALL = ("--threads", "1", "--num-sequences", "1", "--context-tokens", "256")


def test_it_answers_at_the_address_it_printed() -> None:
    pytest.importorskip("xllamacpp", reason="the extra [bench] is not installed")
    body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}
    with started(MODULE, str(small_model()), *SMALL) as child:
        request = urllib.request.Request(
            f"{child.url}/v1/chat/completions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.load(answer)

    assert told["usage"]["completion_tokens"] == 2


def test_what_cannot_be_asked_of_it_is_told() -> None:
    with (
        pytest.raises(BackendUnavailable, match="the following arguments are required: path"),
        started(MODULE),
    ):
        pass
