"""The pages in a real browser: claims and marks are there, no error is logged, and a phone need not scroll sideways.

SYMGRAD_PAGE names a sheet that has been made already; without it the sheet of the repository is made here.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.running import DERIVATION, needs, symgrad
from tests.texts import CHAIN, FALSE, TRUE, UNREAD, file

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--enable-logging=stderr", "--hide-scrollbars",
)  # fmt: skip
PHONE, DESK = 390, 1200
WIDE = rf"\[ {'W W^T ' * 12} = W + \frac{{{'1' * 25}}}{{7}} W^T \]" + "\n" + "x" * 300
FRAME = """<!doctype html><meta charset="utf-8"><title>frame</title>
<iframe id="page" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe><pre id="seen"></pre>
<script>
addEventListener("load", () => {{
  const page = document.getElementById("page").contentDocument, root = page.documentElement;
  const style = (one) => page.defaultView.getComputedStyle(one);
  const scrolls = (one) =>
    one && one !== page.body && (/auto|scroll/.test(style(one).overflowX) || scrolls(one.parentElement));
  const inside = (one) => one.parentElement.closest("svg, math") !== null || scrolls(one);
  const wide = [...page.body.querySelectorAll("*")].filter(
    (one) => !inside(one) && one.getBoundingClientRect().right > root.clientWidth + 1);
  document.getElementById("seen").textContent = JSON.stringify({{
    width: root.clientWidth, scroll: Math.max(root.scrollWidth, page.body.scrollWidth),
    hidden: [root, page.body].map((one) => style(one).overflowX),
    wide: wide.map((one) => `${{one.tagName}}.${{one.className}}`),
    sections: [...page.querySelectorAll("section.claim")].map((one) => one.id),
    proved: page.querySelectorAll(".result.proved svg.mark.proved").length,
    refuted: page.querySelectorAll(".result.refuted svg.mark.refuted").length,
    notes: [...page.querySelectorAll(".note")].map((one) => one.className),
    formulas: [...page.querySelectorAll("math")].filter((one) => one.getBoundingClientRect().width > 0).length,
    loaded: page.defaultView.performance.getEntriesByType("resource").map((one) => one.name.slice(0, 80)),
    scripts: page.scripts.length,
  }});
}});
</script>"""

pytestmark = needs("chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if made := os.environ.get("SYMGRAD_PAGE"):
        return Path(made)
    folder = tmp_path_factory.mktemp("page")
    ran = symgrad("sheet", DERIVATION, "-o", folder, "--to", "html")
    assert ran.code == 0, ran.err[-500:]
    return folder / "lab-10.5.html"


@pytest.fixture(scope="module", params=[PHONE, DESK])
def seen(request: pytest.FixtureRequest, page: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return framed(page.read_text("utf-8"), request.param, tmp_path_factory.mktemp("frame"))


@pytest.fixture(scope="module", params=[PHONE, DESK])
def checked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A page of checked texts, with everything unfolded."""
    folder = tmp_path_factory.mktemp("checked")
    names = [file(folder, TRUE, FALSE, CHAIN, name="a.tex"), file(folder, UNREAD, WIDE, name="b" * 60 + ".tex")]
    ran = symgrad("check", *names, "--format", "html")
    return framed(ran.out.replace("<details", "<details open"), request.param, folder)


def framed(page: str, width: int, folder: Path) -> dict[str, Any]:
    """What the browser shows of a page in a frame of that width."""
    frame = FRAME.format(width=width, page=html.escape(page))
    (folder / "frame.html").write_text(frame, "utf-8")
    shown, log = browse(folder / "frame.html", folder)
    found: dict[str, Any] = json.loads(html.unescape(re.findall(r'<pre id="seen">(.*?)</pre>', shown, re.S)[0]))
    return {**found, "asked": width, "console": re.findall(r"CONSOLE.*", log)}


def browse(page: Path, profile: Path) -> tuple[str, str]:
    """The document after it was loaded, and what the browser logged."""
    command = ["chromium", *FLAGS, f"--user-data-dir={profile / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True, stdin=subprocess.DEVNULL)
    return done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")


def test_checked_texts(checked: dict[str, Any]) -> None:
    test_no_errors_are_logged(checked)
    test_asks_for_nothing_and_runs_nothing(checked)
    test_does_not_scroll_sideways(checked)
    kinds = [one.removeprefix("note ") for one in checked["notes"]]
    assert kinds == ["proved", "refuted", "proved", "refuted", "unreadable", "refuted"]
    assert checked["formulas"] > len(kinds)


def test_no_errors_are_logged(seen: dict[str, Any]) -> None:
    assert seen["console"] == []


def test_asks_for_nothing_and_runs_nothing(seen: dict[str, Any]) -> None:
    assert [one for one in seen["loaded"] if not one.startswith("data:")] == []
    assert seen["scripts"] == 0


def test_does_not_scroll_sideways(seen: dict[str, Any]) -> None:
    assert seen["width"] == seen["asked"]
    assert seen["scroll"] <= seen["width"]
    assert "hidden" not in seen["hidden"]
    assert seen["wide"] == []


def test_shows_every_claim_with_its_mark(seen: dict[str, Any], page: Path) -> None:
    assert {"claim-eq-1", "claim-eq-2", "claim-eq-3", "claim-eq-4"} <= set(seen["sections"])
    assert seen["proved"] >= 4
    assert seen["refuted"] >= 1
    assert seen["proved"] + seen["refuted"] >= len(seen["sections"])
    assert seen["formulas"] >= seen["proved"] + seen["refuted"]


def test_the_document_itself(page: Path, tmp_path: Path) -> None:
    shown, log = browse(page.resolve(), tmp_path)
    assert "CONSOLE" not in log
    assert shown.count('<section class="claim"') >= 4
    assert 'class="mark proved"' in shown
