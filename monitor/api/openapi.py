"""The API's description, made from the types it answers with. In: nothing. Out: an OpenAPI 3.1 document.

May not know: requests, history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from monitor.api.agent_days import Day
from monitor.api.dead import DeadStream
from monitor.api.dead_desk import DeadDone, DeadFault, DeadPage
from monitor.api.openapi_alerts import ALERT_ROUTES, ALERT_TYPES
from monitor.api.openapi_intake import INTAKE_ROUTES, INTAKE_TYPES
from monitor.api.openapi_plan import PLAN_ROUTES, PLAN_TYPES
from monitor.api.openapi_rules import RULES_ROUTES, RULES_TYPES
from monitor.api.past_door import PastDay, PastRefused, PastUnderway
from monitor.api.permissions import Permissions
from monitor.api.push import STATUS as PUSH_STATUS
from monitor.api.push import TYPES as PUSH_TYPES
from monitor.api.push_words import BatchAnswer, BatchRefused
from monitor.api.sites import SitesAnswer
from monitor.channel_desk import ChannelTest, ShownChannel
from monitor.past_answers import NoPast
from monitor.vocabulary_desk import VocabularyAnswer
from streams.floor.numbers import QueueNumbers
from streams.warehouse.contacts import ContactDetail, ListedContact


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    path: str
    summary: str
    answer: str = ""
    """Name of a schema; "" for what has none (audio, frames)."""
    many: str = ""
    """The key under which a list of `answer` stands; "*": the answer itself is the list."""
    method: str = "get"
    path_names: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    media: str = "application/json"
    takes: tuple[str, ...] = ()
    """Media types of the body."""
    faults: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Status to the schema of the answer and what it means."""
    status: int = 200
    """Of an answer that is none of `faults`."""
    bearer: bool = False
    """A source's token, in place of the header X-Floorwatch."""


PUSH_SCHEMAS = (BatchAnswer, BatchRefused, DeadStream, DeadPage, DeadDone, DeadFault)
CONTACT_QUERY = (
    ("from", "epoch ms, included; default: 24 hours before `to`"),
    ("to", "epoch ms, excluded; default: now"),
    ("queue", "queue name"),
    ("agent", "staff number"),
    ("outcome", "waiting, talking, answered, abandoned, overflowed, turned_away or lost"),
    ("text", "looked for in what was said"),
    ("not_passed", "1: a score below its pass mark"),
    ("fatal", "1: a fatal item hit"),
    ("during_alert", "1: entered its queue while an alert on it was firing"),
    ("limit", "1 to 500, default 50"),
    ("offset", "rows to skip"),
)
DEAD_QUERY = (
    ("stream", "one stream's letters; without it, the counts of all"),
    ("reason", "only letters of this reason"),
    ("before", "id of a letter: older ones"),
    ("limit", "1 to 200, default 50"),
)


def push_faults() -> dict[int, tuple[str, str]]:
    """Each status of the door with its reasons."""
    reasons: dict[int, list[str]] = {}
    for reason, status in PUSH_STATUS.items():
        reasons.setdefault(status, []).append(reason)
    return {status: ("BatchRefused", ", ".join(named)) for status, named in sorted(reasons.items())}


