"""What hangs in Chromium costs the tests some seconds, not the run."""

import pytest

from tests.browser.chromium import Chromium

pytestmark = pytest.mark.browser


def test_one_that_does_not_close_its_windows_is_started_anew(chromium: Chromium) -> None:
    hanging = Chromium(chromium.playwright, leave_s=0.5)
    try:
        hanging.browser().new_context().new_page()
        hanging.suspend()
        hanging.leave_all()
        assert hanging.killed == 1
        page = hanging.browser().new_context().new_page()
        page.set_content("<p>again</p>")
        assert page.text_content("p") == "again"
    finally:
        hanging.stop()
