"""The connections below `connectors.http`: one TLS context for all, guarded, without surprises.

requests reloads the CA bundle for every new TLS connection, which costs more than all the rest
of a poll; a context shared by the whole process is a dozen times cheaper. Connections for
reading are shared as well, so that a thousand sources at one platform do not hold a thousand of
them open. A write never takes a connection that has stood idle: a server that hangs up at that
very moment would leave us not knowing whether it was done.
"""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from connectors.safety import GUARDED_POOLS

# It warns of broken headers with the whole address, and some platforms want a token in there.
logging.getLogger("urllib3").setLevel(logging.ERROR)

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""Environment variables that name another CA bundle, as requests, curl and OpenSSL read them."""


@lru_cache(maxsize=4)
def tls_context(bundle: str) -> ssl.SSLContext:
    """Return the context that trusts `bundle` (a file or a folder), made once per process."""
    context = create_urllib3_context()
    if os.path.isdir(bundle):  # noqa: PTH112 - the value goes to OpenSSL as it is
        context.load_verify_locations(capath=bundle)
    else:
        context.load_verify_locations(cafile=bundle)
    return context


def ca_bundle() -> str:
    """Return the CA bundle to trust: the environment's choice, else certifi's."""
    return next((os.environ[name] for name in BUNDLES if os.environ.get(name)), certifi.where())


HOSTS, CONNECTIONS_EACH = 32, 16
"""How many hosts keep idle connections, the longest unused losing theirs, and how many each."""


class _Adapter(HTTPAdapter):
    """Keeps the shared context, and connects through guarded pools where it is told to."""

    def __init__(self, *, guarded: bool, bundle: str) -> None:
        self._guarded = guarded
        self._bundle = bundle
        super().__init__(
            max_retries=0, pool_connections=HOSTS, pool_maxsize=CONNECTIONS_EACH, pool_block=False
        )

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs["ssl_context"] = tls_context(self._bundle)
        super().init_poolmanager(*args, **kwargs)
        if self._guarded:
            self.poolmanager.pool_classes_by_scheme = GUARDED_POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        kwargs["ssl_context"] = tls_context(self._bundle)
        return super().proxy_manager_for(proxy, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # The parent names a bundle file here, and urllib3 then loads it for each connection.
        conn.cert_reqs = "CERT_REQUIRED"


@contextmanager
def borrow_adapter(*, guarded: bool, writing: bool) -> Iterator[HTTPAdapter]:
    """Lend the process's adapter for reading, or one of its own for a write.

    An adapter is what stands below a session: it keeps no cookies, reads neither netrc nor proxy
    variables and follows nothing, and threads may share it. Proxies come from `proxies_for`.
    """
    if not writing:
        yield _reading_adapter(guarded, ca_bundle())
        return
    adapter = _Adapter(guarded=guarded, bundle=ca_bundle())
    try:
        yield adapter
    finally:
        adapter.close()


@lru_cache(maxsize=4)
def _reading_adapter(guarded: bool, bundle: str) -> HTTPAdapter:
    return _Adapter(guarded=guarded, bundle=bundle)


def forget_connections() -> None:
    """Start over with new connections and contexts, as when a CA bundle was replaced."""
    _reading_adapter.cache_clear()
    tls_context.cache_clear()


def proxies_for(url: str) -> dict[str, str]:
    """Return the environment's proxies for `url`; none for this very machine or ``no_proxy``."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1" or proxy_bypass(host):
        return {}
    return {
        scheme: address
        for scheme, address in getproxies().items()
        if scheme in ("http", "https", "all")
    }
