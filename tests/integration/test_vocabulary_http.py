"""Keywords of the rule editor, over a real socket."""

import asyncio
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from monitor.api.parts import PARTS, SITES
from monitor.api.vocabulary import vocabulary
from monitor.model_choice import ModelChoice
from monitor.vocabulary_desk import VocabularyDesk
from tests.push_web import parts_of
from tests.servers import free_port

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]


async def asked(*queries: str, known: bool = True) -> list[tuple[int, dict]]:
    parts = replace(parts_of(None, None), vocabulary=VocabularyDesk(ModelChoice()) if known else None)
    app = web.Application()
    app[PARTS], app[SITES] = parts, {parts.id: parts}
    app.router.add_get("/api/v1/vocabulary", vocabulary)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            answers = []
            for query in queries:
                async with client.get(f"/api/v1/vocabulary{query}") as answer:
                    answers.append((answer.status, await answer.json()))
            return answers
    finally:
        await runner.cleanup()


def test_each_keyword_is_answered_with_what_sounds_like_it() -> None:
    """With commas of either kind, or one parameter each; the same word once."""
    ((status, told), (_, again)) = asyncio.run(asked("?words=退订，宽待,退订", "?words=退订&words=宽待"))
    assert (status, told["model"], told["demo"], told["size"]) == (200, "demo-zh", True, 770)
    assert [(one["keyword"], one["writable"]) for one in told["keywords"]] == [
        ("退订", "one_word"),
        ("宽待", "cannot_be_written"),
    ]
    assert told["keywords"][1]["near"][0]["text"] == "宽带"
    assert again == told


def test_a_question_that_cannot_be_answered_says_why() -> None:
    """No words, too many, too long; no recogniser here."""
    answers = asyncio.run(asked("", "?words=" + ",".join(map(str, range(51))), "?words=" + "长" * 41))
    assert [status for status, _ in answers] == [400, 400, 400]
    assert "at most 50" in answers[1][1]["reason"]
    ((status, _),) = asyncio.run(asked("?words=退订", known=False))
    assert status == 404
