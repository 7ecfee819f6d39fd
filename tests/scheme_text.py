"""A scheme as people write one: comments, blank lines, lists over lines. What the packs say changes, this does not."""

SCHEME = """# Mandarin telecom service, for tests of texts.

[scheme]
name = "telecom-service.zh"
version = 1
zh = "电信服务质检方案"
en = "Telecom service, Mandarin"
pass_percent = 80
least_confidence = 0.6      # a word heard with less is in doubt

# --- service steps ---

[[item]]
id = "greeting"
zh = "开头语"
en = "Greeting"
kind = "earn"
points = 15
rule = "greeting"

[[rule]]
id = "greeting"
version = 1
formula = "hello and offer"
[[rule.condition]]
id = "hello"
operator = "keyword"
role = "agent"
first_seconds = 30
any = ["您好", "你好"]
[[rule.condition]]
id = "offer"
operator = "keyword"
role = "agent"
first_seconds = 30
any = ["为您服务", "能帮您"]

[[item]]
id = "identity_check"
zh = "身份核实"
en = "Identity check"
kind = "earn"
points = 20
rule = "identity_check"

[[rule]]
id = "identity_check"
version = 1
[[rule.condition]]
id = "asks"
operator = "keyword"
role = "agent"
any = [
  "提供…身份证", "核对…身份",  # both orders
  "是本人", "提供…验证码",
]

[[item]]
id = "closing"
zh = "结束语"
en = "Closing"
kind = "earn"
points = 15
rule = "closing"

[[rule]]
id = "closing"
version = 1
[[rule.condition]]
id = "bye"
operator = "keyword"
role = "agent"
last_seconds = 30
any = ["再见"]

# --- marks ---

[[item]]
id = "escalation"
zh = "升级投诉风险"
en = "Risk of escalation"
kind = "tag"
rule = "escalation"

[[rule]]
id = "escalation"
version = 1
[[rule.condition]]
id = "threatens"
operator = "keyword"
role = "customer"
any = ["工信部", "消协", "起诉"]
"""


def _likeness(number: int) -> str:
    phrases = ", ".join(f'"{chr(0x4E00 + number)}公天园气我好去们啊{"公天园气我好去们啊" * 3}{n}"' for n in range(50))
    return f"""
[[item]]
id = "i{number}"
zh = "像"
en = "Like"
kind = "tag"
rule = "like_{number}"

[[rule]]
id = "like_{number}"
version = 1
[[rule.condition]]
id = "c"
operator = "similar"
score = 60
phrases = [{phrases}]
"""


ENDLESS = '[scheme]\nname = "telecom-service.zh"\nversion = 1\nzh = "很多"\nen = "Very much"\n' + "".join(
    _likeness(number) for number in range(80)
)
"""In order, and seconds of work on LONG_TALK: each limit of the language is kept."""
LONG_TALK = (
    "[[dialogue]]\nid = 'long'\nlines = '''\n"
    + "\n".join(f"{'AC'[n % 2]}: {'今天天气很好我们去公园吧这个那个嗯啊哦额' * 4}" for n in range(480))
    + "\n'''\n[dialogue.expect]\n"
)
"""Golden, of half an hour."""
