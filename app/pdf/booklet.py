"""What a plan's PDF says, from the plan as its reader may see it (DOMAIN section 8)."""

from datetime import datetime

from app.domain.document import PlanDocument
from app.domain.pdf import footer, pdf_sections
from app.domain.viewer import Role
from app.pdf.render import Booklet
from app.store.work import COPENHAGEN
from app.texts import text
from app.texts.words import pdf_words


def booklet_of(plan: PlanDocument, name: str) -> Booklet:
    """name: the citizen's, in full."""
    words = pdf_words()
    said = words.labels
    return Booklet(
        title=said["title"],
        name=name,
        contents=said["contents"],
        page_word=said["page"],
        of_word=said["of"],
        footer=footer(plan["version"], _day(plan["published_at"]), said),
        notice=text("plan.hidden_parts_notice") if plan["viewer_role"] == Role.FUND else None,
        sections=pdf_sections(plan, words),
    )


def _day(moment: str) -> str:
    """The calendar day of a moment in Copenhagen."""
    return str(datetime.fromisoformat(moment).astimezone(COPENHAGEN).date())
