"""Records out of files, Kinesis and Firehose; moments as others write them."""

import base64
import json

import pytest

from streams.translate.iso_time import iso_millis
from streams.wire.kinesis import KinesisRefusal, RefusedBody, firehose_request_id, kinesis_records
from streams.wire.ndjson import cut, split_objects

ONE = b'{"a": "}{\\"", "b": {"c": 1}}'


def lambda_body(*records: bytes) -> bytes:
    return json.dumps({"Records": [{"kinesis": {"data": base64.b64encode(one).decode()}} for one in records]}).encode()


def test_lambdas_shape() -> None:
    assert kinesis_records(lambda_body(b'{"a":1}', b'{"b":2}')) == [b'{"a":1}', b'{"b":2}']


def test_firehoses_shape_and_its_request_id() -> None:
    data = base64.b64encode(b'{"a":1}{"b":2}\n').decode()
    body = json.dumps({"requestId": "r-1", "timestamp": 1, "records": [{"data": data}]}).encode()
    assert kinesis_records(body) == [b'{"a":1}', b'{"b":2}']
    assert firehose_request_id(body) == "r-1"
    assert firehose_request_id(b"{") == ""


def test_a_record_that_is_no_base64_is_left_to_whoever_reads_records() -> None:
    """Else one bad record would keep its whole batch from ever being taken."""
    body = json.dumps({"records": [{"data": "%%"}, {"data": base64.b64encode(b'{"a":1}').decode()}]}).encode()
    assert kinesis_records(body) == [b"%%", b'{"a":1}']


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", KinesisRefusal.NOT_JSON),
        (b'{"a":' * 100_000, KinesisRefusal.NOT_JSON),
        (b"[]", KinesisRefusal.NOT_KINESIS),
        (b'{"hello": 1}', KinesisRefusal.NOT_KINESIS),
        (b'{"Records": [{"kinesis": {}}]}', KinesisRefusal.NOT_KINESIS),
        (json.dumps({"records": [{"data": ""}] * 10_001}).encode(), KinesisRefusal.TOO_MANY_RECORDS),
    ],
)
def test_a_body_that_is_none_of_kinesis_is_refused(body: bytes, reason: KinesisRefusal) -> None:
    told = kinesis_records(body)
    assert isinstance(told, RefusedBody)
    assert told.reason is reason
    assert told.mend


def test_objects_without_a_newline_between_them_are_told_apart() -> None:
    assert split_objects(ONE + ONE + b" garbage") == [ONE, ONE, b"garbage"]


def test_a_torn_line_waits_wherever_it_is_torn() -> None:
    text = ONE + b"\n" + ONE
    for at in range(len(ONE) + 1, len(text)):
        assert cut(text[:at], complete=False) == ([ONE], len(ONE) + 1)
        assert cut(text[:at], complete=True) == ([ONE], len(ONE) + 1)
    assert cut(text, complete=False) == ([ONE], len(ONE) + 1)
    assert cut(text, complete=True) == ([ONE, ONE], len(text))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-20T09:05:12.345Z", 1_795_165_512_345),
        ("2026-11-20T09:05:12:345Z", 1_795_165_512_345),
        ("2026-11-20T09:05:12.345678901Z", 1_795_165_512_345),
        ("2026-11-20T17:05:12.345+0800", 1_795_165_512_345),
        ("2026-11-20T17:05:12+08:00", 1_795_165_512_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("2023-02-29T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        ("2026-11-20T25:00:00Z", None),
        ("0000-01-01T00:00:00Z", None),
        ("2026-11-20T09:05:12", None),
        ("２０２６-11-20T09:05:12Z", None),
        ("", None),
        ("Z" * 10_000, None),
    ],
)
def test_moments(text: str, wanted: int | None) -> None:
    assert iso_millis(text) == wanted
