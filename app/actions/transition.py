"""What a system knows of a fund's three months: counted hours, or the day they end (R15)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.actions.citizen_facts import AHEAD
from app.domain.authority import Basis
from app.domain.responsibility import AssignedPeriod
from app.errors import BadUserInput
from app.rules.breach import Path
from app.rules.transition import TransitionFacts
from app.store.work import Work

MOST_HOURS: Final = Decimal("99999.99")


def refuse_impossible(hours: Decimal | None, path: Path) -> None:
    """Raises `BadUserInput` for hours that nobody can have been unemployed."""
    if hours is not None and not 0 <= hours <= MOST_HOURS:
        raise BadUserInput("There are no such hours.", path)


async def transition_facts(work: Work, citizen_id: UUID, start: date) -> TransitionFacts:
    """What was sent of the contact course that began at `start`; nothing of another one."""
    row = await work.fetchrow("transition_fact", citizen_id, start)
    if row is None:
        return TransitionFacts()
    return TransitionFacts(row["counted_hours"], row["counted_on"], row["transition_on"])


def checked(sent: TransitionFacts, start: date, today: date) -> TransitionFacts:
    """The facts, hours as counted until today unless a day is given.

    Raises `BadUserInput` for none, and for hours and days that cannot be.
    """
    if sent.hours is None and sent.transition_on is None:
        raise BadUserInput("Give the hours or the day of the transition.", path=("input",))
    if sent.hours is None:
        facts = replace(sent, counted_on=None)
    else:
        facts = replace(sent, counted_on=sent.counted_on or today)
        refuse_impossible(sent.hours, ("input", "countedHours"))
    if facts.counted_on is not None and not start <= facts.counted_on <= today:
        raise BadUserInput(
            "Hours are counted from the contact course's first day until today.",
            path=("input", "countedOn"),
        )
    if facts.transition_on is not None and not start <= facts.transition_on <= today + AHEAD:
        raise BadUserInput(
            "The transition is within a year from today, and not before the contact course.",
            path=("input", "transitionDate"),
        )
    return facts


def noted(
    assigned: AssignedPeriod, facts: TransitionFacts, start: date, change: date
) -> AssignedPeriod:
    """A fund's period of the present course with what its end was worked out from."""
    period = assigned.period
    over = period.valid_to is not None and period.valid_to <= start
    if facts == TransitionFacts() or over or period.basis is not Basis.FIRST_THREE_MONTHS:
        return assigned
    return replace(assigned, counted_hours=facts.hours, expected_transition_date=change)
