"""How much CPU a hostile document under 10 KB costs before it is refused.

Run as `python -m bench.hostile`.

Worst of five preparations, none of them from a cache; and what the largest documents cost that are
accepted, which is paid once for each of them and role.
"""

import gc
import time
from collections.abc import Iterator

from app.domain.viewer import Role
from app.schema.build import build_schema
from app.schema.prepared import PreparedDocuments
from tests.everything import everything
from tests.wire.hostile_documents import HOSTILE, filled

GOAL = 10.0
"""Milliseconds of CPU until refusal."""

ROUNDS = 5


def accepted() -> dict[str, str]:
    """Documents near the limits that are answered."""
    schema = build_schema()._schema
    return {
        "everything a jobcenter may ask": everything(
            schema, Role.JOBCENTER, citizen=("(id: $id)", "Citizen")
        ),
        "one leaf, again and again": filled("{viewer{", "role ", "}}", most=2_590),
        "arguments, again and again": filled(
            '{citizen(id:"1"){', lambda n: f"a{n}:plan(version:{n}){{id}}", "}}", 300
        ),
        "like fields of unlike parents": filled(
            '{citizen(id:"1"){plan{interventions{',
            "...on AidIntervention{x:category}...on MentorIntervention{x:mentorName}",
            "}}}}",
            70,
        ),
    }


def cost(documents: dict[str, str], role: Role) -> Iterator[tuple[float, str, str]]:
    """For each document milliseconds of CPU, worst of some rounds, its name, and its refusal."""
    fresh = PreparedDocuments(build_schema()._schema, introspection=role is not Role.ANONYMOUS)
    fresh.prepare("{ __typename }", role)  # what the role may ask is looked up once
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as in the process that serves (`app.main`)
    for name, text in documents.items():
        worst = 0.0
        for number in range(ROUNDS):
            unseen = text + " " * number
            start = time.process_time()
            prepared = fresh.prepare(unseen, role)
            worst = max(worst, (time.process_time() - start) * 1000)
        yield worst, name, prepared.errors[0].message[:70] if prepared.errors else ""


def main() -> None:
    """Prints the costs, the worst first."""
    for role in (Role.ANONYMOUS, Role.JOBCENTER):
        rows = sorted(cost(HOSTILE, role), reverse=True)
        over = [row for row in rows if row[0] > GOAL]
        taken = [name for _, name, refusal in rows if not refusal]
        print(f"\n{role}: {len(rows)} documents, {len(over)} over {GOAL} ms, not refused: {taken}")
        for worst, name, refusal in rows:
            print(f"{worst:8.2f} ms {len(HOSTILE[name].encode()):6} B  {name}: {refusal}")
    print("\naccepted, for a jobcenter:")
    documents = accepted()
    for worst, name, refusal in cost(documents, Role.JOBCENTER):
        print(f"{worst:8.2f} ms {len(documents[name].encode()):6} B  {name} {refusal}")


if __name__ == "__main__":
    main()
