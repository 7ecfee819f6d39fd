"""Frames and rows as a FreeSWITCH would send them, with a caller's own text in them."""

MEMBER_HEAD = (
    "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch|rejoined_epoch|bridge_epoch|"
    "abandoned_epoch|base_score|skill_score|serving_agent|serving_system|state|score"
)


def event_frame(lines: list[bytes]) -> bytes:
    body = b"".join(line + b"\n" for line in lines) + b"\n"
    return b"Content-Length: %d\nContent-Type: text/event-plain\n\n" % len(body) + body


def join_event(encoded_name: str) -> bytes:
    return event_frame(
        [
            b"Event-Subclass: callcenter%3A%3Ainfo",
            b"Event-Name: CUSTOM",
            b"Core-UUID: c1",
            b"Event-Date-Timestamp: 1795295813000000",
            b"Unique-ID: s1",
            b"Caller-Channel-Created-Time: 1795295812000000",
            b"CC-Queue: sales%40default",
            b"CC-Action: member-queue-start",
            b"CC-Member-UUID: m1",
            b"CC-Member-Session-UUID: s1",
            b"CC-Member-CID-Name: " + encoded_name.encode(),
            b"CC-Member-CID-Number: 138",
        ]
    )


def member_row(name: str) -> str:
    return f"sales@default|single_box|m1|s1|138|{name}|1795295813|1795295813|0|0|0|0|0|||Waiting|4"
