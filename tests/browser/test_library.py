"""The page of a library in a real browser: nothing sticks out, and the filter leaves what it is asked for."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_browser import DESK, PHONE, browse, framed
from tests.running import ROOT, needs, symgrad

FOLDER = ROOT / "derivations" / "library"
FRAME = """<!doctype html><meta charset="utf-8"><title>frame</title>
<iframe id="page" style="width:800px;height:900px;border:0" srcdoc="{page}"></iframe><pre id="seen"></pre>
<script>
addEventListener("load", () => {{
  const page = document.getElementById("page").contentDocument, box = page.getElementById("filter");
  const seen = {{}};
  for (const words of {asked}) {{
    box.value = words;
    box.dispatchEvent(new Event("input"));
    const shown = (kind) => [...page.querySelectorAll(kind)].filter((one) => one.getBoundingClientRect().height > 0);
    const titles = shown("article h3").map((one) => one.textContent);
    seen[words] = [titles, shown("h2").length, page.getElementById("count").textContent];
  }}
  document.getElementById("seen").textContent = JSON.stringify(seen);
}});
</script>"""

pytestmark = needs("chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = tmp_path_factory.mktemp("library") / "index.html"
    ran = symgrad("library", FOLDER, "-o", made, seconds=240)
    assert ran.code == 0, ran.err[-500:]
    return made.read_text("utf-8")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_nothing_sticks_out(page: str, width: int, tmp_path: Path) -> None:
    seen = framed(page.replace("<details", "<details open"), width, tmp_path)
    assert (seen["width"], seen["wide"]) == (width, [])
    assert seen["scroll"] <= width
    assert [one for one in seen["loaded"] if not one.startswith("data:")] == []
    assert seen["console"] == []
    assert seen["proved"] >= 40


def test_the_filter(page: str, tmp_path: Path) -> None:
    seen = filtered(page, ["", "LOGISTIC hessian", "no such words", "softmax"], tmp_path)
    everything, one, nothing, some = (seen[words] for words in seen)
    total = len(everything[0])
    assert total >= 40 and everything[2] == f"{total} of {total}"
    assert one == [["The Hessian of logistic regression"], 1, f"1 of {total}"]
    assert nothing == [[], 0, f"0 of {total}"]
    assert 1 < len(some[0]) < total


def filtered(page: str, asked: list[str], folder: Path) -> dict[str, Any]:
    """What is shown after each of some words was typed: titles, the number of topics, and the count."""
    (folder / "frame.html").write_text(FRAME.format(page=html.escape(page), asked=json.dumps(asked)), "utf-8")
    shown, log = browse(folder / "frame.html", folder)
    assert "CONSOLE" not in log
    found: dict[str, Any] = json.loads(html.unescape(re.findall(r'<pre id="seen">(.*?)</pre>', shown, re.S)[0]))
    return found
