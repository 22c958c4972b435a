"""What a broker says of a professional's privileges: OIO Basic Privilege Profile 1.2, and as JSON.

The profile's intermediate form is XML, as base64 in one claim:

    <bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile">
      <PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:12345678">
        <Privilege>urn:dk:example:minplan:caseworker</Privilege>
      </PrivilegeGroup>
    </bpp:PrivilegeList>

Brokers that speak OpenID Connect turn each group into `{"cvr": "12345678", "p": ["urn:..."]}`, a
JSON object or its text, one or a list of them; or they list plain privileges, which then hold for
the organisation that the token names (the profile's simple form).

A group that says more than is understood here is no group: a constraint, for one, narrows a
privilege, and whoever cannot keep to it must not grant the privilege without it.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

_MAX_CHARACTERS: Final = 16_384
_MAX_GROUPS: Final = 200
_NAMESPACES: Final = (
    "http://digst.dk/oiosaml/basic_privilege_profile",
    "http://itst.dk/oiosaml/basic_privilege_profile",
)
_CVR_SCOPE: Final = re.compile(r"urn:dk:gov:saml:cvrNumberIdentifier:([0-9]{8})", re.ASCII)
_CVR: Final = re.compile(r"[0-9]{8}", re.ASCII)
_PATH: Final = ("PrivilegeList", "PrivilegeGroup", "Privilege")


@dataclass(frozen=True, slots=True)
class Group:
    """Privileges in one organisation; cvr: its CVR number, None for the one the token names."""

    cvr: str | None
    privileges: tuple[str, ...]


def privilege_groups(claim: object) -> list[Group]:
    """The groups that a claim holds and that are understood, in its order; raises `ValueError`."""
    if isinstance(claim, str):
        return _of_text(claim)
    if isinstance(claim, Mapping):
        return _of_members([claim])
    if isinstance(claim, list) and len(claim) <= _MAX_GROUPS:
        return _of_members(claim)
    raise ValueError("not a list of privileges")


def _of_text(text: str) -> list[Group]:
    """XML, base64 of XML, or JSON: told apart by how it begins; else one plain privilege."""
    if len(text) > _MAX_CHARACTERS:
        raise ValueError("more privileges than a token has room for")
    text = text.strip()
    if text[:1] in ("{", "["):
        decoded = json.loads(text)
        return _of_members(decoded if isinstance(decoded, list) else [decoded])
    if text.startswith("<"):
        return _of_xml(text.encode())
    try:
        return _of_xml(base64.b64decode("".join(text.split()), validate=True))
    except binascii.Error:  # a privilege is a URI, and no URI is base64: it has a colon
        return [Group(None, (text,))]


def _of_members(members: Sequence[Any]) -> list[Group]:
    """JSON objects and their texts are groups; plain texts are privileges without one."""
    groups, plain = [], []
    for member in members[:_MAX_GROUPS]:
        one = json.loads(member) if isinstance(member, str) and member[:1] == "{" else member
        if isinstance(one, str):
            plain.append(one)
        elif isinstance(one, Mapping):
            groups += _of_object(one)
        else:
            raise ValueError("neither a group nor a privilege")
    return groups + ([Group(None, tuple(plain))] if plain else [])


def _of_object(one: Mapping[str, Any]) -> list[Group]:
    cvr, privileges = one.get("cvr"), one.get("p")
    if isinstance(privileges, str):
        privileges = [privileges]
    if not isinstance(privileges, list) or not all(isinstance(p, str) for p in privileges):
        raise ValueError("a group without privileges")
    understood = not one.keys() - {"cvr", "p", "c"} and not one.get("c")
    if not understood or not isinstance(cvr, str) or not _CVR.fullmatch(cvr):
        return []
    return [Group(cvr, tuple(privileges))]


def _of_xml(document: bytes) -> list[Group]:
    """The groups of a `PrivilegeList`; without a document type there are no entities to fear."""
    if len(document) > _MAX_CHARACTERS:
        raise ValueError("more privileges than a token has room for")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(document, True)
    except expat.ExpatError:
        raise ValueError("not XML") from None
    return reader.groups


class _Reader:
    """Keeps what lies where the profile has it; anything else inside a group spoils the group."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self._path: list[str] = []
        self._cvr: str | None = None
        self._privileges: list[str] = []
        self._text = ""

    def refuse(self, *_: object) -> None:
        raise ValueError("a document type")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        known = namespace in _NAMESPACES or (not namespace and len(self._path) > 0)
        self._path.append(local if known else "")
        self._text = ""
        if len(self._path) > len(_PATH) or local != _PATH[len(self._path) - 1] or not known:
            if len(self._path) == 1:
                raise ValueError("not a list of privileges")
            self._cvr = None
        elif local == "PrivilegeGroup":
            scope = _CVR_SCOPE.fullmatch(attributes.pop("Scope", ""))
            self._cvr = scope[1] if scope and not attributes else None
            self._privileges = []
        elif attributes and local == "Privilege":
            self._cvr = None

    def text(self, text: str) -> None:
        self._text += text

    def end(self, _name: str) -> None:
        path = tuple(self._path)
        self._path.pop()
        if path == _PATH:
            self._privileges.append(self._text.strip())
        elif path == _PATH[:2] and self._cvr is not None:
            if len(self.groups) == _MAX_GROUPS:
                raise ValueError("more privileges than a token has room for")
            self.groups.append(Group(self._cvr, tuple(self._privileges)))
