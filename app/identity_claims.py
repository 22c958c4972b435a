"""The claims of a proven token -> `Viewer`: its role, its organisation, its strength."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from joserfc.errors import ClaimError, ExpiredTokenError, JoseError

from app.domain.assurance import Assurance, assurance_of
from app.domain.cpr import normalise
from app.domain.refusal import Reason, Refused
from app.domain.viewer import NEVER, Role, Viewer
from app.errors import Unauthenticated
from app.identity_privileges import Group, privilege_groups
from app.login_settings import PROFESSIONALS, organisations_by_cvr, roles_by_privilege
from app.settings import Settings

CitizenLookup = Callable[[str], Awaitable[UUID | None]]
"""Ten digits of a CPR number -> the citizen's internal id, None when there is no such citizen."""

EXPIRED: Final = "The access token has expired."
_TOO_WEAK: Final = "Log in with a stronger means: your role needs a higher level of assurance."
_MAX_CLAIM_CHARACTERS: Final = 255
_ROLES: Final = {role.value: role for role in Role if role is not Role.ANONYMOUS}
_OF_CLAIM: Final = {"iss": Reason.WRONG_ISSUER, "aud": Reason.WRONG_AUDIENCE}


@contextmanager
def refusing(reason: Reason) -> Iterator[None]:
    """Whatever a hostile token makes a parser raise becomes one silent refusal."""
    try:
        yield
    except ExpiredTokenError:
        raise Unauthenticated(EXPIRED, refused=Refused(Reason.EXPIRED)) from None
    except ClaimError as error:
        raise Unauthenticated(refused=Refused(_OF_CLAIM.get(error.claim, reason))) from None
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise Unauthenticated(refused=Refused(reason)) from None


class ClaimReader:
    """Reads claims by the names, privileges and levels that the settings give."""

    def __init__(self, settings: Settings, citizen_by_cpr: CitizenLookup | None) -> None:
        self._settings = settings
        self._citizen_by_cpr = citizen_by_cpr
        self._roles = roles_by_privilege(settings.privilege_roles)
        self._organisations = organisations_by_cvr(settings.privilege_organisations)
        self._required = settings.assurance_required(is_production=settings.is_production)

    async def viewer(self, claims: Mapping[str, Any]) -> Viewer:
        """The viewer that the claims make; raises `Unauthenticated`."""
        names = self._settings
        with refusing(Reason.CLAIMS):
            subject = _required(claims, names.claim_subject)
            name = _text(claims, names.claim_name) or ""
            expires_at = min(int(claims["exp"]), NEVER)
            issued_at = int(claims.get("iat") or 0)
        with refusing(Reason.CLAIMS if names.claim_privileges is None else Reason.PRIVILEGES):
            role, organisation = self._role_and_organisation(claims)
        self._demand_assurance(claims, Refused(Reason.ASSURANCE, role, organisation, subject))
        citizen_id = await self._citizen_id(claims) if role is Role.CITIZEN else None
        with refusing(Reason.CLAIMS):
            return Viewer(
                role=role,
                subject=subject,
                name=name,
                organisation_code=organisation,
                citizen_id=citizen_id,
                expires_at=expires_at,
                issued_at=issued_at,
            )

    def _role_and_organisation(self, claims: Mapping[str, Any]) -> tuple[Role, str | None]:
        """By the role claim, or for professionals by privileges where these are configured."""
        names = self._settings
        if names.claim_privileges is None:
            role: Role = _ROLES[_required(claims, names.claim_role)]
        else:
            # brokers have words of their own for a professional's role: they pick none
            role = _ROLES.get(str(claims.get(names.claim_role)), Role.ANONYMOUS)
            if role not in (Role.CITIZEN, Role.SYSTEM):
                return self._privileged(claims, role)
        organisation = _text(claims, names.claim_organisation)
        return role, None if role is Role.CITIZEN else organisation

    def _privileged(self, claims: Mapping[str, Any], picked: Role) -> tuple[Role, str]:
        """The one role in one organisation that the privileges give.

        Of several the token's own role and organisation claims pick one; that must be one that
        there is. Raises `ValueError` where none is left, or more than one.
        """
        names = self._settings
        own = _text(claims, names.claim_organisation)
        found = {
            (role, cvr, code)
            for group in privilege_groups(claims.get(names.claim_privileges or ""))
            for role, cvr, code in self._given(group, own)
        }
        left = {
            (role, code)
            for role, cvr, code in found
            if (picked not in PROFESSIONALS or picked is role) and own in (None, cvr, code)
        }
        if len(left) != 1:
            raise ValueError("not one role in one organisation")
        return left.pop()

    def _given(self, group: Group, own: str | None) -> Iterator[tuple[Role, str, str]]:
        """What a group's known privileges give in an organisation that may have the role."""
        cvr = group.cvr or own or ""
        for privilege in group.privileges:
            role = self._roles.get(privilege)
            code = None if role is None else self._organisations.get((role, cvr))
            if role is not None and code is not None:
                yield role, cvr, code

    def _demand_assurance(self, claims: Mapping[str, Any], refused: Refused) -> None:
        """Raises `Unauthenticated` with the step-up that RFC 9470 asks of the client."""
        required = None if refused.role is None else self._required.get(refused.role)
        if required is None:
            return
        given = assurance_of(claims.get(self._settings.claim_assurance))
        if given is None or given < required:
            raise Unauthenticated(_TOO_WEAK, challenge=step_up(required), refused=refused)

    async def _citizen_id(self, claims: Mapping[str, Any]) -> UUID | None:
        """The internal id from its claim, else by the CPR claim where one is configured."""
        cpr_claim = self._settings.claim_civil_registration_number
        with refusing(Reason.CLAIMS):
            internal = _text(claims, self._settings.claim_citizen)
            if internal is not None:
                return UUID(internal)
            written = _text(claims, cpr_claim) if cpr_claim is not None else None
            cpr = None if written is None else normalise(written)
        if cpr is None or self._citizen_by_cpr is None:
            return None
        return await self._citizen_by_cpr(cpr)


def step_up(required: Assurance) -> str:
    """`WWW-Authenticate` for a login that is too weak (RFC 9470): stronger ones that would do.

    >>> step_up(Assurance.HIGH).partition("acr_values=")[2]
    '"https://data.gov.dk/concept/core/nsis/loa/High"'
    """
    levels = " ".join(one.uri for one in Assurance if one >= required)
    return (
        'Bearer error="insufficient_user_authentication",'
        ' error_description="A higher level of assurance is required",'
        f' acr_values="{levels}"'
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim's text, None when it is absent; `ValueError` for what no store or log can hold."""
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_CLAIM_CHARACTERS:
        raise ValueError("a claim is not a text of reasonable length")
    if not value.isprintable():
        raise ValueError("a claim has control characters or lone surrogates")
    return value


def _required(claims: Mapping[str, Any], name: str) -> str:
    value = _text(claims, name)
    if value is None:
        raise ValueError("a required claim is absent")
    return value
