"""What caseworkers write in an example's plan, each as one writing with its day and author."""

from collections.abc import Iterator

from app.actions.contract import attach_contract
from app.actions.conversation import register_conversation
from app.actions.description import set_plan_description
from app.actions.education import open_education_step
from app.actions.education_goal import set_education_goals
from app.actions.handover import assess_support_need
from app.actions.intervention import create_intervention, set_intervention_status
from app.actions.job_goal import set_job_goals
from app.actions.meeting import upsert_meeting
from app.actions.requirement import issue_job_search_requirement
from app.actions.sought_job import approve_sought_jobs
from app.dev.demo import drafts
from app.dev.demo.examples import Example, Json, day, day_or_none, moment
from app.dev.demo.pdf import small_pdf
from app.dev.demo.people import BOOKING, system
from app.dev.demo.story import Step, Story, Writing, on_behalf
from app.domain.contract import ContractDraft
from app.domain.education import (
    AdmissionDraft,
    ApplicationChange,
    InstitutionContactDraft,
    OpenStepDraft,
    SupportNeedDraft,
)
from app.store.work import Work


def writings(example: Example) -> Iterator[Writing]:
    """Everything but the goals, in an order in which it can be written."""
    data = example.data
    yield from _approvals(data)
    if found := data["plan_description"]:
        yield Writing(day(found["updated_on"]), found["author"], "GOALS", _description(found))
    yield from _steps(data["education_order"])
    for held in data["conversations"]:
        on = moment(held["held_at"]).date()
        yield Writing(on, held["caseworker"], "CONVERSATION", _conversation(held))
    for one in data["requirements"]:
        author = one["issued_by"]["caseworker"]
        yield Writing(day(one["valid_from"]), author, "CONVERSATION", _requirement(one))
    yield from _interventions(example)
    yield from _support(data["education_order"])
    if contract := data["contract"]:
        yield Writing(day(contract["signed_on"]), None, "GOALS", _contract(contract))
    newest = day(data["publications"][-1]["published_on"])
    for one in data["meetings"]:
        yield Writing(newest, None, "CONVERSATION", on_behalf(system(BOOKING), _meeting(one)))


def job_goals(example: Example) -> Step:
    async def write(work: Work, story: Story) -> None:
        goals = [drafts.job_goal(goal, story.occupations) for goal in example.data["job_goals"]]
        story.note(await set_job_goals(work, story.citizen_id, goals))

    return write


def education_goals(example: Example) -> Step:
    async def write(work: Work, story: Story) -> None:
        goals = [drafts.education_goal(goal) for goal in example.data["education_goals"]]
        story.note(await set_education_goals(work, story.citizen_id, goals))

    return write


def _approvals(data: Json) -> Iterator[Writing]:
    approved = {
        (job["approved_on"], job["approved_by"])
        for job in data["sought_jobs"]
        if job["approved_by"]
    }

    async def approve(work: Work, story: Story) -> None:
        await approve_sought_jobs(work, story.citizen_id)

    for on, author in sorted(approved):
        yield Writing(day(on), author, "GOALS", approve)


def _description(found: Json) -> Step:
    async def write(work: Work, story: Story) -> None:
        covers = found["covers_rehabilitation_part"]
        done = await set_plan_description(
            work, story.citizen_id, found["text"], covers_rehabilitation_part=covers
        )
        story.note(done)

    return write


def _steps(order: Json | None) -> Iterator[Writing]:
    """Each step, after the answers that came since the one before."""
    for opened in order["steps"] if order else ():
        assert order is not None
        step = _open(opened, order)
        yield Writing(day(opened["opened_on"]), opened["opened_by"], "GOALS", step)


def _open(opened: Json, order: Json) -> Step:
    step = opened["step"]

    async def write(work: Work, story: Story) -> None:
        admission = None
        applications: tuple[ApplicationChange, ...] = ()
        if step == 4:
            applications = await _answers(work, story, order)
            admission = AdmissionDraft(start_date=day_or_none(order["step_4"].get("start_date")))
        elif step == 3 and opened["sent_at"] is None:
            applications = tuple(
                ApplicationChange(None, item["goal"], item["institution"], item["sent"])
                for item in order["applications"]
            )
        draft = OpenStepDraft(step, day(opened["deadline"]), applications, admission)
        story.note(await open_education_step(work, story.citizen_id, draft))

    return write


