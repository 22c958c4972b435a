"""The integration contract: a PDF beside the plan, never read here (DOMAIN 5.17)."""

import re
from dataclasses import replace
from typing import Final
from uuid import UUID

from app.actions.common import written
from app.domain.contract import ContractDraft
from app.domain.notice import NoticeEvent
from app.domain.target_group import ElementCode
from app.errors import BadUserInput
from app.rules import text
from app.rules.breach import Path
from app.rules.plan import has_element
from app.store.cases import lock_case, plan_of
from app.store.work import Done, Work

MAX_BYTES: Final = 3_000_000
_FILE_NAME: Final = re.compile(r'[^/\\"\x00-\x1f\x7f]+')  # it goes into a header of the download
_PATH: Path = ("input",)


async def attach_contract(
    work: Work,
    citizen_id: UUID,
    draft: ContractDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Stores the contract in place of the one before; the citizen is told unless it is the same.

    Raises `NotFound` for a citizen out of reach, `BadUserInput` for a document that is no PDF or
    larger than `MAX_BYTES`, `RulesBroken` where the group's plan has no contract (R4).
    """
    case = await lock_case(work, citizen_id, expected_version)
    draft = _tidy(draft)
    work.check(
        has_element(case.target_group, ElementCode.CONTRACT, _PATH),
        text.all_fit(draft, text.CONTRACT, _PATH),
    )
    plan_id = await plan_of(work, case)
    await work.execute(
        "store_contract",
        *(plan_id, draft.document, draft.file_name),
        *(draft.signed_on, draft.danish_goal, draft.valid_until, work.now),
    )
    work.touch(
        plan_id,
        citizen_id,
        "contract",
        trigger="CONTRACT",
        event=NoticeEvent.PLAN_CHANGED,
    )
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id)


def _tidy(draft: ContractDraft) -> ContractDraft:
    if not draft.document.startswith(b"%PDF-"):
        raise BadUserInput("The contract must be a PDF.", (*_PATH, "document"))
    if len(draft.document) > MAX_BYTES:
        raise BadUserInput(f"The contract may have {MAX_BYTES} bytes.", (*_PATH, "document"))
    if not _FILE_NAME.fullmatch(draft.file_name):
        raise BadUserInput("This cannot be the name of a file.", (*_PATH, "fileName"))
    return replace(draft, danish_goal=written(draft.danish_goal))
