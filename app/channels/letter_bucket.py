"""Letters for whoever prints them, in an S3-compatible bucket: the files of `app.channels.letter`.

Requests are signed (SigV4, with the body's digest), addressed by path, and made once: the worker
repeats what failed.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from app.channels.contract import TryAgain
from app.channels.letter import Letter, manifest_name, pdf_name
from app.channels.web import Timeouts

if TYPE_CHECKING:
    from obstore.store import S3Credential  # there for type checkers only

_REFUSED: Final = (PermissionDeniedError, UnauthenticatedError)


class Bucket:
    """A bucket that the printing system reads."""

    def __init__(
        self, url: str, *, key_id: str, secret: str, region: str, timeouts: Timeouts | None = None
    ) -> None:
        """url: `https://host/bucket`, and a prefix of the names behind it if there is one.

        Raises ValueError for a URL without a bucket.
        """
        parts = urlsplit(url)
        bucket, _, prefix = parts.path.strip("/").partition("/")
        if not bucket:
            raise ValueError("the URL of a bucket ends with the bucket's name")
        endpoint = f"{parts.scheme}://{parts.netloc}"
        bounds = timeouts or Timeouts()
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            # all of these, so that no variable of the environment (AWS_...) leads letters elsewhere
            endpoint=endpoint,
            aws_endpoint_url_s3=endpoint,
            virtual_hosted_style_request=False,
            skip_signature=False,
            s3_express=False,
            unsigned_payload=False,
            region=region,
            # one name a request: not every compatible store takes lists
            disable_bulk_delete=True,
            credential_provider=lambda: _credential(key_id, secret),
            client_options={
                "allow_http": parts.scheme == "http",
                "allow_invalid_certificates": False,
                "connect_timeout": timedelta(seconds=bounds.connect),
                "timeout": timedelta(seconds=bounds.total),
            },
            retry_config={"max_retries": 0},
        )

    async def put(self, letter: Letter) -> None:
        await self._put(pdf_name(letter.letter_task_id), letter.pdf, "application/pdf")
        await self._put(manifest_name(letter.letter_task_id), letter.manifest, "application/json")

    async def remove(self, letter_task_id: UUID) -> None:
        await self._delete(manifest_name(letter_task_id))
        await self._delete(pdf_name(letter_task_id))

    async def _put(self, name: str, content: bytes, kind: str) -> None:
        # Raised outside every handler: an exception of the library says where the letter lies.
        try:
            await obstore.put_async(
                self._store, name, content, attributes={"Content-Type": kind}, use_multipart=False
            )
            return
        except FileNotFoundError:
            failure = TryAgain("bucket_missing", operator=True, provider=True)
        except (BaseError, OSError) as error:
            failure = _failure(error)
        raise failure

    async def _delete(self, name: str) -> None:
        try:
            await obstore.delete_async(self._store, name)
            return
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            failure = _failure(error)
        raise failure


def _credential(key_id: str, secret: str) -> "S3Credential":
    return {"access_key_id": key_id, "secret_access_key": secret, "token": None, "expires_at": None}


def _failure(error: Exception) -> TryAgain:
    if isinstance(error, _REFUSED):
        return TryAgain("bucket_refuses", operator=True, provider=True)
    return TryAgain("bucket_failed", provider=True)
