"""What a mutation answers beside its payload: broken rules, or nothing there."""

from collections.abc import Iterable
from typing import Any, Final

import strawberry

from app.domain.viewer import Role
from app.rules.breach import Breach, Finding
from app.rules.sources import SOURCES, Language, message

OF_OWN_INPUT: Final = frozenset({"R3", "R7", "R80", "R81", "R90"})
"""Rules that advise of what the client sent, whoever the citizen is and whatever the plan holds."""


@strawberry.type(description="A rule of the plan that the operation breaks.")
class RuleBreach:
    code: str
    rule: str = strawberry.field(description="Number of the rule, e.g. R90.")
    message: str = strawberry.field(
        description="What is wrong, in Danish unless the client prefers English."
    )
    path: list[str] = strawberry.field(description="The input field, outermost first.")
    source: str = strawberry.field(description="Where the rule comes from.")


@strawberry.type(description="A rule that advises and never blocks.")
class Warning:
    code: str
    rule: str
    message: str
    path: list[str]


@strawberry.type(description="Nothing was stored: every rule that the operation breaks.")
class RuleBreaches:
    breaches: list[RuleBreach]


@strawberry.type(description="There is no such thing, or none that you may see.")
class NotFound:
    message: str


def breach_of(breach: Breach, language: Language = "da") -> RuleBreach:
    return RuleBreach(
        code=breach.code,
        rule=breach.rule,
        message=message(breach, language),
        path=[str(step) for step in breach.path],
        source=SOURCES[breach.rule].source,
    )


def warning_of(finding: Finding, language: Language = "da") -> Warning:
    return Warning(
        code=finding.code,
        rule=finding.rule,
        message=message(finding, language),
        path=[str(step) for step in finding.path],
    )


def warnings_for(role: Role, found: Iterable[Finding], language: Language = "da") -> list[Warning]:
    """What may be told of findings: a system reads only what it wrote itself (R154)."""
    return [
        warning_of(finding, language)
        for finding in found
        if role is not Role.SYSTEM or finding.rule in OF_OWN_INPUT
    ]


def is_refusal(result: Any) -> bool:
    """Whether a mutation's result says that nothing was done."""
    return type(result).__name__ in ("RuleBreaches", "NotFound", "VersionConflict")
