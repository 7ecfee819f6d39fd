"""What numbers say of a rule. In: a rule or condition, numbers. Out: a Reading, with everything it rests on.

The only part that knows the kinds of rules. Not knowing is said, never guessed. May not know: watches, time, schedules.
"""

from collections.abc import Sequence

from alerts.bounds import wilson
from alerts.evaluate import Measured, Reading, Verdict
from alerts.metric import Metric
from alerts.rules import BurnRule, Condition, Mode, ServiceLevelRule
from alerts.schedule import SuppressedReason
from alerts.view import Sample
from streams.floor.numbers import FORMULAS, QueueNumbers, Ratio

SERVICE_LEVEL = "service_level"
SERVICE_LEVEL_DAY = "service_level_day"
PERCENT = "percent"
GOOD = frozenset({Verdict.CLEAR, Verdict.QUIET})
NOTHING_TOLD = Reading(verdict=Verdict.UNCERTAIN, why=SuppressedReason.NOTHING_TOLD)
SOURCE_LOST = Reading(verdict=Verdict.UNCERTAIN, why=SuppressedReason.SOURCE_LOST)


def measure(rule: ServiceLevelRule, numbers: QueueNumbers | None) -> Reading:
    """`numbers` None: the queue told nothing."""
    counters = numbers.windows.get(rule.window_minutes) if numbers is not None else None
    if numbers is None or counters is None:
        return NOTHING_TOLD
    if not numbers.certain:
        return SOURCE_LOST
    ratio = FORMULAS[rule.formula].of(counters)
    percent = ratio.percent if ratio.whole > 0 else None
    if percent is None or ratio.whole < rule.min_sample:
        verdict = too_few(numbers)
    elif percent < rule.fire_below:
        verdict = Verdict.BREACH
    else:
        verdict = Verdict.CLEAR if percent >= rule.clear_above else Verdict.BETWEEN
    return Reading(verdict=verdict, value=percent, part=ratio.part, whole=ratio.whole)


def too_few(numbers: QueueNumbers) -> Verdict:
    """Nobody came through the window, but somebody may be waiting in it: that is no recovery."""
    return Verdict.QUIET if numbers.longest_wait_ms <= numbers.target_ms else Verdict.TOO_FEW


def measure_silence(batch: Sequence[QueueNumbers] | None) -> Reading:
    """Never UNCERTAIN: not knowing is exactly what it measures. `batch` None: nothing came at all."""
    if batch is None:
        return Reading(verdict=Verdict.BREACH)
    blind = tuple(sorted(numbers.queue for numbers in batch if not numbers.certain))
    verdict = Verdict.BREACH if blind else Verdict.CLEAR
    return Reading(verdict=verdict, value=float(len(blind)), part=len(blind), whole=len(batch), queues=blind)


def measure_burn(rule: BurnRule, numbers: QueueNumbers | None) -> Reading:
    if numbers is None or rule.long_minutes not in numbers.windows or rule.short_minutes not in numbers.windows:
        return NOTHING_TOLD
    if not numbers.certain:
        return SOURCE_LOST
    formula = FORMULAS[rule.formula]
    long, short = (formula.of(numbers.windows[minutes]) for minutes in (rule.long_minutes, rule.short_minutes))
    day = formula.of(numbers.today)
    threshold = rule.threshold_of(numbers.queue)
    looked_at = [
        _level(rule.formula, rule.long_minutes, long, threshold),
        _level(rule.formula, rule.short_minutes, short, threshold),
    ]
    if rule.day_below_target:
        looked_at.append(_level(rule.formula, 0, day, rule.target_of(numbers.queue)))
    return Reading(
        verdict=_burning(rule, numbers, long, short, day),
        value=_percent(long),
        part=long.part,
        whole=long.whole,
        threshold=threshold,
        measured=tuple(looked_at),
    )


def _burning(rule: BurnRule, numbers: QueueNumbers, long: Ratio, short: Ratio, day: Ratio) -> Verdict:
    """Clear once either window is; where only the proof is missing, it stays what it was."""
    target = rule.target_of(numbers.queue)
    percent, lately = _percent(long), _percent(short)
    if percent is None or lately is None or long.whole < rule.min_sample:
        return too_few(numbers)
    burns = [(100 - level) / (100 - target) for level in (percent, lately)]
    if min(burns) < rule.factor:
        return Verdict.CLEAR
    if rule.bound_below and wilson(long.part, long.whole, rule.z)[1] >= rule.bound_below:
        return Verdict.BETWEEN
    today = _percent(day)
    if rule.day_below_target and (today is None or today >= target):
        return Verdict.CLEAR
    return Verdict.BREACH


def _percent(ratio: Ratio) -> float | None:
    return ratio.percent if ratio.whole > 0 else None


def _level(formula: str, minutes: int, ratio: Ratio, threshold: float) -> Measured:
    """`minutes` 0: the day."""
    return Measured(
        metric=SERVICE_LEVEL if minutes else SERVICE_LEVEL_DAY,
        unit=PERCENT,
        value=_percent(ratio),
        threshold=threshold,
        formula=formula,
        window_minutes=minutes,
        part=ratio.part,
        whole=ratio.whole,
    )


def judge(metric: Metric, condition: Condition, sample: Sample, scope: str, *, few: Verdict) -> Verdict:
    """One condition. `scope` without its kind; `few`: what fewer than the minimum sample, or no answer, means."""
    value = sample.value
    if not sample.certain:
        return Verdict.UNCERTAIN
    if value is None or sample.whole < condition.min_sample:
        return few
    fire = condition.fire_of(scope)
    proven = value
    if condition.z:
        low, high = wilson(sample.part, sample.whole, condition.z)
        proven = low if metric.high_is_bad else high
    if metric.high_is_bad:
        if proven >= fire:
            return Verdict.BREACH
        return Verdict.CLEAR if value < condition.clear_of(scope) else Verdict.BETWEEN
    if proven < fire:
        return Verdict.BREACH
    return Verdict.CLEAR if value >= condition.clear_of(scope) else Verdict.BETWEEN


def together(mode: Mode, verdicts: Sequence[Verdict]) -> Verdict:
    """Of several conditions. A known breach of any is one even beside what is not known; all need to be known."""
    if mode is Mode.ANY and Verdict.BREACH in verdicts:
        return Verdict.BREACH
    if Verdict.UNCERTAIN in verdicts:
        return Verdict.UNCERTAIN
    if len(verdicts) == 1:
        return verdicts[0]
    if mode is Mode.ANY:
        return Verdict.CLEAR if all(one in GOOD for one in verdicts) else Verdict.BETWEEN
    if all(one is Verdict.BREACH for one in verdicts):
        return Verdict.BREACH
    return Verdict.CLEAR if any(one in GOOD for one in verdicts) else Verdict.BETWEEN
