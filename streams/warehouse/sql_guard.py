"""Whether a person's SQL may run. In: its text. Out: `Allowed` or `Refused` with a reason.

One read-only statement, no files, no network, no program: `readonly=1` alone still lets `INTO OUTFILE` write, scalar
`file('/path')` read (measured). The engine's limits apply as well; this is the first of two fences.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Refusal(StrEnum):
    EMPTY = "empty"
    NOT_A_QUERY = "not_a_query"
    SEVERAL_STATEMENTS = "several_statements"
    WRITES_A_FILE = "writes_a_file"
    REACHES_OUTSIDE = "reaches_outside"
    OWN_SETTINGS = "own_settings"
    OWN_FORMAT = "own_format"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Allowed:
    sql: str
    """The statement, trimmed and without its closing semicolon."""


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Refusal
    detail: str
    mend: str


class _Kind(StrEnum):
    WORD = "word"
    QUOTED = "quoted"
    TEXT = "text"
    NUMBER = "number"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Kind
    text: str


_NOTHING: Final = _Token(_Kind.SIGN, "")

FIRST_WORDS: Final = frozenset({"select", "with", "show", "describe", "desc"})

OUTSIDE: Final = frozenset(
    """file fileCluster url urlCluster s3 s3Cluster s3queue gcs hdfs hdfsCluster remote remoteSecure cluster
    clusterAllReplicas mysql postgresql mongodb redis sqlite odbc jdbc executable executablePool python input iceberg
    icebergS3 icebergLocal icebergAzure icebergHDFS icebergCluster deltaLake deltaLakeLocal deltaLakeS3 deltaLakeAzure
    deltaLakeCluster hudi hudiCluster azureBlobStorage azureBlobStorageCluster oss cosn ytsaurus arrowflight
    arrowstream bigquery eval merge view viewIfPermitted viewExplain dictionary loop catboostEvaluate modelEvaluate
    getSetting getSettingOrDefault getServerSetting getServerPort getMacro getClientHTTPHeader showCertificate sleep
    sleepEachRow addressToLine addressToSymbol demangle hostName fullHostName tcpPort serverUUID fuzzQuery fuzzJSON
    joinGet joinGetOrNull logTrace""".lower().split()
)
"""Functions that read files, call out, run programs, hold the store still or list what is not ours."""

OUTSIDE_PREFIXES: Final = (
    "file",
    "url",
    "s3",
    "remote",
    "hdfs",
    "iceberg",
    "deltalake",
    "azure",
    "dict",
    "jdbc",
    "odbc",
    "paimon",
    "prometheus",
    "timeseries",
    "mergetree",
    "zookeeper",
    "ai",
)
"""New versions bring new variants of these."""

BARE: Final = frozenset({"file", "sleep", "sleepeachrow", "eval"})
"""Refused even where nobody calls them: `arrayMap(file, …)` and `APPLY(file)` do."""

SYSTEM: Final = frozenset(
    {
        *("one", "numbers", "tables", "columns", "databases", "parts", "merges", "functions", "settings"),
        *("events", "metrics", "asynchronous_metrics", "build_options", "formats", "data_type_families"),
    }
)
"""What of `system` says nothing about other people's queries, users or files."""

SHOWN: Final = frozenset(
    {"tables", "databases", "columns", "fields", "create", "full", "functions", "index", "indexes"}
)

TABLE_FUNCTIONS: Final = frozenset({"numbers", "numbers_mt", "zeros", "zeros_mt", "values"})
"""The only ones that may stand after FROM and JOIN; a list of the forbidden ones ages."""

WORD: Final = re.compile(r"[A-Za-z_][\w$]*", re.ASCII)
"""`$` too: `a$b$` is one name to the engine, and no beginning of a heredoc."""
NUMBER: Final = re.compile(r"\d[\w.]*", re.ASCII)
SPACE: Final = re.compile(r"[ \t\r\n\f\v]+")
SIGN: Final = re.compile(r"[-+*/%=<>!&|^~?:;,.()\[\]{}@]")
"""Nothing else stands outside of quotes: the engine skips invisible characters, so `file<U+200B>(…)` is a call."""
HEREDOC: Final = re.compile(r"\$(\w*)\$")
QUOTES: Final = {"'": _Kind.TEXT, '"': _Kind.QUOTED, "`": _Kind.QUOTED, "\u2018": _Kind.TEXT, "\u201c": _Kind.QUOTED}
CLOSING: Final = {"\u2018": "\u2019", "\u201c": "\u201d"}


class _Broken(Exception):
    pass


def check(sql: str) -> Allowed | Refused:
    """The first thing that is wrong, or the statement."""
    try:
        tokens = list(_tokens(sql))
    except _Broken as fault:
        return Refused(
            Refusal.BROKEN, str(fault), "close every quote and comment; put other characters than ASCII into quotes"
        )
    while tokens and tokens[-1] == _Token(_Kind.SIGN, ";"):
        tokens.pop()
    if not tokens:
        return Refused(Refusal.EMPTY, "nothing to run", "write a SELECT")
    return _first_fault(tokens) or Allowed(sql.strip().rstrip("; \t\r\n"))


