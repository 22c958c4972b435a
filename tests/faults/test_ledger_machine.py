"""Events and faults in any order: whatever happens, the ledger ends in agreement with the oracle.

`make faults` looks at more examples (FAULT_EXAMPLES).
"""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pprint import pformat
from random import Random

from hypothesis import HealthCheck, Phase, event, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis.asyncio import Redis

from app.domain.notice import NoticeEvent

from .gateway import FAST as ANSWERS, Answer, Hold
from .ledger import Check, story
from .mail import FAST as VERDICTS, Verdict
from .office import CHANNELS
from .oracle import Message
from .rounds import EVENTS, Play, heal, new_day, until_quiet
from .stage import Stage, open_stage

EXAMPLES = int(os.environ.get("FAULT_EXAMPLES", "5"))
STEPS = 12
MOST_WORKERS = 4

some = st.integers(0, 99)
"""Which of however many there are."""


class Ledger(RuleBasedStateMachine):
    """A few citizens, workers and providers, and one clock."""

    runner: asyncio.Runner
    stage: Stage
    play: Play

    @initialize(
        people=st.lists(st.sampled_from([CHANNELS, ("SMS",), ("EMAIL",)]), min_size=1, max_size=3),
        workers=st.integers(1, 3),
    )
    def begin(self, people: list[tuple[str, ...]], workers: int) -> None:
        self.play = Play(self.stage, Random(0))
        self.runner.run(self._begin(people, workers))

    async def _begin(self, people: list[tuple[str, ...]], workers: int) -> None:
        self.stage.begin()
        await new_day(self.stage)
        await self.stage.crew.man(workers)
        for channels in people:
            await self.stage.citizen(*channels)

    @rule(
        who=some,
        told=st.lists(st.sampled_from(EVENTS), min_size=1, max_size=4),
        wake=st.booleans(),
    )
    def changes_are_committed(self, who: int, told: list[NoticeEvent], wake: bool) -> None:
        """At the same time, for one citizen."""
        citizen = self.stage.citizens[who % len(self.stage.citizens)]

        async def run() -> None:
            await asyncio.gather(*(self.stage.change(citizen, one, wake=wake) for one in told))

        self.runner.run(run())

    @rule(who=some, channel=st.sampled_from(CHANNELS))
    def a_citizen_opts_out(self, who: int, channel: str) -> None:
        citizen = self.stage.citizens[who % len(self.stage.citizens)]
        self.runner.run(self.stage.opt_out(citizen, channel))

    @rule(who=some, channel=st.sampled_from(CHANNELS))
    def an_address_changes(self, who: int, channel: str) -> None:
        citizen = self.stage.citizens[who % len(self.stage.citizens)]
        self.runner.run(self.stage.move(citizen, channel))

    @rule(
        by=st.sampled_from(
            [
                timedelta(seconds=11),
                timedelta(minutes=2),
                timedelta(minutes=16),
                timedelta(hours=13),
            ]
        ),
        calm=st.booleans(),
    )
    def time_goes_by(self, by: timedelta, calm: bool) -> None:
        async def run() -> None:
            if calm:
                await self.stage.calm()
            else:
                self.play.losses += 1  # for whoever is in the middle of something
            self.stage.clock.turn(by)

        self.runner.run(run())

    @rule(answers=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=3))
    def the_gateway_will_answer(self, answers: list[Answer]) -> None:
        self.stage.gateway.script.extend(answers)

    @rule(verdicts=st.lists(st.sampled_from(VERDICTS), min_size=1, max_size=3))
    def the_mail_server_will_say(self, verdicts: list[Verdict]) -> None:
        self.stage.mail.script.extend(verdicts)

    @rule(point=st.sampled_from(Hold))
    def the_gateway_holds_requests(self, point: Hold) -> None:
        self.stage.gateway.hold_at(point)

    @precondition(lambda self: self.stage.gateway.hold is not None)
    @rule(discard=st.booleans())
    def the_gateway_goes_on(self, discard: bool) -> None:
        async def run() -> None:
            event(f"held {bool(self.stage.oracle.held)}")
            self.stage.gateway.release(discard=discard)

        self.runner.run(run())

    @rule(which=some)
    def a_worker_is_killed(self, which: int) -> None:
        async def run() -> None:
            crew = self.stage.crew
            held = [one for one in map(crew.named, self.stage.oracle.held) if one is not None]
            victims = held or crew.workers
            if victims:
                self.play.losses += 1
                await crew.kill(victims[which % len(victims)])

        self.runner.run(run())

    @precondition(lambda self: len(self.stage.crew.workers) < MOST_WORKERS)
    @rule()
    def a_worker_comes(self) -> None:
        self.stage.crew.start()

    @rule(which=some)
    def a_worker_freezes(self, which: int) -> None:
        if self.stage.crew.workers:
            self.play.losses += 1
            self.stage.crew.workers[which % len(self.stage.crew.workers)].freeze()

    @rule()
    def the_frozen_thaw(self) -> None:
        for one in self.stage.crew.workers:
            one.thaw()

    @rule()
    def valkey_is_flushed(self) -> None:
        async def run() -> None:
            redis = Redis.from_url(self.stage.servers.redis_url)
            await redis.flushall()
            await redis.aclose()

        self.runner.run(run())

    @rule(share=st.sampled_from([0.3, 1.0]))
    def sessions_are_ended(self, share: float) -> None:
        self.play.losses += 1
        self.runner.run(self.stage.end_sessions(share))

    @precondition(lambda self: any(one.channel == "SMS" for one in self.stage.oracle.accepted))
    @rule(
        which=some,
        status=st.sampled_from(["ENROUTE", "DELIVERED", "DELIVERED", "UNDELIVERABLE", "EXPIRED"]),
        times=st.integers(1, 2),
    )
    def the_gateway_reports(self, which: int, status: str, times: int) -> None:
        told = [one for one in self.stage.oracle.accepted if one.channel == "SMS"]
        message: Message = told[which % len(told)]
        assert message.delivery_id is not None
        if status in ("UNDELIVERABLE", "EXPIRED"):
            self.play.denied.add(message.delivery_id)

        async def run() -> None:
            for _ in range(times):
                await self.stage.callbacks.tell(message.reference, status)

        self.runner.run(run())

    @invariant()
    def every_message_was_an_attempt_first(self) -> None:
        self.runner.run(self._attempts_are_there())

    async def _attempts_are_there(self) -> None:
        accepted = list(self.stage.oracle.accepted)
        rows = await self.stage.pool.fetch(
            "select delivery_id || '.' || number as reference from delivery_attempt"
            " where delivery_id = any ($1)",
            [one.delivery_id for one in accepted],
        )
        assert {one.reference for one in accepted} <= {row["reference"] for row in rows}

    def teardown(self) -> None:
        if hasattr(self, "play"):
            self.runner.run(self._end())

    async def _end(self) -> None:
        await heal(self.play)
        assert await until_quiet(self.stage)
        denied = frozenset(self.play.denied)
        tally = await Check(self.stage, self.play.losses, denied).run()
        for name in (*tally.states, *tally.uncertain):
            event(name)
        told = [
            (fault, fault.delivery_id and await story(self.stage.pool, fault.delivery_id))
            for fault in tally.faults
        ]
        await self.stage.retire()
        assert not told, pformat(told, width=150)


def test_whatever_happens_in_any_order_the_ledger_agrees_with_the_providers() -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        Ledger.runner = runner
        try:
            Ledger.stage = runner.run(stack.enter_async_context(open_stage()))
            run_state_machine_as_test(
                Ledger,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(stack.aclose())
