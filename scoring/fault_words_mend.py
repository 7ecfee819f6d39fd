"""What mends a scheme's text, English to Chinese. In: nothing. Out: a table; `{}` stands for a part.

May not know: how faults are found.
"""

from collections.abc import Mapping
from typing import Final

# fmt: off
MENDS: Final[Mapping[str, str]] = {
    "did you mean {}?": "是不是想写 {}？",
    "did you mean {}? (and business.NAME)": "是不是想写 {}？（另有 business.名称）",
    "known here: {}": "这里有：{}",
    "known here: nothing": "这里一个也没有",
    "known here: {} (and business.NAME)": "这里有：{}（另有 business.名称）",
    "write {}": "请写 {}",
    "write {}, or leave the key out": "请写 {}，或删去这个键",
    "write {}, a whole number or true": "请写 {}、整数或 true",
    "write a whole number from {} to {}": "请写 {} 到 {} 之间的整数",
    "write a number from {} to {}": "请写 {} 到 {} 之间的数字",
    "write a table: {}": "请写成表：{}",
    "write tables: {}": "请写成表：{}",
    "write {} above each": "每个上面都写 {}",
    "remove them": "请删去",
    "remove it": "请删去",
    "add {}": "请加上 {}",
    "add {} = a table: {}": "请加上表 {1}",
    "add {} = tables: {}": "请加上表 {1}",
    "write a key with at most 32 parts": "键最多 32 层",
    "write fewer": "请写少一些",
    "close brackets where they belong": "请在该结束的地方写上括号",
    "it stands twice: keep one": "写了两次：请留一个",
    "write one `key = value` a line, tables as [name]; close every quote and bracket":
        "每行写一个 `键 = 值`，表写成 [名称]；引号和括号都要配对",
    'look at column {}; a text needs quotes: key = "text"': '请看第 {} 列；文本要加引号：键 = "文本"',
    # golden dialogues
    "write at most {}, in several files": "最多写 {}，可分成几个文件",
    "dialogues need no such depth or numbers": "对话不需要这样的嵌套或数字",
    "write [[dialogue]] with id = \"…\" and lines = '\'\'…'\'\'":
        "请写 [[dialogue]]，以及 id = \"…\" 和 lines = '\'\'…'\'\'",
    "give each a name of its own": "每段都要有自己的名字",
    'write expect = { greeting = "hit" }': '请写 expect = {{ greeting = "hit" }}',
    "write a text, a number, true or false, or a list of texts": "请写文本、数字、true 或 false，或文本的列表",
    "write a line: A: …": "请写一行：A: …",
    "begin with A: or C:, or with * and what happens": "以 A: 或 C: 开头，或写 * 和发生的事",
    "write a later time": "请写晚一些的时间",
    "write a later time behind the -": "请在 - 后面写晚一些的时间",
    "take the mark out: write the words alone": "请去掉标记，只写词",
    "write [words](item), {words 0.4} or {●●●● mobile}": "请写 [词](考评项)、{{词 0.4}} 或 {{●●●● mobile}}",
    "end it with 0.4, or: {}": "末尾写 0.4，或：{}",
    "write pause, hold, music, consultation, conference SECONDS; {}":
        "请写 pause（停顿）、hold（保持）、music（音乐）、consultation（咨询）、conference（会议）和秒数；{}",
    # what the centre has
    "publish a plan with teams at /plan; until then the rule cannot tell":
        "请在 /plan 发布带班组的座位图；在此之前规则无法判断",
    'write skills = ["…"] below [queues.NAME] of floorwatch.toml; until then the rule cannot tell':
        '请在 floorwatch.toml 的 [queues.名称] 下写 skills = ["…"]；在此之前规则无法判断',
    # the scheme
    'begin with [scheme] and its name = "…"': '请以 [scheme] 和 name = "…" 开头',
    "a scheme needs no such depth or numbers": "方案不需要这样的嵌套或数字",
    "a scheme has at most {}: make two of it": "一个方案最多 {}：请分成两个",
    "mend these first": "请先改好这些",
    "write it as rules do": "请按规则的写法写",
    "write at most {}": "最多写 {}",
    "write phrases without {}, each as a text of its own": "短语里不要写 {}，每个短语单独成一个文本",
    "one or more of {}": "请从这些里选：{}",
    "give a file, or one of: {}": "请给出文件，或其中之一：{}",
    "make two files of it": "请分成两个文件",
    "save the file as UTF-8": "请把文件存成 UTF-8",
    # items and rules
    "add [[item]] and its rule": "请加上 [[item]] 和它的规则",
    "remove it, or give it an item": "请删去，或给它一个考评项",
    "add a [[dimension]]": "请加上 [[dimension]]",
    "add most = 20, say": "请加上上限，如 most = 20",
    'add per = "hit", or remove most': '请加上 per = "hit"，或删去 most',
    "use small letters, digits and _, beginning with a letter": "请用小写字母、数字和 _，以字母开头",
    "call it {}": "可以叫 {}",
    "give each its own id": "每个都要有自己的 id",
    "add [[rule.condition]] below it": "请在下面加上 [[rule.condition]]",
    "add [[rule.condition.check]] below it": "请在下面加上 [[rule.condition.check]]",
    "join condition ids with and, or, not and parentheses": "请用 and、or、not 和括号连接条件的 id",
    "join check ids with and, or, not and parentheses": "请用 and、or、not 和括号连接检查的 id",
    "name every condition, or remove it": "每个条件都要用到，用不到的请删去",
    "name every check, or remove it": "每个检查都要用到，用不到的请删去",
    "write [[rule.condition.check]] tables, or remove it": "请写 [[rule.condition.check]]，或删去它",
    "write it into a check of its own": "请写进单独的检查里",
    "remove the range": "请删去范围",
    "write {} below it, once for each": "请在下面写 {}，每个写一次",
    "write at most {} in a scheme": "一个方案最多写 {} 个",
    "write at most {}, or two conditions": "最多写 {}，或分成两个条件",
    "write at most {}, or two rules": "最多写 {}，或分成两条规则",
    "write at most {}, or two phrases": "最多写 {}，或分成两个短语",
    "write at most {}: nobody says more in the same words twice": "最多写 {} 个字：没有人能一字不差地说更长的话",
    "write what is said": "请写要说的话",
    # ranges
    "one range is enough: remove the others": "一个范围就够了：请删去其余的",
    'add after = "…", or remove it': '请加上 after = "…"，或删去它',
    "at looks at the utterance of the hit: remove it, or use around": "at 只看命中的那句话：请删去它，或改用 around",
    'write hit = 1 to {}, -1 for the last, 0 or "every" for each':
        '请写 hit = 1 到 {}，-1 为最后一次，0 或 "every" 为每一次',
    "name another condition of this rule": "请写这条规则里的另一个条件",
    "let one of them stand by itself": "请让其中一个不依赖别的条件",
    # `applies`
    "write it like {}": "写法如 {}",
    "write {} >= a number": "请写 {} >= 数字",
    "write {} >= a number from {} to {}": "请写 {} >= {} 到 {} 之间的数字",
    # operators
    'give any = ["…"], all or none': '请写 any = ["…"]、all 或 none',
    'give any = ["…"]': '请写 any = ["…"]',
    "list more in any, or ask for fewer": "请在 any 里多写几个，或要求少一些",
    "write one of: {}": "请从这些里选：{}",
    "give seconds, by or last_word": "请写 seconds、by 或 last_word",
    "remove one of the two": "两者请删去一个",
    'give notice = ["请稍等"], or remove it': '请写 notice = ["请稍等"]，或删去它',
    "write it whole: likeness allows for what differs": "请写完整：相似度本来就容许差别",
    "write {} characters, or use keyword": "请写 {} 个字，或改用 keyword",
    "write at most {} characters, or two phrases": "最多写 {} 个字，或分成两个短语",
    "write two conditions, one anchored at the other": "请写成两个条件，一个以另一个为锚点",
    "write {} syllables, or less distance": "请写 {} 个音节，或减小 distance",
    "write {} syllables, or use keyword": "请写 {} 个音节，或改用 keyword",
    "write at most {} syllables": "最多写 {} 个音节",
    "give above, below or both": "请写 above、below 或两者",
    "make below the larger; for either, use two checks": "below 要更大；若是二者之一，请用两个检查",
    'write [[rule.condition.step]] with id and any = ["…"]': '请写 [[rule.condition.step]]，带 id 和 any = ["…"]',
    "name one of: {}": "请写其中之一：{}",
    "name a step written before it that is no alternative itself": "请写前面的一个步骤，且它自己不是替代步骤",
    "remove anytime or after": "请删去 anytime 或 after",
    "make {} optional": "请把 {} 写成可省略",
    "break it: remove one `after`": "请断开：删去一个 `after`",
    # patterns
    "write it anew": "请重写",
    "let it hold at least one sign that must be there": "至少要有一个必须出现的字符",
    "repeat less: each repeated sign counts, `.` nine times; `…` in a phrase or two conditions do it, too":
        "请少重复一些：每个重复的字符都计数，`.` 计九次；也可以用短语里的 `…` 或两个条件",
    "see the list of RE2's syntax in docs/rules.md": "请看 docs/rules.md 里 RE2 的语法表",
    "RE2 looks neither ahead nor behind: make two conditions of it, one anchored at the other, or use `except`":
        "RE2 不能前后查看：请写成两个条件，一个以另一个为锚点，或用 `except`",
    "RE2 has none: name what may be repeated, or use the operator `repetition`":
        "RE2 没有这个功能：请写出会重复的内容，或用算子 `repetition`",
    "to mean the sign itself write \\ and the sign; RE2 knows \\d \\w \\s \\b \\pN \\p{Han} and \\x{4F60}":
        "若指字符本身，请写 \\ 加该字符；RE2 认识 \\d \\w \\s \\b \\pN \\p{{Han}} 和 \\x{{4F60}}",
    "RE2 never goes back: write (?:…)": "RE2 从不回溯：请写 (?:…)",
    "write it behind # at the end of the line": "请写在行尾的 # 后面",
    "RE2 has no possessive repetition: write * + or ? once": "RE2 没有占有量词：* + ? 只写一次",
    "put the inner one into (?:…)": "请把里面的放进 (?:…)",
    "write what is repeated before it, or \\ before it": "请在前面写要重复的内容，或在它前面加 \\",
    "repeat at most 1,000 times, groups in all": "最多重复 1,000 次，分组合计",
    "write the smaller sign first: [0-9]": "请先写较小的字符：[0-9]",
    "write ], or \\[ for the sign itself": "请补上 ]；若指字符本身，请写 \\[",
    "write ), or \\( for the sign itself": "请补上 )；若指字符本身，请写 \\(",
    "remove it, or write \\) for the sign itself": "请删去；若指字符本身，请写 \\)",
    # warnings
    "it lacks {}: ask by sound (sounds_like), or use another word": "缺少 {}：请按读音匹配（sounds_like），或换一个词",
    "it writes {} for it: add that, or ask by sound (sounds_like)":
        "它会写成 {}：请把它也加上，或按读音匹配（sounds_like）",
}
