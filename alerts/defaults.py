"""The rules of a configuration that writes none, in the language people write. In: channels. Out: rules.

Why each number is what it is stands beside it; what they do on normal days and in incidents is measured by
`python -m tests.bench.alerts` and told in docs/alerts.md. May not know: files, the moment.
"""

from collections.abc import Collection
from typing import Final

from alerts.parse import parse_rules
from alerts.rules import Rule

WAIT_RULE: Final = "longest-wait"

DEFAULT_RULES: Final = """\
# 系统自带的告警规则。critical 为呼叫，warning 为便条，info 只在页面显示（channels = []）。
# 仿真日实测：正常一天里每个队列至多两次呼叫、半条便条（docs/alerts.md）。
# The rules Floorwatch comes with. critical is a page, warning a note, info stands on the page only (channels = []).
# Measured on simulated days: at most two pages and half a note for each queue on a normal day (docs/alerts.md).

# --- 队列 ---
# --- queues ----------------------------------------------------------------------------------------------------------

# 最先看出缺人：比例还没变，队已经排长。0.3 即二十名座席有六人在等；须持续 45 秒，至少五人在等。
# The first to see agents missing: the queue grows before percentages can tell. 0.3: six wait for twenty agents. On
# normal days that many come together for a moment: it must last 45 s. 30 s would page once more in two days, 60 s be
# three minutes later. Five at least: in a small queue two for six agents are an ordinary minute.
[[rule]]
kind = "threshold"
name = "piling-up"
label_zh = "排队积压"
label_en = "Queue piling up"
severity = "critical"
all = [{ metric = "waiting_per_agent", fire = 0.3, clear = 0.15 }, { metric = "waiting", fire = 5, clear = 3 }]
hold_s = 45
keep_firing_s = 1800             # one dip and its echo are one page

# 小队列的同类规则：六名座席有三人在等，持续一分钟。
# The same for small queues, where no percentage of a window is worth a page: three wait for six agents, for a minute.
# A large queue comes here only when it is much worse than piling up.
[[rule]]
kind = "threshold"
name = "piled-up"
label_zh = "排队严重积压"
label_en = "Half as many wait as there are agents"
severity = "critical"
metric = "waiting_per_agent"
fire = 0.5
clear = 0.25
hold_s = 60
keep_firing_s = 1800

# 快速呼叫：近 20 分钟与近 5 分钟都以三倍速度消耗 80% 目标的差错额度（即低于 40%），至少 30 通。
# The fast page: three times the budget of 80 % means under 40 %, over 20 minutes and still so over the last five. At
# 2.5 times or a target of 85 it speaks twice on a normal day by itself. 30 contacts are a queue of 90 an hour: below
# that a percentage is chance. No traffic_from: a rule that stops watching in the evening keeps its alert till morning.
[[rule]]
kind = "burn"
tier = "fast_page"
name = "burning"
label_zh = "服务水平快速恶化"
label_en = "Service level burning fast"
target = 80
factor = 3
long_minutes = 20
short_minutes = 5
min_sample = 30
bound_below = 75
keep_firing_s = 1800

# 两分钟内有一半客户挂断；不论队列多小，等三分钟都太久。30 秒：正在接起的那一位不必呼叫。
# Half of the customers hang up within two minutes; three is too long however small the queue. 30 s, so that one who is
# just being answered pages nobody.
[[rule]]
kind = "threshold"
name = "longest-wait"
label_zh = "最长等待超限"
label_en = "Somebody waits too long"
severity = "critical"
metric = "longest_wait"
fire = "3m"
clear = "1m"
hold_s = 30
keep_firing_s = 1800

# 该班无人到岗，或下班后队列未关。
# A shift that did not come, a queue left open after hours.
[[rule]]
kind = "threshold"
name = "nobody-there"
label_zh = "有人排队无人在岗"
label_en = "Somebody waits and nobody is there"
severity = "critical"
all = [{ metric = "waiting", fire = 1 }, { metric = "staffed", fire = 1 }]
hold_s = 60
keep_firing_s = 600

# 只看有排班计划的队列：缺四分之一，持续五分钟（换班也要几分钟）。小队列缺人只有它能立刻看出。
# Only queues that have a plan. A quarter missing, for five minutes: a change of shift takes a few. The one rule that
# sees a loss of agents in a small queue at once.
[[rule]]
kind = "threshold"
name = "staff-missing"
label_zh = "在岗人数不足"
label_en = "Fewer agents than planned"
severity = "critical"
metric = "staffed_against_plan"
fire = 75
clear = 90
hold_s = 300
keep_firing_s = 900

# 便条：今日整体低于目标，且仍在变差：半小时内以两倍速度消耗额度（低于 60%）。
# A note: the day itself is below target and still loses. Twice the budget of 80 %: under 60 % over half an hour.
[[rule]]
kind = "burn"
tier = "day_at_risk"
name = "day-at-risk"
label_zh = "今日达标有风险"
label_en = "The day's target is at risk"
target = 80
factor = 2
long_minutes = 30
short_minutes = 5
min_sample = 20
bound_below = 80
keep_firing_s = 3600             # once for each bad stretch of the day

# 便条：一小时内十人中有一人以上放弃，且 Wilson 下界表明不是偶然。
# A note: more than one of ten gives up, over an hour, and Wilson's lower bound says that it is no chance.
[[rule]]
kind = "threshold"
name = "abandoning"
label_zh = "放弃率高"
label_en = "Many give up"
severity = "warning"
metric = "abandon_percent"
window_minutes = 60
fire = 10
clear = 7
min_sample = 20
bound = "wilson"
hold_s = 0
keep_firing_s = 3600

# 系统看不见了：某数据源 15 秒无消息。依赖它的告警在此期间既不触发也不恢复。
# Floorwatch is blind: 15 s without news of a source. All that rests on it neither fires nor resolves meanwhile.
[[rule]]
kind = "source_silent"
name = "source_silent"
label_zh = "数据源中断"
label_en = "Source silent"
severity = "critical"
hold_s = 15
keep_firing_s = 10

# --- 人员：只在页面显示；多久算久，由各中心自定 ---
# --- people: on the page only; who has been at it for how long is a matter of the centre's own manners ---------------

[[rule]]
kind = "threshold"
name = "wrap-up-long"
label_zh = "话后处理过长"
label_en = "Wrap-up takes long"
severity = "info"
metric = "state_time"
state = "wrap_up"
fire = "10m"
channels = []

[[rule]]
kind = "threshold"
name = "pause-long"
label_zh = "示忙过长"
label_en = "Not ready for long"
severity = "info"
metric = "state_time"
state = "not_ready"
fire = "60m"                     # longer than a meal
channels = []

[[rule]]
kind = "threshold"
name = "hold-long"
label_zh = "保持过长"
label_en = "Customer on hold for long"
severity = "info"
metric = "state_time"
state = "on_hold"
fire = "5m"
channels = []

[[rule]]
kind = "threshold"
name = "contact-long"
label_zh = "通话过长"
label_en = "A contact takes long"
severity = "info"
metric = "contact_length"
fire = "60m"
channels = []

[[rule]]
kind = "threshold"
name = "phrase"
label_zh = "命中禁用语"
label_en = "A live rule was hit"
severity = "info"
metric = "phrase_hit"
channels = []

# --- 系统自身 ---
# --- Floorwatch itself -----------------------------------------------------------------------------------------------

[[rule]]
kind = "threshold"
name = "disk-full"
label_zh = "磁盘将满"
label_en = "Disk almost full"
severity = "critical"
metric = "disk_free_percent"
fire = 5                         # recordings stop when it is full
clear = 8
hold_s = 60
keep_firing_s = 600

[[rule]]
kind = "threshold"
name = "disk-low"
label_zh = "磁盘空间不足"
label_en = "Disk space low"
severity = "warning"
metric = "disk_free_percent"
fire = 15                        # days to act, not minutes
clear = 20
hold_s = 300
keep_firing_s = 3600

[[rule]]
kind = "threshold"
name = "store-away"
label_zh = "数据仓不可用"
label_en = "The store does not answer"
severity = "warning"             # the live floor goes on without it; nothing is lost, history waits
metric = "store_away"
fire = 1
hold_s = 120                     # a restart is no news
keep_firing_s = 300

[[rule]]
kind = "threshold"
name = "stream-lag"
label_zh = "消息流滞后"
label_en = "A reader falls behind"
severity = "warning"
metric = "stream_lag_s"
fire = "2m"
clear = "30s"
hold_s = 120
keep_firing_s = 600

[[rule]]
kind = "threshold"
name = "dead-letters"
label_zh = "出现死信"
label_en = "Dead letters"
severity = "warning"             # each is something that could not be processed: one is worth a look
metric = "dead_letters"
fire = 1
hold_s = 60
keep_firing_s = 3600

[[rule]]
kind = "threshold"
name = "recordings-missing"
label_zh = "录音缺失"
label_en = "Recordings missing"
severity = "warning"
metric = "recordings_missing"
fire = 10                        # one or two are late rather than missing
clear = 5
hold_s = 600
keep_firing_s = 3600

[[rule]]
kind = "threshold"
name = "recogniser-behind"
label_zh = "转写积压"
label_en = "The recogniser falls behind"
severity = "info"                # it catches up at night
metric = "recogniser_backlog"
fire = 500
clear = 100
hold_s = 1800
keep_firing_s = 1800
channels = []

[[rule]]
kind = "threshold"
name = "rules-drifting"
label_zh = "质检规则漂移"
label_en = "Scoring rules drift"
severity = "info"
metric = "rules_drifting"
fire = 1
hold_s = 600
keep_firing_s = 3600
channels = []
"""


def default_rules(channels: Collection[str]) -> tuple[Rule, ...]:
    """They notify all channels, but for those that stand on the page only."""
    return parse_rules(DEFAULT_RULES, file="alerts/defaults.py", channels=channels)
