"""What Kinesis and Firehose wrap around records. In: the body of a request. Out: the records.

Lambda's shape {"Records": [{"kinesis": {"data": …}}]}, Firehose's {"requestId", "timestamp", "records": [{"data": …}]};
data is base64. May not know: what a record says.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from streams.wire.ndjson import split_objects

MOST_RECORDS: Final = 10_000
RECORD_BYTES: Final = 1024 * 1024
"""Kinesis itself carries no larger one."""


class KinesisRefusal(StrEnum):
    """Why a whole body is refused."""

    NOT_JSON = "not_json"
    NOT_KINESIS = "not_kinesis"
    TOO_MANY_RECORDS = "too_many_records"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedBody:
    reason: KinesisRefusal
    detail: str
    mend: str


class _Data(msgspec.Struct, frozen=True):
    data: str


class _Lambda(msgspec.Struct, frozen=True):
    kinesis: _Data


class _Body(msgspec.Struct, frozen=True):
    lambda_records: list[_Lambda] | None = msgspec.field(name="Records", default=None)
    records: list[_Data] | None = None
    request_id: str = msgspec.field(name="requestId", default="")


_decode = msgspec.json.Decoder(_Body).decode


def kinesis_records(body: bytes) -> list[bytes] | RefusedBody:
    """The records in order. One that is no base64 is handed on as it came: who reads it refuses it alone."""
    decoded = _decoded(body)
    if isinstance(decoded, RefusedBody):
        return decoded
    if decoded.lambda_records is not None:
        data = [one.kinesis.data for one in decoded.lambda_records]
    elif decoded.records is not None:
        data = [one.data for one in decoded.records]
    else:
        return RefusedBody(
            reason=KinesisRefusal.NOT_KINESIS,
            detail="neither Records nor records",
            mend='send {"Records": [{"kinesis": {"data": …}}]} or what Firehose sends to an HTTP endpoint',
        )
    if len(data) > MOST_RECORDS:
        return RefusedBody(
            reason=KinesisRefusal.TOO_MANY_RECORDS, detail=f"{len(data)} records", mend=f"send at most {MOST_RECORDS}"
        )
    return [record for one in data for record in split_objects(_plain(one))]


def firehose_request_id(body: bytes) -> str:
    """What Firehose wants to read in the answer; "" if the body is none of Firehose's."""
    decoded = _decoded(body)
    return "" if isinstance(decoded, RefusedBody) else decoded.request_id


def _decoded(body: bytes) -> _Body | RefusedBody:
    try:
        return _decode(body)
    except msgspec.ValidationError as error:
        reason, detail = KinesisRefusal.NOT_KINESIS, str(error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason, detail = KinesisRefusal.NOT_JSON, str(error)
    return RefusedBody(reason=reason, detail=detail[:200], mend="send the JSON that Kinesis or Firehose makes")


def _plain(data: str) -> bytes:
    text = data.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text
