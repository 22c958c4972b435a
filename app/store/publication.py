"""The end of an operation: documents, versions and notices of everything it touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg

from app.domain.authority import Authority
from app.domain.notice import TOLD_WITHOUT_VERSION
from app.rules.notice import Told
from app.store.outbox import write_notice
from app.store.work import ORGANISATION_KIND, SECTIONS, Touch, Work

_ELEMENT: Final = {
    "head": "PLAN",
    "description": "PLAN_DESCRIPTION",
    "education": "EDUCATION_STEP",
    **dict.fromkeys(("agreements", "requirements", "interventions", "meetings"), "TIMELINE"),
}
"""Section -> the element whose change `publish_plan` reports; others have the same name."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of one audience (FULL or FUND) that an operation published."""

    plan_id: UUID
    citizen_id: UUID
    audience: str
    number: int
    changed_elements: Sequence[str]
    trigger: str


@dataclass(frozen=True, slots=True)
class Published:
    """What an operation leaves behind: whom to wake once it is committed."""

    versions: tuple[Version, ...] = ()
    notices: tuple[tuple[UUID, UUID], ...] = ()
    """Pairs of citizen and notice."""
    deliveries: tuple[UUID, ...] = ()
    citizens: tuple[UUID, ...] = ()
    """Whose facts outside the plan changed: rights may have ended with them."""
    inboxes: tuple[tuple[UUID, Authority], ...] = ()
    """Citizens with an item that came into, or left, the inbox of an authority."""
    facts: tuple[tuple[UUID, str], ...] = ()
    """Citizens whose facts outside the plan changed, and for which audience."""
    left: tuple[tuple[UUID, Authority, str], ...] = ()
    """Citizens who left an organisation, by its kind and code."""


async def publish(work: Work) -> Published:
    """At most one version of each plan and audience, one notice per citizen (R111, R122).

    Plans are taken in the order of their ids, so that two operations never wait crosswise.
    """
    await work.connection.execute("set constraints all immediate")
    facts: list[tuple[UUID, str]] = []
    for citizen_id in sorted(work.citizens):
        stored = await work.fetch("store_citizen_documents", citizen_id)
        facts += [(citizen_id, row["audience"]) for row in stored]
    facts += [(citizen_id, audience) for citizen_id in work.woken for audience in ("FULL", "FUND")]
    versions: list[Version] = []
    notices: list[tuple[UUID, UUID]] = []
    deliveries = [*work.deliveries]
    for plan_id, touch in sorted(work.touches.items()):
        rows = await _publish_plan(work, plan_id, touch)
        versions += [
            Version(
                plan_id,
                touch.citizen_id,
                r["audience"],
                r["number"],
                r["changed_elements"],
                r["trigger"],
            )
            for r in rows
        ]
        seen = next((r["number"] for r in rows if r["audience"] == "FULL"), None)
        _wake_for_letters(work, touch.citizen_id, rows)
        await _settle_first_plan(work, touch.citizen_id, rows)
        events = touch.events if seen is not None else _told_without_version(touch.events)
        if events:
            notice = await write_notice(work, touch.citizen_id, plan_id, events, seen)
            notices.append((touch.citizen_id, notice.notice_id))
            deliveries += notice.deliveries
    return Published(
        tuple(versions),
        tuple(notices),
        tuple(deliveries),
        tuple(work.citizens),
        tuple(work.inboxes),
        tuple(facts),
        tuple(work.left),
    )


async def log_access(work: Work, published: Published) -> None:
    """Notes for each citizen what staff or a system wrote or was shown (R149, DOMAIN 5.23).

    A citizen's own operations are not logged. Called once, when the operation ends.
    """
    viewer = work.viewer
    if viewer.organisation_code is None:
        return
    changed = {version.plan_id for version in published.versions}
    written: dict[UUID, set[str]] = {citizen_id: {"citizen"} for citizen_id in work.citizens}
    for plan_id, touch in work.touches.items():
        if plan_id in changed:
            written.setdefault(touch.citizen_id, set()).update(touch.sections)
    await _log(work, written)


async def log_shown(work: Work) -> None:
    """Notes whose plan was shown though nothing was written: by a preview or again (R110, R149)."""
    if work.viewer.organisation_code is not None:
        await _log(work, {})


async def _log(work: Work, written: dict[UUID, set[str]]) -> None:
    viewer = work.viewer
    rows = {**{citizen_id: set(SECTIONS) for citizen_id in work.shown}, **written}
    if rows:
        await work.execute(
            "log_access",
            *(work.now, viewer.subject, viewer.name, viewer.role, viewer.organisation_code),
            work.operation,
            list(rows),
            [",".join(sorted(sections)) for sections in rows.values()],
            [citizen_id in written for citizen_id in rows],
        )


def _wake_for_letters(work: Work, citizen_id: UUID, rows: Sequence[asyncpg.Record]) -> None:
    """A letter to an exempt citizen waits now (R115); a fund knows of what it got a version of."""
    if any(row["has_letter"] for row in rows):
        work.inboxes.add((citizen_id, Authority.JOBCENTER))
        if any(row["audience"] == "FUND" and row["visible"] for row in rows):
            work.inboxes.add((citizen_id, Authority.UNEMPLOYMENT_FUND))


async def _settle_first_plan(work: Work, citizen_id: UUID, rows: Sequence[asyncpg.Record]) -> None:
    """The task for a first plan (R27) is done with at each authority that has the plan now."""
    for row in rows:
        if row["number"] == 1:
            kind = "UNEMPLOYMENT_FUND" if row["audience"] == "FUND" else "JOBCENTER"
            settled = await work.fetch(
                "settle_inbox_items", citizen_id, "FIRST_PLAN_OVERDUE", None, work.now, kind
            )
            work.inboxes.update((citizen_id, Authority(item["kind"])) for item in settled)


def _told_without_version(
    events: Sequence[Told],
) -> list[Told]:
    """What the citizen is told although no document changes."""
    return [(event, subject) for event, subject in events if event in TOLD_WITHOUT_VERSION]


async def _publish_plan(work: Work, plan_id: UUID, touch: Touch) -> list[asyncpg.Record]:
    unknown = touch.sections - set(SECTIONS)
    if unknown:
        raise ValueError(f"no such section: {', '.join(sorted(unknown))}")
    viewer = work.viewer
    return await work.fetch(
        "publish_plan",
        plan_id,
        sorted(touch.sections),
        work.now,
        viewer.name,
        ORGANISATION_KIND.get(viewer.role),
        viewer.organisation_code,
        touch.trigger or "PLAN",
        [trigger for trigger, _ in touch.for_fund],
        [",".join(_ELEMENT.get(s, s.upper()) for s in sections) for _, sections in touch.for_fund],
        work.policy.sends_events,
    )
