"""Reasons of the operators on time, sound and events, in words. In: nothing. Out: MESSAGES (scoring/messages.py)."""

from collections.abc import Mapping

MESSAGES: Mapping[str, tuple[str, str]] = {
    "silence": ("第 {at_s} 秒起 {seconds} 秒没有人说话", "nobody speaks for {seconds} s from {at_s} s"),
    "silence_music": (
        "第 {at_s} 秒起 {seconds} 秒没有人说话，在放音乐",
        "nobody speaks for {seconds} s from {at_s} s: music",
    ),
    "silence_ring_back": (
        "第 {at_s} 秒起 {seconds} 秒没有人说话，是回铃音",
        "nobody speaks for {seconds} s from {at_s} s: ring-back",
    ),
    "silence_exempt": (
        "第 {at_s} 秒的静默之前说了“{text}”，不算",
        "the silence at {at_s} s was announced by “{text}”: it does not count",
    ),
    "silence_held": ("第 {at_s} 秒的静默在保持或放音中，不算", "the silence at {at_s} s was a hold: it does not count"),
    "silence_or_word": (
        "第 {at_s} 秒的“{text}”识别置信度只有 {confidence}，若不是话，就是一段长静默",
        "“{text}” at {at_s} s was heard with confidence {confidence} only: without it there is a long silence",
    ),
    "not_announced": ("之前没有告知客户", "the customer was not told before"),
    "hold_unannounced": (
        "第 {at_s} 秒起保持 {seconds} 秒，之前没有告知客户",
        "hold of {seconds} s from {at_s} s without notice to the customer",
    ),
    "heard_weakly": (
        "第 {at_s} 秒“{text}”识别置信度只有 {confidence}，请听录音确认",
        "“{text}” at {at_s} s was heard with confidence {confidence} only: listen",
    ),
    "rate_at": ("第 {at_s} 秒那句话每分钟 {rate} 字", "{rate} characters a minute at {at_s} s"),
    "rate_each": (
        "查看了{role}的 {utterances} 句话，语速都在限度内",
        "none of {utterances} utterances of the {role} is beyond the limit",
    ),
    "rate_mean": (
        "{role}平均每分钟 {rate} 字（共 {count} 字）",
        "the {role}'s mean is {rate} characters a minute over {count} characters",
    ),
    "too_few_characters": (
        "只有 {count} 个字，不到 {wanted} 个，不看语速",
        "{count} characters are fewer than {wanted}: no speech rate",
    ),
    "interrupted": (
        "第 {at_s} 秒插话，同时说话 {seconds} 秒（共 {count} 次）",
        "broke in at {at_s} s, both spoke for {seconds} s ({count} times)",
    ),
    "not_interrupted": (
        "查看了{role}的 {utterances} 句话，没有同时说话 {seconds} 秒以上的插话",
        "none of {utterances} utterances of the {role} broke in for {seconds} s or more",
    ),
    "loudness_at": ("第 {at_s} 秒那句话 {db} dB", "{db} dB at {at_s} s"),
    "loudness_each": ("{utterances} 句话的音量都不在限度之外", "none of {utterances} utterances is beyond the limit"),
    "loudness_jump": ("第 {at_s} 秒响度突变 {db} dB", "the level jumps by {db} dB at {at_s} s"),
    "no_loudness_jump": (
        "{utterances} 句话前后相差都不到 {db} dB",
        "no jump of {db} dB between {utterances} utterances",
    ),
    "loudness_span": ("最响与最轻的话相差 {db} dB", "{db} dB lie between the quietest and the loudest utterance"),
    "no_loudness_span": (
        "最响与最轻的话只相差 {db} dB",
        "only {db} dB lie between the quietest and the loudest utterance",
    ),
    "handed_on": ("第 {at_s} 秒转接出去，没有挂断，不适用", "handed on at {at_s} s, not hung up: does not apply"),
    "hung_up": (
        "{role}在第 {at_s} 秒挂断，最后一句话之后 {seconds} 秒",
        "the {role} hung up at {at_s} s, {seconds} s after the last word",
    ),
    "hung_up_unknown": (
        "第 {at_s} 秒结束，不知道谁挂断，最后一句话之后 {seconds} 秒",
        "ended at {at_s} s, nobody knows by whom, {seconds} s after the last word",
    ),
    "recording_ended": (
        "录音在第 {at_s} 秒结束，最后一句话之后 {seconds} 秒；交换机没有说怎样结束",
        "the recording ends at {at_s} s, {seconds} s after the last word; the switch told of no end",
    ),
    "ended_by_unknown": ("交换机没有说谁挂断", "the switch did not tell who hung up"),
    "ended_after": ("最后一句话之后 {seconds} 秒结束", "it ended {seconds} s after the last word"),
    "last_word": ("最后一句话是{role}说的，到第 {at_s} 秒", "the {role} had the last word, until {at_s} s"),
    "last_word_unsure": (
        "第 {at_s} 秒前后最后一句话听不清，请听录音确认",
        "the last word, around {at_s} s, was not heard surely: listen",
    ),
    "not_recorded": (
        "挂断前有 {seconds} 秒没有录音，不能断定",
        "the last {seconds} s before the end were not recorded",
    ),
    "first_word_after_answer": (
        "接通后 {seconds} 秒{role}说第一句话",
        "first word of the {role} {seconds} s after the answer",
    ),
    "first_word_after_recording": (
        "录音开始后 {seconds} 秒{role}说第一句话（不知道接通时间）",
        "first word of the {role} {seconds} s after the recording's start (when it was answered is not known)",
    ),
    "no_word_after_answer": (
        "接通后 {seconds} 秒里{role}没有说话",
        "no word of the {role} in the {seconds} s after the answer",
    ),
    "no_word_after_recording": (
        "录音开始后 {seconds} 秒里{role}没有说话（不知道接通时间）",
        "no word of the {role} in the {seconds} s of the recording (when it was answered is not known)",
    ),
    "first_word_unsure": (
        "{role}的第一句话（第 {at_s} 秒）听不清，请听录音确认",
        "the first word of the {role}, at {at_s} s, was not heard surely: listen",
    ),
    "lasted_recording": ("录音时长 {seconds} 秒", "the recording lasts {seconds} s"),
    "lasted_contact": ("整个接触 {seconds} 秒", "the contact lasts {seconds} s"),
    "lasted_talk": ("通话 {seconds} 秒", "the talk lasts {seconds} s"),
    "lasted_speech": ("{role}说话共 {seconds} 秒", "the {role} speaks for {seconds} s"),
    "end_unknown": ("交换机没有说何时结束", "the switch did not tell when it ended"),
    "turns": ("{where}内{role}说了 {count} 轮话", "{count} turns of the {role} in {where}"),
    "turns_unsure": (
        "{role}说了 {least} 到 {count} 轮话，有的听不清",
        "the {role} took {least} to {count} turns: some were not heard surely",
    ),
    "share": ("{role}说话时间占 {percent}%", "{percent} % of the talking is the {role}'s"),
    "share_unsure": (
        "{role}说话时间约占 {percent}%，另有 {seconds} 秒语音无法识别",
        "about {percent} % of the talking is the {role}'s, but {seconds} s of speech could not be read",
    ),
    "held": ("有保持", "on hold"),
    "not_held": ("{where}内没有保持", "no hold in {where}"),
    "held_announced": ("{count} 次保持前都有告知", "all of {count} holds were announced"),
    "held_times": (
        "保持 {count} 次，第 {at_s} 秒那次 {longest_s} 秒，共 {sum_s} 秒",
        "{count} holds, the one at {at_s} s for {longest_s} s, {sum_s} s in all",
    ),
    "held_less": (
        "保持 {count} 次，最长 {longest_s} 秒（第 {at_s} 秒），共 {sum_s} 秒，在限度内",
        "{count} holds, the longest {longest_s} s (at {at_s} s), {sum_s} s in all: within the limit",
    ),
    "transferred": ("{where}内转接 {count} 次，转到 {target}", "{count} transfers in {where}, to {target}"),
    "transferred_less": (
        "{where}内转接 {count} 次，不到 {wanted} 次",
        "{count} transfers in {where}, fewer than {wanted}",
    ),
    "agent_was": ("座席第 {at_s} 秒起 {state}，{seconds} 秒", "the agent was {state} from {at_s} s for {seconds} s"),
    "agent_was_not": ("座席没有超过 {seconds} 秒的 {state}", "the agent was not {state} for more than {seconds} s"),
    "marked": ("客户评分 {value}", "the customer's mark is {value}"),
    "not_surveyed": ("客户没有评价，不适用", "the customer gave no mark: does not apply"),
}
