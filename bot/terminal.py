"""A check-in played in the terminal: by the same rules as in the bot, and without Telegram."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from bot.domain import conversation
from bot.domain.breathing import PATTERNS, whole_breaths
from bot.domain.conversation import DONE, Answer, Circumstances, HandOver, Session, Status, Turn
from bot.domain.errors import Stale
from bot.domain.model import PersonId, SessionId
from bot.domain.script import SKIPPED, WRITTEN, Action, Keep, Kind, Script, Step
from bot.domain.script_flow import PARTNER

BACK, SKIP, STOP = "b", "s", "x"
HANDED = {
    Action.SPACE: "asking for space",
    Action.SIGNAL: "a small sign to the partner",
    Action.TALK: "“Can we talk at …?”, to the partner",
    Action.BREATHE: "a guided breath",
    Action.WRITE: "writing a line for oneself",
    Action.REMIND: "the reminders",
    Action.WEEKLY: "the look back, every Sunday from now on",
    Action.SCRIPT: "another check-in",
    Action.SEND: "sending this line to the partner, after showing what will arrive",
    Action.HOLD: "keeping this line, to send it later perhaps",
    Action.KEEP: "keeping this line among one's own",
    Action.DONE: "nothing more: enough for now",
}


class Player:
    """One run of a script.

    `read` gives a line, or None when no more will come; `partner` is what the texts call the partner, `run`
    how many runs there were before: it picks the wordings.
    """

    def __init__(
        self,
        script: Script,
        here: Circumstances,
        read: Callable[[], str | None],
        write: Callable[[str], None],
        *,
        partner: str,
        run: int = 0,
    ) -> None:
        self._script, self._here, self._read, self._write = script, here, read, write
        self._partner = partner
        self._session = Session(SessionId(0), PersonId(0), "", script.id, script.start, round=run)

    def play(self) -> None:
        """Until an end, a stop, or the end of what can be read."""
        self._write(f"{self._script.title}\n{self._script.promise}")
        turn: Turn | None = conversation.begin(self._script, self._session, self._here)
        while turn is not None:
            self._session = turn.session
            self._show(turn)
            turn = self._next_turn() if self._session.status is Status.ACTIVE else None
        if self._session.status is Status.ACTIVE:
            self._write("\nStopped half way. What was answered would be kept.")
        for step, text in self._session.notes.items():
            kept = self._script.steps[step].keep is Keep.JOURNAL
            self._write(
                f"({step}: “{text}” would be {'kept among one’s own lines' if kept else 'forgotten'})"
            )

    def _show(self, turn: Turn) -> None:
        if turn.leans is not None:
            self._write(f"(kept: this person leans “{turn.leans}”)")
        for step in () if turn.in_place else turn.shown:
            self._write(f"\n{self._filled(step.wording(self._session.round))}")
        if turn.do is not None:
            self._write(f"\n→ This hands over to {_handed(turn.do)}")

    def _next_turn(self) -> Turn | None:
        """What comes after the next answer; None to stop."""
        step = conversation.current(self._script, self._session)
        self._write("\n".join(["", *self._possible(step)]))
        while (line := self._read()) is not None:
            said = line.strip()
            if said.casefold() == STOP:
                return None
            try:
                return self._turn(step, said)
            except Stale:
                self._write("That is no answer here.")
        return None

    def _turn(self, step: Step, said: str) -> Turn:
        """Raises Stale for what is no answer."""
        if said.casefold() == BACK:
            return conversation.back(self._script, self._session)
        value = SKIPPED if said.casefold() == SKIP else self._value(step, said)
        if value is None:
            raise Stale
        answer = Answer(self._session.seq, value, said)
        return conversation.advance(self._script, self._session, answer, self._here)

    def _value(self, step: Step, said: str) -> str | None:
        """What a line means as an answer; None if it is none."""
        if step.kind.chooses:
            shown = conversation.choices_shown(step, self._session, self._here)
            names = {str(number): each.id for number, each in enumerate(shown, 1)}
            names |= {each.label.casefold(): each.id for each in shown}
            return names.get(said.casefold())
        if step.kind is Kind.WRITE:
            return WRITTEN if 0 < len(said) <= (step.limit or len(said)) else None
        if step.kind is Kind.BREATHE:
            return None if said else DONE
        return conversation.typed_value(step, said, ())

    def _possible(self, step: Step) -> Iterator[str]:
        """What can be answered, line by line."""
        match step.kind:
            case Kind.SCALE:
                yield "  0 to 10"
            case Kind.WRITE:
                yield "  a line" + (f" of up to {step.limit} characters" if step.limit else "")
            case Kind.BREATHE:
                yield f"  {_breath(step)}"
                yield "  Enter: go on"
            case Kind.GROUND:
                number = conversation.part_of(self._session)
                yield f"  {number + 1} of {len(step.parts)}: {self._filled(step.parts[number])}"
                yield "  Enter: next"
            case _:
                shown = conversation.choices_shown(step, self._session, self._here)
                yield from (f"  {number}  {each.label}" for number, each in enumerate(shown, 1))
        yield f"  {' · '.join(self._commands(step))}"

    def _commands(self, step: Step) -> Iterator[str]:
        if self._session.trail or (step.kind is Kind.GROUND and conversation.part_of(self._session)):
            yield f"{BACK} back"
        if step.way_past is not None:
            yield f"{SKIP} {step.label or 'skip'}"
        yield f"{STOP} stop"

    def _filled(self, text: str) -> str:
        values = {PARTNER: self._partner, **conversation.spoken(self._script, self._session)}
        return text.format_map(defaultdict(lambda: "…", values))


def _breath(step: Step) -> str:
    pattern = PATTERNS[step.pattern]
    phases = ", ".join(f"{phase.name.replace('_', ' ')} {phase.seconds:g} s" for phase in pattern.phases)
    return f"{pattern.id} breathing: {phases}; {whole_breaths(pattern, step.seconds):g} seconds"


def _handed(do: HandOver) -> str:
    return (
        f"{HANDED[do.action]}{f' “{do.script}”' if do.script else ''}{f': “{do.words}”' if do.words else ''}"
    )
