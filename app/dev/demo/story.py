"""What happens in an example, operation by operation, and what is known while it is loaded."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.dev.demo.examples import Example
from app.dev.demo.people import People, citizen
from app.domain.viewer import Viewer
from app.store.work import COPENHAGEN, Done, Work

NOON: Final = time(12)
TICK: Final = timedelta(milliseconds=1)


@dataclass(slots=True)
class Story:
    """One example under way. occupations: code by label."""

    example: Example
    people: People
    occupations: Mapping[str, str]
    ids: list[UUID] = field(default_factory=list)
    plan_id: UUID | None = None
    interventions: dict[str, UUID] = field(default_factory=dict)

    @property
    def citizen_id(self) -> UUID:
        (found,) = self.ids
        return found

    @property
    def citizen(self) -> Viewer:
        """The citizen as a viewer; an IndexError before the citizen is registered."""
        known = self.example.citizen
        return citizen(self.citizen_id, f"{known['given_name']} {known['surname']}")

    def note(self, done: Done) -> Done:
        """Remembers the plan that an action wrote in."""
        self.plan_id = done.plan_id or self.plan_id
        return done


Step = Callable[[Work, Story], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Writing:
    """One registration: what somebody writes on a day. trigger: the kind of publication it fits.

    author: a caseworker's name; None where a system writes.
    """

    on: date
    author: str | None
    trigger: str
    step: Step


@dataclass(frozen=True, slots=True)
class Operation:
    """Steps that are published together. viewer: None is the citizen, not known beforehand."""

    at: datetime
    viewer: Viewer | None
    steps: tuple[Step, ...]


def one_by_one(operations: Sequence[Operation], latest: datetime | None) -> list[Operation]:
    """Operations in order of time, each at an instant of its own, as one citizen's always are.

    latest: none is later than this. Those that would be, or coincide, move back no further than
    they must: a tick before the next one.
    """
    found: list[Operation] = []
    for operation in reversed(operations):
        at = operation.at if latest is None else min(operation.at, latest)
        found.append(replace(operation, at=at))
        latest = at - TICK
    return found[::-1]


def on_behalf(viewer: Viewer, step: Step) -> Step:
    """A step by somebody else than the one who publishes: a colleague, or a booking system.

    The two share one operation, so that the registrations of a day make one version.
    """

    async def written(work: Work, story: Story) -> None:
        await step(replace(work, viewer=viewer), story)

    return written


def noon(day: date) -> datetime:
    return datetime.combine(day, NOON, COPENHAGEN)


def after(day: date, held: list[datetime]) -> datetime:
    """When a day's registrations are published: at noon, or soon after its last conversation."""
    return max([noon(day), *(at + timedelta(minutes=30) for at in held if at.date() == day)])
