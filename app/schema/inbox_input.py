"""Putting away what was looked at: the inbox's own mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.inbox import set_inbox_item_done
from app.schema.inbox import InboxItem, item_of
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="An item of your organisation; a letter is done by sending it.")
class SetInboxItemDoneInput:
    item_id: strawberry.ID
    done: bool


@strawberry.type
class SetInboxItemDonePayload:
    item: InboxItem
    warnings: list[Warning]


SetInboxItemDoneResult = Annotated[
    SetInboxItemDonePayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetInboxItemDoneResult"),
]


@strawberry.type
class InboxMutation:
    @strawberry.mutation(description="Marks an item as done, or opens it again.")
    async def set_inbox_item_done(
        self, info: Info[Any, Any], input: SetInboxItemDoneInput
    ) -> SetInboxItemDoneResult | None:
        async def act(work: Work) -> Done:
            done = await set_inbox_item_done(work, id_of(input.item_id, "item"), input.done)
            return Done(done.citizen_id, None, {"item": item_of(done.values["item"])})

        return await perform(info, SetInboxItemDonePayload, act)
