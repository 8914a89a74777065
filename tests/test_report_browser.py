# SPDX-License-Identifier: Apache-2.0
"""The page of a build in a real headless browser: nothing on the console, nothing too wide."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from bitfold import report
from tests.report_build import make

SHOTS = Path(__file__).parent.parent / "build" / "reports" / "screenshots"
BROWSER = "chromium"
HEIGHT = 900


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's browser where there is one, else playwright's own."""
    path = shutil.which(BROWSER)
    with sync_playwright() as driver:
        try:
            # the sandbox needs rights that root in a container doesn't have; the page is ours
            made = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error:
            pytest.fail("no browser: apt-get install chromium, or python -m playwright install "
                        "chromium", pytrace=False)  # fmt: skip
        yield made
        made.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A whole build, and one of which nothing was run."""
    whole = make(tmp_path_factory.mktemp("report") / "whole")
    empty = tmp_path_factory.mktemp("empty")
    shutil.copy(whole / "system.toml", empty)
    return {"whole": report.write(whole), "empty": report.write(empty)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("name", ["whole", "empty"])
def test_a_page_is_quiet_and_fits(
    browser: Browser, pages: dict[str, Path], name: str, width: int, scheme: str
) -> None:
    said: list[str] = []
    asked: list[str] = []
    view = browser.new_page(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme,
                            java_script_enabled=True, offline=True)  # fmt: skip
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("request", lambda request: asked.append(request.url))
    view.goto(pages[name].as_uri())
    for summary in view.locator("summary").all():
        summary.click()
    size = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    wide, room = view.evaluate(size)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for summary in view.locator("summary").all():
        summary.click()
    view.screenshot(path=SHOTS / f"report-{name}-{width}-{scheme}.png", full_page=True)
    view.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert wide <= room == width


def test_what_is_too_wide_would_be_noticed(browser: Browser) -> None:
    view = browser.new_page(viewport={"width": 400, "height": HEIGHT})
    view.set_content("<div style='width: 900px'>wide</div>")
    assert view.evaluate("document.documentElement.scrollWidth") > 400
    view.close()
