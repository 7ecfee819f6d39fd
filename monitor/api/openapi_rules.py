"""The routes of rules as the API's description tells them. In: nothing. Out: keyword arguments of openapi.Route, types.

May not know: requests.
"""

from typing import Any, Final

from monitor.api.rules_answers import ANSWERS
from monitor.api.rules_jobs_words import JOB_TYPES
from monitor.rules_language import Language

RULES_TYPES: Final = (*ANSWERS, Language, *JOB_TYPES)
_NAME: Final = ("name",)
_JSON: Final = ("application/json",)
_FAULT: Final = "RulesFaultAnswer"
_BODY: Final = {400: (_FAULT, "bad_body, bad_scheme_name"), 413: (_FAULT, "body_too_large"),
                503: (_FAULT, "bus_away, too_many_rules_at_once")}  # fmt: skip
_MUCH: Final = "faulty_scheme, took_too_long, took_too_much_memory"
_NONE: Final = {404: (_FAULT, "no_such_scheme"), 503: (_FAULT, "bus_away")}

_JOB: Final = ("job",)


def _jobs(name: str, many: str, summary: str, faults: dict[int, Any]) -> tuple[dict[str, Any], ...]:
    path, gone = f"/api/v1/rules/{name}", {404: (_FAULT, "no_such_job"), 503: (_FAULT, "bus_away")}
    return (
        {
            "path": path,
            "summary": f"The site's {many}, newest first",
            "answer": "JobsAnswer",
            "query": (("scheme", "of this one only"),),
            "faults": {503: (_FAULT, "bus_away")},
        },
        {
            "path": path,
            "method": "post",
            "summary": summary,
            "answer": "JobAnswer",
            "takes": _JSON,
            "faults": {**_BODY, 409: (_FAULT, "rule_job_busy"), **faults},
        },
        {
            "path": path + "/{job}",
            "summary": "How far one is, and what it found",
            "answer": "JobAnswer",
            "path_names": _JOB,
            "faults": gone,
        },
        {
            "path": path + "/{job}",
            "method": "delete",
            "summary": "Cancel one, or drop one that is over",
            "path_names": _JOB,
            "faults": {**gone, 409: (_FAULT, "rule_job_not_over")},
        },
    )


RULES_ROUTES: Final[tuple[dict[str, Any], ...]] = (
    {"path": "/api/v1/rules", "summary": "Every scheme's latest version", "answer": "SchemesAnswer",
     "faults": {503: (_FAULT, "bus_away")}},
    {"path": "/api/v1/rules/language", "summary": "Tables, fields and operators of the language of rules",
     "answer": "Language"},
    {"path": "/api/v1/rules/check", "method": "post", "summary": "A scheme's text: edits done, all that is wrong, "
     "words the recogniser cannot write", "answer": "LookedAnswer", "takes": _JSON,
     "faults": {**_BODY, 422: (_FAULT, "text_not_toml, no_such_place, value_not_writable")}},
    {"path": "/api/v1/rules/compare", "method": "post", "summary": "What differs between two texts",
     "answer": "SchemeChanges", "takes": _JSON, "faults": _BODY},
    {"path": "/api/v1/rules/try", "method": "post", "summary": "One stored contact under a text that nobody published",
     "answer": "Tried", "takes": _JSON, "faults": {**_BODY, 404: (_FAULT, "contact_not_found"),
     422: (_FAULT, _MUCH), 500: (_FAULT, "trial_died"),
     503: (_FAULT, "history_unavailable, too_many_rules_at_once")}},
    {"path": "/api/v1/rules/test", "method": "post", "summary": "A text's golden dialogues: what came out otherwise "
     "than expected", "answer": "GoldenRun", "takes": _JSON,
     "faults": {**_BODY, 422: (_FAULT, _MUCH), 500: (_FAULT, "trial_died")}},
    {"path": "/api/v1/rules/dialogue", "method": "post", "summary": "A stored contact as a golden dialogue behind "
     "those sent, run once; nothing is kept", "answer": "KeptDialogue", "takes": _JSON,
     "faults": {**_BODY, 404: (_FAULT, "contact_not_found"), 422: (_FAULT, _MUCH), 500: (_FAULT, "trial_died"),
                503: (_FAULT, "history_unavailable, too_many_rules_at_once")}},
    {"path": "/api/v1/rules/{name}", "summary": "One scheme's text and its draft", "answer": "SchemeAnswer",
     "path_names": _NAME, "faults": _NONE},
    {"path": "/api/v1/rules/{name}/draft", "method": "put", "summary": "Keep what is being worked on",
     "answer": "Draft", "path_names": _NAME, "takes": _JSON, "faults": {**_BODY, 409: (_FAULT, "newer_draft")}},
    {"path": "/api/v1/rules/{name}/draft", "method": "delete", "summary": "Drop the draft", "path_names": _NAME,
     "query": (("revision", "of the draft that was seen"),),
     "faults": {409: (_FAULT, "newer_draft"), 503: (_FAULT, "bus_away")}},
    {"path": "/api/v1/rules/{name}/versions", "summary": "All versions, newest first", "answer": "VersionsAnswer",
     "path_names": _NAME, "faults": _NONE},
    {"path": "/api/v1/rules/{name}/versions/{version}", "summary": "A version's text and what it changed",
     "answer": "SchemeText", "path_names": ("name", "version"),
     "query": (("against", "compare with; default: its parent"),), "faults": _NONE},
    {"path": "/api/v1/rules/{name}/publish", "method": "post", "summary": "Publish a text, or an older version anew, "
     "or retire the scheme", "answer": "SchemeVersion", "path_names": _NAME, "takes": _JSON,
     "faults": {**_BODY, 404: (_FAULT, "no_such_scheme"), 409: (_FAULT, "newer_scheme, scheme_unchanged"),
                422: (_FAULT, f"{_MUCH}, note_missing"), 428: (_FAULT, "warnings_not_confirmed, dialogues_fail"),
                500: (_FAULT, "trial_died")}},
    {"path": "/api/v1/rules/{name}/accuracy", "summary": "Precision, recall, drift of each item from what people said",
     "answer": "AccuracyAnswer", "path_names": _NAME, "faults": {503: (_FAULT, "history_unavailable")}},
    *_jobs("backtests", "back-tests", "What a text would change on stored contacts; nothing is written",
           {422: (_FAULT, "faulty_scheme, bad_range")}),
    *_jobs("rescores", "re-scorings", "Score stored contacts by the version in use, beside what is there",
           {409: (_FAULT, "rule_job_busy, scheme_not_in_use"), 422: (_FAULT, "bad_range")}),
    {"path": "/api/v1/rules/rescores/{job}/undo", "method": "post", "summary": "Take back what a re-scoring wrote",
     "answer": "JobAnswer", "path_names": _JOB, "faults": {404: (_FAULT, "no_such_job"),
     409: (_FAULT, "rule_job_busy, rule_job_not_undoable")}},
    {"path": "/api/v1/contacts/{contact}/verdicts", "summary": "What people said of the rules' answers",
     "answer": "VerdictsAnswer", "path_names": ("contact",), "faults": {503: (_FAULT, "history_unavailable")}},
    {"path": "/api/v1/contacts/{contact}/verdicts", "method": "post", "summary": "Say that an answer is right or "
     "wrong, or take it back", "path_names": ("contact",), "takes": _JSON,
     "faults": {400: (_FAULT, "bad_body"), 404: (_FAULT, "contact_not_found, no_such_item"),
                503: (_FAULT, "bus_away, history_unavailable, verdicts_not_kept")}},
)  # fmt: skip