async def _answers(work: Work, story: Story, order: Json) -> tuple[ApplicationChange, ...]:
    """What came back for the applications that the citizen sent."""
    stored = await work.fetchrow("read_education_order", story.plan_id)
    assert stored is not None
    return tuple(
        ApplicationChange(sent["id"], answer=answered["answer"])
        for sent, answered in zip(stored["applications"], order["applications"], strict=True)
    )


def _conversation(held: Json) -> Step:
    async def write(work: Work, story: Story) -> None:
        draft = drafts.conversation(held)
        story.note(await register_conversation(work, story.citizen_id, draft))

    return write


def _requirement(stored: Json) -> Step:
    async def write(work: Work, story: Story) -> None:
        draft = drafts.requirement(stored, story.occupations)
        story.note(await issue_job_search_requirement(work, story.citizen_id, draft))

    return write


def _interventions(example: Example) -> Iterator[Writing]:
    for one in example.interventions:
        author = one["what"]["agreed_with"]
        yield Writing(day(one["published_on"]), author, "OFFER", _intervention(one))
        if status := one["latest_status"]:
            told = _status(one["id"], status["text"])
            yield Writing(day(status["on"]), status["author"], "STATUS", told)


def _intervention(stored: Json) -> Step:
    async def write(work: Work, story: Story) -> None:
        goal_ids = await _goal_ids(work, story, stored["goal_links"])
        done = await create_intervention(
            work,
            story.citizen_id,
            drafts.intervention(stored, story.example.id, goal_ids),
            shows_organisation=stored["what"]["agreed_org"] is not None,
        )
        story.interventions[stored["id"]] = story.note(done).values["intervention_id"]

    return write


async def _goal_ids(work: Work, story: Story, texts: list[str]) -> tuple[str, ...]:
    """The ids of the plan's goals with these texts."""
    jobs = await work.fetch("job_goals_of_plan", story.plan_id)
    educations = await work.fetch("education_goals_of_plan", story.plan_id)
    labels = {code: label for label, code in story.occupations.items()}
    ids = {row["education_name"]: row["education_goal_id"] for row in educations}
    for row in jobs:
        code = row["occupation_code"]
        ids[labels[code] if code else row["job_function_text"]] = row["job_goal_id"]
    return tuple(str(ids[text]) for text in texts)


def _status(number: str, text: str) -> Step:
    async def write(work: Work, story: Story) -> None:
        wanted = story.interventions[number]
        story.note(await set_intervention_status(work, story.citizen_id, wanted, text))

    return write


def _support(order: Json | None) -> Iterator[Writing]:
    admission = (order or {}).get("step_4")
    if admission is None:
        return
    need, contact = admission["support_need"], admission["institution_contact"]

    async def write(work: Work, story: Story) -> None:
        draft = SupportNeedDraft(
            need["has_need"],
            need["text"],
            tuple(str(story.interventions[number]) for number in need["interventions"]),
            InstitutionContactDraft(contact["name"], contact["phone"], contact["email"]),
        )
        story.note(await assess_support_need(work, story.citizen_id, draft))

    # the trigger of interventions, because it names some of them
    yield Writing(day(need["assessed_on"]), None, "OFFER", write)


def _contract(facts: Json) -> Step:
    async def write(work: Work, story: Story) -> None:
        draft = ContractDraft(
            small_pdf(["Kontrakt", f"Mål for dit dansk: {facts['danish_goal']}"]),
            facts["file_name"],
            day(facts["signed_on"]),
            facts["danish_goal"],
            day_or_none(facts["valid_until"]),
        )
        story.note(await attach_contract(work, story.citizen_id, draft))

    return write


def _meeting(stored: Json) -> Step:
    async def write(work: Work, story: Story) -> None:
        draft = drafts.meeting(stored)
        story.note(await upsert_meeting(work, story.citizen_id, draft))

    return write
