"""The page of checked texts: each line as written, beneath it what was found, and nothing that is not escaped."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from symgrad.check.page import page, section
from symgrad.check.report import failed_report
from symgrad.check.summary import Summary, table_row
from tests.running import Command
from tests.test_bad_input import PLACES, SMUGGLED, harmless
from tests.texts import BOUND, CHAIN, FALSE, TRUE, UNREAD, file

PROSE = "\n".join(f"Line {place} of prose." for place in range(20))
VOID = {"wbr", "meta"}


class Outline(HTMLParser):
    """The text of a page, shown or folded, its ids and links; its elements are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.shown: list[str] = []
        self.folded: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        (self.folded if "details" in self.open else self.shown).append(data)


def lines_of(text: str) -> list[str]:
    """The source lines that a page shows."""
    shown = re.findall(r'<div class="line[^>]*>.*?<code>(.*?)</code></div>', text, re.S)
    return [html.unescape(re.sub(r"</?mark>", "", line)) for line in shown]


@pytest.fixture
def made(command: Command, tmp_path: Path) -> tuple[Path, str]:
    path = file(tmp_path, TRUE, PROSE, FALSE, UNREAD, CHAIN)
    ran = command("check", "--format", "html", path)
    assert (ran.code, ran.err) == (2, "")
    return path, ran.out


class TestOneText:
    def test_every_line_is_there_as_it_was_written(self, made: tuple[Path, str]) -> None:
        path, shown = made
        assert lines_of(shown) == path.read_text("utf-8").rstrip("\n").split("\n")

    def test_is_well_formed_and_its_links_lead_somewhere(self, made: tuple[Path, str]) -> None:
        outline = Outline(made[1])
        assert len(set(outline.ids)) == len(outline.ids)
        assert outline.links
        assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)

    def test_verdicts_stand_beneath_their_lines(self, made: tuple[Path, str]) -> None:
        path, shown = made
        lines = path.read_text("utf-8").split("\n")
        line = r'<div class="line (\w+)" id="text-1-(\d+)">'
        notes = re.findall(line + r'(?:(?!class="line).)*?<div class="note (\w+)">', shown, re.S)
        assert [(line, note) for line, _, note in notes] == [
            ("proved", "proved"), ("refuted", "refuted"), ("unreadable", "unreadable"), ("proved", "proved"),
            ("refuted", "refuted"),
        ]  # fmt: skip
        assert all(" = " in lines[int(number) - 1] or "&=" in lines[int(number) - 1] for _, number, _ in notes)

    def test_counterexamples_and_proofs_are_folded(self, made: tuple[Path, str]) -> None:
        outline = Outline(made[1])
        shown, folded = "".join(outline.shown), "".join(outline.folded)
        assert "It fails at" in folded and "It fails at" not in shown
        assert "first factor apart" in folded and "first factor apart" not in shown
        assert "would be right with" in shown

    def test_what_follows_from_a_wrong_line_leads_to_it(self, command: Command, tmp_path: Path) -> None:
        again = FALSE.replace("{false}", "{again}").replace(r"  \nabla", r"  2 \nabla").replace("= ", "= 2 ")
        shown = command("check", "--format", "html", file(tmp_path, FALSE, again)).out
        assert 'This follows from <a href="#text-1-5">line 5</a>, which is wrong.' in shown

    def test_long_prose_is_folded(self, made: tuple[Path, str]) -> None:
        (fold,) = re.findall(r'<details class="fold">(.*?)</details>', made[1], re.S)
        assert "lines 9 to 26" in fold
        assert "Line 10 of prose." in fold

    def test_an_error_is_shown_in_its_line(self, made: tuple[Path, str]) -> None:
        assert re.search(r"W\^<mark>\\</mark>topp", made[1])

    def test_asks_for_nothing(self, made: tuple[Path, str]) -> None:
        assert "<script" not in made[1]
        assert set(re.findall(r"url\((\w+):", made[1])) == {"data"}


class TestManyTexts:
    def test_a_section_each_and_a_table(self, command: Command, tmp_path: Path) -> None:
        files = [file(tmp_path, TRUE, name="a.tex"), file(tmp_path, FALSE, name="b.tex"), tmp_path / "missing.tex"]
        ran = command("check", "--format", "html", *files)
        assert ran.code == 2
        outline = Outline(ran.out)
        assert {"text-1", "text-2", "text-3", "text-2-5"} <= set(outline.ids)
        assert {"#text-1", "#text-2", "#text-3", "#text-2-5"} <= set(outline.links)
        assert {link.removeprefix("#") for link in outline.links} <= set(outline.ids)
        assert "No such file or directory" in ran.out

    def test_readings_of_one_line_stand_side_by_side(self, command: Command, tmp_path: Path) -> None:
        both = "% symgrad: reading long: assume k >= 2\n% symgrad: reading short: assume k <= 1\n" + BOUND
        shown = command("check", "--format", "html", file(tmp_path, both)).out
        assert len(lines_of(shown)) == len(set(re.findall(r'id="text-1-(\d+)"', shown)))
        assert "Reading: long" in shown and "Reading: short" in shown


class TestHarm:
    @pytest.mark.parametrize("name", SMUGGLED)
    @pytest.mark.parametrize("place", PLACES)
    def test_no_text_becomes_part_of_the_page(self, command: Command, tmp_path: Path, name: str, place: str) -> None:
        (tmp_path / "bad.tex").write_text(PLACES[place](SMUGGLED[name]), "utf-8")
        ran = command("check", "--format", "html", "bad.tex", "--color", "always")
        assert harmless(ran.out, ".html")
        Outline(ran.out)

    def test_nor_does_a_path_or_a_reason(self) -> None:
        smuggled = "<script>alert(1)</script>\"'&\x00\x1b"
        report = failed_report(smuggled, smuggled, 2, 1)
        made = page(smuggled, [section("text-1", report, f"a\n{smuggled}", ())] * 2, [table_row(report)] * 2, Summary())
        assert "<script" not in made and "\x00" not in made and "\x1b" not in made

    @pytest.mark.parametrize("text", ["", "\n", "a", "a\n\n\n", "a\u2028b\x0cc\nd"])
    def test_any_text_has_its_lines(self, text: str) -> None:
        shown = section("text-1", failed_report("a.tex", "bad", 1, 1), text, ())
        expected = text.rstrip("\n").split("\n") if text else []
        assert [len(line) for line in lines_of(shown)] == [len(line) for line in expected]
        assert "bad" in shown
