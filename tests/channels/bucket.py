"""An S3-compatible bucket on loopback that takes signed requests only, for the tests of letters.

It checks AWS Signature Version 4 as its specification says, not as the client does it.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.workers.gateway import serving

KEY_ID, SECRET, REGION = "letters", "a secret that nobody has", "eu-north-1"

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<scope>[^,]+), *"
    r"SignedHeaders=(?P<names>[^,]+), *Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass
class BucketServer:
    """Keeps what was put, by path; answers with `status` instead while that is set.

    While `open` is not set, what is put is read and waits; `putting` says how much does.
    """

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    unsigned: int = 0
    status: int | None = None
    location: str | None = None
    secret: str = SECRET
    putting: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        path = request.url.path
        self.asked.append((request.method, path.rpartition(".")[2]))
        self.headers.append(dict(request.headers))
        if not is_signed(request, body, self.secret):
            self.unsigned += 1
            return Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)
        if self.status is not None:
            moved = {"location": self.location} if self.location else {}
            return Response("<Error><Code>Nothing</Code></Error>", self.status, moved)
        if request.method == "PUT":
            self.putting += 1
            await self.open.wait()
            self.putting -= 1
            self.objects[path] = body
            self.kinds[path] = request.headers["content-type"]
            return Response(headers={"etag": '"x"'})
        self.objects.pop(path, None)
        return Response(status_code=204)


def is_signed(request: Request, body: bytes, secret: str) -> bool:
    """Whether the holder of the secret signed the request, its body included."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    digest = hashlib.sha256(body).hexdigest()
    if found is None or request.headers.get("x-amz-content-sha256") != digest:
        return False
    names = found["names"].split(";")
    canonical = "\n".join(
        (
            request.method,
            quote(request.url.path, safe="/-_.~"),
            request.url.query,
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
            "",
            found["names"],
            digest,
        )
    )
    stamp = request.headers["x-amz-date"]
    signed = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            stamp,
            found["scope"],
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"AWS4{secret}".encode()
    for part in found["scope"].split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    wanted = hmac.digest(key, signed.encode(), "sha256").hex()
    day, region, service, end = found["scope"].split("/")
    return (
        hmac.compare_digest(wanted, found["signature"])
        and {"host", "x-amz-content-sha256", "x-amz-date"} <= set(names)
        and (found["key"], region, service, end) == (KEY_ID, REGION, "s3", "aws4_request")
        and stamp.startswith(day)
    )


@asynccontextmanager
async def bucket_server() -> AsyncIterator[BucketServer]:
    found = BucketServer()
    route = Route("/{path:path}", found.answer, methods=["PUT", "DELETE"])
    async with serving(route) as url:
        found.url = f"{url}/letters/min-plan"
        try:
            yield found
        finally:
            found.open.set()
