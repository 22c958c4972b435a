"""The root of all queries."""

import strawberry

from app.schema.notification import NotificationConnection, notifications


@strawberry.type
class Query:
    notifications: NotificationConnection = strawberry.field(resolver=notifications)
