"""What a notice about the couple's agreement says beside the names: terms and phrases as they read."""

from collections.abc import Mapping
from typing import Any

from bot.domain.agreement import PARTS
from bot.domain.decision import Notice
from bot.telegram.render.words import Words


def value_of(w: Words, part: str, value: int | str | None) -> str:
    """“20 min”, “A few minutes”; or how it reads when it is left open."""
    if value is None:
        return w(f"agreement.open.{part}")
    match part:
        case "minutes":
            return w(f"space.minutes.{value}")
        case "wording":
            return w(f"agreement.wording.{value}")
        case "longest":
            return w(f"agreement.longest.{value}")
        case _:
            return w(f"agreement.first.{value}")


def phrase_of(w: Words, phrase: str) -> str:
    return w(f"agreement.phrase.{phrase}")


def agreement_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """All of them HTML."""
    shown = {
        name: _lines(w, notice.parameters[name])
        for name in ("terms", "proposed")
        if name in notice.parameters
    }
    if notice.kind == "agreement.preview":
        inside: dict[str, Any] = {**values, **shown, "name": values["own_name"]}
        return {**shown, "arrives": w("agreement.proposal", **inside)}
    if notice.kind == "agreement.ask_wording":
        return {each: w(f"wording.{each}") for each in ("few_minutes", "settle_thoughts")}
    if "welcome" in notice.parameters:
        shown["likes"] = _likes(w, notice.parameters["welcome"], values["name"])
    return shown


def card_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """Who begins, if they agreed on it; and what can be said when it gets loud."""
    first = notice.parameters.get("begins")
    welcome = notice.parameters.get("welcome")
    repair = _likes(w, welcome, values["name"]) if welcome else f"\n\n{w('card.repair')}"
    return {"first": "" if first is None else f"\n\n{w(f'card.first.{first}')}", "repair": repair}


def _lines(w: Words, terms: Mapping[str, int | str | None]) -> str:
    """All four of them, so that nobody says yes to what did not stand there; or that all is as usual."""
    if not any(terms.values()):
        return w("agreement.all_open")
    return "\n".join(
        w("agreement.row", part=w(f"agreement.part.{part}"), value=value_of(w, part, terms[part]))
        for part in PARTS
    )


def _likes(w: Words, phrases: list[str], name: str) -> str:
    if not phrases:
        return ""
    quoted = ", ".join(w("agreement.quoted", phrase=phrase_of(w, each)) for each in phrases)
    return "\n\n" + w("agreement.likes", name=name, phrases=quoted)