SITE_QUERY = (("site", "a site's id; default: the first one"),)
SEEN_QUERY = (*SITE_QUERY, ("scope", "name of a [[scope]]: only what it sees; default: everything"))
PAST_QUERY = (("at", "2026-11-21T10:03:20 (the site's time), epoch ms, or -300 for five minutes ago"), *SITE_QUERY)
PAST_FAULTS = {
    202: ("PastUnderway", "folding; ask again"),
    400: ("PastRefused", "bad_moment"),
    404: ("PastRefused", ", ".join([*NoPast, "unknown_agent"])),
    503: ("PastRefused", "busy, store"),
}
DEAD_FAULTS = {404: ("DeadFault", "unknown_stream, no_letter"), 409: ("DeadFault", "why it stays")}
ROUTES = (
    Route(path="/api/v1/floor", summary="Every agent's state, how far it is certain, and the floor's blind gaps",
          query=SEEN_QUERY),
    Route(path="/api/v1/floor/map", summary="The drawing of the seat map (Bokeh json_item), palette, limits",
          query=SITE_QUERY),
    Route(path="/api/v1/floor/people", summary="Who sits where", query=SEEN_QUERY),
    Route(path="/api/v1/sites", summary="Every site alone and with all below it; one and those directly below it",
          answer="SitesAnswer", query=SITE_QUERY),
    Route(path="/api/v1/queues", summary="Every queue's numbers now", answer="QueueNumbers", many="*",
          query=SEEN_QUERY),
    Route(path="/api/v1/sums", summary="Queues added up as one group; levels side by side where they are measured "
          "differently", query=(*SEEN_QUERY, ("queue", "as often as there are queues"))),
    Route(path="/api/v1/wallboard", summary="The pages a wallboard shows in turn, and the version of what shows them",
          query=SITE_QUERY),
    Route(path="/api/v1/queues/{queue}", summary="A queue's card with customer tiers, outbound contacts, messages",
          path_names=("queue",), query=SEEN_QUERY),
    Route(path="/api/v1/queues/{queue}/forecast", summary="Will the interval's target be missed; and if there were "
          "others", path_names=("queue",), query=(*SEEN_QUERY, ("agents", "so many more, -5000 to +5000"),
          ("arrivals", "times as many, 0.1 to 10"), ("from", "a queue those agents come from: its row is `giver`"))),
    Route(path="/api/v1/agents/{agent}", summary="One agent: state and how far it is certain, what follows, contacts, "
          "skills, queues", path_names=("agent",), query=SEEN_QUERY),
    Route(path="/api/v1/agents/{agent}/day", summary="One agent's day from history: stretches, time by state and "
          "reason, occupancy", path_names=("agent",), answer="Day",
          query=(("day", "2026-11-21, the site's; default: today"), *SEEN_QUERY)),
    Route(path="/api/v1/permissions", summary="What you may do to agents, or why nothing", answer="Permissions"),
    Route(path="/api/v1/vocabulary", summary="Can the recogniser write these keywords, and what sounds like them",
          answer="VocabularyAnswer", query=(("words", "keywords, with commas or as often as there are; at most 50"),
          ("queue", "whose model; default: the site's"), *SITE_QUERY)),
    Route(path="/api/v1/past", summary="The floor of a past moment, as `floorwatch replay --json` prints it",
          query=PAST_QUERY, faults=PAST_FAULTS),
    Route(path="/api/v1/past/frame", summary="The seat map of a past moment: u32 length, JSON words, the wall's frame; "
          "JSON of PastRefused where there is none", query=(*PAST_QUERY, ("people", "revision of the names you have")),
          media="application/octet-stream", faults={202: PAST_FAULTS[202], 503: PAST_FAULTS[503]}),
    Route(path="/api/v1/past/day", summary="What came in, gaps and alerts of the local day", answer="PastDay",
          query=PAST_QUERY, faults={503: PAST_FAULTS[503]}),
    Route(path="/api/v1/past/agents/{agent}", summary="One agent at a past moment", path_names=("agent",),
          query=PAST_QUERY, faults=PAST_FAULTS),
    Route(path="/api/v1/contacts", summary="Queue visits, newest first", answer="ListedContact", many="contacts",
          query=CONTACT_QUERY),
    Route(path="/api/v1/contacts/{contact}", summary="Everything kept of a contact", answer="ContactDetail",
          path_names=("contact",)),
    Route(path="/api/v1/contacts/{contact}/recording", summary="The recording; ranges work", path_names=("contact",),
          media="audio/*"),
    Route(path="/api/v1/contacts/{contact}/peaks", summary="Loudness per channel, 0..255", path_names=("contact",)),
    Route(path="/api/v1/alerts/channels", summary="Who is told outside the page, with the last attempt of the site",
          answer="ShownChannel", many="channels"),
    Route(path="/api/v1/alerts/channels/{name}/test", answer="ChannelTest", method="post", path_names=("name",),
          summary="Send one message that says it is a test; needs the header X-Floorwatch: 1"),
    Route(path="/api/v1/events", summary="Push events: 200 when every accepted one is durable", answer="BatchAnswer",
          method="post", query=(("source", "which source, where one token is of several"),), takes=PUSH_TYPES,
          faults=push_faults(), bearer=True),
    Route(path="/ws/events", summary="WebSocket: one batch a message, an answer each, in order", bearer=True),
    Route(path="/api/v1/dead", summary="Dead letters: counts by stream and reason, or a page of one stream",
          answer="DeadPage", query=DEAD_QUERY, faults={404: DEAD_FAULTS[404]}),
    Route(path="/api/v1/dead/{stream}/redrive", summary="Send all letters of a reason back to their stream",
          answer="DeadDone", method="post", path_names=("stream",), query=(("reason", "of which reason; required"),),
          faults=DEAD_FAULTS),
    Route(path="/api/v1/dead/{stream}/{letter}/redrive", summary="Send one letter back to its stream",
          answer="DeadDone", method="post", path_names=("stream", "letter"), faults=DEAD_FAULTS),
    Route(path="/api/v1/dead/{stream}/{letter}/discard", summary="Give a letter up for good", answer="DeadDone",
          method="post", path_names=("stream", "letter"), faults=DEAD_FAULTS),
    *(Route(**told) for told in ALERT_ROUTES),
    *(Route(**told) for told in PLAN_ROUTES),
    *(Route(**told) for told in INTAKE_ROUTES),
    *(Route(**told) for told in RULES_ROUTES),
)  # fmt: skip


