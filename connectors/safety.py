"""Keeps a connector from being sent into the host's own network (SSRF).

A name is resolved once, every address it has is judged, and the connection goes to an address
that was judged: a name server that answers differently the second time gains nothing. Where an
HTTP proxy stands between, the proxy resolves the name again, so there the check is a courtesy.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError, NewConnectionError

from connectors.errors import Rejected

NAT64 = IPv6Network("64:ff9b::/96")
GLOBAL = IPv6Network("2000::/3")
"""All IPv6 that the open internet routes; what lies outside reaches this or the next network."""


class AddressRefused(Rejected):
    """The address lies in a private, loopback, link-local or reserved network."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} lies in a private or reserved network; set allow_private_addresses: true "
            "for this source if it is yours"
        )


def is_public(address: str) -> bool:
    """Tell whether a numeric address may be reached from the open internet.

    IPv4 addresses wrapped in IPv6 (mapped, 6to4, Teredo, NAT64) are judged by what they wrap.
    Anything that is no plain address is not public.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        wrapped: IPv4Address | None = found.ipv4_mapped or found.sixtofour
        if found.teredo:
            wrapped = found.teredo[1]
        elif found in NAT64:
            wrapped = IPv4Address(int(found) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
        if found not in GLOBAL:
            return False
    return found.is_global and not found.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of `host`, without repetition; raise `socket.gaierror`.

    The system's resolver also reads the odd spellings of IPv4 (``0x7f.1``, ``2130706433``,
    ``0177.0.0.1``), so these come back as the plain addresses they mean.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve_public(host: str, port: int) -> list[str]:
    """Return the addresses of `host`; raise `AddressRefused` when any of them is not public.

    One private address among public ones is refused as well: no honest site has such a pair.
    """
    addresses = resolve(host.strip("[]"), port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise AddressRefused(host)
    return addresses


class _Guard(HTTPConnection):
    """Connects only to public addresses, and to exactly the ones that were judged."""

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            addresses = resolve_public(name, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        try:
            for address in addresses[:-1]:
                self._dns_host = address
                try:
                    return super()._new_conn()
                except NewConnectionError:
                    continue
            self._dns_host = addresses[-1]
            return super()._new_conn()
        finally:
            # TLS must still be checked against the name, not against the address.
            self._dns_host = name


class _GuardedHTTP(_Guard):
    pass


class _GuardedHTTPS(_Guard, HTTPSConnection):
    pass


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTP


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPS


GUARDED_POOLS: dict[str, Any] = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}
"""urllib3's ``pool_classes_by_scheme`` for connections that refuse private addresses."""
