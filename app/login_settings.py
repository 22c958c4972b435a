"""What a professional's token must say; a part of `app.settings.Settings`."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.assurance import Assurance, assurance_of
from app.domain.viewer import Role
from app.setting_types import ClaimName

PROFESSIONALS: Final = (Role.JOBCENTER, Role.FUND, Role.INSTITUTION)
"""The roles that privileges give."""
PERSONS: Final = (Role.CITIZEN, *PROFESSIONALS)
_LEAST: Final = Assurance.SUBSTANTIAL
"""Of a person's login in production (NSIS: what plans hold is worth protecting)."""
_MUNICIPALITY_CODE: Final = re.compile(r"[0-9]{3}", re.ASCII)
_CVR: Final = re.compile(r"[0-9]{8}", re.ASCII)


def _pairs(text: str) -> dict[str, str]:
    """`name=value,name=value`; raises `ValueError` without the text."""
    pairs: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (one.strip() for one in part.rpartition("="))
        if not name or not value or name in pairs:
            raise ValueError("must be name=value pairs separated by commas, each name once")
        pairs[name] = value
    return pairs


def roles_by_privilege(text: str) -> dict[str, Role]:
    """`privilege=role,...`.

    >>> roles_by_privilege("urn:dk:example:advisor=fund")
    {'urn:dk:example:advisor': <Role.FUND: 'fund'>}
    """
    words = {role.value: role for role in PROFESSIONALS}
    pairs = _pairs(text)
    if not set(pairs.values()) <= words.keys():
        raise ValueError("a privilege gives the role jobcenter, fund or institution")
    return {privilege: words[word] for privilege, word in pairs.items()}


def organisations_by_cvr(text: str) -> dict[tuple[Role, str], str]:
    """`role:CVR number=code,...`: what an organisation is here, for each role it may have.

    >>> organisations_by_cvr("jobcenter:29189404=265")
    {(<Role.JOBCENTER: 'jobcenter'>, '29189404'): '265'}
    """
    words = {role.value: role for role in PROFESSIONALS}
    found = {}
    for name, code in _pairs(text).items():
        word, _, cvr = name.partition(":")
        if word not in words or not _CVR.fullmatch(cvr):
            raise ValueError("must be role:CVR=code with role jobcenter, fund or institution")
        if words[word] is Role.JOBCENTER and not _MUNICIPALITY_CODE.fullmatch(code):
            raise ValueError("the code of a jobcenter is a municipality code of 3 digits")
        found[words[word], cvr] = code
    return found


def assurance_by_role(text: str) -> dict[Role, Assurance]:
    """`role=level,...`.

    >>> assurance_by_role("fund=High")
    {<Role.FUND: 'fund'>: <Assurance.HIGH: 3>}
    """
    words = {role.value: role for role in (*PERSONS, Role.SYSTEM)}
    found = {}
    for word, written in _pairs(text).items():
        level = assurance_of(written)
        if word not in words or level is None:
            raise ValueError("must be role=level with level Low, Substantial or High")
        found[words[word]] = level
    return found


def _checked(parse: Callable[[str], Any]) -> AfterValidator:
    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


class LoginSettings(BaseSettings):
    """Privileges, level of assurance and revocation of professionals' logins (docs/logins.md)."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    claim_privileges: ClaimName | None = None
    """Claim with OIO BPP privileges; unset: `claim_role` tells every role."""
    privilege_roles: Annotated[str, _checked(roles_by_privilege)] = ""
    """The role each privilege gives: `privilege=role`, separated by commas."""
    privilege_organisations: Annotated[str, _checked(organisations_by_cvr)] = ""
    """Our code of an organisation in a role: `role:CVR=code`, separated by commas."""
    claim_assurance: ClaimName = "acr"
    """Claim with the login's level of assurance (NSIS)."""
    required_assurance: Annotated[str, _checked(assurance_by_role)] = ""
    """Least level by role: `role=level`; persons in production: Substantial, or High."""
    keep_refusals_days: int = Field(default=90, ge=1, le=3650)
    """Days that refused logins and refused uses are kept."""
    keep_revocations_days: int = Field(default=400, ge=1, le=3650)
    """Days that a revocation is kept; longer than any token of the issuer is valid."""

    @model_validator(mode="after")
    def _privileges_are_mapped(self) -> Self:
        if self.claim_privileges and not (self.privilege_roles and self.privilege_organisations):
            raise ValueError(
                "MINPLAN_CLAIM_PRIVILEGES needs MINPLAN_PRIVILEGE_ROLES"
                " and MINPLAN_PRIVILEGE_ORGANISATIONS"
            )
        return self

    def assurance_required(self, *, is_production: bool) -> dict[Role, Assurance]:
        """The least level of each role that has one."""
        least = dict.fromkeys(PERSONS, _LEAST) if is_production else {}
        return least | assurance_by_role(self.required_assurance)

    def unsafe_logins(self, issuer: str, jwks_url: str | None) -> list[str]:
        """What production refuses of the issuer and of what is asked of logins."""
        urls = {"MINPLAN_OIDC_ISSUER": issuer, "MINPLAN_OIDC_JWKS_URL": jwks_url or ""}
        problems = [
            f"{name} must begin with https://: whoever changes the keys on their way is anyone"
            for name, url in urls.items()
            if url.lower().startswith("http://")
        ]
        required = self.assurance_required(is_production=True)
        if any(required[role] < _LEAST for role in PERSONS):
            problems.append("MINPLAN_REQUIRED_ASSURANCE must be at least Substantial for persons")
        return problems
