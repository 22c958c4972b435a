"""How the citizen wants to be told, and what was seen: inputs and mutations."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe
from strawberry.types import Info

from app.actions.notification import (
    PreferenceDraft,
    mark_notifications_seen,
    update_notification_preference,
    verify_contact,
)
from app.domain.notice import Channel
from app.errors import BadUserInput
from app.schema.citizen_parts import NotificationPreference
from app.schema.given import absent_or
from app.schema.notice_enums import DeliveryChannel
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="What is left out stays as it is; null removes an address.")
class UpdateNotificationPreferenceInput:
    sms: Maybe[bool] = None
    sms_number: Maybe[str | None] = None
    email: Maybe[bool] = None
    email_address: Maybe[str | None] = None


@strawberry.type
class UpdateNotificationPreferencePayload:
    notification_preference: NotificationPreference
    warnings: list[Warning]


UpdateNotificationPreferenceResult = Annotated[
    UpdateNotificationPreferencePayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("UpdateNotificationPreferenceResult"),
]


@strawberry.input(description="The code that was sent to the number or address of the channel.")
class VerifyContactInput:
    channel: DeliveryChannel
    code: str


@strawberry.type
class VerifyContactPayload:
    notification_preference: NotificationPreference
    warnings: list[Warning]


VerifyContactResult = Annotated[
    VerifyContactPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("VerifyContactResult"),
]


@strawberry.input(description="Either some notices by their ids, or all.")
class MarkNotificationsSeenInput:
    ids: list[strawberry.ID] | None = None
    all: bool = False


@strawberry.type
class MarkNotificationsSeenPayload:
    seen: list[strawberry.ID] = strawberry.field(description="Those that were not seen before.")
    warnings: list[Warning]


MarkNotificationsSeenResult = Annotated[
    MarkNotificationsSeenPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("MarkNotificationsSeenResult"),
]


@strawberry.type
class NotificationMutation:
    @strawberry.mutation(
        description="“Sms- og e-mailservice”; messages that wait follow it when they are sent. A"
        " channel that is turned on, or named again, with an address that is not verified gets a"
        " one-time code there."
    )
    async def update_notification_preference(
        self, info: Info[Any, Any], input: UpdateNotificationPreferenceInput
    ) -> UpdateNotificationPreferenceResult | None:
        async def act(work: Work) -> Done:
            draft = PreferenceDraft(
                absent_or(input.sms),
                absent_or(input.sms_number),
                absent_or(input.email),
                absent_or(input.email_address),
            )
            return await update_notification_preference(work, draft)

        return await perform(info, UpdateNotificationPreferencePayload, act)

    @strawberry.mutation(
        description="The number or address is the citizen's own, and notices go there from now on."
    )
    async def verify_contact(
        self, info: Info[Any, Any], input: VerifyContactInput
    ) -> VerifyContactResult | None:
        async def act(work: Work) -> Done:
            return await verify_contact(work, Channel(input.channel), input.code)

        return await perform(info, VerifyContactPayload, act)

    @strawberry.mutation(description="Marks notices on the front page as seen.")
    async def mark_notifications_seen(
        self, info: Info[Any, Any], input: MarkNotificationsSeenInput
    ) -> MarkNotificationsSeenResult | None:
        async def act(work: Work) -> Done:
            if (input.ids is None) != input.all:
                raise BadUserInput("Give either ids or all.", path=("input",))
            ids = None if input.ids is None else [id_of(i, "notification") for i in input.ids]
            return await mark_notifications_seen(work, ids)

        return await perform(info, MarkNotificationsSeenPayload, act)
