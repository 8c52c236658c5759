from jisr.bench.ttft import measure
from jisr.config import DeviceSettings, Settings
from tests.weights import small_model


def test_each_question_has_the_engine_s_time_and_the_client_s() -> None:
    device = DeviceSettings(
        model=str(small_model()), context_tokens=256, num_sequences=1, threads=1
    )

    figures, rows = measure(Settings(device=device), num_questions=3)

    assert [row["measure"] for row in rows] == ["ttft"] * 3
    assert 0 < figures["engine_ttft_ms"] < figures["client_ttft_ms"]
    assert 0 < figures["added_ttft_ms"] < 500
