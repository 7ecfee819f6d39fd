"""Who is the agent, where nobody told. In: utterances of a two-channel recording. Out: the agent's channel, or None.

By what only an agent says: the greeting, the staff number, the closing. May not know: audio, the scheme.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from asr.transcript import Utterance

AGENT_SAYS: Final = re.compile(
    "为您服务|为你服务|工号|可以帮您|可以帮到您|能帮您|请问有什么|感谢您的来电|感谢您的耐心|让您久等|请您稍等|为您查询|帮您查询|为您办理"
    "|还有其他问题|还有别的问题|祝您|请您提供|请提供|麻烦您提供|how (?:may|can) i help|thank you for calling"
)
"""The telecom packs' steps in words that no customer uses."""


def agent_by_rule(utterances: Sequence[Utterance]) -> int | None:
    """None: nobody said such words, or both did as often."""
    said: Counter[int] = Counter()
    for one in utterances:
        said[one.channel] += len(AGENT_SAYS.findall(one.text.lower()))
    if said[0] == said[1]:
        return None
    return 0 if said[0] > said[1] else 1


def with_roles(utterances: Sequence[Utterance], agent_channel: int) -> tuple[Utterance, ...]:
    return tuple(replace(one, role="agent" if one.channel == agent_channel else "customer") for one in utterances)
