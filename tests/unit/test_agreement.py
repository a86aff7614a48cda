"""What a couple agrees on: nothing without both people's yes to the very same terms."""

from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.strings import read_length
from bot.domain.agreement import (
    LENGTHS,
    LONGEST,
    PARTS,
    PHRASES,
    WORDINGS,
    Agreement,
    First,
    Terms,
    confirm,
    propose,
    withdraw,
)
from bot.domain.decision import Notice
from bot.domain.errors import NothingNew, ProposalChanged, Stale
from bot.domain.model import CoupleId, PersonId
from bot.domain.script_words import MOST_LABEL, MOST_TEXT
from bot.services import space_form
from bot.telegram.render.keyboards import space as space_buttons
from bot.telegram.render.render import render
from bot.telegram.render.words import Words
from tests.unit.test_keys_used import NOW, PARAMETERS, READER, content, kinds

MARA, JONAS = PersonId(1), PersonId(2)
NONE = Agreement(CoupleId(1))
TWENTY, THIRTY = Terms(minutes=20), Terms(minutes=30, longest=120)


def agreed_on(terms: Terms) -> Agreement:
    return confirm(propose(NONE, MARA, terms, 0), JONAS, 1)


class TestRules:
    def test_one_proposes_and_the_other_confirms(self) -> None:
        proposed = propose(NONE, MARA, TWENTY, 0)
        assert proposed == Agreement(CoupleId(1), Terms(), TWENTY, MARA, 1)
        assert confirm(proposed, JONAS, 1) == Agreement(CoupleId(1), TWENTY, None, None, 2)

    def test_one_yes_is_not_two(self) -> None:
        with pytest.raises(ProposalChanged):
            confirm(propose(NONE, MARA, TWENTY, 0), MARA, 1)

    def test_what_is_agreed_holds_until_the_next_yes(self) -> None:
        open_again = propose(agreed_on(TWENTY), JONAS, THIRTY, 2)
        assert open_again.agreed == TWENTY
        assert withdraw(open_again, JONAS, 3) == Agreement(CoupleId(1), TWENTY, revision=4)

    def test_another_proposal_swaps_the_roles(self) -> None:
        answered = propose(propose(NONE, MARA, TWENTY, 0), JONAS, THIRTY, 1)
        with pytest.raises(ProposalChanged):
            confirm(answered, JONAS, 2)
        assert confirm(answered, MARA, 2).agreed == THIRTY

    def test_a_yes_to_what_was_shown_before_is_none(self) -> None:
        changed = propose(propose(NONE, MARA, TWENTY, 0), MARA, THIRTY, 1)
        with pytest.raises(ProposalChanged):
            confirm(changed, JONAS, 1)

    def test_both_propose_at_once(self) -> None:
        with pytest.raises(ProposalChanged):
            propose(propose(NONE, MARA, TWENTY, 0), JONAS, THIRTY, 0)

    def test_only_who_proposed_takes_it_back(self) -> None:
        proposed = propose(NONE, MARA, TWENTY, 0)
        with pytest.raises(ProposalChanged):
            withdraw(proposed, JONAS, 1)
        back = withdraw(proposed, MARA, 1)
        for again in (partial(withdraw, back, MARA, 2), partial(confirm, back, JONAS, 2)):
            with pytest.raises(ProposalChanged):
                again()

    def test_nothing_new_is_no_proposal(self) -> None:
        agreement = propose(agreed_on(TWENTY), MARA, THIRTY, 2)
        for by, terms in product((MARA, JONAS), (TWENTY, THIRTY)):
            with pytest.raises(NothingNew):
                propose(agreement, by, terms, 3)

    def test_all_can_be_left_open_again(self) -> None:
        assert confirm(propose(agreed_on(TWENTY), JONAS, Terms(), 2), MARA, 3).agreed == Terms()

    @pytest.mark.parametrize(
        ("part", "value"),
        [("minutes", 7), ("minutes", "20"), ("longest", 1410), ("first", "nobody"), ("couple", 1)],
    )
    def test_only_what_is_offered(self, part: str, value: Any) -> None:
        with pytest.raises(Stale):
            Terms().having(part, value)

    def test_each_value_that_is_offered(self) -> None:
        for part, values in PARTS.items():
            for value in (*values, None):
                assert vars(TWENTY.having(part, value)) == {**vars(TWENTY), part: value}


def test_the_values_fit_what_they_are_defaults_of() -> None:
    assert set(LENGTHS) == {each for row in space_buttons.LENGTHS for each in row}
    assert WORDINGS == (space_form.FEW_MINUTES, space_form.SETTLE)
    assert max(LENGTHS) <= min(LONGEST), "nobody can agree on a break longer than the longest"


every_terms = st.builds(
    Terms,
    minutes=st.sampled_from((None, 20, 30)),
    first=st.sampled_from((None, First.ASKED, First.READY)),
)
turns = st.lists(
    st.tuples(
        st.sampled_from((propose, confirm, withdraw)),
        st.sampled_from((MARA, JONAS)),
        every_terms,
        st.integers(0, 3),
    ),
    max_size=30,
)


@given(turns)
def test_nothing_is_agreed_without_both_yeses_to_the_very_same_terms(made: list[Any]) -> None:
    """Whoever acts was shown the newest state, or an older one (`behind`)."""
    agreement, shown = NONE, {0: NONE}
    for rule, by, terms, behind in made:
        revision = max(0, agreement.revision - behind)
        before = agreement
        try:
            if rule is propose:
                agreement = propose(agreement, by, terms, revision)
            else:
                agreement = rule(agreement, by, revision)
        except (ProposalChanged, NothingNew):
            continue
        assert agreement.revision == before.revision + 1
        shown[agreement.revision] = agreement
        if rule is confirm:
            # One yes was the proposal, the other one is to exactly what they were shown.
            assert {shown[revision].proposed_by, by} == {MARA, JONAS}
            assert agreement.agreed == shown[revision].proposed
        else:
            assert agreement.agreed == before.agreed
        if rule is propose:
            assert (agreement.proposed, agreement.proposed_by) == (terms, by)
        else:
            assert agreement.proposed is None


@pytest.mark.parametrize("locale", content().locales)
@pytest.mark.parametrize("kind", sorted(kind for kind in kinds() if kind.startswith("agreement.")))
def test_it_is_short_in_every_language_at_its_fullest(kind: str, locale: str) -> None:
    """All is agreed on, and all phrases are marked, with the longest words there are."""
    reader = replace(READER, locale=locale)
    words = Words(content(), reader, NOW, "still_here_bot")
    full = {"minutes": 60, "wording": WORDINGS[1], "longest": 720, "first": "asked"}
    for terms in (full, vars(Terms(first="asked"))):
        more = {"terms": terms, "proposed": terms, "marked": list(PHRASES), "agreed": None}
        names = {"name": "Maximiliane", "own_name": "Alexander"}
        call = render(Notice(kind, reader.id, {**PARAMETERS, **more}, names), None, words)
        assert call is not None
        assert read_length(call.parameters["text"]) <= MOST_TEXT
        rows = call.parameters.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
        assert [button["text"] for row in rows for button in row if len(button["text"]) > MOST_LABEL] == []
