"""Standard Webhooks 1.0 signatures. In: id, time, body, secret. Out: the three headers.

Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md. The signed text is `id.seconds.body`; the secret
is base64 behind `whsec_`. May not know: HTTP.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

from streams.vocabulary.ids import Millis

PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
"""What the specification asks of a secret."""


class BadSecret(ValueError):
    """Says what is wrong without repeating the secret."""


def key_of(secret: str) -> bytes:
    """The HMAC key of `whsec_…`; raises BadSecret."""
    if not secret.startswith(PREFIX):
        raise BadSecret(f"the secret does not begin with {PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:  # binascii.Error is one; so is a letter outside ASCII
        raise BadSecret(f"the secret is not base64 behind {PREFIX}") from error
    if len(key) not in _KEY_BYTES:
        raise BadSecret(f"the secret holds {len(key)} bytes, not 24 to 64")
    return key


def message_id(text: str) -> str:
    """A header-safe id without full stops, which the specification keeps for itself; the same text, the same id."""
    return f"msg_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def headers(*, message_id: str, at: Millis, body: bytes, key: bytes) -> Mapping[str, str]:
    seconds = str(at // 1000)
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}
