"""Words to text and back. In: words. Out: one string, and where in it each word stands.

Chinese words join without spaces; two words that meet letter to letter in the Latin script keep one.
May not know: times, channels.
"""

from collections.abc import Iterable


def join(words: Iterable[str]) -> str:
    return lay_out(words)[0]


def lay_out(words: Iterable[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The joined text and each word's half-open range of characters in it."""
    text, places = "", []
    for word in words:
        if text and word and _latin(text[-1]) and _latin(word[0]):
            text += " "
        places.append((len(text), len(text) + len(word)))
        text += word
    return text, tuple(places)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
