"""Answers to AMI actions. In: an action's fields and the simulated switch. Out: the messages of the answer.

Pure. Lists are told as Asterisk tells them: Response with EventList start, items, …Complete with EventList Complete.
"""

from collections.abc import Callable, Mapping

from monitor.demo.switch.ami_bytes import Field, Fields, Message
from monitor.demo.switch.channels import Channel
from monitor.demo.switch.ledger import seconds
from monitor.demo.switch.members import DEVICE_WORDS, UNAVAILABLE, member_answer_fields
from monitor.demo.switch.shifts import empty_check
from monitor.demo.switch.sim import Sim

Action = Mapping[str, str]
"""Field names in lower case, as Asterisk compares them."""

_BOOTED_BEFORE_S = 259_200


def answer(sim: Sim, action: Action) -> list[Message]:
    """For a session that is logged in. Unknown actions are refused in Asterisk's own words."""
    name = action.get("action", "")
    handler = _HANDLERS.get(name.lower())
    if handler is None:
        text = f"Invalid/unknown command: {name}. Use Action: ListCommands to show available commands."
        return [_message(sim, ("Response", "Error"), _id(action), (("Message", text),))]
    return handler(sim, action)


def _message(sim: Sim, first: Field, *parts: Fields) -> Message:
    return Message(sim.now, ((first,), *parts))


def _id(action: Action) -> Fields:
    return (("ActionID", action["actionid"]),) if action.get("actionid") else ()


def success(sim: Sim, action: Action, text: str) -> Message:
    return _message(sim, ("Response", "Success"), _id(action), (("Message", text),))


def refused(sim: Sim, action: Action, text: str) -> Message:
    return _message(sim, ("Response", "Error"), _id(action), (("Message", text),))


def fully_booted(sim: Sim, start_s: int) -> Message:
    up = str(_BOOTED_BEFORE_S + seconds(sim.now) - start_s)
    body = (("Privilege", "system,all"), ("Uptime", up), ("LastReload", up), ("Status", "Fully Booted"))
    return _message(sim, ("Event", "FullyBooted"), body)


def _listed(sim: Sim, action: Action, text: str, complete: str, items: list[Message]) -> list[Message]:
    start = (("EventList", "start"), ("Message", text))
    end = (("EventList", "Complete"), ("ListItems", str(len(items))))
    return [
        _message(sim, ("Response", "Success"), _id(action), start),
        *items,
        _message(sim, ("Event", complete), _id(action), end),
    ]


def _ping(sim: Sim, action: Action) -> list[Message]:
    stamp = f"{seconds(sim.now)}.{sim.now % 1000:03d}000"
    return [_message(sim, ("Response", "Success"), _id(action), (("Ping", "Pong"), ("Timestamp", stamp)))]


def _queue_status(sim: Sim, action: Action) -> list[Message]:
    floor, items = sim.floor, []
    for name, state in floor.queues.items():
        if action.get("queue", name) != name:
            continue
        counters, spec = floor.ledger.counters[name], state.spec
        params = (
            ("Queue", name),
            ("Max", str(spec.maxlen)),
            ("Strategy", spec.strategy),
            ("Calls", str(len(state.waiting))),
            ("Holdtime", str(counters.holdtime)),
            ("TalkTime", str(counters.talktime)),
            ("Completed", str(counters.completed)),
            ("Abandoned", str(counters.abandoned)),
            ("ServiceLevel", str(spec.target_s)),
            ("ServicelevelPerf", counters.perf),
            ("ServicelevelPerf2", counters.perf2),
            ("Weight", str(spec.weight)),
        )
        items.append(_message(sim, ("Event", "QueueParams"), params, _id(action)))
        for agent in floor.agents.values():
            member = agent.members.get(name)
            if member is not None and action.get("member", agent.interface) == agent.interface:
                items.append(_message(sim, ("Event", "QueueMember"), member_answer_fields(agent, member), _id(action)))
        for position, contact in enumerate(state.waiting, start=1):
            items.append(_entry(sim, action, name, position, contact.channel, seconds(contact.joined)))
    return _listed(sim, action, "Queue status will follow", "QueueStatusComplete", items)


def _entry(sim: Sim, action: Action, queue: str, position: int, channel: Channel, joined_s: int) -> Message:
    body = (
        ("Queue", queue),
        ("Position", str(position)),
        ("Channel", channel.name),
        ("Uniqueid", channel.uniqueid),
        ("CallerIDNum", channel.caller_num or "unknown"),
        ("CallerIDName", channel.caller_name or "unknown"),
        ("ConnectedLineNum", channel.connected_num or "unknown"),
        ("ConnectedLineName", channel.connected_name or "unknown"),
        ("Wait", str(sim.floor.now_s - joined_s)),
        ("Priority", "0"),
    )
    return _message(sim, ("Event", "QueueEntry"), body, _id(action))


