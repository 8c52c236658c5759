"""One Jisr with a real model for all journeys: loading it once is enough."""

from collections.abc import Iterator

import pytest

from jisr.assemble import assemble
from jisr.bench.behaviours import Behaviour
from jisr.config import CloudSettings, DeviceSettings, Settings
from jisr.server.app import create_app
from jisr.server.run import bind, in_thread
from jisr.server.service import device_gate, device_service
from tests.journeys.served import Home, upstream
from tests.weights import small_model

CLOUD_KEY = {"JISR_CLOUD_API_KEY": "sk-cloud"}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with upstream(Behaviour.OK, pieces=("from ", "the cloud")) as cloud:
        settings = Settings(
            home=tmp_path_factory.mktemp("home"),
            device=DeviceSettings(
                model=str(small_model()), context_tokens=1024, max_output_tokens=2, threads=1
            ),
            cloud=CloudSettings(base_url=cloud.base_url, model="ok"),
        )
        assembled = assemble(settings, CLOUD_KEY)
        gate = device_gate(settings, {})
        endpoint = create_app(device_service(assembled, settings, gate))
        listener = bind("127.0.0.1", 0)
        with in_thread(endpoint, listener, on_stop=assembled.close) as url:
            yield Home(url, assembled, cloud)
