"""The commands about the words. Imports stay inside them: a worker process imports this module, too."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.console import fail, settings_of

if TYPE_CHECKING:
    from bot.content.catalog import Content
    from bot.domain.script import Script

PARTNER = "Alex"
"""The partner of whoever plays a check-in in the terminal, linked."""

Id = Annotated[str, typer.Argument(metavar="ID", help="The check-in: the name of its file.")]
InLocale = Annotated[str, typer.Option("--locale", help="The language: the name of its folder.")]

cli = typer.Typer(no_args_is_help=True, help="The words: check them, look at a check-in, play it.")


@cli.command("check")
def content_check() -> None:
    """Report every fault of the content at once, with file and line."""
    content = _content(thorough=True)
    typer.echo(f"No faults. Languages: {', '.join(content.locales)}.")


@cli.command("graph")
def content_graph(script: Id, locale: InLocale = "en") -> None:
    """Print a check-in as a Mermaid flowchart."""
    from bot.content.graph import mermaid

    typer.echo(mermaid(_script(_content(), script, locale)), nl=False)


@cli.command("play")
def content_play(
    script: Id,
    locale: InLocale = "en",
    *,
    leans: Annotated[
        str, typer.Option(help="How the person leans: out, back, depends, unknown.")
    ] = "unknown",
    linked: Annotated[bool, typer.Option(help="Whether the person has a partner linked here.")] = False,
    hour: Annotated[int, typer.Option(help="The hour it is for the person.", min=0, max=23)] = 12,
    run: Annotated[int, typer.Option(help="How often they did this before: picks the wordings.", min=0)] = 0,
) -> None:
    """Play a check-in here in the terminal; nothing is kept or sent."""
    from bot.domain.conversation import Circumstances
    from bot.domain.model import Lean
    from bot.domain.script import UNKNOWN
    from bot.terminal import Player

    if leans not in (*Lean, UNKNOWN):
        fail(f"--leans: “{leans}” is none of {', '.join((*Lean, UNKNOWN))}")
    content = _content()
    here = Circumstances(None if leans == UNKNOWN else Lean(leans), linked, hour)
    partner = PARTNER if linked else content.text(locale, "check_in.partner")
    Player(_script(content, script, locale), here, _read_line, typer.echo, partner=partner, run=run).play()


@cli.command("pictures")
def content_pictures() -> None:
    """Draw the pictures of the breaths in every language, with its words, into its folder."""
    from bot.config import load
    from bot.content import catalog, pictures
    from bot.domain.breathing import PATTERNS
    from bot.pictures.breathing import animation

    content, base = _content(), load().content_dir or catalog.folder()
    for locale in content.locales:
        for pattern in PATTERNS.values():
            file = pictures.file_of(base / locale, pattern)
            file.parent.mkdir(exist_ok=True)
            phases = {each.name: content.text(locale, f"breath.phase.{each.name}") for each in pattern.phases}
            file.write_bytes(animation(pattern, phases))
            typer.echo(f"{file} ({file.stat().st_size // 1000} kB)")


@cli.command("fingerprint", hidden=True)
def content_fingerprint(
    file: Annotated[Path, typer.Argument(help="The article, as plain text.")],
    but: Annotated[list[str] | None, typer.Option(help="Words that may be used, like its title.")] = None,
) -> None:
    """Print content/article.yaml: the fingerprints of the article in FILE."""
    from bot.content import article, quotes, reading
    from bot.content.wording import says, words_of

    base = reading.shipped()
    english = reading.read(base).languages[reading.FALLBACK]
    quoted = quotes.quotes_of(english)
    text = file.read_text(encoding="utf-8")
    for name, quote in quoted.items():
        if not says(text, " ".join(words_of(quote))):
            fail(f"The quote “{name}” does not stand in {file}, word for word")
    typer.echo(article.write(article.make(text, quoted, but or ())), nl=False)


def _read_line() -> str | None:
    """A line that somebody types; None at the end of the input, or at Ctrl-C."""
    if sys.stdin.isatty():
        typer.echo("> ", nl=False)
    try:
        return sys.stdin.readline() or None
    except KeyboardInterrupt:
        return None


def _content(*, thorough: bool = False) -> "Content":
    """The content of the settings, or all that is wrong with it, and the end."""
    from bot import config
    from bot.content import catalog

    settings = settings_of(config.load)
    content, faults = catalog.inspect(settings.content_dir, settings.helplines_file, thorough=thorough)
    for fault in faults:
        typer.echo(fault)
    if content is None:
        raise typer.Exit(1)
    return content


def _script(content: "Content", script: str, locale: str) -> "Script":
    if locale not in content.locales:
        fail(f"--locale: there is no “{locale}”; there are {', '.join(content.locales)}")
    if script not in content.script_ids(locale):
        fail(f"There is no check-in “{script}”. There are: {', '.join(content.script_ids(locale))}")
    return content.script(locale, script).script
