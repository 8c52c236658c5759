"""Never run: mypy must reject sending anything through the door but cargo made of a turn."""

from jisr.departure import Errand
from jisr.door import Line, Patience, Way, cargo_of
from jisr.types import Outbound, Request

PATIENCE = Patience(connect_s=1, read_s=1, whole_s=1)


async def send(way: Way, line: Line, outbound: Outbound, request: Request) -> None:
    cargo = cargo_of(outbound, lambda it: str(it.messages).encode())
    cargo_of(request, lambda it: str(it.wish).encode())
    cargo_of("text", str.encode)  # type: ignore[type-var]
    cargo_of(outbound, lambda it: str(it.wish).encode())  # type: ignore[attr-defined]
    await way.post("x", Errand.COMPLETION, cargo, headers={}, patience=PATIENCE)
    await way.post("x", Errand.COMPLETION, b"", headers={}, patience=PATIENCE)  # type: ignore[arg-type]
    await way.post("x", Errand.COMPLETION, outbound, headers={}, patience=PATIENCE)  # type: ignore[arg-type]
    await line.send(cargo)
    await line.send(b"")  # type: ignore[arg-type]
