"""Proof that the harness can fail: one wrong line in the product, one check that must catch it. In: nothing.

`python -m tests.faults.sabotage [NAME…]` copies the tree to a scratch folder, puts one wrong line in, runs one check
there and wants it to fail with the words of that loss. Exit code 1: a sabotage went unnoticed. Takes minutes.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEDULES = "tests/faults/test_schedules.py"
ALERTS = "tests/faults/test_alerts_accept.py"
KILLED_WRITER = "tests/faults/test_archive.py::test_a_writer_killed_at_its_acknowledgement_loses_and_doubles_nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sabotage:
    """`was` stands exactly once in `file`. `says`: what the failing check must say."""

    name: str
    file: str
    was: str
    becomes: str
    check: str
    seed: int = 1
    says: str


SABOTAGES = (
    Sabotage(
        name="acknowledge before insert",
        file="streams/warehouse/writer.py",
        was="            if rows.items and await self._insert(table, rows, stop):\n",
        becomes="            await self._source.ack([entry.id for entry in rows.entries])\n"
        "            if rows.items and await self._insert(table, rows, stop):\n",
        check=KILLED_WRITER,
        says="events: ",
    ),
    Sabotage(
        name="forget what a dead writer was given",
        file="streams/warehouse/writer.py",
        was="await self._source.read_own_pending(self._batch_rows, after)",
        becomes="[]",
        check=KILLED_WRITER,
        says=" lost, ",
    ),
    Sabotage(
        name="drop a spool record",
        file="streams/collect/sender.py",
        was="await self._publisher.publish(batch.blobs, self._stood)",
        becomes="await self._publisher.publish(batch.blobs[:39], self._stood)",
        check=SCHEDULES,
        seed=104,
        says="events: ",
    ),
    Sabotage(
        name="trust a bus that came back",
        file="streams/collect/sender.py",
        was="records = await self._spool.again_since(Millis(self._clock() - self._pace.again_ms))",
        becomes="records = 0",
        check=SCHEDULES,
        seed=104,
        says="events: ",
    ),
    Sabotage(
        name="forget telling again",
        file="monitor/telling.py",
        was="for _, stream, blobs, _ in list(self._kept):",
        becomes="for _, stream, blobs, _ in list(self._kept)[:0]:",
        check=SCHEDULES,
        seed=104,
        says=" lost, ",
    ),
    Sabotage(
        name="count duplicates",
        file="streams/floor/order.py",
        was="""        writing.anomaly(AnomalyKind.DUPLICATE, event.id)
        return []
    if order is Order.NUMBERED:""",
        becomes="""        return [event]
    if order is Order.NUMBERED:""",
        check=SCHEDULES,
        seed=104,
        says="nobody told",
    ),
    Sabotage(
        name="store each row under a key of its own",
        file="streams/warehouse/rows.py",
        was="""        "seq": seqs,
""",
        becomes="""        "seq": [seq + id(event) % 2**40 * 2**20 for seq, event in zip(seqs, events, strict=True)],
""",
        check=SCHEDULES,
        seed=104,
        says="nobody told",
    ),
    Sabotage(
        name="forget whom a killed collector numbered",
        file="streams/collect/feed.py",
        was="            event = _decoded(blob)\n",
        becomes="            event = None\n",
        check="tests/faults/test_collector.py",
        says="he is in his new queue",
    ),
    Sabotage(
        name="say an alert without having written that it is to be said",
        file="alerts/engine.py",
        was="outbox=outbox, book=written",
        becomes="outbox=(), book=written",
        check=f"{ALERTS}::test_killed_before_the_receiver_could_answer_it_says_the_same_again",
        says="it is said again",
    ),
    Sabotage(
        name="follow a receiver's redirect",
        file="alerts/senders/post.py",
        was="allow_redirects=False",
        becomes="allow_redirects=True",
        check=f"{ALERTS}::test_the_healthy_receiver_is_told_once_whatever_the_others_do",
        says="a redirect is neither followed nor tried again",
    ),
    Sabotage(
        name="forget what fires when an alerter dies",
        file="alerts/engine.py",
        was="self.watches = dict(saved.watches)",
        becomes="self.watches = {}",
        check=f"{ALERTS}::test_an_alerter_killed_while_firing_tells_the_end_and_nothing_twice",
        says="AssertionError",
    ),
)


def main(chosen: list[str]) -> int:
    unnoticed = []
    for one in SABOTAGES:
        if chosen and one.name not in chosen:
            continue
        with tempfile.TemporaryDirectory(prefix="sabotage-") as scratch:
            fault = tried(one, Path(scratch))
        print(f"{one.name}: {fault or 'caught by ' + one.check}", flush=True)
        unnoticed += [one.name] if fault else []
    return 1 if unnoticed else 0


def tried(one: Sabotage, scratch: Path) -> str:
    """Why it went unnoticed; empty: the check failed as it must."""
    tree = scratch / "tree"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tree)], check=True)
    file = tree / one.file
    text = file.read_text(encoding="utf-8")
    if text.count(one.was) != 1:
        return f"{one.file} has changed: write this sabotage anew"
    file.write_text(text.replace(one.was, one.becomes), encoding="utf-8")
    command = (sys.executable, "-m", "pytest", one.check, "-q", "-p", "no:cacheprovider", f"--basetemp={scratch / 't'}")
    once = {"FAULT_FIRST_SEED": str(one.seed), "FAULT_SCHEDULES": "1", "FAULT_HEALED_S": "25"}
    done = subprocess.run(
        command, cwd=tree, capture_output=True, text=True, timeout=600, env={**os.environ, **once}, check=False
    )
    if done.returncode == 0:
        return "NOT caught"
    return "" if one.says in done.stdout else f"failed for another reason:\n{done.stdout[-3000:]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
