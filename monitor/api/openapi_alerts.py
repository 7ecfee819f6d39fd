"""The routes of alerts as the API's description tells them. In: nothing. Out: openapi.Route's arguments, types.

May not know: requests.
"""

from typing import Any, Final

from monitor.alert_language import AlertLanguage
from monitor.api.alerts_answers import ANSWERS
from monitor.api.alerts_backtest import BACKTEST_TYPES
from monitor.api.alerts_edit import EditedText
from monitor.api.alerts_rules_answers import RULES_ANSWERS

ALERT_TYPES: Final = (*ANSWERS, *RULES_ANSWERS, *BACKTEST_TYPES, AlertLanguage, EditedText)
_SITE: Final = (("site", "a site's id; default: the first one"),)
_SEEN: Final = (*_SITE, ("scope", "name of a [[scope]]: only what it sees; default: everything"))
_JSON: Final = ("application/json",)
_FAULT: Final = "AlertFaultAnswer"
_AWAY: Final = {503: (_FAULT, "bus_away, alert_acts_not_kept")}
_BODY: Final = {400: (_FAULT, "bad_body"), 413: (_FAULT, "body_too_large"), **_AWAY}
_SAID: Final = {**_BODY, 404: (_FAULT, "unknown_alert"), 422: (_FAULT, "no_text, text_too_long, text_not_printable")}
_ALERT: Final = ("alert",)


def _act(name: str, summary: str) -> dict[str, Any]:
    return {
        "path": f"/api/v1/alerts/{{alert}}/{name}",
        "method": "post",
        "summary": summary,
        "answer": "AlertEvent",
        "path_names": _ALERT,
        "query": _SEEN,
        "takes": _JSON,
        "faults": _SAID,
    }


