"""The pop-up behind a row of the timeline: Danish labels and ready values in shown order."""

import strawberry


@strawberry.type
class PopupLine:
    label: str | None
    value: str


@strawberry.type(description="One field of a pop-up, e.g. “Hvad er aftalt”.")
class PopupField:
    label: str
    value: str = strawberry.field(description="All lines as one text.")
    lines: list[PopupLine]
