"""Rules on stored calls: utterances a CPU second judges under 200 rules; the seconds of one new rule's back-test.

In: calls made by code (tests/bench/_score_calls.py), a scheme made by code. Out: one JSON object. The back-test reads
chDB; its digest is compared with judging every stored contact word by word, without the scheme's index, on a part
of them (BENCH_SCORE_BRUTE contacts, 0: none).
"""

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from asr.transcript import Transcript
from monitor import garbage
from monitor.backtest import backtest, transcript_of
from scoring.backtest import Answered, answered, digest
from scoring.case import Case
from scoring.formula import Name
from scoring.hearing import Hearing
from scoring.index import compile_scheme, hear, verdicts
from scoring.judge import judge
from scoring.operators.keyword import Keyword
from scoring.rules import Check, Condition, Item, ItemKind, Role, Rule, Scheme, Where
from scoring.score import score
from streams.vocabulary.facts import RecordingFact, UtteranceFact
from streams.vocabulary.ids import ContactId, Millis
from streams.warehouse.engine import Warehouse
from streams.warehouse.migrate import migrate
from streams.warehouse.opening import open_warehouse
from streams.warehouse.rows import fact_columns
from streams.warehouse.said import said
from tests.bench import _report
from tests.bench._score_calls import START, cases
from tests.bench._score_rules import mix, scheme

UTTERANCES = int(os.environ.get("BENCH_SCORE_UTTERANCES", "100000"))
STORED = int(os.environ.get("BENCH_SCORE_STORED", "1000000"))
BRUTE = int(os.environ.get("BENCH_SCORE_BRUTE", "2000"))
ROUND = 250
POINTS = 10
DIFFERENT = 2_500
"""Calls told apart; stored history is made of these, each time with ids and moments of its own."""
SPACING_MS = 4_000


def measure() -> dict[str, _report.Json]:
    garbage.look_seldom()
    found: dict[str, _report.Json] = {"machine": _report.machine(), **_judged()}
    with tempfile.TemporaryDirectory() as folder:
        return found | (_tried(Path(folder)) if STORED else {})


def _judged() -> dict[str, _report.Json]:
    """Verdicts with reasons and evidence. Points stand beside them, of few contacts; JSON is counted nowhere."""
    made, done, spent, rates = scheme(), 0, 0.0, []
    began = time.process_time()
    compiled = compile_scheme(made)
    compile_ms = (time.process_time() - began) * 1000
    calls = cases(1 << 30)
    while done < UTTERANCES:
        chunk = [next(calls) for _ in range(ROUND)]
        count = sum(len(one.transcript.utterances) for one in chunk)
        began = time.process_time()
        for one in chunk:
            verdicts(hear(one, compiled), compiled)
        seconds = time.process_time() - began
        done, spent = done + count, spent + seconds
        rates.append(count / seconds)
    few = list(cases(POINTS))
    began = time.process_time()
    for one in few:
        score(one, made, scored_at=Millis(START))
    points_ms = (time.process_time() - began) / POINTS * 1000
    return {
        "points_and_verdicts_milliseconds_per_contact": round(points_ms, 2),
        "rules": len(compiled.rules),
        "phrases": len(compiled.needles.phrases),
        "patterns": len(compiled.needles.patterns),
        "mix": mix(compiled.rules),
        "compile_ms": round(compile_ms, 1),
        "utterances": done,
        "utterances_per_cpu_second": round(done / spent),
        "utterances_per_cpu_second_median_round": round(statistics.median(rates)),
        "milliseconds_per_contact": round(spent / (len(rates) * ROUND) * 1000, 3),
    }


# --- back-test -------------------------------------------------------------------------------------------------------


def one_rule() -> Scheme:
    """Found in a third of the contacts, which is more than of most new rules: of these the words are read, too."""
    asked = Keyword(any=("工信部", "媒体曝光", "消协", "我要投诉", "起诉你们"))
    condition = Condition(
        id="said",
        checks=(Check(id="c", operator="keyword", asked=asked),),
        formula=Name("c"),
        where=Where(role=Role.CUSTOMER),
    )
    rule = Rule(id="threat", version=1, formula=Name("said"), conditions=(condition,))
    item = Item(id="threat", zh="威胁投诉", en="threat", kind=ItemKind.DEDUCT, points=5.0, rule=rule)
    return Scheme(name="new", version=1, zh="新", en="new", pass_percent=80, least_confidence=0.6, items=(item,))