def _queue_summary(sim: Sim, action: Action) -> list[Message]:
    floor, items = sim.floor, []
    for name, state in floor.queues.items():
        if action.get("queue", name) != name:
            continue
        members = [(agent, agent.members[name]) for agent in floor.agents.values() if name in agent.members]
        here = [agent for agent, _ in members if agent.device != UNAVAILABLE]
        free = [agent for agent, member in members if agent.may_take(member, floor.now)]
        longest = max((floor.now_s - seconds(contact.joined) for contact in state.waiting), default=0)
        counters = floor.ledger.counters[name]
        body = (
            ("Queue", name),
            ("LoggedIn", str(len(here))),
            ("Available", str(len(free))),
            ("Callers", str(len(state.waiting))),
            ("HoldTime", str(counters.holdtime)),
            ("TalkTime", str(counters.talktime)),
            ("LongestHoldTime", str(longest)),
        )
        items.append(_message(sim, ("Event", "QueueSummary"), body, _id(action)))
    return _listed(sim, action, "Queue summary will follow", "QueueSummaryComplete", items)


def _channels(sim: Sim, action: Action) -> list[Message]:
    items = []
    for channel in sim.floor.channels.values():
        age = seconds(sim.now) - seconds(channel.created)
        rest = (
            ("Application", channel.application),
            ("ApplicationData", channel.data),
            ("Duration", f"{age // 3600:02d}:{age // 60 % 60:02d}:{age % 60:02d}"),
            ("BridgeId", channel.bridge),
        )
        items.append(_message(sim, ("Event", "CoreShowChannel"), _id(action), channel.head(), rest))
    return _listed(sim, action, "Channels will follow", "CoreShowChannelsComplete", items)


def _devices(sim: Sim, action: Action) -> list[Message]:
    items = [
        _message(
            sim,
            ("Event", "DeviceStateChange"),
            _id(action),
            (("Device", agent.interface), ("State", DEVICE_WORDS[agent.device])),
        )
        for agent in sim.floor.agents.values()
    ]
    return _listed(sim, action, "Device State Changes will follow", "DeviceStateListComplete", items)


def _bridges(sim: Sim, action: Action) -> list[Message]:
    sizes: dict[str, int] = {}
    for channel in sim.floor.channels.values():
        if channel.bridge:
            sizes[channel.bridge] = sizes.get(channel.bridge, 0) + 1
    items = [
        _message(
            sim,
            ("Event", "BridgeListItem"),
            (
                ("BridgeUniqueid", bridge),
                ("BridgeType", "basic"),
                ("BridgeTechnology", "simple_bridge"),
                ("BridgeCreator", "<unknown>"),
                ("BridgeName", "<unknown>"),
                ("BridgeNumChannels", str(size)),
                ("BridgeVideoSourceMode", "none"),
            ),
            _id(action),
        )
        for bridge, size in sizes.items()
    ]
    return _listed(sim, action, "Bridge listing will follow", "BridgeListComplete", items)


def _queue_pause(sim: Sim, action: Action) -> list[Message]:
    """The events it causes are told with the next step, after the answer."""
    agent = sim.floor.agents.get(action.get("interface", ""))
    if agent is None:
        return [refused(sim, action, "Interface not found")]
    if action.get("paused") is None:
        return [refused(sim, action, "Need 'Paused' parameter.")]
    queue = action.get("queue", "")
    members = [member for member in agent.members.values() if queue in ("", member.queue)]
    if not members:
        return [refused(sim, action, "Interface not found")]
    paused = action["paused"].lower() in ("1", "true", "yes", "on", "y", "t")
    sim.floor.pause(agent, members, reason=action.get("reason", ""), paused=paused, by_all=not queue)
    if paused:
        empty_check(sim.floor, agent)
    return [success(sim, action, f"Interface {'paused' if paused else 'unpaused'} successfully")]


_HANDLERS: dict[str, Callable[[Sim, Action], list[Message]]] = {
    "ping": _ping,
    "queuestatus": _queue_status,
    "queuesummary": _queue_summary,
    "coreshowchannels": _channels,
    "devicestatelist": _devices,
    "bridgelist": _bridges,
    "queuepause": _queue_pause,
}
