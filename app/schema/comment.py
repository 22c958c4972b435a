"""Comments on the plan and the answers to them (DOMAIN 5.19)."""

import strawberry

from app.schema.enums import CommentAuthor, CommentTarget
from app.schema.scalars import DateTime


@strawberry.type
class Comment:
    id: strawberry.ID
    author: str
    author_role: CommentAuthor
    text: str
    at: DateTime
    in_reply_to: strawberry.ID | None
    target: CommentTarget
