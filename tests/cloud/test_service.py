from collections.abc import Iterator

import pytest

from jisr.assemble import Assembled, assemble_cloud
from jisr.cloud.service import cloud_gate, cloud_service
from jisr.config import CloudRoleSettings, DeviceSettings, ServerSettings, Settings
from jisr.errors import ConfigError
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.types import Wish
from tests.journeys.served import ask, send, serving
from tests.runtimes import cloud_at, runtime
from tests.weights import small_model

KEY = {"JISR_CLOUD_ROLE_API_KEY": "sk-cloud"}
BEARER = {"authorization": "Bearer sk-cloud"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        home=tmp_path_factory.mktemp("cloud"),
        device=DeviceSettings(context_tokens=256, threads=1, max_output_tokens=8),
        cloud_role=CloudRoleSettings(model=str(small_model()), verify=False),
    )


@pytest.fixture(scope="module")
def role(settings: Settings) -> Iterator[tuple[str, Assembled]]:
    assembled = assemble_cloud(settings)
    app = create_app(cloud_service(assembled, settings, cloud_gate(settings, KEY)))
    with in_thread(app, bind("127.0.0.1", 0), on_stop=assembled.close) as url:
        yield url, assembled


def test_it_serves_one_model_under_its_own_name(role: tuple[str, Assembled]) -> None:
    listed = send(role[0], path="/v1/models", method="GET", headers=BEARER).json()["data"]

    assert [row["id"] for row in listed] == [small_model().stem]
    assert listed[0]["owned_by"] == "jisr"


def test_it_has_its_own_key_and_says_what_it_is(role: tuple[str, Assembled]) -> None:
    assert ask(role[0]).status == 401
    health = send(role[0], path="/healthz", method="GET").json()
    assert (health["role"], health["cloud"]) == ("cloud", None)


def test_it_knows_no_name_of_the_devices(role: tuple[str, Assembled]) -> None:
    body = b'{"model": "jisr", "messages": [{"role": "user", "content": "x"}]}'

    assert send(role[0], body, headers=BEARER).status == 404


def test_a_device_can_have_it_as_its_cloud_and_no_private_value_is_kept_there(
    role: tuple[str, Assembled],
) -> None:
    url, assembled = role
    cloud = cloud_at(f"{url}/v1", small_model().stem)

    with serving(runtime(cloud=cloud)) as device_url:
        answer = ask(device_url, "I am layla@example.com.", max_tokens=8, top_k=5, seed=1)

    assert answer.status == 200
    assert answer.json()["usage"]["completion_tokens"] > 0
    record = assembled.ledger.turns(1)[0]
    assert (record.private_spans, record.error, record.left_device) == ({}, None, False)


def test_a_grammar_and_log_probabilities_go_through_to_it(role: tuple[str, Assembled]) -> None:
    with serving(runtime(cloud=cloud_at(f"{role[0]}/v1", small_model().stem))) as device_url:
        answer = ask(
            device_url, grammar='root ::= "yes" | "no"', logprobs=True, top_logprobs=1, stream=True
        )

    assert answer.text() in ("yes", "no")
    assert any(c.get("logprobs") for event in answer.events() for c in event["choices"])


def test_the_device_is_told_when_the_prompt_is_too_long_for_it(role: tuple[str, Assembled]) -> None:
    with serving(runtime(cloud=cloud_at(f"{role[0]}/v1", small_model().stem))) as device_url:
        answer = ask(device_url, "word " * 500)

    assert (answer.status, answer.error["code"]) == (400, "context_length_exceeded")
    assert "more than fit" in answer.error["message"]


def test_its_one_place_is_the_device() -> None:
    with pytest.raises(ConfigError, match="JISR_CLOUD_ROLE_API_KEY"):
        cloud_gate(Settings(cloud_role=CloudRoleSettings(host="0.0.0.0")), {})
    assert cloud_gate(Settings(), {}).key is None


def test_a_request_there_cannot_wish_for_another_place(role: tuple[str, Assembled]) -> None:
    service = cloud_service(role[1], Settings(), cloud_gate(Settings(), KEY))

    assert set(service.defaults.models.values()) == {Wish.ONLY_DEVICE}


@pytest.mark.parametrize(
    ("host", "is_allowed", "expected"),
    [("127.0.0.1", False, True), ("0.0.0.0", False, False), ("0.0.0.0", True, True)],
)
def test_a_grammar_is_taken_from_this_machine_or_where_it_is_allowed(
    role: tuple[str, Assembled], host: str, is_allowed: bool, expected: bool
) -> None:
    settings = Settings(
        cloud_role=CloudRoleSettings(host=host), server=ServerSettings(allow_grammar=is_allowed)
    )

    service = cloud_service(role[1], settings, cloud_gate(settings, KEY))

    assert service.defaults.allows_grammar is expected
