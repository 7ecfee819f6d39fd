"""Which names the service answers to: a foreign page may point its own name at our address (DNS rebinding)."""

import pytest

from monitor.api.security import OUR_HEADER
from tests.integration.test_api_http import over_http

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

OURS = [
    "127.0.0.1",
    "192.168.7.9:8080",
    "[::1]:8080",
    "localhost:8080",
    "wall.localhost",
    "floorwatch:8080",  # a name without dots lives on one's own network: compose, /etc/hosts
    "wall.example",  # web.public_url of the served application
    "WALL.example.:443",
]
FOREIGN = ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "wall.example.evil.example", "a b", ""]


@pytest.mark.parametrize("host", OURS)
def test_addresses_and_our_own_names_are_answered(host: str) -> None:
    async def body(_: object, client: object) -> None:
        async with client.get("/api/v1/floor", headers={"Host": host}) as answer:  # type: ignore[attr-defined]
            assert answer.status == 200

    over_http(body)


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_name_reads_nothing(host: str) -> None:
    """Its page would be of the same origin as ours and read the whole floor."""

    async def body(_: object, client: object) -> None:
        async with client.get("/api/v1/floor", headers={"Host": host}) as answer:  # type: ignore[attr-defined]
            assert answer.status in (400, 421)
            assert "web.public_url" in await answer.text() or answer.status == 400

    over_http(body)


def test_a_foreign_name_changes_nothing_and_opens_no_socket() -> None:
    """Origin and host agree there, so only the host tells."""
    told = {"Host": "evil.example", "Origin": "http://evil.example", OUR_HEADER: "1"}

    async def body(_: object, client: object) -> None:
        async with client.post("/api/v1/alerts/x/acknowledge", headers=told) as answer:  # type: ignore[attr-defined]
            assert answer.status == 421
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        async with client.get("/ws/floor", headers=told | upgrade) as answer:  # type: ignore[attr-defined]
            assert answer.status == 421

    over_http(body)


def test_health_is_told_to_whoever_asks() -> None:
    """Probes come by any name, and there is nothing to read."""

    async def body(_: object, client: object) -> None:
        async with client.get("/healthz", headers={"Host": "probe.cluster.example"}) as answer:  # type: ignore[attr-defined]
            assert answer.status == 200

    over_http(body)
