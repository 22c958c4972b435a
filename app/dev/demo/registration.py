"""What happens around an example's plan: registration, the citizen's data, letters, receipts."""

from collections.abc import Iterator
from datetime import timedelta

from app.actions.acknowledgement import record_acknowledgement
from app.actions.citizen import upsert_citizen
from app.actions.education_step import save_education_step, send_education_step
from app.actions.exemption import complete_letter_task
from app.actions.handover import release_handover
from app.actions.membership import set_membership
from app.actions.notification import (
    PreferenceDraft,
    update_notification_preference,
    verify_contact,
)
from app.actions.responsibility import set_responsibility
from app.actions.sought_job import add_sought_job
from app.actions.target_group import set_target_group
from app.dev.demo import drafts
from app.dev.demo.examples import Example, Json, day, moment
from app.dev.demo.people import REGISTER, People, system
from app.dev.demo.story import Operation, Step, Story, noon
from app.domain.education import HandoverDraft
from app.domain.notice import Channel
from app.domain.viewer import Viewer
from app.store.contact_codes import draw_code
from app.store.deliveries import begin, claim
from app.store.work import Work


def before_the_plan(example: Example, people: People) -> Iterator[Operation]:
    """The citizen is registered, says what work is sought, and moves between target groups."""
    first = noon(day(example.case["responsibility_periods"][0]["from"]))
    register = system(REGISTER)
    yield Operation(first, register, (_register, _set_membership, _set_responsibility))
    yield Operation(first + timedelta(minutes=1), None, (_prefer,))
    for index, job in enumerate(example.data["sought_jobs"]):
        at = noon(day(job["added_on"])) + timedelta(minutes=2 + index)
        yield Operation(at, None, (_seek(job["occupation"]),))
    yield Operation(first + timedelta(minutes=30), register, (_close_registration,))
    for period in example.case.get("target_group_history", ())[1:]:
        moves = _move(period["target_group"], period["plan_type"])
        writer = _jobcenter_writer(example, people)
        yield Operation(noon(day(period["from"])), writer, (moves,))


def beside_the_plan(example: Example, people: People) -> Iterator[Operation]:
    """What is not a publication by a caseworker: step data, handover, letters and receipts."""
    order = example.data["education_order"]
    yield from _step_data(order) if order else ()
    if handover := (order or {}).get("step_4", {}).get("handover"):
        writer = _jobcenter_writer(example, people)
        yield Operation(moment(handover["released_at"]), writer, (_release(handover),))
    for task in example.case.get("letter_tasks", ()):
        if task["status"] == "SENT":
            sent = _letter_sent(task["version"])
            yield _by(people, task["sent_by"], task["sent_on"], sent)
    for receipt in example.case.get("acknowledgements", ()):
        yield _by(people, receipt["by"], receipt["on"], _acknowledged(receipt))


def _by(people: People, name: str, written: str, step: Step) -> Operation:
    return Operation(noon(day(written)), people.caseworker(name), (step,))


def _jobcenter_writer(example: Example, people: People) -> Viewer:
    """A caseworker of the citizen's own jobcenter who writes in the plan."""
    named = [people.caseworker(one["published_by"]) for one in example.data["publications"]]
    code = example.citizen["municipality_code"]
    return next(viewer for viewer in named if viewer.organisation_code == code)


async def _register(work: Work, story: Story) -> None:
    example = story.example
    number = example.civil_registration_number
    done = await upsert_citizen(work, drafts.citizen_draft(example.case, number))
    story.ids.append(done.citizen_id)


async def _set_membership(work: Work, story: Story) -> None:
    if stored := story.example.citizen["membership"]:
        organisations = story.people.organisations
        await set_membership(work, story.citizen_id, drafts.membership(stored, organisations))


async def _set_responsibility(work: Work, story: Story) -> None:
    organisations = story.people.organisations
    stored = story.example.case["responsibility_periods"]
    periods = [drafts.responsibility(one, organisations) for one in stored]
    await set_responsibility(work, story.citizen_id, periods)


async def _close_registration(work: Work, story: Story) -> None:
    number = story.example.civil_registration_number
    await upsert_citizen(work, drafts.registration_closed(number))


async def _prefer(work: Work, story: Story) -> None:
    wanted = story.example.citizen["notification_preference"]
    await update_notification_preference(work, PreferenceDraft(**wanted))
    for channel in (Channel.SMS, Channel.EMAIL):
        await _verify(work, channel)


async def _verify(work: Work, channel: Channel) -> None:
    """The example's citizen gets the code, drawn as a worker draws it, and enters it."""
    assert work.codes is not None
    lease = timedelta(minutes=1)
    until = work.now + lease
    claims = await claim(work.connection, channel, work.now, 1, lease, codes=True)
    for attempt in await begin(work.connection, claims, channel.lower(), work.now, until):
        code = await draw_code(work.connection, work.codes.seal, attempt, work.now)
        assert code is not None
        await verify_contact(work, channel, code)


def _seek(occupation: str) -> Step:
    async def seek(work: Work, story: Story) -> None:
        await add_sought_job(work, story.citizen_id, story.occupations[occupation])

    return seek


def _move(group: str, plan_type: str) -> Step:
    async def move(work: Work, story: Story) -> None:
        done = await set_target_group(work, story.citizen_id, group, plan_type=plan_type)
        story.note(done)

    return move


def _step_data(order: Json) -> Iterator[Operation]:
    for opened in order["steps"]:
        step = opened["step"]
        if opened["sent_at"]:
            yield Operation(moment(opened["sent_at"]), None, (_send(step, order),))
        elif opened["status"] == "SAVED":
            saved_at = moment(order[f"step_{step}"]["saved_at"])
            yield Operation(saved_at, None, (_save(step, order),))


def _send(step: int, order: Json) -> Step:
    async def send(work: Work, story: Story) -> None:
        draft = drafts.step_data(step, order)
        story.note(await send_education_step(work, story.citizen_id, step, draft))

    return send


def _save(step: int, order: Json) -> Step:
    async def save(work: Work, story: Story) -> None:
        await save_education_step(work, story.citizen_id, drafts.step_data(step, order))

    return save


def _release(handover: Json) -> Step:
    async def release(work: Work, story: Story) -> None:
        code = story.people.organisations[handover["institution"]]
        draft = HandoverDraft(code, handover["other_essential_information"])
        story.note(await release_handover(work, story.citizen_id, draft))

    return release


def _letter_sent(version: int) -> Step:
    async def complete(work: Work, story: Story) -> None:
        await complete_letter_task(work, story.citizen_id, version=version)

    return complete


def _acknowledged(receipt: Json) -> Step:
    async def acknowledge(work: Work, story: Story) -> None:
        version, method, note = receipt["version"], receipt["method"], receipt["note"]
        await record_acknowledgement(work, story.citizen_id, version, method, note)

    return acknowledge
