"""Can these keywords be heard. In: `words` (as often as there are, or with commas), `queue`. Out: VocabularyAnswer.

For the rule editor: a keyword that the model cannot write never hits. May not know: how words are compared.
"""

import re

import msgspec
from aiohttp import web

from asr.faults import ModelFault
from asr.vocabulary import LONGEST_KEYWORD
from monitor.api.parts import parts_of
from streams.vocabulary.ids import QueueName

encode = msgspec.json.Encoder().encode
MOST_WORDS = 50
_BETWEEN = re.compile("[,，、;；\n]")


async def vocabulary(request: web.Request) -> web.Response:
    """400 without words or with too many, 503 with the mend where the model cannot be read."""
    parts = parts_of(request)
    words = list(
        dict.fromkeys(word.strip() for text in request.query.getall("words", []) for word in _BETWEEN.split(text))
    )
    words = [word for word in words if word]
    if fault := _fault(words):
        return web.json_response({"reason": fault}, status=400)
    if parts.vocabulary is None:
        return web.json_response({"reason": "no recogniser is configured here"}, status=404)
    try:
        answer = await parts.vocabulary.judge(words, queue=QueueName(request.query.get("queue", "")), site=parts.id)
    except ModelFault as fault_of_model:
        return web.json_response({"reason": str(fault_of_model)}, status=503)
    return web.Response(body=encode(answer), content_type="application/json")


def _fault(words: list[str]) -> str:
    if not words:
        return "words: name the keywords, as in words=退订,携号转网"
    if len(words) > MOST_WORDS:
        return f"words: at most {MOST_WORDS} at a time, these are {len(words)}"
    long = next((word for word in words if len(word) > LONGEST_KEYWORD), "")
    return f"words: {long[:20]!r}… has more than {LONGEST_KEYWORD} characters" if long else ""
