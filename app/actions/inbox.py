"""What an organisation's caseworkers have to look at: put in, and done with (DOMAIN section 9)."""

from uuid import UUID

from app.domain.authority import Authority
from app.errors import BadUserInput, NotFound
from app.store.cases import authority_of, caseworker_of, lock_case
from app.store.work import ORGANISATION_KIND, Done, Work


async def put_into_inbox(
    work: Work,
    authority: Authority,
    organisation: str,
    citizen_id: UUID,
    kind: str,
    subject: UUID | None = None,
) -> None:
    """Something to look at, once while it is open.

    organisation: the municipality's or the fund's code. kind: a value of `InboxKind`. subject: the
    comment, step, recommendation ... that it is about; None: the citizen as such.
    """
    put = await work.fetchval(
        "put_into_inbox", authority, organisation, citizen_id, kind, subject, work.now
    )
    if put is not None:
        work.inboxes.add((citizen_id, authority))


async def settle_items(
    work: Work,
    citizen_id: UUID,
    kind: str,
    subject: UUID | None = None,
    *,
    authority: Authority | None = None,
) -> None:
    """Every organisation's open items of a kind are done with; of one subject unless it is None.

    authority: only the items of organisations of this kind; None for all.
    """
    rows = await work.fetch("settle_inbox_items", citizen_id, kind, subject, work.now, authority)
    work.inboxes.update((citizen_id, Authority(row["kind"])) for row in rows)


async def settle_all_items(work: Work, citizen_id: UUID, *, fund_may_know: bool) -> None:
    """Whatever waits about a citizen is done with; of a fund only if it may know why."""
    rows = await work.fetch("settle_all_items", citizen_id, work.now, fund_may_know)
    work.inboxes.update((citizen_id, Authority(row["kind"])) for row in rows)


async def set_inbox_item_done(work: Work, item_id: UUID, done: bool) -> Done:
    """An item of the viewer's organisation is done with, or open again; the same again is nothing.

    A letter is no item of its own: it is done when it was sent. Raises `NotFound` for an item out
    of reach, `BadUserInput` for one that cannot be opened: the same waits already, or it is a task
    that followed the responsibility to another authority.
    """
    viewer = work.viewer
    citizen_id: UUID | None = await work.fetchval(
        "inbox_item_citizen", item_id, ORGANISATION_KIND[viewer.role], viewer.organisation_code
    )
    if citizen_id is None:
        raise NotFound("There is no such item.")
    await lock_case(work, citizen_id)
    caseworker_id = await caseworker_of(work)
    item = await work.fetchrow(
        "set_inbox_item_done", item_id, done, caseworker_id, work.now, work.today
    )
    if item is None:
        raise NotFound("There is no such item.")
    if (item["done_at"] is not None) is not done:
        raise BadUserInput(
            "The same waits already, or lies with another authority now.", ("input", "itemId")
        )
    if item["changed"]:
        work.inboxes.add((citizen_id, authority_of(viewer.role)))
    return Done(citizen_id, None, {"item": dict(item)})
