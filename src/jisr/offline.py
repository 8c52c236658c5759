"""The offline switch: while it is on, no Python code here reaches beyond this machine.

One audit hook of the interpreter sees every socket call, whichever library
makes it, before the system does; a name is refused before anybody is asked for
its address.

What is covered:
- connecting, binding, and sending datagrams by Python's sockets, asyncio and
  every client built on them, unless the address is loopback or of this machine
  by kind (a Unix socket);
- looking up any name but `localhost`, and any address but loopback's.

What is not covered:
- connections that were open before the switch was turned on;
- native code that opens sockets of its own;
- child processes: they inherit `JISR_OFFLINE=1`, which only Jisr understands.

Source: PEP 578, Python Runtime Audit Hooks (Steve Dower, 2019).
"""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from jisr.errors import OfflineError

VARIABLE = "JISR_OFFLINE"
"""Tells child processes that the switch is on."""

LOCAL_FAMILIES = {
    getattr(socket, name)
    for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG")
    if hasattr(socket, name)  # which of them exist depends on the system
}
ADDRESS_EVENTS = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
LOOKUP_EVENTS = {
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
}


@dataclass(slots=True)
class _Switch:
    is_on: bool = False
    is_hooked: bool = False
    variable_before: str | None = None


_switch = _Switch()


def go_offline() -> None:
    """Turn the switch on, for this whole process and the children it will start."""
    if not _switch.is_hooked:
        sys.addaudithook(_refuse_beyond_loopback)
        _switch.is_hooked = True
    if not _switch.is_on:
        _switch.variable_before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = "1"
        _switch.is_on = True


def online_again() -> None:
    """Turn the switch off; for tests, a run of Jisr never does."""
    if not _switch.is_on:
        return
    _switch.is_on = False
    if _switch.variable_before is None:
        os.environ.pop(VARIABLE, None)
    else:
        os.environ[VARIABLE] = _switch.variable_before


def is_offline() -> bool:
    """Whether the switch is on."""
    return _switch.is_on


def is_loopback(host: object) -> bool:
    """Whether `host` is this machine: `localhost`, or a literal loopback address.

    Other spellings of an address (`127.1`, `0x7f000001`) are not understood, so
    they are not loopback.
    """
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    if host.lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback


def _refuse_beyond_loopback(event: str, args: tuple[object, ...]) -> None:
    if not _switch.is_on or not event.startswith("socket."):
        return
    if event in LOOKUP_EVENTS:
        _check_lookup(args[0])
    elif event in ADDRESS_EVENTS:
        _check_address(getattr(args[0], "family", None), args[1])


def _check_lookup(host: object) -> None:
    if isinstance(host, tuple):  # getnameinfo is given an address with its port
        host = host[0]
    if host is not None and not is_loopback(host):
        raise OfflineError(f"Offline: the address of {_shown(host)} was not looked up.{_REMEDY}")


def _check_address(family: object, address: object) -> None:
    if address is None or family in LOCAL_FAMILIES:
        return  # None: sending on a socket whose connection was checked
    host = address[0] if isinstance(address, tuple) and address else address
    if family not in (socket.AF_INET, socket.AF_INET6) or not is_loopback(host):
        raise OfflineError(f"Offline: no socket was opened to {_shown(host)}.{_REMEDY}")


def _shown(host: object) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


_REMEDY = " Turn it off with offline = false, or use an address of this machine."
