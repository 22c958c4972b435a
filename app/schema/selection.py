"""Which sections of the plan a selection needs, so that a read fetches and decodes no others.

Worked out once for each prepared document and kept with it. What is not known by name asks for
everything, so that a new field can be slow but never wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)
from strawberry.types import Info

from app.schema.context import Context
from app.schema.operation_name import name_of
from app.store.documents import ALL_SECTIONS, SECTION_BIT

Selected = Mapping[str, list[FieldNode]]
"""The fields of one object by name, through fragments, in the order of the document."""

_TIMELINE: Final = ("requirements", "interventions", "agreements", "meetings")

_ELEMENTS: Final = (
    *("job_goals", "education_goals", "description", "education", "contract"),
    *("latest_agreement_jobcenter", "latest_agreement_unemployment_fund"),
)

_HEAD: Final = (
    *("__typename", "id", "version", "publishedAt", "type", "status", "targetGroupCode"),
    *("lowerBound", "acknowledgement", "citizenAgrees", "agreementComment", "holistic"),
    *("holisticConsentAt", "links", "hiddenPartsNotice", "complaintInfo", "versions"),
    *("changesSince", "kuiExport"),
)

_PLAN: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_HEAD, ()),
    "elements": _ELEMENTS,
    "timeline": _TIMELINE,
    "jobGoals": ("job_goals",),
    "educationGoals": ("education_goals",),
    "description": ("description",),
    "latestAgreement": ("latest_agreement_jobcenter", "latest_agreement_unemployment_fund"),
    "agreements": ("agreements",),
    "meetings": ("meetings",),
    "otherAgreements": ("meetings",),
    "requirements": ("requirements",),
    "interventions": ("interventions",),
    "jointRecommendations": ("interventions",),
    "educationOrder": ("education",),
    "testResults": ("education",),
    "contract": ("contract",),
    "comments": ("comments",),
    "jobGoalConsistency": ("job_goals", "requirements"),
}
"""Field of Plan -> the sections it reads beside the head."""

_BESIDE: Final[Mapping[str, int]] = {
    "conversations": SECTION_BIT["agreements"],
    "requirements": SECTION_BIT["requirements"],
    "meetings": SECTION_BIT["meetings"],
}
"""Field of Citizen that is readable beside the plan -> its section."""


MOST_KEPT = 50
"""Selections kept with one prepared document."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """sections: bit mask for the read; elements: their names, for the access log.

    beside: whether something is read beside the plan.
    """

    sections: int
    elements: tuple[str, ...]
    beside: bool = False


def wanted_of(info: Info[Context, None], *path: str) -> Wanted:
    """What the field at hand reads of a citizen found under `path` below it."""
    raw = info._raw_info
    kept = raw.context.prepared.kept if raw.context.prepared else {}
    key = ("wanted", *map(id, raw.field_nodes))
    wanted: Wanted | None = kept.get(key)
    if wanted is None:
        if len(kept) >= MOST_KEPT:  # `@include` on repeated fields makes ever new selections
            kept.clear()
        wanted = kept[key] = wanted_sections(raw.field_nodes, raw.fragments, *path)
    return wanted


def asks_for(info: Info[Context, None], *path: str) -> bool:
    """Whether the field at hand is asked for the field at `path` below it."""
    raw = info._raw_info
    return selects(raw.field_nodes, raw.fragments, *path)


def selects(nodes: Iterable[FieldNode], fragments: Mapping[str, Any], *path: str) -> bool:
    """Whether fields select the field at `path` below them."""
    found = list(nodes)
    for step in path:
        found = _selected(found, fragments).get(step, [])
    return bool(found)


def operation_of(info: Info[Context, None]) -> str:
    """The operation's own name for the access log: letters, digits and `_`, at most 100."""
    return name_of(info._raw_info.operation)


def wanted_sections(nodes: Iterable[FieldNode], fragments: Mapping[str, Any], *path: str) -> Wanted:
    """The sections that a selection of a citizen below `nodes` and `path` needs."""
    found = list(nodes)
    for step in path:
        found = _selected(found, fragments).get(step, [])
    fields = _selected(found, fragments)
    sections = 0
    for name, bit in _BESIDE.items():
        sections |= bit if name in fields else 0
    plans = [*fields.get("plan", ()), *fields.get("viewAsCitizen", ())]
    if plans:
        sections |= SECTION_BIT["head"] | plan_sections(_selected(plans, fragments), fragments)
    elements = tuple(name for name, bit in SECTION_BIT.items() if sections & bit)
    if "earlierPlans" in fields:
        elements += ("earlier_plans",)
    if "noticeDeliveries" in fields:
        elements += ("notices",)
    return Wanted(sections, elements, beside=not _BESIDE.keys().isdisjoint(fields))


def plan_sections(fields: Selected, fragments: Mapping[str, Any]) -> int:
    """The bit mask of the sections that the selected fields of a plan read."""
    mask = 0
    for name, nodes in fields.items():
        if name not in _PLAN:
            return ALL_SECTIONS
        names = _PLAN[name]
        if name == "elements" and "timeline" in _selected(nodes, fragments):
            names += _TIMELINE
        for section in names:
            mask |= SECTION_BIT[section]
    return mask


def _selected(
    nodes: Iterable[FieldNode], fragments: Mapping[str, Any]
) -> dict[str, list[FieldNode]]:
    found: dict[str, list[FieldNode]] = {}
    for node in nodes:
        _collect(node.selection_set, fragments, found)
    return found


def _collect(
    selections: SelectionSetNode | None,
    fragments: Mapping[str, Any],
    found: dict[str, list[FieldNode]],
) -> None:
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            found.setdefault(node.name.value, []).append(node)
        elif isinstance(node, InlineFragmentNode):
            _collect(node.selection_set, fragments, found)
        elif isinstance(node, FragmentSpreadNode):
            fragment = fragments[node.name.value]
            # graphql-core wraps a fragment together with its variables
            _collect(getattr(fragment, "definition", fragment).selection_set, fragments, found)
