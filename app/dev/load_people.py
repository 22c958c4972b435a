"""The invented citizens of a load: who they are, who is responsible, what they receive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from stdnum.dk.cpr import checksum

from app.dev import load_texts as texts
from app.dev.load_rows import Ids, Rows
from app.store.cpr import CprVault

MIX: Final[Mapping[str, int]] = {
    "UNEMPLOYMENT_BENEFIT": 46,
    "CASH_BENEFIT_JOB_READY": 12,
    "CASH_BENEFIT_ACTIVITY_READY": 10,
    "EDU_BENEFIT_EDU_READY": 6,
    "SICKNESS_BENEFIT_CAT2": 5,
    "FLEXJOB_REFERRED": 4,
    "RESOURCE_PROGRAMME": 4,
    "JOB_CLARIFICATION": 4,
    "INTEGRATION_PROGRAMME": 3,
    "UNEMPLOYMENT_BENEFIT_EDU_ORDER": 2,
    "EDU_BENEFIT_OBVIOUSLY_READY": 2,
    "SELF_SUPPORTING": 2,
}
"""Percent of the load in each target group."""
BUSY_MUNICIPALITIES: Final[Mapping[str, int]] = {"101": 11, "751": 6, "851": 5, "461": 4}
"""Share of the largest municipalities, in hundredths; the others share the rest equally."""
_YOUNG: Final = frozenset(
    {"EDU_BENEFIT_EDU_READY", "EDU_BENEFIT_OBVIOUSLY_READY", "UNEMPLOYMENT_BENEFIT_EDU_ORDER"}
)
_MEMBERS: Final = frozenset({"UNEMPLOYMENT_BENEFIT", "UNEMPLOYMENT_BENEFIT_EDU_ORDER"})
_FIRST_MONTHS: Final = timedelta(days=91)
# birth dates are fixed, so that a later load continues the numbers of an earlier one
_BORN_ADULT: Final = (date(1960, 1, 1), date(1995, 12, 31))
_BORN_YOUNG: Final = (date(1998, 1, 1), date(2007, 12, 31))
_STRIDE: Final = 7919


@dataclass(frozen=True, slots=True)
class Caseworker:
    caseworker_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Office:
    """A jobcenter or fund with the caseworkers that a load gives it."""

    organisation_id: UUID
    code: str
    name: str
    municipality: str | None
    caseworkers: Sequence[Caseworker]


@dataclass(frozen=True, slots=True)
class Group:
    """A target group as the code lists have it."""

    code: str
    plan_type: str
    job_goal_rule: str | None
    education_goal_rule: str | None
    description_variant: str | None
    fund_agreement: bool
    requirement_issuer: str | None
    education_steps: bool
    contract: bool


@dataclass(frozen=True, slots=True)
class World:
    """What all citizens of a load share. now: with time zone; today: its day in Copenhagen."""

    seed: int
    now: datetime
    today: date
    vault: CprVault
    groups: Mapping[str, Group]
    jobcenters: Mapping[str, Office]
    funds: Sequence[Office]
    occupations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Person:
    """One citizen being made; `benefit_since` is the first day with benefit."""

    world: World
    random: Random
    ids: Ids
    citizen_id: UUID
    group: Group
    jobcenter: Office
    fund: Office | None
    benefit_since: date

    def day(self, low: int, high: int) -> date:
        """A day between `low` and `high` days from today."""
        return self.world.today + timedelta(days=self.random.randint(low, high))

    def at(self, day: date) -> datetime:
        """An office hour of a day, in UTC."""
        clock = time(self.random.randint(7, 13), self.random.choice((0, 15, 30, 45)), tzinfo=UTC)
        return datetime.combine(day, clock)

    def phone(self) -> str:
        """Eight digits that no Danish subscriber has."""
        return f"00{self.random.randrange(1_000_000):06d}"

    def name(self) -> str:
        return f"{self.random.choice(texts.GIVEN)} {self.random.choice(texts.SURNAME)}"

    def caseworker(self, office: Office) -> Caseworker:
        return self.random.choice(office.caseworkers)


def add_person(rows: Rows, world: World, number: int) -> Person:
    """The citizen with this number, the same for the same seed, with everything but the plan."""
    random = Random(world.seed << 32 | number)  # noqa: S311 - invented data, no secret
    ids = Ids(number, random)
    group = world.groups[random.choices(list(MIX), list(MIX.values()))[0]]
    is_member = group.code in _MEMBERS or random.random() < 0.1
    person = Person(
        world,
        random,
        ids,
        ids.next(),
        group,
        _jobcenter(world, random),
        random.choice(world.funds) if is_member else None,
        world.today - timedelta(days=random.randint(20, 700)),
    )
    rows.citizens.append(person.citizen_id)
    _add_citizen(rows, person, number)
    _add_periods(rows, person)
    _add_contact(rows, person)
    return person


def _jobcenter(world: World, random: Random) -> Office:
    share = random.randrange(100)
    for code, wanted in BUSY_MUNICIPALITIES.items():
        share -= wanted
        if share < 0 and code in world.jobcenters:
            return world.jobcenters[code]
    return random.choice(list(world.jobcenters.values()))


def synthetic_cpr(number: int, *, young: bool) -> tuple[str, date]:
    """A number of its own for each citizen of all loads, with its birth date.

    Walks through the birth dates in large steps; the serial part counts the rounds. Young and
    adult citizens are born in different years, so they never meet. Each number fails modulus 11,
    which nearly every number in use passes, so it is hardly anybody's.
    """
    first, last = _BORN_YOUNG if young else _BORN_ADULT
    days = (last - first).days + 1
    born = first + timedelta(days=number * _STRIDE % days)
    serial = (4000 if born.year >= 2000 else 1000) + number // days * 2
    made = f"{born:%d%m%y}{serial:04d}"
    # the last digit is even: one more changes the sum by one
    return (f"{born:%d%m%y}{serial + 1:04d}" if checksum(made) == 0 else made), born


def _add_citizen(rows: Rows, person: Person, number: int) -> None:
    random, group = person.random, person.group
    cpr, born = synthetic_cpr(number, young=group.code in _YOUNG)
    rows.add(
        "citizen",
        citizen_id=person.citizen_id,
        cpr_encrypted=person.world.vault.encrypt(cpr),
        cpr_index=person.world.vault.index(cpr),
        given_name=random.choice(texts.GIVEN),
        middle_name=random.choice(texts.MIDDLE) if random.random() < 0.4 else None,
        surname=random.choice(texts.SURNAME),
        birth_date=born,
        municipality_code=person.jobcenter.code,
        right_and_duty=group.code in _MEMBERS and random.random() < 0.5,
        first_benefit_date=person.benefit_since,
        has_vocational_education=random.random() < 0.5,
        has_dependent_children=random.random() < 0.4,
        under_kui=group.code in _YOUNG and random.random() < 0.3,
        registration_open=False,
        phone=person.phone(),
        email=f"borger-{number}@borger.example",
        cv_searchable=random.random() < 0.7,
        cv_part_time=random.random() < 0.2,
        created_at=person.at(person.benefit_since),
    )


def _add_periods(rows: Rows, person: Person) -> None:
    group, since = person.group, person.benefit_since
    rows.add(
        "target_group_period",
        citizen_id=person.citizen_id,
        target_group=group.code,
        plan_type=group.plan_type,
        valid_from=since,
    )
    if person.fund:
        rows.add(
            "membership",
            membership_id=person.ids.next(),
            citizen_id=person.citizen_id,
            fund_id=person.fund.organisation_id,
            insurance=person.random.choice(("FULL_TIME", "FULL_TIME", "PART_TIME")),
            valid_from=since - timedelta(days=person.random.randint(400, 4000)),
        )
    if person.fund and group.code == "UNEMPLOYMENT_BENEFIT":
        _add_handed_over(rows, person, person.fund)
    else:
        basis = "YOUNG_REFERRED" if group.code in _MEMBERS else "OTHER_GROUP"
        _add_responsibility(
            rows,
            person,
            authority="JOBCENTER",
            office=person.jobcenter,
            basis=basis,
            valid_from=since,
        )


def _add_handed_over(rows: Rows, person: Person, fund: Office) -> None:
    """The fund is responsible for the first three months, then the jobcenter (R14)."""
    handover = person.benefit_since + _FIRST_MONTHS
    is_over = handover <= person.world.today
    _add_responsibility(
        rows,
        person,
        authority="UNEMPLOYMENT_FUND",
        office=fund,
        basis="FIRST_THREE_MONTHS",
        valid_from=person.benefit_since,
        valid_to=handover if is_over else None,
        counted_hours=481 if is_over else person.random.randint(0, 400),
        expected_transition_date=handover,
    )
    if is_over:
        _add_responsibility(
            rows,
            person,
            authority="JOBCENTER",
            office=person.jobcenter,
            basis="AFTER_TRANSITION",
            valid_from=handover,
        )


def _add_responsibility(rows: Rows, person: Person, *, office: Office, **values: Any) -> None:
    rows.add(
        "case_responsibility",
        case_responsibility_id=person.ids.next(),
        citizen_id=person.citizen_id,
        organisation_id=office.organisation_id,
        **values,
    )


def _add_contact(rows: Rows, person: Person) -> None:
    random, since = person.random, person.benefit_since
    rows.add(
        "notification_preference",
        citizen_id=person.citizen_id,
        sms=random.random() < 0.6,
        sms_number=person.phone(),
        email=random.random() < 0.6,
        email_address=f"borger-{person.ids.next().hex[:12]}@borger.example",
        updated_at=person.at(since),
        sms_verified_at=person.at(since),
        email_verified_at=person.at(since),
    )
    if random.random() < 0.02:
        rows.add(
            "digital_exemption",
            digital_exemption_id=person.ids.next(),
            citizen_id=person.citizen_id,
            kind="DIGITAL_POST",
            valid_from=since,
        )
    for occupation in random.sample(person.world.occupations, random.randint(1, 3)):
        rows.add(
            "sought_job",
            sought_job_id=person.ids.next(),
            citizen_id=person.citizen_id,
            occupation_code=occupation,
            added_at=person.at(since),
            added_during="REGISTRATION",
        )