def document(version: str) -> dict[str, object]:
    types = (
        *PUSH_SCHEMAS,
        *ALERT_TYPES,
        *PLAN_TYPES,
        *INTAKE_TYPES,
        *RULES_TYPES,
        SitesAnswer,
        PastDay,
        PastRefused,
        PastUnderway,
        QueueNumbers,
        ListedContact,
        ContactDetail,
        ChannelTest,
        ShownChannel,
        Day,
        Permissions,
        VocabularyAnswer,
    )
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, object]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Floorwatch", "version": version},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"source": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(route: Route) -> dict[str, object]:
    parameters = [_parameter(name, "path", "") for name in route.path_names]
    parameters += [_parameter(name, "query", text) for name, text in route.query]
    if route.method != "get" and not route.bearer:
        parameters.append(_parameter("X-Floorwatch", "header", "always 1"))
    answers: dict[str, object] = {
        str(route.status): {"description": route.summary, "content": {route.media: {"schema": _schema(route)}}}
    }
    answers |= {str(status): _fault(schema, text) for status, (schema, text) in route.faults.items()}
    operation: dict[str, object] = {"summary": route.summary, "parameters": parameters, "responses": answers}
    if route.takes:
        operation["requestBody"] = {"required": True, "content": {media: {} for media in route.takes}}
    if route.bearer:
        operation["security"] = [{"source": []}]
    return operation


def _fault(schema: str, text: str) -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": text, "content": content}


def _parameter(name: str, place: str, text: str) -> dict[str, object]:
    return {"name": name, "in": place, "required": place != "query", "description": text, "schema": {"type": "string"}}


def _schema(route: Route) -> dict[str, object]:
    if not route.answer:
        return {}
    one: dict[str, object] = {"$ref": f"#/components/schemas/{route.answer}"}
    if not route.many:
        return one
    many: dict[str, object] = {"type": "array", "items": one}
    return many if route.many == "*" else {"type": "object", "properties": {route.many: many}}