def _first_fault(tokens: list[_Token]) -> Refused | None:
    first = tokens[0]
    if first.text == "(" and len(tokens) > 1:
        first = next((token for token in tokens if token.text != "("), first)
    if first.kind is not _Kind.WORD or first.text.lower() not in FIRST_WORDS:
        return Refused(
            Refusal.NOT_A_QUERY, f"begins with {first.text[:40]}", "only SELECT, WITH, SHOW and DESCRIBE may run here"
        )
    if first.text.lower() == "show" and (len(tokens) < 2 or tokens[1].text.lower() not in SHOWN):
        return Refused(Refusal.NOT_A_QUERY, "SHOW of something that is not ours", "only SHOW TABLES, COLUMNS, CREATE …")
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else _NOTHING
        after = tokens[place + 1] if place + 1 < len(tokens) else _NOTHING
        if fault := _fault(token, before, after):
            return fault
        if after.text == "." and _name(token) == "system" and place + 2 < len(tokens):
            table = _name(tokens[place + 2])
            if table not in SYSTEM:
                return Refused(
                    Refusal.REACHES_OUTSIDE,
                    f"system.{table[:40]} is not ours",
                    f"of system: {', '.join(sorted(SYSTEM))}",
                )
    return None


def _name(token: _Token) -> str:
    return token.text.lower() if token.kind in (_Kind.WORD, _Kind.QUOTED) else ""


def _fault(token: _Token, before: _Token, after: _Token) -> Refused | None:
    if token == _Token(_Kind.SIGN, ";"):
        return Refused(Refusal.SEVERAL_STATEMENTS, "a second statement follows `;`", "run one statement at a time")
    called = after == _Token(_Kind.SIGN, "(")
    name = _name(token)
    if token.kind is _Kind.QUOTED and "\\" in token.text:
        return Refused(
            Refusal.BROKEN, "a quoted name with a backslash", "write the name itself: `fi\\x6ce` is not plain"
        )
    bare = name in BARE and not called and before.text != "."
    if bare or (called and name and _outside(name, before)):
        return Refused(
            Refusal.REACHES_OUTSIDE, f"{token.text[:40]}() reaches outside the warehouse", "query our tables"
        )
    if token.kind is not _Kind.WORD or called or before.text == ".":
        return None
    clause = after.kind in (_Kind.WORD, _Kind.TEXT, _Kind.QUOTED)
    match name:
        case "into" | "outfile":
            return Refused(Refusal.WRITES_A_FILE, "INTO OUTFILE writes a file", "redirect the command's output instead")
        case "insert":
            return Refused(Refusal.NOT_A_QUERY, "INSERT writes", "only reading is allowed here")
        case "settings" if clause:
            return Refused(Refusal.OWN_SETTINGS, "SETTINGS would lift the limits", "leave the SETTINGS clause out")
        case "format" if clause:
            return Refused(Refusal.OWN_FORMAT, "FORMAT is chosen by the caller", "leave the FORMAT clause out")
        case _:
            return None


def _outside(name: str, before: _Token) -> bool:
    if before.text.lower() in ("from", "join") and name not in TABLE_FUNCTIONS:
        return True
    return name in OUTSIDE or name.startswith(OUTSIDE_PREFIXES)


def _tokens(sql: str) -> Iterator[_Token]:
    """ClickHouse's own tokens: three kinds of comments (not nested), quotes with both escapes, heredocs."""
    place = 0
    while place < len(sql):
        if sql.startswith("--", place) or sql.startswith(("#!", "# "), place):
            end = sql.find("\n", place)
            place = len(sql) if end < 0 else end + 1
        elif sql.startswith("/*", place):
            end = sql.find("*/", place + 2)
            if end < 0:
                raise _Broken("a comment is never closed")
            place = end + 2
        elif sql[place] in QUOTES:
            end = _quote_end(sql, place)
            yield _Token(QUOTES[sql[place]], sql[place + 1 : end - 1])
            place = end
        elif (found := HEREDOC.match(sql, place)) is not None:
            end = sql.find(found[0], found.end())
            if end < 0:
                raise _Broken("a heredoc is never closed")
            yield _Token(_Kind.TEXT, sql[found.end() : end])
            place = end + len(found[0])
        elif found := SPACE.match(sql, place):
            place = found.end()
        elif found := WORD.match(sql, place):
            yield _Token(_Kind.WORD, found[0])
            place = found.end()
        elif found := NUMBER.match(sql, place):
            yield _Token(_Kind.NUMBER, found[0])
            place = found.end()
        elif found := SIGN.match(sql, place):
            yield _Token(_Kind.SIGN, found[0])
            place = found.end()
        else:
            raise _Broken(f"U+{ord(sql[place]):04X} stands outside of quotes")


def _quote_end(sql: str, place: int) -> int:
    """Just behind the closing quote; `\\x` and a doubled quote do not close."""
    opening = sql[place]
    closing = CLOSING.get(opening, opening)
    here = place + 1
    while here < len(sql):
        if sql[here] == "\\" and closing == opening:
            here += 2
        elif sql[here] == closing:
            if closing == opening and sql.startswith(closing, here + 1):
                here += 2
            else:
                return here + 1
        else:
            here += 1
    raise _Broken(f"a {opening} is never closed")
