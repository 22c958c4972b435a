"""Receipts by the citizen, and individual exemption from the digital plan (R116-R118)."""

from typing import Final

from app.domain.authority import Authority
from app.domain.target_group import TargetGroup
from app.rules.breach import Breach, Path, rule

BY_STAFF: Final = frozenset({"SIGNATURE", "DIGITAL_POST", "REFUSAL_NOTED"})


@rule("R117")
def is_of_current_version(
    version: int, current: int, path: Path = ("input", "version")
) -> Breach | None:
    """Only the current version is acknowledged.

    >>> is_of_current_version(4, current=4)
    >>> is_of_current_version(3, current=4).code
    'NOT_CURRENT_VERSION'
    """
    return None if version == current else Breach("R117", path=path, current=current)


@rule("R117")
def is_the_first(acknowledged: bool, path: Path = ("input", "version")) -> Breach | None:
    """One acknowledgement for each version.

    >>> is_the_first(acknowledged=True).code
    'ALREADY_ACKNOWLEDGED'
    """
    return Breach("R117", "ALREADY_ACKNOWLEDGED", path) if acknowledged else None


@rule("R118")
def has_the_right_method(
    method: str,
    staff: Authority | None,
    responsible: Authority | None,
    path: Path = ("input", "method"),
) -> Breach | None:
    """DIGITAL by the citizen (`staff` is None); the other methods by the responsible authority.

    >>> has_the_right_method("DIGITAL", None, None)
    >>> has_the_right_method("SIGNATURE", Authority.JOBCENTER, Authority.JOBCENTER)
    >>> has_the_right_method("SIGNATURE", None, Authority.JOBCENTER).code
    'FORBIDDEN'
    >>> has_the_right_method("SIGNATURE", Authority.JOBCENTER, Authority.UNEMPLOYMENT_FUND).code
    'NOT_RESPONSIBLE'
    """
    if (method in BY_STAFF) != (staff is not None):
        return Breach("R118", path=path)
    if staff is not None and staff is not (responsible or Authority.JOBCENTER):
        return Breach("R118", "NOT_RESPONSIBLE")
    return None


@rule("R116")
def may_be_exempted(
    group: TargetGroup, kind: str, reason: str | None, path: Path = ("input",)
) -> list[Breach]:
    """An individual exemption is for some groups only, and gives its reason.

    kind: DIGITAL_POST and SELF_SERVICE are for every group and need no reason.
    """
    if kind != "INDIVIDUAL":
        return []
    if not group.individually_exemptible:
        return [Breach("R116", path=(*path, "kind"))]
    written = bool((reason or "").strip())
    return [] if written else [Breach("R116", "REASON_REQUIRED", (*path, "reason"))]
