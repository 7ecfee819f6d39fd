"""Every example of docs/push.md runs as it stands there and is answered as it says."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.integration.bus_room import room_url
from tests.push_room import TOKEN
from tests.push_web import Pushed, now, pushed

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]
DOCUMENT = Path(__file__).parents[2] / "docs/push.md"
EXAMPLE = re.compile(r"```sh\n(.*?)```\s+```json\n(.*?)```", re.DOTALL)


def test_the_document_s_examples_are_answered_as_it_says(valkey_url: str):
    """In order: the second sends part of the first again."""
    examples = EXAMPLE.findall(DOCUMENT.read_text(encoding="utf-8"))
    assert len(examples) == 4

    async def body(web: Pushed) -> None:
        told = {"URL": web.url, "TOKEN": TOKEN, "NOW": str(now()), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        for command, answer in examples:
            shell = await asyncio.create_subprocess_exec(
                "sh", "-c", command, env=told, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            said, complaint = await shell.communicate()
            assert (json.loads(said or b"{}"), complaint) == (json.loads(answer), b"")
        assert [event.seq for event in await web.events()] == [1, 2, 3, 4, 6]
        assert (await web.events())[2].text == "我的手机是●●●●●●●●●●●"

    pushed(room_url(valkey_url), body)
