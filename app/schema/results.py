"""What a mutation answers beside its payload: broken rules, or nothing there."""

from typing import Any

import strawberry

from app.rules.breach import Breach, Finding
from app.rules.sources import SOURCES, message


@strawberry.type(description="A rule of the plan that the operation breaks.")
class RuleBreach:
    code: str
    rule: str = strawberry.field(description="Number of the rule, e.g. R90.")
    message: str = strawberry.field(description="What is wrong, in Danish.")
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


def breach_of(breach: Breach) -> RuleBreach:
    return RuleBreach(
        code=breach.code,
        rule=breach.rule,
        message=message(breach, "da"),
        path=[str(step) for step in breach.path],
        source=SOURCES[breach.rule].source,
    )


def warning_of(finding: Finding) -> Warning:
    return Warning(
        code=finding.code,
        rule=finding.rule,
        message=message(finding, "da"),
        path=[str(step) for step in finding.path],
    )


def is_refusal(result: Any) -> bool:
    """Whether a mutation's result says that nothing was done."""
    return type(result).__name__ in ("RuleBreaches", "NotFound", "VersionConflict")
