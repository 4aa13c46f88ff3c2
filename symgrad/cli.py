"""The command line: parses arguments, calls one function a command, and turns errors into one message and an exit code.

Exit codes: 0 all proved (or as expected); 1 something refuted; 2 usage error or unreadable input; 3 undecided.
Nothing heavy is imported before a command needs it, so that --help and --version are quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from . import __version__

EPILOG = "exit codes: 0 all proved, 1 something refuted, 2 usage error or unreadable input, 3 undecided"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command is None:
        parser.print_help()
        return 2
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that knows no Greek is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(given)
    except KeyboardInterrupt:
        print("symgrad: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2


def _run(given: argparse.Namespace) -> int:
    from . import commands

    try:
        code: int = getattr(commands, given.command)(given)
        sys.stdout.flush()
        return code
    except commands.UserError as error:
        print(f"symgrad: {error}", file=sys.stderr)
    except RecursionError:
        print("symgrad: this is nested too deeply", file=sys.stderr)
    except MemoryError:
        print("symgrad: this needs more memory than there is", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="symgrad", description=_SUMMARY, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"symgrad {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _sheet(commands.add_parser("sheet", help="derive, prove and typeset every claim of a sheet", epilog=EPILOG))
    _check(commands.add_parser("check", help="judge every claim of LaTeX files, line by line", epilog=EPILOG))
    _declare(commands.add_parser("declare", help="guess the declarations for a LaTeX file", epilog=EPILOG))
    _derive(commands.add_parser("derive", help="print the steps of a gradient", epilog=EPILOG))
    _bounds(commands.add_parser("bounds", help="print what becomes of gradients far back", epilog=EPILOG))
    _verify(commands.add_parser("verify", help="re-check a certificate or a counterexample", epilog=EPILOG))
    commands.add_parser("cells", help="list the cells that are known by name")
    _library(
        commands.add_parser("library", help="judge a folder of texts and list their claims by topic", epilog=EPILOG)
    )
    rules = commands.add_parser("rules", help="list the rules of the kernel, or explain one")
    rules.add_argument("name", nargs="?", help="a rule's name")
    return parser


_SUMMARY = (
    "Derives the gradients of recurrent networks, proves every step for every size and depth, refutes what is false "
    "with numbers, and typesets the result."
)


def _sheet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a .tex file, or a folder that holds one")
    parser.add_argument("-o", "--output", metavar="DIR", help="where to write (default: build/NAME)")
    formats = "any of tex,html,pdf (default: tex,html, and pdf if latexmk is found)"
    parser.add_argument("--to", metavar="FORMATS", help=formats)
    parser.add_argument("--no-figures", action="store_true", help="leave out the plot")


def _library(parser: argparse.ArgumentParser) -> None:
    folder = "derivations/library"
    parser.add_argument("folder", metavar="DIR", nargs="?", default=folder, help=f"a folder (default: {folder})")
    parser.add_argument("-o", "--output", metavar="FILE", default="build/library.html", help="where to write the page")
    parser.add_argument("--title", metavar="TITLE", default="Identities", help="the title of the page")


def _check(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", metavar="FILE", nargs="*", help=".tex and .md files, folders that hold some, or - for standard input")
    add("--formula", metavar="LATEX", action="append", default=[], help="check this formula too; may be repeated")
    add("--declare", metavar="DECL", action="append", default=[], help="declare this first, as in --declare 'use rnn'")
    add("--declared-only", action="store_true", help="leave out files that hold no `symgrad:` declaration")
    add("--format", choices=("text", "json", "html"), default="text", help="how to report (default: text)")
    add("-o", "--output", metavar="FILE", help="write the report to this file")
    add("--color", choices=("auto", "always", "never"), default="auto", help="colours and marks (default: auto)")
    add("--certificates", metavar="DIR", help="write what `symgrad verify` needs, a folder for each text")
    add("--jobs", metavar="N", type=_positive, help="how many texts at a time (default: one for each processor)")
    add("--time-limit", metavar="SECONDS", type=_seconds, help="of processor time for each text (default: none)")
    add("--watch", action="store_true", help="check again whenever a file is saved")


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"expected a number of seconds, not {text!r}")
    return seconds


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a .tex or .md file that declares nothing yet")
    parser.add_argument("--write", action="store_true", help="write the declarations into the file, at its top")


def _derive(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    gradient = r"a gradient in LaTeX, such as '\nabla_{h_{\tau-k}} L' (default: all that the file of --model asks for)"
    add("gradient", metavar="GRADIENT", nargs="?", help=gradient)
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--cell", metavar="NAME", help="a cell's name; see `symgrad cells`")
    model.add_argument("--model", metavar="FILE", help="a .tex or .md file that declares a model")
    add("--declare", metavar="DECL", action="append", default=[], help="declare this too, as in --declare 'start 1'")
    add("--recursion", action="store_true", help="by the gradients of the next step, and not in closed form")
    add("--detail", action="store_true", help="every step of the kernel, and not one line a rule")
    add("--format", choices=("text", "latex"), default="text", help="how to print (default: text)")


def _bounds(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    gradient = r"a gradient k steps back in LaTeX, such as '\nabla_{h_{\tau-k}} h_\tau' (default: of every state)"
    add("gradient", metavar="GRADIENT", nargs="?", help=gradient)
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--cell", metavar="NAME", help="a cell's name; see `symgrad cells`")
    model.add_argument("--model", metavar="FILE", help="a .tex or .md file that declares a model")
    add("--declare", metavar="DECL", action="append", default=[], help="declare this too, as in --declare 'assume ...'")
    add("--format", choices=("text", "json"), default="text", help="how to print (default: text)")
    add("--certificates", metavar="DIR", help="write what `symgrad verify` needs")


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="CERTIFICATE.json", nargs="+", help="files written by `symgrad sheet`")
