"""Texts that nobody means: bytes, TeX without sense, and files of the corpus after some damage. Each from a seed."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

CORPUS = Path(__file__).parents[1] / "corpus"
SOURCES = sorted(path for verdict in ("proved", "refuted") for path in (CORPUS / verdict).iterdir())
HEADS = ("rnn", "lstm", "gru", "lab-10.5")
HOSTILE = (
    r"\input{/etc/passwd}",
    r"\write18{touch mark}",
    r"\immediate\openout",
    r"\csname end\endcsname",
    r"\catcode`\%=12",
    r"\def\x{\x\x}\x",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "__import__('os').system('touch mark')",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "\x1b[2J",
    "\x00",
    "\u202e",
    "${IFS}",
    "(" * 60,
    "{" * 60,
    "9" * 400,
    "\n",
    "%",
)
_TEX = r"""
\frac \nabla \partial \prod_{i=1}^k \sum_t \left( \right) \left. \right|_{h_t} \operatorname{diag} \tanh \sigma
\begin{align} \end{align} \\ & && $$ $ \[ \] \( \) \text{for} \underbrace \tag{1} \label{a} \intertext{and}
h_t h_{t-1} h^{[t]} h^{(t+1)} h^{<t>} h_{\tau-k} W W^T W^\top W' U x_t b L c_t f_t o_t \tilde{h}_t
= \le < := \approx + - \cdot \odot \circ * / ^2 ^{-1} ^T _t _{ij} ' ! , . ; | \| [ ] ( ) { } 0 1 17 \dots \cdots
\newcommand{\a}[1]{#1} \def\b{W} \a \b #1 \\[2ex] \, \quad \mathbb{R}^{n} \in \lim_{k\to\infty} \max_x
"""
WORDS = (
    *_TEX.split(),
    *("% symgrad: assume k >= 1\n", "% symgrad: hold h[t]\n", "% symgrad: layout jacobian\n", "% symgrad: begin\n"),
    *("% symgrad: let D[t] = W\n", "% symgrad: unknown c : n x n\n", "% symgrad: end\n", "% symgrad: use gru\n"),
)
STARTS = (b"", b"% symgrad: use rnn\n", b"$$", b"\\[", b"\\begin{align}", b"\xef\xbb\xbf", b"\\[ W = ")
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]+|\d+|\s+|.", re.DOTALL)


def noise(random: Random) -> bytes:
    """Bytes, of which some are what a text may begin with."""
    start = random.choice(
        (b"", b"% symgrad: use rnn\n", b"$$", b"\\[", b"\\begin{align}", b"\xef\xbb\xbf", b"\\[ W = ")
    )
    return start + random.randbytes(random.randrange(200))


def soup(random: Random) -> bytes:
    """Words of mathematical TeX in no order, in a display under a proper header."""
    words = " ".join(random.choices(WORDS, k=random.randrange(1, 40)))
    return f"% symgrad: use {random.choice(HEADS)}\n\\[ {words} \\]\n".encode()


def damaged(random: Random) -> tuple[Path, bytes]:
    """A file of the corpus after one to three accidents, mostly in its formulas."""
    path = random.choice(SOURCES)
    tokens = _TOKEN.findall(path.read_text("utf-8"))
    for _ in range(random.choice((1, 1, 2, 3))):
        tokens = _accident(tokens, random) or [" "]
    return path, "".join(tokens).encode()


def _accident(tokens: list[str], random: Random) -> list[str]:
    """One token less, doubled, exchanged, replaced by another of the text, or foreign; or the text cut off."""
    i, j = sorted(random.choices(range(len(tokens)), k=2))
    match random.choice("dddrrrrsswwwhc"):
        case "d":
            return tokens[:i] + tokens[i + 1 :]
        case "r":
            return [*tokens[:i], random.choice(tokens), *tokens[i + 1 :]]
        case "s":
            return [*tokens[:i], tokens[j], *tokens[i + 1 : j], tokens[i], *tokens[j + 1 :]]
        case "w":
            return [*tokens[:i], random.choice(WORDS), *tokens[i:]]
        case "h":
            return [*tokens[:i], random.choice(HOSTILE), *tokens[i:]]
        case _:
            return tokens[:i]