ALERT_ROUTES: Final[tuple[dict[str, Any], ...]] = (
    {"path": "/api/v1/alerts", "summary": "Alerts on the board, with what people said and who was told",
     "answer": "AlertsAnswer", "query": (*_SEEN, ("all", "1: of every site"))},
    {"path": "/api/v1/alerts/history", "summary": "Stored alerts that fired, newest first", "answer": "AlertHistory",
     "query": (*_SEEN, ("since", "epoch ms, included; default: 7 days ago"), ("until", "epoch ms, excluded"),
               ("rule", "of this rule"), ("queue", "of this queue and its tiers"),
               ("severity", "critical, warning, info"), ("limit", "1 to 1000, default 200")),
     "faults": {422: (_FAULT, "bad_range"), 503: (_FAULT, "history_unavailable")}},
    {"path": "/api/v1/alerts/{alert}/timeline", "summary": "Everything that happened about one alert, oldest first",
     "answer": "AlertTimeline", "path_names": _ALERT, "query": _SEEN,
     "faults": {404: (_FAULT, "unknown_alert"), 503: (_FAULT, "history_unavailable")}},
    {"path": "/api/v1/alerts/{alert}/acknowledge", "method": "post", "summary": "Acknowledge: nobody is told again",
     "answer": "Alert", "path_names": _ALERT, "query": _SEEN,
     "faults": {404: (_FAULT, "unknown_alert"), 409: (_FAULT, "already_resolved, already_acknowledged"), **_AWAY}},
    _act("comment", "Say something about an alert, over or not"),
    _act("assign", "Say whose it is; \"\": nobody's"),
    _act("useful", "Say whether it was of use, or take that back"),
    {"path": "/api/v1/alerts/silences", "summary": "Silences that hold, and those that ended within a day",
     "answer": "SilencesAnswer", "query": _SEEN, "faults": _AWAY},
    {"path": "/api/v1/alerts/silences", "method": "post", "summary": "Silence a rule, scope or severity for a while",
     "answer": "SilenceTold", "query": _SEEN, "takes": _JSON, "status": 201,
     "faults": {**_BODY, 403: (_FAULT, "out_of_scope"), 409: (_FAULT, "too_many_silences"),
                422: (_FAULT, "silence_of_everything, silence_too_long, no_text, text_too_long, text_not_printable")}},
    {"path": "/api/v1/alerts/silences/{silence}", "method": "delete", "summary": "End a silence before its time",
     "answer": "SilenceTold", "path_names": ("silence",), "query": _SEEN,
     "faults": {403: (_FAULT, "out_of_scope"), 404: (_FAULT, "no_such_silence"), 409: (_FAULT, "silence_over"),
                **_AWAY}},
    {"path": "/api/v1/alerts/rules", "summary": "The rules' text, what it says, what is wrong with it; all metrics",
     "answer": "AlertRulesAnswer", "faults": _AWAY},
    {"path": "/api/v1/alerts/rules/check", "method": "post", "summary": "A text of rules: every fault, or what it says",
     "answer": "CheckedRules", "takes": _JSON, "faults": {**_BODY, 422: (_FAULT, "text_too_long")}},
    {"path": "/api/v1/alerts/rules/language", "summary": "Kinds of rules and their keys, as a form offers them",
     "answer": "AlertLanguage"},
    {"path": "/api/v1/alerts/rules/edit", "method": "post", "summary": "Single keys and tables of a text changed; all "
     "else stays as it is written", "answer": "EditedText", "takes": _JSON,
     "faults": {400: (_FAULT, "bad_body"), 413: (_FAULT, "body_too_large"),
                422: (_FAULT, "text_not_toml, no_such_place, value_not_writable, text_too_long"),
                503: (_FAULT, "too_many_rules_at_once")}},
    {"path": "/api/v1/alerts/rules/compare", "method": "post", "summary": "What differs between two texts of rules",
     "answer": "SchemeChanges", "takes": _JSON,
     "faults": {400: (_FAULT, "bad_body"), 413: (_FAULT, "body_too_large"), 422: (_FAULT, "text_too_long"),
                503: (_FAULT, "too_many_rules_at_once")}},
    {"path": "/api/v1/alerts/rules/publish", "method": "post", "summary": "Publish a text, or an older version anew; "
     "every alerter follows within seconds", "answer": "RulesVersion", "query": _SEEN, "takes": _JSON,
     "faults": {**_BODY, 403: (_FAULT, "out_of_scope"), 404: (_FAULT, "no_such_version"),
                409: (_FAULT, "newer_alert_rules, alert_rules_unchanged"),
                422: (_FAULT, "faulty_alert_rules, text_too_long")}},
    {"path": "/api/v1/alerts/rules/versions", "summary": "All versions, newest first", "answer": "AlertRulesVersions",
     "faults": _AWAY},
    {"path": "/api/v1/alerts/rules/versions/{version}", "summary": "A version's text and what it changed",
     "answer": "AlertRulesText", "path_names": ("version",),
     "query": (("against", "compare with; default: its parent"),),
     "faults": {404: (_FAULT, "no_such_version"), 500: (_FAULT, "version_damaged"), **_AWAY}},
    {"path": "/api/v1/alerts/backtest", "summary": "Back-tests of this site, newest first, without what they found",
     "answer": "AlertBacktestsAnswer", "query": _SITE, "faults": {503: (_FAULT, "bus_away, backtests_not_here")}},
    {"path": "/api/v1/alerts/backtest", "method": "post", "summary": "Ask stored days what rules would have said",
     "answer": "AlertBacktestBegun", "query": _SITE, "takes": _JSON, "status": 202,
     "faults": {400: (_FAULT, "bad_body"), 403: (_FAULT, "out_of_scope"), 409: (_FAULT, "backtest_busy"),
                413: (_FAULT, "body_too_large"),
                422: (_FAULT, "faulty_alert_rules, no_such_rule, backtest_bad_range, text_too_long"),
                503: (_FAULT, "bus_away, backtests_not_here, too_many_backtests")}},
    {"path": "/api/v1/alerts/backtest/{job}", "summary": "How far a back-test is, and what it found",
     "answer": "AlertBacktestTold", "path_names": ("job",), "query": _SITE,
     "faults": {404: (_FAULT, "no_such_backtest"), 503: (_FAULT, "bus_away")}},
    {"path": "/api/v1/alerts/backtest/{job}", "method": "delete", "summary": "Cancel a back-test, or drop an old one",
     "answer": "AlertBacktestStopped", "path_names": ("job",), "query": _SITE,
     "faults": {404: (_FAULT, "no_such_backtest"), 503: (_FAULT, "bus_away")}},
    {"path": "/api/v1/alerts/fatigue", "summary": "How often alerts reached people, and how many were of use",
     "answer": "FatigueAnswer", "query": (*_SEEN, ("days", "1 to 92, default 7")),
     "faults": {403: (_FAULT, "out_of_scope"), 422: (_FAULT, "bad_range"), 503: (_FAULT, "history_unavailable")}},
    {"path": "/api/v1/alerts/on-call", "summary": "Who is on call in each rota, and who follows",
     "answer": "OnCallAnswer", "query": _SITE},
)  # fmt: skip
