"""Never run: mypy must reject a place that takes turns it may not be given."""

from jisr.backends.base import Backend
from jisr.backends.cloud import CloudBackend
from jisr.backends.device import DeviceBackend
from jisr.backends.fallback import FallbackBackend
from jisr.backends.local_server import LocalServerBackend
from jisr.backends.scripted import ScriptedBackend
from jisr.places import CloudPlace, DevicePlace, JointPlace
from jisr.types import Message, Outbound, Request, Role, Sampling


def devices(engine: DeviceBackend, server: LocalServerBackend, script: ScriptedBackend) -> None:
    DevicePlace(backend=engine)
    DevicePlace(backend=server)
    DevicePlace(backend=script)
    DevicePlace(backend=FallbackBackend([engine, server]))


def clouds(cloud: CloudBackend, script: ScriptedBackend) -> None:
    place(cloud)
    place(script)
    place(FallbackBackend([cloud, cloud]))


def joints(script: ScriptedBackend) -> None:
    JointPlace(backend=script, offer=lambda _: None)


def no_joints(engine: DeviceBackend, server: LocalServerBackend) -> None:
    JointPlace(backend=engine, offer=lambda _: None)  # type: ignore[arg-type]
    JointPlace(backend=server, offer=lambda _: None)  # type: ignore[arg-type]


def no_clouds(engine: DeviceBackend, server: LocalServerBackend, cloud: CloudBackend) -> None:
    place(engine)  # type: ignore[arg-type]
    place(server)  # type: ignore[arg-type]
    place(FallbackBackend([server]))  # type: ignore[list-item]
    DevicePlace(backend=cloud)  # type: ignore[arg-type]


def place(backend: Backend[Outbound]) -> CloudPlace:
    return CloudPlace(backend=backend, context_tokens=1, is_loopback=False, is_healthy=lambda: True)


def ask(cloud: CloudBackend, device: DeviceBackend, request: Request, outbound: Outbound) -> None:
    cloud.stream(outbound)
    device.stream(request)
    cloud.stream(request)  # type: ignore[arg-type]
    device.stream(outbound)  # type: ignore[arg-type]


def records_are_frozen(request: Request, outbound: Outbound) -> None:
    request.is_private = False  # type: ignore[misc]
    outbound.messages = request.messages  # type: ignore[misc]
    request.sampling.temperature = 1.0  # type: ignore[misc]
    Request(messages=(Message(Role.USER, "x"),), sampling=Sampling(), place="cloud")  # type: ignore[call-arg]
