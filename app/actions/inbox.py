"""What an organisation's caseworkers have to look at: put in, and done with (DOMAIN section 9)."""

from uuid import UUID

from app.domain.authority import Authority
from app.store.work import Work


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
    work: Work, citizen_id: UUID, kind: str, subject: UUID | None = None
) -> None:
    """Every organisation's open items of a kind are done with; of one subject unless it is None."""
    rows = await work.fetch("settle_inbox_items", citizen_id, kind, subject, work.now)
    work.inboxes.update((citizen_id, Authority(row["kind"])) for row in rows)
