"""What the citizen writes in a step of the education order: lengths, and what sending demands."""

from app.domain.education import StepDataDraft
from app.rules import text
from app.rules.breach import Breach, Path
from app.rules.education_step import has_institution, has_proposal_and_reason


def step_data(draft: StepDataDraft, path: Path = ("input",)) -> list[Breach]:
    """Rules for data that are saved or sent: lengths only, a draft may lack anything."""
    answers = text.all_fit(draft, text.STEP_DATA, path)
    for field, items, limits in (
        ("educationProposals", draft.education_proposals, text.EDUCATION_PROPOSAL),
        ("institutionProposals", draft.institution_proposals, text.INSTITUTION_PROPOSAL),
        ("applications", draft.applications, text.APPLICATION),
    ):
        for index, item in enumerate(items):
            answers += text.all_fit(item, limits, (*path, field, index))
    return answers


def sent_data(draft: StepDataDraft, path: Path = ("input",)) -> list[Breach | None]:
    """What the data of a step must have when they are sent (R101, R102)."""
    answers: list[Breach | None] = [
        has_institution(item.sent, item.institution, (*path, "applications", i, "institution"))
        for i, item in enumerate(draft.applications)
    ]
    if draft.step == 2:
        proposals = len(draft.institution_proposals)
        answers += has_proposal_and_reason(proposals, draft.institution_reason, path)
    return answers
