"""Why, in words. In: a key and numbers. Out: the sentence in Chinese and in English.

Stored results keep key and parameters too, so a sentence can be worded anew. May not know: schemes, screens.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from scoring import messages_events, messages_words

MESSAGES: Mapping[str, tuple[str, str]] = {
    **messages_events.MESSAGES,
    "found": ("在第 {at_s} 秒说到“{text}”", "said “{text}” at {at_s} s"),
    "found_in_doubt": (
        "第 {at_s} 秒疑似“{text}”，识别置信度 {confidence}，请听录音确认",
        "perhaps “{text}” at {at_s} s, confidence {confidence}: listen",
    ),
    "looked": (
        "查看了{where}内{role}的 {utterances} 句话，没有说到",
        "looked through {utterances} utterances of the {role} in {where}: not said",
    ),
    "none_said": (
        "查看了{where}内{role}的 {utterances} 句话，没有出现",
        "looked through {utterances} utterances of the {role} in {where}: none of it said",
    ),
    "not_over": ("通话还没有结束，以后仍可能说到", "the contact is not over: it may still come"),
    "cut_off": (
        "“{text}”出现太多或通话太长，只查看了前面一部分，不能断定",
        "“{text}” stands there too often, or the text is too long: only its beginning was looked through",
    ),
    "no_events": (
        "没有交换机事件或录音起点，无法判断",
        "the switch's events or the recording's start are not known",
    ),
    "no_times": ("没有逐词时间，无法判断", "there are no word times"),
    "no_loudness": ("没有音量数据，无法判断", "the loudness is not known"),
    "nobody_spoke": ("{where}内{role}没有说话", "the {role} said nothing in {where}"),
    "anchor_missing": (
        "条件 {condition} 没有出现，不适用",
        "{condition} was not found: does not apply",
    ),
    "anchor_too_few": (
        "条件 {condition} 只出现 {count} 次，不到第 {wanted} 次，不适用",
        "condition {condition} was found {count} times, not {wanted}, so this does not apply",
    ),
    "applies": ("规则适用于本次接触", "the rule applies to this contact"),
    "does_not_apply": ("规则不适用于本次接触", "the rule does not apply to this contact"),
    "fact_unknown": (
        "不知道本次接触的 {fact}，不能断定规则是否适用",
        "{fact} of this contact is not known, so the rule may not apply",
    ),
    "no_roles": ("录音没有区分双方，无法判断是谁说的", "the recording does not tell the speakers apart"),
    "nothing_heard": ("没有识别出任何语音", "no speech was recognised"),
    "unread_speech": (
        "第 {at_s} 秒起有 {seconds} 秒语音无法识别，不能断定没有说",
        "{seconds} s of speech from {at_s} s could not be read, so it may have been said",
    ),
    "low_confidence": (
        "第 {at_s} 秒“{text}”识别置信度只有 {confidence}，不能断定没有说",
        "“{text}” at {at_s} s was heard with confidence {confidence} only, so it may have been said",
    ),
    "no_silence": ("没有 {seconds} 秒以上的静默", "no silence of {seconds} s or more"),
    "silence_announced": ("{count} 次长静默前都有告知", "all of {count} long silences were announced"),
    "silence_unannounced": (
        "第 {at_s} 秒起静默 {seconds} 秒，之前没有告知客户",
        "silence of {seconds} s from {at_s} s without notice to the customer",
    ),
    "not_reported": ("没有出现需要先确认的办理结果", "nothing was reported that needed confirmation first"),
    "confirmed_first": ("第 {at_s} 秒先作了确认", "confirmed first, at {at_s} s"),
    "not_confirmed_first": (
        "第 {at_s} 秒说“{text}”之前没有向客户确认",
        "“{text}” at {at_s} s was not confirmed with the customer before",
    ),
    **messages_words.MESSAGES,
}

ROLES: Mapping[str, tuple[str, str]] = {
    "agent": ("座席", "agent"),
    "customer": ("客户", "customer"),
    "any": ("双方", "both sides"),
}


_SIDES: Mapping[str, tuple[str, str]] = {
    "before": ("第 {} 秒之前", "the range before {} s"),
    "after": ("第 {} 秒之后", "the range after {} s"),
    "around": ("第 {} 秒前后", "the range around {} s"),
    "current": ("第 {} 秒那句话", "the utterance at {} s"),
}


def seconds(ms: int) -> float:
    """One decimal is what a person can find again."""
    return round(ms / 1000, 1)


Params = Mapping[str, str | int | float]


class Reason(Struct, frozen=True):
    key: str
    params: Params = field(default_factory=dict)

    @property
    def zh(self) -> str:
        return MESSAGES[self.key][0].format_map(self._worded(0))

    @property
    def en(self) -> str:
        return MESSAGES[self.key][1].format_map(self._worded(1))

    def _worded(self, language: int) -> dict[str, str]:
        worded = {name: str(value) for name, value in self.params.items()}
        if "role" in worded:
            worded["role"] = ROLES[worded["role"]][language]
        if "entity" in worded:
            worded["entity"] = messages_words.entity(worded["entity"], language)
        if "where" in worded:
            worded["where"] = _where(worded["where"])[language]
        return worded


def _where(code: str) -> tuple[str, str]:
    """`all`, or `first_ms:30000`, `after:12000` as scoring/ranges.py writes them."""
    kind, _, amount = code.partition(":")
    if kind == "all":
        return "全程", "the whole contact"
    if kind in _SIDES:
        zh, en = _SIDES[kind]
        return zh.format(seconds(int(amount))), en.format(seconds(int(amount)))
    first, unit = kind.split("_")
    zh, en = ("前", "first") if first == "first" else ("最后", "last")
    if unit == "ms":
        return f"{zh} {int(amount) / 1000:g} 秒", f"the {en} {int(amount) / 1000:g} s"
    return f"{zh} {amount} 句", f"the {en} {amount} utterances"
