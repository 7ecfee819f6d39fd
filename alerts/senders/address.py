"""Keeps a webhook from reaching into our own network (SSRF). In: a host name, looked up once. Out: safe addresses.

The connection goes to exactly the addresses that were judged, so a name that changes its mind (DNS rebinding) gains
nothing. Link-local addresses (cloud metadata) stay refused even where private ones are allowed.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

Address = IPv4Address | IPv6Address

_NAT64 = ip_network("64:ff9b::/96")
_SITE_LOCAL = ip_network("fec0::/10")


class AddressRefused(OSError):
    """The name leads where webhooks may not go."""


def refusal(address: Address, *, allow_private: bool) -> str | None:
    """Why `address` may not be called, None if it may."""
    inner = _inner(address)
    if inner.is_unspecified or inner.is_multicast:
        return f"{address} is no address of a server"
    if inner.is_link_local:
        return f"{address} is link-local"
    if allow_private or (inner.is_global and not inner.is_reserved and inner not in _SITE_LOCAL):
        return None
    return f"{address} is not a public address; allow_private = true permits it"


def _inner(address: Address) -> Address:
    """The IPv4 address an IPv6 one only wraps (mapped, 6to4, NAT64), else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class GuardedResolver(AbstractResolver):
    """aiohttp's resolver. One bad address refuses the name: a mixed answer is an attack or a mistake."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        results = []
        for answered_family, _, protocol, _, place in found:
            address = str(place[0]).partition("%")[0]
            if reason := refusal(ip_address(address), allow_private=self._allow_private):
                raise AddressRefused(f"{host}: {reason}")
            results.append(
                ResolveResult(
                    hostname=host,
                    host=address,
                    port=port,
                    family=answered_family,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST,
                )
            )
        return results

    async def close(self) -> None:
        """Holds nothing."""
