"""What a rule answers, and the register of which function keeps which rule.

A rule returns None when it holds, a `Breach` (the operation is refused) or a `Finding` (a warning
that never blocks). An action asks every rule that applies and raises all breaches at once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from app.rules.sources import SOURCES, default_code

P = ParamSpec("P")
T = TypeVar("T")
Path = tuple[str | int, ...]

REGISTRY: defaultdict[str, list[Callable[..., Any]]] = defaultdict(list)
"""Rule number -> the functions that keep it."""


@dataclass(frozen=True, slots=True, init=False)
class _Broken:
    """A rule that does not hold.

    code: the rule's default code unless given. path: the input field, outermost first, camelCase
    as the client wrote it. details: the facts its sentences name; raises `ValueError` when one is
    missing or the rule has no such code.
    """

    rule: str
    code: str
    path: Path = ()
    details: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __init__(
        self, rule: str, code: str | None = None, path: Path = (), **details: object
    ) -> None:
        chosen = default_code(rule) if code is None else code
        source = SOURCES.get(rule)
        if source is None or chosen not in source.codes:
            raise ValueError(f"{rule} has no code {chosen}")
        missing = source.placeholders(chosen) - details.keys()
        if missing:
            raise ValueError(f"{rule} {chosen} needs {', '.join(sorted(missing))}")
        object.__setattr__(self, "rule", rule)
        object.__setattr__(self, "code", chosen)
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "details", details)


class Breach(_Broken):
    """A broken rule that refuses the operation.

    >>> Breach("R2").code
    'PLAN_EXISTS'
    """

    __slots__ = ()


class Finding(_Broken):
    """A warning: shown to the caseworker, never blocks.

    >>> Finding("R94", path=("input", "goalIds")).code
    'NO_GOAL_LINK'
    """

    __slots__ = ()


Verdict = Breach | Finding | None
"""What one rule answers."""

Answer = Breach | Finding | Iterable[Breach | Finding | None] | None
"""What a rule or a group of rules answers."""


def rule(*numbers: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Enter a function in the register; raises `ValueError` for a number that does not exist.

    >>> rule("R999")
    Traceback (most recent call last):
    ...
    ValueError: no rule R999 in sources.toml
    """
    unknown = [number for number in numbers if number not in SOURCES]
    if unknown or not numbers:
        raise ValueError(f"no rule {', '.join(unknown)} in sources.toml")

    def enter(function: Callable[P, T]) -> Callable[P, T]:
        for number in numbers:
            REGISTRY[number].append(function)
        return function

    return enter


def breaches(*answers: Answer) -> list[Breach]:
    """All breaches among the answers, in order; warnings are left out.

    >>> [broken.code for broken in breaches(None, Finding("R94"), [Breach("R2"), None])]
    ['PLAN_EXISTS']
    """
    return [broken for broken in _flat(answers) if isinstance(broken, Breach)]


def findings(*answers: Answer) -> list[Finding]:
    """All warnings among the answers, in order; breaches are left out."""
    return [broken for broken in _flat(answers) if isinstance(broken, Finding)]


def _flat(answers: Iterable[Answer]) -> Iterable[Breach | Finding]:
    for answer in answers:
        if isinstance(answer, Breach | Finding):
            yield answer
        elif answer is not None:
            yield from (broken for broken in answer if broken is not None)
