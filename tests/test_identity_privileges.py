"""Professionals' logins: privileges of the OIO profile make one role in one organisation."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from app.domain.refusal import Reason, Refused
from app.domain.viewer import Role
from app.errors import Unauthenticated
from app.identity import Identity
from app.identity_privileges import Group, privilege_groups
from app.settings import SettingsError, load_settings
from tests.broker import Broker, Clock, claims, configured, refused, signed, source_of

CASEWORKER, ADVISOR = "urn:dk:example:minplan:caseworker", "urn:dk:example:minplan:advisor"
MUNICIPALITY, OTHER_MUNICIPALITY, FUND = "29189404", "29189501", "18194686"
MAPPED = {
    "claim_privileges": "privileges",
    "privilege_roles": f"{CASEWORKER}=jobcenter,{ADVISOR}=fund",
    "privilege_organisations": (
        f"jobcenter:{MUNICIPALITY}=265, jobcenter:{OTHER_MUNICIPALITY}=306, fund:{FUND}=18194686"
    ),
}
NAMESPACE = "http://digst.dk/oiosaml/basic_privilege_profile"
SCOPE = "urn:dk:gov:saml:cvrNumberIdentifier:"


def group(cvr: str, *privileges: str, inside: str = "", scope: str = SCOPE) -> str:
    listed = "".join(f"<Privilege>{one}</Privilege>" for one in privileges)
    return f'<PrivilegeGroup Scope="{scope}{cvr}">{inside}{listed}</PrivilegeGroup>'


def document(*groups: str, namespace: str = NAMESPACE, before: str = "") -> str:
    declared = f'<?xml version="1.0" encoding="UTF-8"?>{before}'
    return f'{declared}<b:PrivilegeList xmlns:b="{namespace}">{"".join(groups)}</b:PrivilegeList>'


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def login(privileges: object, **changes: Any) -> str:
    """A professional's token, whose broker has a word of its own for the role."""
    return signed(
        claims(**{"role": "professional", "citizen_id": None, "privileges": privileges, **changes})
    )


@pytest.fixture
def broker() -> Iterator[Broker]:
    running = Broker()
    yield running
    running.close()


@pytest.fixture
def noted() -> list[Refused]:
    return []


@pytest.fixture
def identity(broker: Broker, noted: list[Refused]) -> Identity:
    clock = Clock()
    return Identity(
        configured(**MAPPED),
        source_of(broker, clock),
        note=lambda refused, _client: noted.append(refused),
        clock=clock,
    )


async def become(identity: Identity, token: str) -> tuple[Role, str | None]:
    viewer = await identity.viewer(f"Bearer {token}")
    return viewer.role, viewer.organisation_code


ONE = group(MUNICIPALITY, "urn:dk:example:other", CASEWORKER)
FORMS = {
    "base64": packed(document(ONE)),
    "base64 of version 1.1": packed(
        document(ONE, namespace="http://itst.dk/oiosaml/basic_privilege_profile")
    ),
    "base64 with a default namespace": packed(
        document(ONE).replace("b:", "").replace("xmlns:b", "xmlns").replace(":b=", "=")
    ),
    "base64 in lines": "\n".join([packed(document(ONE))[:40], packed(document(ONE))[40:]]),
    "intermediate": document(ONE),
    "objects": [{"cvr": MUNICIPALITY, "p": [CASEWORKER]}],
    "object": {"cvr": MUNICIPALITY, "p": CASEWORKER, "c": []},
    "texts of objects": [json.dumps({"cvr": MUNICIPALITY, "p": [CASEWORKER]})],
    "text of an object": json.dumps({"cvr": MUNICIPALITY, "p": [CASEWORKER]}),
    "text of a list": json.dumps([{"cvr": MUNICIPALITY, "p": [CASEWORKER]}]),
}


@pytest.mark.parametrize("form", FORMS)
async def test_each_form_that_brokers_write_makes_the_same_viewer(
    identity: Identity, form: str
) -> None:
    assert await become(identity, login(FORMS[form])) == (Role.JOBCENTER, "265")


@pytest.mark.parametrize("privileges", [CASEWORKER, [CASEWORKER], ["urn:dk:other", CASEWORKER]])
async def test_plain_privileges_hold_for_the_organisation_of_the_token(
    identity: Identity, privileges: object
) -> None:
    token = login(privileges, organisation=MUNICIPALITY)
    assert await become(identity, token) == (Role.JOBCENTER, "265")
    await refused(identity, login(privileges))
    await refused(identity, login(privileges, organisation=FUND))


TWO = [
    {"cvr": MUNICIPALITY, "p": [CASEWORKER]},
    {"cvr": OTHER_MUNICIPALITY, "p": [CASEWORKER]},
    {"cvr": FUND, "p": [ADVISOR]},
]


@pytest.mark.parametrize(
    ("picks", "made"),
    [
        ({"organisation": "306"}, (Role.JOBCENTER, "306")),
        ({"organisation": OTHER_MUNICIPALITY}, (Role.JOBCENTER, "306")),
        ({"role": "fund"}, (Role.FUND, FUND)),
        ({"role": "jobcenter", "organisation": "265"}, (Role.JOBCENTER, "265")),
    ],
)
async def test_of_several_the_token_picks_one(
    identity: Identity, picks: dict[str, str], made: tuple[Role, str]
) -> None:
    await refused(identity, login(TWO))
    await refused(identity, login(TWO, role="jobcenter"))
    assert await become(identity, login(TWO, **picks)) == made


async def test_the_same_privilege_twice_is_one(identity: Identity) -> None:
    twice = document(ONE, ONE, group(MUNICIPALITY, CASEWORKER))
    assert await become(identity, login(packed(twice))) == (Role.JOBCENTER, "265")


