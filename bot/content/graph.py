"""A script as a picture: a flowchart in Mermaid's language."""

from collections.abc import Iterator

from bot.domain.script import Choice, Kind, Script, Step, When

SHOWN = 60
"""Characters of a text that are shown."""
SHAPES = {Kind.BRANCH: ("{", "}"), Kind.END: ("([", "])"), Kind.OFFER: ("[/", "/]")}
"""How a kind is drawn, where it is not a box."""
HANDS_OVER = ("[[", "]]")
DASHED, LINE = "-.->", "-->"
CODES = str.maketrans({sign: f"#{ord(sign)};" for sign in '#&"<>`'})


def mermaid(script: Script) -> str:
    """The flowchart: a node for each step and for what it hands over to, an edge for each way."""
    lines = ["flowchart TD"]
    lines.append(_node("start", ("((", "))"), script.title))
    lines.append(_edge("start", f"step_{script.start}"))
    for step in script.steps.values():
        lines.append(_node(f"step_{step.id}", SHAPES.get(step.kind, ("[", "]")), _about(step)))
        lines += _ways(step)
    handed = {_target(choice): _handed(choice) for step in script.steps.values() for choice in step.choices}
    lines += [_node(node, HANDS_OVER, text) for node, text in handed.items() if text]
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _ways(step: Step) -> Iterator[str]:
    here = f"step_{step.id}"
    for way in step.ways:
        yield _edge(here, f"step_{way.next}", condition(way.when))
    for choice in step.choices:
        shown = "" if choice.when is None else f" (if {condition(choice.when)})"
        yield _edge(here, _target(choice), f"{choice.label}{shown}")
    if step.next is not None:
        yield _edge(here, f"step_{step.next}", "otherwise" if step.kind is Kind.BRANCH else "")
    if step.skip is not None and step.skip != step.next:
        yield _edge(here, f"step_{step.skip}", "skip", DASHED)


def _target(choice: Choice) -> str:
    if choice.next is not None:
        return f"step_{choice.next}"
    return "_".join(["do", choice.do or "", *(each for each in (choice.script, choice.of) if each)])


def _handed(choice: Choice) -> str:
    """What a choice hands over to, in words; empty where it leads on."""
    if choice.do is None:
        return ""
    return " ".join([f"do: {choice.do}", *(each for each in (choice.script, choice.of) if each)])


def _about(step: Step) -> str:
    more = [step.pattern, f"{step.seconds} s"] if step.kind is Kind.BREATHE else []
    more += [f"{len(step.parts)} parts"] if step.parts else []
    more += [f"{len(step.texts)} wordings"] if step.more_texts else []
    head = f"{step.id} · {', '.join([step.kind, *more])}"
    return f"{head}\n{_short(step.text)}" if step.text else head


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1].rstrip()}…"


def condition(when: When) -> str:
    """A condition in words."""
    parts = [f"{step} ≥ {limit}" for step, limit in when.at_least.items()]
    parts += [f"{step} ≤ {limit}" for step, limit in when.at_most.items()]
    parts += [f"{step} = {' or '.join(values)}" for step, values in when.answer.items()]
    parts += [f"leans = {' or '.join(when.leans)}"] if when.leans else []
    parts += ["linked" if when.linked else "not linked"] if when.linked is not None else []
    parts += [f"time = {' or '.join(when.time)}"] if when.time else []
    return " and ".join(parts) or "always"


def _node(name: str, shape: tuple[str, str], text: str) -> str:
    left, right = shape
    return f'    {name}{left}"{_escaped(text)}"{right}'


def _edge(start: str, end: str, label: str = "", arrow: str = LINE) -> str:
    return f'    {start} {arrow}|"{_escaped(label)}"| {end}' if label else f"    {start} {arrow} {end}"


def _escaped(text: str) -> str:
    """Within quotes only these have a meaning of their own: Mermaid takes codes for them."""
    return "<br/>".join(" ".join(line.split()).translate(CODES) for line in text.splitlines())
