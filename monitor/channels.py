"""The channels of a configuration, opened. In: Config. Out: Channels by name, the Pace each keeps, a test's Attempts.

One Lines for a process: its engines share each channel's Pace, as they share the robot behind it. May not know: rules,
requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from alerts.delivery import Delivery
from alerts.notification import Notification, Says
from alerts.senders.channel import Attempt, Channel, Outcome, Reply
from alerts.senders.message import Wording, trial
from alerts.senders.pace import Pace
from alerts.senders.retry import RetryPolicy
from alerts.senders.spec import Spec
from alerts.senders.spec_channel import ChannelSettings, SpecChannel
from alerts.senders.webhook import Webhook
from alerts.store import AlertStore
from monitor import clock
from monitor.config import Config
from streams.vocabulary.ids import SiteId

WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """`closes`: what fires stays open at the other end until it is resolved."""

    channel: Channel
    kind: str
    pace: Pace
    policy: RetryPolicy
    groups: bool = False
    closes: bool = False

    def delivery(self, store: AlertStore) -> Delivery:
        return Delivery(
            self.channel, store=store, clock=clock.now, policy=self.policy, pace=self.pace, groups=self.groups
        )


class Lines:
    """Owns the channels and their paces."""

    def __init__(self, config: Config) -> None:
        page_url = config.web.public_url
        zones = {site.id: ZoneInfo(site.timezone) for site in config.sites}
        self._site = config.site.id
        self._lines = {
            one.name: Line(
                channel=Webhook(one, page_url=page_url), kind=WEBHOOK, pace=Pace(), policy=RetryPolicy(), groups=True
            )
            for one in config.alerts.webhooks
        }
        for one in config.alerts.channels:
            wording = Wording(language=one.language, template=one.template, page_url=page_url, zones=zones)
            self._lines[one.name] = _line(one, one.spec, wording)

    def all(self) -> Sequence[Line]:
        return tuple(self._lines.values())

    def deliveries(self, store: AlertStore) -> dict[str, Delivery]:
        return {name: line.delivery(store) for name, line in self._lines.items()}

    def get(self, name: str) -> Line | None:
        return self._lines.get(name)

    async def test(self, line: Line, *, by: str, site: SiteId | None = None) -> list[Attempt]:
        """One try, at once, that says it is a test; what it opened at the other end is closed again."""
        begun = clock.now()
        attempts = []
        for says in (Says.FIRING, Says.RESOLVED) if line.closes else (Says.FIRING,):
            name = line.channel.name
            told = trial(site=site or self._site, channel=name, at=begun, by=by, says=says)
            reply = await _at_pace(line, told)
            attempts.append(Attempt(at=clock.now(), channel=name, notification=told.id, number=1, reply=reply))
            if reply.outcome is not Outcome.DELIVERED:
                break
        return attempts


async def _at_pace(line: Line, told: Notification) -> Reply:
    """Somebody waits for the answer, so a test above the limit is not sent and says when it could be."""
    now = clock.now()
    if wait_ms := line.pace.wait_ms(now):
        return Reply(outcome=Outcome.THROTTLED, text="not sent: above the channel's own limit", retry_after_ms=wait_ms)
    line.pace.take(now)
    return await line.channel.send(told, at=now)


def _line(settings: ChannelSettings, spec: Spec[object], wording: Wording) -> Line:
    return Line(
        channel=SpecChannel(settings, wording),
        kind=spec.name,
        pace=Pace(spec.limits),
        policy=RetryPolicy(unknown_tries=spec.unknown_tries),
        groups=spec.groups,
        closes=spec.closes,
    )
