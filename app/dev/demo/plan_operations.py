"""From an example to its operations: what is published together, by whom, and when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from app.dev.demo.examples import Example, Json, day, moment
from app.dev.demo.people import People
from app.dev.demo.registration import before_the_plan, beside_the_plan
from app.dev.demo.story import Operation, Writing, after, on_behalf
from app.dev.demo.writings import education_goals, job_goals, writings


def operations(example: Example, people: People) -> list[Operation]:
    """All operations of an example in order of time.

    Each writing goes into the first publication from its day on whose publisher's authority is the
    author's; of several that day, into the one of its kind. What no publication takes is an
    operation of its own.
    """
    publications = example.data["publications"]
    gathered: list[list[Writing]] = [[] for _ in publications]
    found = [*before_the_plan(example, people), *beside_the_plan(example, people)]
    for writing in [*_goals(example, people), *writings(example)]:
        index = _publication_for(writing, publications, people)
        if index is None:
            found.append(_alone(writing, example, people))
        else:
            gathered[index].append(writing)
    for publication, written in zip(publications, gathered, strict=True):
        if written:
            found.append(_published(publication, written, example, people))
    return sorted(found, key=lambda operation: operation.at)


def _goals(example: Example, people: People) -> Iterator[Writing]:
    """Goals are written, and again confirmed, in every publication of goals until the last one."""
    data = example.data
    publications = data["publications"]
    if data["job_goals"]:
        newest = data["job_goals"][0]
        write = job_goals(example)
        last = Writing(day(newest["confirmed_on"]), newest["confirmed_by"], "GOALS", write)
        index = _publication_for(last, publications, people)
        for publication in publications[:index]:
            if publication["trigger"] == "GOALS":
                yield replace(last, on=_on(publication), author=publication["published_by"])
        yield last
    if data["education_goals"]:
        write = education_goals(example)
        # what a youth proposes at step 1 comes before the goals
        first_steps = [s["opened_on"] for s in data["education_order"]["steps"] if s["step"] == 1]
        for publication in publications:
            if publication["trigger"] == "GOALS" and publication["published_on"] not in first_steps:
                yield Writing(_on(publication), publication["published_by"], "GOALS", write)


def _publication_for(writing: Writing, publications: list[Json], people: People) -> int | None:
    able = [
        index
        for index, publication in enumerate(publications)
        if _on(publication) >= writing.on and _may_publish(publication, writing, people)
    ]
    if not able:
        return None
    first = _on(publications[able[0]])
    same_day = [index for index in able if _on(publications[index]) == first]
    fitting = [index for index in same_day if publications[index]["trigger"] == writing.trigger]
    return (fitting or same_day)[0]


def _may_publish(publication: Json, writing: Writing, people: People) -> bool:
    publisher = publication["published_by"]
    return writing.author is None or people.authority(publisher) == people.authority(writing.author)


def _published(
    publication: Json, written: list[Writing], example: Example, people: People
) -> Operation:
    """What fits the publication comes first, so that the version says so."""
    publisher = publication["published_by"]
    ordered = sorted(written, key=lambda writing: writing.trigger != publication["trigger"])
    steps = tuple(
        writing.step
        if writing.author in (None, publisher)
        else on_behalf(people.caseworker(writing.author), writing.step)
        for writing in ordered
    )
    held = [moment(one["held_at"]) for one in example.data["conversations"]]
    return Operation(after(_on(publication), held), people.caseworker(publisher), steps)


def _alone(writing: Writing, example: Example, people: People) -> Operation:
    assert writing.author is not None
    held = [moment(one["held_at"]) for one in example.data["conversations"]]
    return Operation(after(writing.on, held), people.caseworker(writing.author), (writing.step,))


def _on(publication: Json) -> date:
    return day(publication["published_on"])
