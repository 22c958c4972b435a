"""The API process: a Starlette app and everything its operations need."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.background import Errands, keep_up
from app.callbacks import PATH as SMS_CALLBACK_PATH, SmsCallback
from app.dev.issuer import DevelopmentIssuer
from app.dev.sinks import Sink
from app.identity import Identity
from app.identity_keys import HttpKeySource
from app.pdf.view import PdfView
from app.probes import Probes
from app.schema.admission import Admission
from app.schema.build import build_schema
from app.schema.context import Clock, Services
from app.schema.cost import costs_of
from app.schema.documents import DocumentStore
from app.schema.engine import Engine
from app.schema.prepared import with_login
from app.schema.trusted import load_trusted
from app.setting_types import shared_secrets
from app.settings import Settings, policy_of
from app.store.automatic import AutomaticDocuments
from app.store.budget import Budgets
from app.store.clock import clock_of
from app.store.contact_codes import CodeSeal, ContactCodes
from app.store.cpr import CprVault
from app.store.db import Pool, open_pool
from app.store.idempotency import Idempotency
from app.store.live import Live
from app.store.live_accounts import LiveAccounts
from app.store.live_sweep import Sweep
from app.store.publication import Published
from app.store.readers import Readers, open_readers
from app.store.refusals import Refusals
from app.store.revocations import Revocations
from app.wire.cors import cors
from app.wire.http import GraphQLEndpoint
from app.wire.websocket import WebSockets
from app.workers.backlog import Backlog
from app.workers.wake import Waker

_COLLECT: Final = 50_000, 20, 50
"""New objects before the collector looks at the young, at the grown and at all of them."""


class Api:
    """The wiring of one API process; the app's routes answer once `open` is entered."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or clock_of(settings.today)
        asked = settings.allows_introspection
        self.schema = build_schema(
            introspection=with_login if asked and settings.is_production else asked
        )
        self.trusted = load_trusted(settings.trusted_documents, self.schema._schema)
        self.issuer = DevelopmentIssuer(settings) if settings.uses_development_issuer else None
        self.callback_secrets = shared_secrets(settings.sms_callback_secret)
        self.sink = (
            None
            if settings.is_production
            else Sink(settings.dfdg_secret_bytes(), receipt_secrets=self.callback_secrets)
        )
        self.sockets: WebSockets | None = None
        self.graphql: GraphQLEndpoint | None = None
        self.pdf: PdfView | None = None
        self.sms_callback: SmsCallback | None = None
        self.pool: Pool | None = None
        self.probes: Probes | None = None
        self.readers: Readers | None = None
        self.redis: Redis | None = None
        self.revocations: Revocations | None = None
        self.refusals: Refusals | None = None
        self.live: Live | None = None

    def routes(self) -> list[BaseRoute]:
        routes: list[BaseRoute] = [
            Route("/graphql", self),
            *(Route(path, self.probe) for path in ("/healthz", "/readyz", "/metrics")),
            Route("/plans/{citizen_id}.pdf", self.plan_pdf),
        ]
        if self.callback_secrets:
            routes.append(Route(SMS_CALLBACK_PATH, self.sms_receipt, methods=["POST"]))
        if self.issuer:
            routes.append(Route("/dev/jwks.json", self.jwks))
        if self.sink:
            routes += self.sink.routes()
        return routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.graphql is not None
        await self.graphql(scope, receive, send)

    def app(self) -> ASGIApp:
        """The whole API. Sockets go past Starlette: its part of each would be held as long."""
        starlette = Starlette(
            routes=self.routes(), middleware=cors(self.settings), lifespan=self.open
        )

        async def api(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "websocket" and scope["path"] == "/graphql":
                assert self.sockets is not None
                await self.sockets(scope, receive, send)
            else:
                await starlette(scope, receive, send)

        return api

    def _recheck(self) -> None:
        """Ends what is live of those whose tokens have been revoked."""
        assert self.sockets and self.graphql and self.revocations
        self.sockets.recheck(self.revocations.is_revoked)
        self.graphql.streams.recheck(self.revocations.is_revoked)
        self.graphql.shared.recheck(self.revocations.is_revoked)

    @asynccontextmanager
    async def open(self, _app: Starlette) -> AsyncIterator[None]:
        """Connects, and at the end lets mutations under way finish before it disconnects."""
        settings = self.settings
        assert settings.database_url and settings.redis_url
        async with AsyncExitStack() as stack:
            self.pool = pool = await stack.enter_async_context(open_pool(settings.database_url))
            self.readers = await stack.enter_async_context(open_readers(settings.database_url))
            # to try again in silence would lose what a connection listens to
            self.redis = redis = Redis.from_url(settings.redis_url, retry=Retry(NoBackoff(), 0))
            stack.push_async_callback(redis.aclose)
            self.probes = Probes(pool, redis, Backlog(settings, pool, self.clock))
            self.live = Live(redis, pool)
            self.refusals = Refusals(pool, settings.client_key_bytes())
            leeway = settings.oidc_leeway_seconds
            self.revocations = Revocations(redis, pool, leeway_seconds=leeway)
            await self.revocations.load()
            vault = self._vault()
            identity = Identity(
                settings,
                await self._keys(stack),
                citizen_by_cpr=self._citizen_by(vault),
                is_revoked=self.revocations.is_revoked,
                note=self.refusals.note,
            )
            errands = Errands()
            wake = self._wake(stack, self.live, errands)
            services = self._services(pool, self.readers, self.live, self.refusals, vault, wake)
            engine = Engine(self.schema, services, self._documents(redis), self._admission(redis))
            self.graphql = GraphQLEndpoint(engine, identity.viewer, settings)
            self.sockets = WebSockets(engine, identity.viewer, settings)
            self.revocations.on_change(self._recheck)
            self.pdf = PdfView(self.readers, identity, self.clock)
            self.sms_callback = SmsCallback(pool, self.clock, self.callback_secrets)
            if self.sink:
                stack.push_async_callback(self.sink.stop)
                if settings.mail_sink_port is not None:
                    await self.sink.start_smtp(settings.mail_sink_port)
            sweep = Sweep(self.live, pool, self.clock)
            for run in (
                *self.live.loops,
                *(sweep.run, self.revocations.run, self.refusals.run),
            ):
                keep_up(stack, run)
            stack.push_async_callback(errands.finish)
            stack.push_async_callback(self.schema.running.drain)
            yield

    def _services(
        self,
        pool: Pool,
        readers: Readers,
        live: Live,
        refusals: Refusals,
        vault: CprVault,
        wake: Callable[[Published], None],
    ) -> Services:
        settings = self.settings
        assert self.revocations is not None
        return Services(
            pool=pool,
            readers=readers,
            clock=self.clock,
            policy=policy_of(settings),
            vault=vault,
            codes=ContactCodes(CodeSeal(settings.contact_code_key_bytes()), readers),
            wake=wake,
            idempotency=Idempotency(
                settings.idempotency_key_bytes(), settings.idempotency_wait_seconds
            ),
            live=live,
            page_size_limit=settings.page_size_limit,
            forbidden=refusals.forbidden,
            is_revoked=self.revocations.is_revoked,
        )

    def _wake(
        self, stack: AsyncExitStack, live: Live, errands: Errands
    ) -> Callable[[Published], None]:
        """Has live views and workers told of what was published."""
        settings = self.settings
        assert settings.redis_url
        waker = Waker(settings.redis_url)
        stack.push_async_callback(waker.close)

        async def tell(published: Published) -> None:
            await live.publish(published)
            if published.deliveries or (settings.sends_events and published.versions):
                waker.ring()

        return lambda published: errands.start(tell(published))

    def _vault(self) -> CprVault:
        settings = self.settings
        return CprVault(
            settings.cpr_key_bytes(),
            settings.cpr_index_key_bytes(),
            key_id=settings.cpr_key_id,
            retired=settings.cpr_retired_key_bytes(),
        )

    def _documents(self, redis: Redis) -> DocumentStore:
        settings = self.settings
        registers = settings.registers_documents(is_production=settings.is_production)
        return DocumentStore(
            self.trusted,
            only_trusted=settings.documents == "trusted",
            automatic=AutomaticDocuments(redis) if registers else None,
        )

    def _admission(self, redis: Redis) -> Admission:
        settings = self.settings
        costs = costs_of(self.schema._schema, page_size_limit=settings.page_size_limit)
        if not settings.budgets:
            return Admission(costs, settings.max_costs(), None)
        quotas = settings.quotas()
        budgets = Budgets(redis, quotas, settings.budget_key_bytes())
        return Admission(costs, settings.max_costs(), budgets, LiveAccounts(quotas.subject.cost))

    async def _keys(self, stack: AsyncExitStack) -> DevelopmentIssuer | HttpKeySource:
        if self.issuer:
            return self.issuer
        settings = self.settings
        assert settings.oidc_jwks_url
        keys = HttpKeySource(
            settings.oidc_jwks_url,
            cache_seconds=settings.jwks_cache_seconds,
            min_refetch_seconds=settings.jwks_min_refetch_seconds,
        )
        stack.push_async_callback(keys.aclose)
        return keys

    def _citizen_by(self, vault: CprVault) -> Any:
        async def citizen_by_cpr(cpr: str) -> UUID | None:
            assert self.readers is not None
            found: UUID | None = await self.readers.fetchval(
                "find_citizen_by_cpr", vault.index(cpr)
            )
            return found

        return citizen_by_cpr

    async def plan_pdf(self, request: Request) -> Response:
        assert self.pdf is not None
        return await self.pdf(request)

    async def sms_receipt(self, request: Request) -> Response:
        assert self.sms_callback is not None
        return await self.sms_callback(request)

    async def probe(self, request: Request) -> Response:
        assert self.probes is not None
        answer: Response = await getattr(self.probes, request.url.path.strip("/"))(request)
        return answer

    async def jwks(self, _request: Request) -> Response:
        assert self.issuer is not None
        return JSONResponse(self.issuer.jwks())


def create_app(settings: Settings) -> ASGIApp:
    """The API of a process of its own; raises SettingsError without PostgreSQL's and Valkey's URLs.

    What is there now stays: the collector need not walk through the schema and the modules again
    and again, which took tens of milliseconds at a time, and looks at what is young less often.
    """
    app = Api(settings).app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    return app
