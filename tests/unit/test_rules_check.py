"""What an author is told beside faults: where a phrase that cannot be heard stands."""

from monitor.rules_check import line_of


def test_a_phrase_is_told_at_the_list_that_gives_it_not_at_a_title_that_says_the_same() -> None:
    """A phrase across a line's end, or written with escapes, is told at the top."""
    text = '# 再见\n[[item]]\nzh = "再见"\n[[rule.condition]]\nany = [\n  "再见",\n]\n'
    assert line_of("再见", text) == 6
    assert line_of("再见", 'zh = "再见"') == 1
    assert line_of("您好", text) == 1