def stored(count: int) -> Iterator[Transcript]:
    """So many utterances, at least."""
    made = [one.transcript for one in cases(DIFFERENT)]
    number = utterances = 0
    while utterances < count:
        one = made[number % DIFFERENT]
        at = START + number * SPACING_MS
        yield Transcript(
            **{name: getattr(one, name) for name in one.__struct_fields__ if name not in ("contact", "contact_at")},
            contact=ContactId(f"{at // 1000}.{number}"),
            contact_at=Millis(at),
        )
        utterances += len(one.utterances)
        number += 1


def _store(warehouse: Warehouse) -> tuple[int, int]:
    """Contacts and utterances stored."""
    contacts = utterances = 0
    recordings: list[RecordingFact] = []
    spoken: list[UtteranceFact] = []
    for one in stored(STORED):
        contacts += 1
        utterances += len(one.utterances)
        recordings.append(_recording(one))
        spoken += _facts(one)
        if len(spoken) > 50_000:
            warehouse.insert("utterances", fact_columns("utterances", spoken))
            warehouse.insert("recordings", fact_columns("recordings", recordings))
            spoken, recordings = [], []
    if recordings:
        warehouse.insert("utterances", fact_columns("utterances", spoken))
        warehouse.insert("recordings", fact_columns("recordings", recordings))
    return contacts, utterances


def _recording(one: Transcript) -> RecordingFact:
    return RecordingFact(
        site=one.site,
        ver=1,
        contact_at=one.contact_at,
        contact=one.contact,
        state="done",
        queue=one.queue,
        agent=one.agent,
        duration_ms=one.duration_ms,
        channels=one.channels,
        model=one.model,
    )


def _facts(one: Transcript) -> list[UtteranceFact]:
    return [
        UtteranceFact(
            site=one.site,
            ver=1,
            said_at=Millis(one.contact_at + said.start_ms),
            contact=one.contact,
            channel=said.channel,
            role=said.role,
            number=said.number,
            start_ms=said.start_ms,
            end_ms=said.end_ms,
            text=said.text,
            words=[word.text for word in said.words],
            word_start_ms=[word.start_ms for word in said.words],
            word_end_ms=[word.end_ms for word in said.words],
            word_confidence=[round(word.confidence * 255) for word in said.words],
            confidence=said.confidence,
            queue=one.queue,
            agent=one.agent,
            model=one.model,
        )
        for said in one.utterances
    ]


def _tried(folder: Path) -> dict[str, _report.Json]:
    warehouse = open_warehouse(f"chdb://{folder}/store")
    try:
        migrate(warehouse, now=Millis(START))
        contacts, utterances = _store(warehouse)
        until = Millis(START + contacts * SPACING_MS)
        rule = one_rule()
        cpu, wall = time.process_time(), time.perf_counter()
        found = list(backtest(warehouse, rule, since=Millis(START), until=until))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        hits = sum(one.outcomes[0].value == "hit" for one in found)
        part = Millis(START + min(BRUTE, contacts) * SPACING_MS)
        same = digest(backtest(warehouse, rule, since=Millis(START), until=part)) == digest(
            _brute(warehouse, rule, part)
        )
        return {
            "stored_contacts": contacts,
            "stored_utterances": utterances,
            "contacts_answered": len(found),
            "contacts_hit": hits,
            "backtest_seconds": round(wall, 1),
            "backtest_cpu_seconds": round(cpu, 1),
            "backtest_seconds_per_million": round(wall / utterances * 1_000_000, 1),
            "equal_to_brute_force": same,
            "brute_force_contacts": min(BRUTE, contacts),
            "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
    finally:
        warehouse.close()


def _brute(warehouse: Warehouse, rules: Scheme, until: Millis) -> Iterator[Answered]:
    """Every contact with all its words, judged rule by rule without the index."""
    for page in said(warehouse, since=Millis(START), until=until, words=True):
        for one in page:
            transcript = transcript_of(one)
            hearing = Hearing(case=Case(transcript=transcript), least_confidence=rules.least_confidence)
            yield answered(transcript, [judge(hearing, replace(item.rule)) for item in rules.items])


if __name__ == "__main__":
    _report.tell("score", measure)
