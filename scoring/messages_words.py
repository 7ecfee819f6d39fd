"""Why, in the words of operators on words. In: nothing. Out: MESSAGES, merged by scoring/messages.py."""

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "found_times": ("第 {at_s} 秒等处说到“{text}”，共 {count} 次", "said {count} times, as “{text}” at {at_s} s"),
    "too_few_times": (
        "查看了{where}内{role}的 {utterances} 句话，只说到 {count} 次，不到 {wanted} 次",
        "looked through {utterances} utterances ({role}, {where}): said {count} times, not {wanted}",
    ),
    "part_said": (
        "查看了{where}内{role}的 {utterances} 句话，没有说到“{text}”",
        "looked through {utterances} utterances ({role}, {where}): “{text}” is missing",
    ),
    "too_few_phrases": (
        "查看了{where}内{role}的 {utterances} 句话，只说到 {count} 种说法，不到 {wanted} 种",
        "looked through {utterances} utterances ({role}, {where}): {count} of the phrases, not {wanted}",
    ),
    "alternative": (
        "第 {at_s} 秒没有听清，也可能说的是“{text}”，请听录音确认",
        "what was said at {at_s} s is not clear, it may be “{text}”: listen",
    ),
    "excepted": ("第 {at_s} 秒“{text}”属于例外，不算", "“{text}” at {at_s} s is excepted"),
    "excepted_in_doubt": (
        "第 {at_s} 秒“{text}”可能属于例外，请听录音确认",
        "“{text}” at {at_s} s may be an exception: listen",
    ),
    "similar": (
        "第 {at_s} 秒“{text}”与“{phrase}”相似 {score}%",
        "“{text}” at {at_s} s is {score} % like “{phrase}”",
    ),
    "not_similar": (
        "查看了{where}内{role}的 {utterances} 句话，没有与“{text}”等说法相似到 {wanted}% 的",
        "looked through {utterances} utterances ({role}, {where}): nothing is {wanted} % like “{text}”",
    ),
    "sounds_the_same": ("第 {at_s} 秒“{text}”与“{phrase}”同音", "“{text}” at {at_s} s sounds the same as “{phrase}”"),
    "sounds_like": (
        "第 {at_s} 秒“{text}”听起来像“{phrase}”，差 {edits} 个音节",
        "“{text}” at {at_s} s sounds like “{phrase}”, but for {edits} syllables",
    ),
    "nothing_sounds_like": (
        "查看了{where}内{role}的 {utterances} 句话，没有与“{text}”等读音相近的",
        "looked through {utterances} utterances ({role}, {where}): nothing sounds like “{text}”",
    ),
    "repeated": (
        "第 {at_s} 秒“{text}”是第 {count} 次重复，前一次在第 {before_s} 秒",
        "“{text}” at {at_s} s repeats what was said at {before_s} s (repetition {count})",
    ),
    "repeated_in_doubt": (
        "第 {at_s} 秒“{text}”疑似重复第 {before_s} 秒的话，识别置信度 {confidence}，请听录音确认",
        "“{text}” at {at_s} s may repeat what was said at {before_s} s, confidence {confidence}: listen",
    ),
    "not_repeated": (
        "查看了{where}内{role}的 {utterances} 句话，没有重复",
        "looked through {utterances} utterances ({role}, {where}): nothing was repeated",
    ),
    "entity": ("第 {at_s} 秒提到“{text}”（{entity}）", "“{text}” at {at_s} s ({entity})"),
    "entity_in_doubt": (
        "第 {at_s} 秒疑似提到“{text}”（{entity}），请听录音确认",
        "perhaps “{text}” at {at_s} s ({entity}): listen",
    ),
    "no_entity": (
        "查看了{where}内{role}的 {utterances} 句话，没有提到{entity}",
        "looked through {utterances} utterances ({role}, {where}): no {entity}",
    ),
    "hidden_unnamed": (
        "第 {at_s} 秒有被隐去的号码，不知道是哪一种",
        "a number at {at_s} s was hidden, of what kind is not known",
    ),
    "script_followed": ("{count} 个步骤都按顺序说到", "all {count} steps were said in order"),
    "script_missing": (
        "第 {after_s} 秒之后{role}的 {utterances} 句话里没有步骤“{step}”（{text}）",
        "step “{step}” ({text}) is missing from the {utterances} utterances of the {role} after {after_s} s",
    ),
    "script_late": (
        "步骤“{step}”在第 {at_s} 秒才说到，晚了：前一步在第 {after_s} 秒",
        "step “{step}” was said at {at_s} s, too late after the step at {after_s} s",
    ),
    "script_order": (
        "步骤“{step}”在第 {at_s} 秒说到，早于应在它之前的步骤（第 {after_s} 秒）",
        "step “{step}” was said at {at_s} s, before the step at {after_s} s that it should follow",
    ),
}

ENTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "id_card": ("身份证号", "identity number"),
    "mobile": ("手机号", "mobile number"),
    "landline": ("固话号码", "landline number"),
    "bank_card": ("银行卡号", "bank card number"),
    "email": ("电子邮箱", "e-mail address"),
    "plate": ("车牌号", "number plate"),
    "code": ("验证码", "verification code"),
    "number": ("数字", "number"),
    "amount": ("金额", "amount of money"),
    "date": ("日期", "date"),
}
"""What `{entity}` says."""


def entity(kinds: str, language: int) -> str:
    """`kinds`: joined by commas."""
    return ("或", " or ")[language].join(ENTITIES[kind][language] for kind in kinds.split(","))
