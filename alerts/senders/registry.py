"""All kinds of channels, by name. In: their specs. Out: KINDS. A new kind is a file, and a line here.

The generic webhook (webhook.py) stands beside them: it is configured by its own table.
"""

from collections.abc import Mapping
from typing import Any, Final

from alerts.senders import dingtalk, feishu, pagerduty, slack, sms, smtp, teams, wecom
from alerts.senders.spec import Spec

SPECS: Final[tuple[Spec[Any], ...]] = (
    wecom.SPEC,
    dingtalk.SPEC,
    feishu.SPEC,
    slack.SPEC,
    teams.SPEC,
    pagerduty.SPEC,
    smtp.SPEC,
    sms.SPEC,
)
KINDS: Final[Mapping[str, Spec[Any]]] = {spec.name: spec for spec in SPECS}
