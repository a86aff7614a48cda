"""Placeholders in texts: “{name}”, and nothing else in braces."""

from string import Formatter


def names_in(text: str) -> list[str | None]:
    """What stands in the braces of a text; None for a brace that is not in its place.

    A format or a conversion (“{name:d}”) is kept with the name: such a thing is no placeholder.
    """
    try:
        fields = [field for field in Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return [None]
    return [
        f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
        for _, name, form, conversion in fields
    ]