NOTHING = {
    "no claim": None,
    "an empty list": [],
    "an empty text": "",
    "no group": packed(document()),
    "an unknown privilege": packed(document(group(MUNICIPALITY, "urn:dk:example:unknown"))),
    "an unknown organisation": packed(document(group("12345678", CASEWORKER))),
    "an organisation that has not this role": packed(document(group(MUNICIPALITY, ADVISOR))),
    "an organisation of nine digits": packed(document(group(MUNICIPALITY + "1", CASEWORKER))),
    "another scope": packed(
        document(group(MUNICIPALITY, CASEWORKER, scope="urn:dk:gov:saml:seNumberIdentifier:"))
    ),
    "a constraint": packed(
        document(group(MUNICIPALITY, CASEWORKER, inside='<Constraint Name="k">1</Constraint>'))
    ),
    "a constraint in JSON": [{"cvr": MUNICIPALITY, "p": [CASEWORKER], "c": [{"k": "1"}]}],
    "a member that is not known": [{"cvr": MUNICIPALITY, "p": [CASEWORKER], "until": "2020"}],
    "an attribute that is not known": packed(document(ONE.replace("Scope=", 'Until="1" Scope='))),
    "a group deeper down": packed(document(f"<Old>{ONE}</Old>")),
    "another namespace": packed(document(ONE, namespace="http://example.dk/other")),
    "a number": 7,
    "no list of texts": [{"cvr": MUNICIPALITY, "p": 7}],
    "half of it": packed(document(ONE))[:60],
    "no XML": packed("<b:PrivilegeList"),
    "a document type": packed(document(ONE, before="<!DOCTYPE a>")),
    "an entity": packed(
        document(group(MUNICIPALITY, "&a;"), before=f'<!DOCTYPE a [<!ENTITY a "{CASEWORKER}">]>')
    ),
    "an entity outside": packed(
        document(
            group(MUNICIPALITY, "&a;"),
            before='<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        )
    ),
    "deep JSON": "[" * 5000,
}


@pytest.mark.parametrize("kind", NOTHING)
async def test_what_gives_no_role_is_refused(
    identity: Identity, noted: list[Refused], kind: str
) -> None:
    await refused(identity, login(NOTHING[kind]))
    assert noted == [Refused(Reason.PRIVILEGES)]


async def test_citizens_and_systems_need_no_privileges_and_professionals_do(
    identity: Identity,
) -> None:
    assert await become(identity, signed(claims())) == (Role.CITIZEN, None)
    system = claims(role="system", citizen_id=None, organisation="VITAS")
    assert await become(identity, signed(system)) == (Role.SYSTEM, "VITAS")
    for role in ("jobcenter", "fund", "institution"):
        await refused(identity, signed(claims(role=role, citizen_id=None, organisation="265")))


def test_a_claim_of_privileges_alone_is_no_setting() -> None:
    with pytest.raises(SettingsError, match="MINPLAN_PRIVILEGE_ROLES"):
        load_settings(claim_privileges="privileges")


@pytest.mark.parametrize(
    "given",
    [
        {"privilege_roles": "hemmeligt"},
        {"privilege_roles": "urn:a=citizen"},
        {"privilege_roles": "urn:a=fund,urn:a=jobcenter"},
        {"privilege_organisations": "29189404=265"},
        {"privilege_organisations": "jobcenter:29189404=26"},
        {"privilege_organisations": "fund:2918940=F01"},
        {"required_assurance": "fund=Substantial-ish"},
        {"required_assurance": "anonymous=Low"},
    ],
    ids=str,
)
def test_a_mapping_that_is_none_is_refused_by_name(given: dict[str, str]) -> None:
    [(name, value)] = given.items()
    with pytest.raises(SettingsError, match=f"MINPLAN_{name.upper()}") as failure:
        load_settings(**given)
    assert value not in str(failure.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["cvr", "p", "c"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
pieces = st.sampled_from(
    [
        *("<", ">", "/", "b:PrivilegeList", "PrivilegeGroup", "Privilege", 'Scope="', '"', "&a;"),
        *("<![CDATA[", "]]>", "<!--", "<?x ?>", "<!DOCTYPE a>", CASEWORKER, SCOPE, MUNICIPALITY),
        *(document(ONE), group(FUND, ADVISOR), ONE, "</b:PrivilegeList>", "\x00", "\ud800"),
    ]
)
sound = pieces.filter(lambda one: one != "\ud800")


@settings(max_examples=400)
@given(
    json_values
    | st.lists(pieces, max_size=8).map("".join)
    | st.lists(pieces, max_size=8).map(lambda some: "<" + "".join(some))
    | st.binary(max_size=400).map(lambda raw: base64.b64encode(raw).decode())
    | st.lists(sound, max_size=8).map(lambda some: packed(document(*some)))
)
@example("[" * 100_000)
@example("1" * 20_000)
def test_whatever_a_claim_holds_is_groups_or_a_value_error(claim: object) -> None:
    try:
        found = privilege_groups(claim)
    except (ValueError, RecursionError):
        return
    for one in found:
        assert isinstance(one, Group) and (one.cvr is None or len(one.cvr) == 8)
        assert all(isinstance(privilege, str) for privilege in one.privileges)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values | st.lists(sound, max_size=8).map(lambda some: packed(document(*some))))
async def test_a_token_with_any_claim_makes_a_mapped_viewer_or_is_refused(
    identity: Identity, claim: object
) -> None:
    try:
        made = await become(identity, login(claim))
    except Unauthenticated:
        return
    assert made in [(Role.JOBCENTER, "265"), (Role.JOBCENTER, "306"), (Role.FUND, FUND)]
