"""A channel tried out: over HTTP with a real Redis that keeps what came back, and from the command line."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from typer.testing import CliRunner

from monitor import clock
from monitor.api import channels
from monitor.api.parts import PARTS, SITES
from monitor.channel_desk import ChannelDesk
from monitor.cli import app
from monitor.config import Config
from monitor.config_read import load_config
from streams.bus.connection import client
from tests.integration.channel_services import KEY, ROUTING_KEY, Services

pytestmark = pytest.mark.servers

CHANNELS = """[site]
id = "desk-test"
[[alerts.channel]]
kind = "wecom"
name = "duty"
key = "{key}"
url = "http://127.0.0.1:{port}/cgi-bin/webhook/send"
allow_private = true
[[alerts.channel]]
kind = "pagerduty"
name = "pager"
routing_key = "{routing}"
url = "http://127.0.0.1:{port}/v2/enqueue"
allow_private = true
"""


def configured(folder: Path, port: int, key: str = KEY) -> Config:
    file = folder / "floorwatch.toml"
    file.write_text(CHANNELS.format(port=port, key=key, routing=ROUTING_KEY), "utf-8")
    return load_config(file, env={})


class OneSite:
    """What the two answers ask of a site."""

    id = "desk-test"

    def __init__(self, desk: ChannelDesk) -> None:
        self.channels = desk

    def actor(self, request: web.Request) -> str:
        return "tester"


def test_a_test_goes_out_at_once_and_what_came_back_is_kept(redis_url: str, tmp_path: Path) -> None:
    """Its service's own code, under the channel's name; what PagerDuty opened is closed; a stranger's name is a 404."""

    async def scenario() -> None:
        redis = client(redis_url)
        async with Services(clock.now()) as services, aiohttp.ClientSession() as session:
            served = web.Application()
            parts: Any = OneSite(ChannelDesk(configured(tmp_path, services.port), redis))
            served[PARTS], served[SITES] = parts, {parts.id: parts}
            served.router.add_get("/channels", channels.shown)
            served.router.add_post("/channels/{name}/test", channels.test)
            runner = web.AppRunner(served, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            at = f"http://127.0.0.1:{runner.addresses[0][1]}/channels"
            try:
                replies = {}
                for name in ("duty", "pager"):
                    answer = await (await session.post(f"{at}/{name}/test")).json()
                    replies[name] = [(one["reply"]["outcome"], one["reply"]["code"]) for one in answer["attempts"]]
                unknown = await session.post(f"{at}/nobody/test")
                shown = await (await session.get(at)).json()
            finally:
                await runner.cleanup()
                await redis.aclose()
            assert replies == {"duty": [("delivered", "0")], "pager": [("delivered", "success")] * 2}
            assert services.incidents == {}
            assert (unknown.status, await unknown.json()) == (404, {"reason": "unknown_channel"})
        last = {one["name"]: (one["kind"], one["last"]["reply"]["outcome"]) for one in shown["channels"]}
        assert last == {"duty": ("wecom", "delivered"), "pager": ("pagerduty", "delivered")}
        assert KEY not in str(shown)

    asyncio.run(scenario())


@pytest.mark.parametrize(("name", "code", "told"), [("duty", 1, "unreachable"), ("dutty", 2, "did you mean 'duty'?")])
def test_the_command_line_tells_by_its_exit_code(tmp_path: Path, name: str, code: int, told: str) -> None:
    """1: nobody took it (nothing listens on port 1); 2: no such channel."""
    configured(tmp_path, 1)
    answer = CliRunner().invoke(app, ["alerts", "send-test", name, "-c", str(tmp_path / "floorwatch.toml")])
    assert answer.exit_code == code
    assert told in answer.output
    assert KEY not in answer.output
