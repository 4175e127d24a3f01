"""Tests that need a part of the system: skipped where it is missing, and named in the last lines.

With FULL=1 in the environment a missing part is a failure.
"""

import os
import shutil
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser() -> str | None:
    """The path of the system's Chromium, for Playwright's `executable_path`; None when there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def pgbouncer() -> str | None:
    """The path of PgBouncer; None when there is none. Debian keeps it where only root looks."""
    return shutil.which("pgbouncer", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))


def chinese_font() -> str | None:
    """A font file with Chinese letters, without which a PDF shows boxes; None when there is none."""
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")
    names = ("NotoSansCJK*", "NotoSerifCJK*", "NotoSansSC*", "wqy-*", "SourceHanSans*")
    return next((str(path) for folder in folders for name in names for path in folder.rglob(name)), None)


PARTS = {
    "browser": {"Chromium (apt install chromium)": browser},
    "pdf": {
        "Chromium (apt install chromium)": browser,
        "a Chinese font (apt install fonts-noto-cjk)": chinese_font,
    },
    "pgbouncer": {"PgBouncer (apt install pgbouncer)": pgbouncer},
}


def missing(marker: str) -> list[str]:
    """What a test with this marker needs and this machine has not."""
    return [part for part, find in PARTS[marker].items() if find() is None]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail under FULL=1, before any fixture looks for the part."""
    for marker in PARTS:
        if item.get_closest_marker(marker) and (parts := missing(marker)):
            reason = f"{' and '.join(parts)} not found"
            if os.environ.get("FULL") == "1":
                pytest.fail(f"FULL=1, but {reason}", pytrace=False)
            pytest.skip(reason)


def not_run(skipped: list[pytest.TestReport]) -> list[str]:
    """One line per reason: how many tests did not run because of it."""
    reasons = Counter(_reason(report) for report in skipped)
    return [
        f"  {count} {'test' if count == 1 else 'tests'}: {reason}" for reason, count in reasons.most_common()
    ]


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """After everything pytest says itself: what did not run, and why."""
    yield
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None:
        return
    lines = not_run(terminal.stats.get("skipped", []))
    terminal.write_line("Did not run:" if lines else "Every test that was asked for ran.")
    for line in lines:
        terminal.write_line(line)
