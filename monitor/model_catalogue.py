"""Which official models there are. In: nothing. Out: names, languages, sizes as their site tells them.

The site publishes no SHA-256, so none stands here: the first fetch records what came, every later one must be the same.
"""

from dataclasses import dataclass
from typing import Final

BASE_URL: Final = "https://alphacephei.com/vosk/models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    name: str
    language: str
    megabytes: int
    """Of the archive, as the site rounds it."""
    large: bool
    sha256: str = ""
    """"": not known; the first fetch is trusted and recorded."""


OFFERED: Final = (
    Offered(name="vosk-model-small-cn-0.22", language="zh", megabytes=42, large=False),
    Offered(name="vosk-model-cn-0.22", language="zh", megabytes=1_300, large=True),
    Offered(name="vosk-model-cn-kaldi-multicn-0.15", language="zh", megabytes=1_500, large=True),
    Offered(name="vosk-model-small-en-us-0.15", language="en", megabytes=40, large=False),
    Offered(name="vosk-model-en-us-0.22-lgraph", language="en", megabytes=128, large=False),
    Offered(name="vosk-model-en-us-0.22", language="en", megabytes=1_800, large=True),
    Offered(name="vosk-model-small-ja-0.22", language="ja", megabytes=48, large=False),
    Offered(name="vosk-model-ja-0.22", language="ja", megabytes=1_000, large=True),
    Offered(name="vosk-model-small-ko-0.22", language="ko", megabytes=82, large=False),
    Offered(name="vosk-model-small-ru-0.22", language="ru", megabytes=45, large=False),
    Offered(name="vosk-model-ru-0.42", language="ru", megabytes=1_800, large=True),
    Offered(name="vosk-model-small-vn-0.4", language="vi", megabytes=32, large=False),
)


def offered(name: str) -> Offered | None:
    return next((one for one in OFFERED if one.name == name), None)
