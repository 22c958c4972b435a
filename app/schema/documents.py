"""From what a client names to the document's text: trusted, registered by its hash, or sent along.

The identifier is `documentId` of GraphQL over HTTP (appendix A) or `extensions.persistedQuery` of
Apollo; both may come with the text, which then must have that hash.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, NamedTuple

from app.errors import BadUserInput, DocumentNotFound, DocumentRequired
from app.schema.request import OperationRequest
from app.schema.trusted import TrustedDocuments, hash_in, hash_of
from app.store.automatic import AutomaticDocuments

# the words that Apollo's, urql's and others' clients wait for
NOT_FOUND: Final = "PersistedQueryNotFound"
NOT_SUPPORTED: Final = "PersistedQueryNotSupported"


class Resolved(NamedTuple):
    """The text of a document. trusted: it stands in a manifest.

    register: keeps it under its identifier, to be called once the operation may run; None where
    there is nothing to keep.
    """

    query: str
    trusted: bool
    register: Callable[[], Awaitable[None]] | None = None


class DocumentStore:
    """What the process knows documents by.

    only_trusted: run nothing else. automatic: where clients register documents, None where they
    may not.
    """

    def __init__(
        self,
        trusted: TrustedDocuments,
        *,
        only_trusted: bool = False,
        automatic: AutomaticDocuments | None = None,
    ) -> None:
        self._trusted = trusted
        self._only_trusted = only_trusted
        self._automatic = None if only_trusted else automatic

    async def text_of(self, request: OperationRequest) -> Resolved:
        """The text to run.

        Raises DocumentNotFound for an unknown identifier, DocumentRequired for a text where only
        trusted ones are run, BadUserInput where there is neither, or text and hash differ.
        """
        named = _named(request)
        if request.query and named is None:
            return self._free(request.query)
        if request.query:
            assert named is not None
            return self._identified(request.query, named)
        if named is None:
            raise BadUserInput("The request holds no document: neither `query` nor `documentId`.")
        known = self._trusted.get(named.hash)
        if known is not None:
            return Resolved(known.text, trusted=True)
        if self._automatic is not None and (text := await self._automatic.get(named.hash)):
            return Resolved(text, trusted=False)
        raise self._unknown(named)

    def _free(self, text: str) -> Resolved:
        trusted = self._trusted.has_text(text)
        if self._only_trusted and not trusted:
            raise DocumentRequired
        return Resolved(text, trusted)

    def _identified(self, text: str, named: "_Named") -> Resolved:
        """A text that came with its identifier, for those who then send the identifier alone."""
        if not _has_hash(text, named.hash):
            raise BadUserInput("The identifier is not the SHA-256 of the document's text.")
        found = self._free(text)
        if self._automatic is None or found.trusted:
            return found
        return found._replace(register=partial(self._automatic.put, named.hash, text))

    def _unknown(self, named: "_Named") -> DocumentNotFound:
        if not named.by_apollo:
            return DocumentNotFound("No document has this identifier.")
        # in both cases the client sends the text next. To one that learns that hashes are of no use
        # it sends only texts from then on: not where a manifest is all that is run
        usable = self._only_trusted or self._automatic is not None
        return DocumentNotFound(NOT_FOUND if usable else NOT_SUPPORTED)


class _Named(NamedTuple):
    """hash: empty for an identifier of a sort that no document has here."""

    hash: str
    by_apollo: bool


def _named(request: OperationRequest) -> _Named | None:
    """The identifier of a request, if it has one."""
    extension = (request.extensions or {}).get("persistedQuery")
    by_apollo = None if extension is None else _Named(_apollo_hash(extension), True)
    if request.document_id is None:
        return by_apollo
    by_id = _Named(hash_in(request.document_id) or "", False)
    if by_apollo is not None and by_apollo.hash != by_id.hash:
        raise BadUserInput("The request names two documents.")
    return by_apollo or by_id


def _apollo_hash(extension: Any) -> str:
    if not isinstance(extension, dict) or not isinstance(extension.get("sha256Hash"), str):
        raise BadUserInput("`extensions.persistedQuery` must be an object with a `sha256Hash`.")
    version = extension.get("version")
    if version != 1 or isinstance(version, bool):
        raise BadUserInput("`extensions.persistedQuery.version` must be 1.")
    return hash_in(extension["sha256Hash"]) or ""


def _has_hash(text: str, wanted: str) -> bool:
    try:
        return hash_of(text) == wanted
    except UnicodeEncodeError:
        return False
