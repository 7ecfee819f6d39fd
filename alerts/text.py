"""What a person reads in a message, in Chinese and in English. In: a Notification. Out: one line each.

Always with the formula, the window and the counts the percentage rests on. May not know: senders, markup.
"""

from alerts.notification import Notification, Says


def summary_zh(notification: Notification) -> str:
    detail = notification.detail
    head = f"【{'恢复' if notification.says is Says.RESOLVED else '告警'}】{detail.label_zh or notification.rule}"
    if notification.reason == "rule_removed":
        return f"{head}（{_scope(notification)}）：规则已删除"
    if not detail.formula:
        return f"{head}：{_silent_zh(notification)}"
    return (
        f"{head}（{_scope(notification)}）：近 {detail.window_minutes} 分钟服务水平 {_percent(notification)}"
        f"（{detail.part}/{detail.whole}，公式 {detail.formula}），阈值 {notification.threshold:g}%"
    )


def summary_en(notification: Notification) -> str:
    detail = notification.detail
    head = f"[{'resolved' if notification.says is Says.RESOLVED else 'firing'}] {detail.label_en or notification.rule}"
    if notification.reason == "rule_removed":
        return f"{head} ({_scope(notification)}): the rule was removed"
    if not detail.formula:
        return f"{head}: {_silent_en(notification)}"
    return (
        f"{head} ({_scope(notification)}): service level {_percent(notification)} over {detail.window_minutes} min"
        f" ({detail.part}/{detail.whole}, formula {detail.formula}), threshold {notification.threshold:g}%"
    )


def _scope(notification: Notification) -> str:
    return notification.scope.partition(":")[2] or notification.scope


def _percent(notification: Notification) -> str:
    return "—" if notification.value is None else f"{notification.value:.1f}%"


def _silent_zh(notification: Notification) -> str:
    if notification.says is Says.RESOLVED:
        return f"{_scope(notification)} 数据已恢复"
    queues = "、".join(notification.detail.queues)
    return f"队列 {queues} 的数据未知" if queues else f"{_scope(notification)} 没有任何数据"


def _silent_en(notification: Notification) -> str:
    if notification.says is Says.RESOLVED:
        return f"{_scope(notification)} sends data again"
    queues = ", ".join(notification.detail.queues)
    return f"the numbers of {queues} are unknown" if queues else f"{_scope(notification)} sends nothing at all"
