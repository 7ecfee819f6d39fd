"""One agent as JSON, of now or of the past. In: an agent's record. Out: builtins for `/api/v1/agents/{agent}`.

May not know: requests, which floor the record comes from.
"""

from streams.floor.records import AgentRecord


def agent_row(agent: AgentRecord) -> dict[str, object]:
    return {
        "agent": agent.id,
        "name": agent.name,
        "extension": agent.extension,
        "state": agent.state,
        "reason": agent.reason,
        "since": agent.since,
        "queue": agent.queue,
        "contact": agent.contact,
        "next_reason": agent.next_reason,
        "certain": agent.lost_since is None,
        "queues": [
            {"queue": one.queue, "not_ready": one.not_ready, "reason": one.reason, "device": one.device}
            for one in agent.memberships.values()
        ],
        "today": agent.today,
    }
