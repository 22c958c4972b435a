"""Documents under 10 KB that are made to cost their reader dearly; every one must be refused."""

from collections.abc import Callable
from typing import Final

from graphql import get_introspection_query

BYTES: Final = 9_990
"""The largest document here."""


def filled(
    before: str, part: str | Callable[[int], str], after: str = "", most: int = 9_999
) -> str:
    """As many parts between `before` and `after` as fit."""
    parts: list[str] = []
    size = len(before) + len(after)
    for number in range(most):
        one = part if isinstance(part, str) else part(number)
        size += len(one.encode())
        if size > BYTES:
            break
        parts.append(one)
    return before + "".join(parts) + after


def nested(opening: str, closing: str, inside: str = "", depth: int = 9_999) -> str:
    """As many brackets inside each other as fit."""
    times = min(depth, (BYTES - len(inside)) // (len(opening) + len(closing)))
    return opening * times + inside + closing * times


def doubled(levels: int, spreads: int = 2) -> str:
    """Fragments that each spread the next several times: 744 bytes for levels 25."""
    parts = [f"fragment F{n} on Plan {{ {f'...F{n + 1} ' * spreads}}} " for n in range(levels)]
    return "".join(
        [
            'query { citizen(id: "1") { plan { ...F0 } } } ',
            *parts,
            f"fragment F{levels} on Plan {{ id }}",
        ]
    )


def aliased_doubles(levels: int) -> str:
    """The same below fields, so that what it expands to is an answer, not a repetition."""
    parts = [
        f"fragment F{n} on __Type {{ a: ofType {{ ...F{n + 1} }} b: ofType {{ ...F{n + 1} }} }} "
        for n in range(levels)
    ]
    head = '{ __type(name: "Plan") { ...F0 } } '
    return head + "".join(parts) + f"fragment F{levels} on __Type {{ name }}"


CIRCULAR = "fields{type{" * 12 + "name" + "}}" * 12
CITIZEN = '{ citizen(id: "1") { '

HOSTILE: Final[dict[str, str]] = {
    # names
    "names": filled("{", "a ", "}"),
    "names one level down": filled(CITIZEN + "plan {", "a ", "}}}"),
    "valid names, then one that is not": filled(CITIZEN, "id ", "nope } }"),
    "valid names, then an undefined variable": filled(
        CITIZEN, "id ", "plan(version: $v) { id } } }"
    ),
    "names with no brackets": filled("", "a "),
    "typenames": filled("{", "__typename ", "}"),
    "long names": filled("{", lambda n: "a" * 400 + f"{n} ", "}"),
    "one name": "{" + "a" * 9_900 + "}",
    "other alphabets": filled("{", "ø ", "}"),
    "emoji": filled("{ a(b: ", '"🍎" ', ")}"),
    # aliases
    "aliases": filled("{", lambda n: f"a{n}:viewer{{role}}", "}"),
    "aliases of a typename": filled("{", lambda n: f"a{n}:__typename ", "}"),
    "aliases of a leaf": filled("{viewer{", lambda n: f"a{n}:role ", "}}"),
    "aliases of an expensive field": filled("{", lambda n: f'a{n}:citizen(id:"{n}"){{id}}', "}"),
    "aliased mutations": filled(
        "mutation{", lambda n: f"a{n}:markNotificationsSeen{{__typename}}", "}"
    ),
    # directives
    "directives on one field": filled("{viewer{role ", "@include(if:true)", "}}"),
    "unknown directives": filled("{viewer{role ", "@a", "}}"),
    "directives on an operation": filled("query ", "@a ", "{viewer{role}}"),
    "directives on variables": filled("query($a:Int ", "@a ", "){viewer{role}}"),
    "directives on every field": filled("{viewer{", "role@skip(if:false) ", "}}"),
    # fragments
    "the classic of 744 bytes": doubled(20),
    "exponential fragments": doubled(200),
    "exponential fragments by ten": doubled(60, 10),
    "exponential answers": aliased_doubles(90),
    "spreads of one fragment": filled(CITIZEN, "...F ", "}} fragment F on Citizen { id }"),
    "unknown fragments": filled("{", lambda n: f"...F{n} ", "}"),
    "unused fragments": filled("{viewer{role}}", lambda n: f"fragment F{n} on Plan{{id}}"),
    "equal fragments": filled("{viewer{role}}", "fragment F on Plan{id}"),
    "a fragment of itself": "{...F} fragment F on Query { viewer { role } ...F }",
    "a ring of fragments": filled(
        "{...F0}", lambda n: f"fragment F{n} on Query{{...F{(n + 1) % 200}}}", most=200
    ),
    "every fragment spreads every other": "{...F0}"
    + "".join(
        f"fragment F{n} on Query{{{''.join(f'...F{m} ' for m in range(24) if m != n)}}}"
        for n in range(24)
    ),
    "a chain of fragments": filled(
        "{...F0}", lambda n: f"fragment F{n} on Query{{...F{n + 1}}}", "fragment F400 on Query{a}"
    ),
    "inline fragments": filled("{", "...{viewer{role}}", "}"),
    "inline fragments inside each other": nested("{...", "}", "{viewer{role}}"),
    "fragments that can never be": filled("{viewer{", "...on Plan{id}", "}}"),
    "fragments on nothing": filled("{viewer{", "...on A{id}", "}}"),
    # fields that overlap
    "one field with ever other arguments": filled("{", lambda n: f'citizen(id:"{n}"){{id}}', "}"),
    "one name for many fields": filled("{viewer{", "a:role a:name ", "}}"),
    "overlapping to the bottom": filled(
        CITIZEN, "plan{interventions{goalLinks{goalId}}}", "x: nope}}"
    ),
    "overlapping through fragments": filled(
        CITIZEN,
        lambda n: f"...F{n} ",
        "}}" + "".join(f"fragment F{n} on Citizen{{plan(version:{n}){{id}}}}" for n in range(150)),
        most=150,
    ),
    "overlapping through nested fragments": "{ ...F0 }"
    + "".join(
        f'fragment F{n} on Query{{ citizen(id: "{n}") {{ id }} ...F{n + 1} ...F{n + 2} }}'
        for n in range(120)
    )
    + "fragment F120 on Query { viewer { role } } fragment F121 on Query { viewer { role } }",
    # depth
    "open braces": "{" * BYTES,
    "selections inside each other": nested("{a", "}"),
    "plans inside each other": nested("{citizen", "}"),
    "lists inside each other": "{a(b:" + nested("[", "]")[: BYTES - 20],
    "lists that are closed": "{a(b:" + nested("[", "]", depth=4_980) + ")}",
    "objects inside each other": "{a(b:" + nested("{a:", "}", "1", depth=2_400) + ")}",
    "types inside each other": "query($a:" + nested("[", "]", "Int", depth=4_900) + "){a}",
    "parentheses": "{a" + "(" * 9_900,
    "brackets of all kinds": "{a([" * 2_400,
    # values
    "a long list": filled("{occupations(search:[", "1 ", "]){__typename}}"),
    "a long list of objects": filled("{citizen(id:[", "{a:1}", "]){id}}"),
    "an object with one field often": filled(
        "mutation{upsertCitizen(input:{", "externalId:1 ", "}){__typename}}"
    ),
    "unknown input fields": filled(
        "mutation{upsertCitizen(input:{", lambda n: f"a{n}:1 ", "}){__typename}}"
    ),
    "one argument often": filled("{citizen(", "id:1 ", "){id}}"),
    "unknown arguments": filled("{citizen(", lambda n: f"a{n}:1 ", "){id}}"),
    "arguments with no values": filled("{citizen(", "id:", "){id}}"),
    "a huge integer": '{citizen(id:"1"){plan(version:' + "9" * 9_900 + "){id}}}",
    "a huge fraction": '{citizen(id:"1"){plan(version:1.' + "9" * 9_900 + "){id}}}",
    "a huge exponent": '{citizen(id:"1"){plan(version:1e' + "9" * 9_900 + "){id}}}",
    "numbers": filled("{a(b:[", "1 ", "])}"),
    "signs": filled("{a(b:", "-", ")}"),
    "noughts": filled("{a(b:", "0", ")}"),
    "a huge enum value": "{citizen(id:" + "A" * 9_900 + "){id}}",
    "a text for a number": '{citizen(id:"1"){plan(version:"' + "x" * 9_900 + '"){id}}}',
    # strings
    "a string without an end": '{a(b:"' + "x" * 9_900,
    "a block string without an end": '{a(b:"""' + "x" * 9_900,
    "a block string of quotation marks": '{a(b:"""' + '\\"""' * 2_400,
    "quotation marks": '"' * BYTES,
    "open strings on every line": filled("{", '"\n'),
    "escapes": filled('{a(b:"', "\\n", '")}'),
    "escapes by code": filled('{a(b:"', "\\u00e6", '")}'),
    "escapes of half a character": filled('{a(b:"', "\\ud83d", '")}'),
    "escapes that mean nothing": filled('{a(b:"', "\\q", '")}'),
    "a block string of lines": filled('{a(b:"""', "\n", '""")}'),
    "a block string of indented lines": filled('{a(b:"""', "\n   a", '""")}'),
    "empty strings": filled("{a(b:[", '""', "])}"),
    "empty block strings": filled("{a(b:[", '""""""', "])}"),
    "a NUL in a string": '{citizen(id:"\x00' + "x" * 9_000 + '"){id}}',
    "NULs": "{" + "\x00" * 9_900 + "}",
    # comments and what is ignored
    "comments": filled("{", "#\n", "nope}"),
    "one comment": "{a #" + "x" * 9_900,
    "commas": "{" + "," * 9_900,
    "new lines": "{" + "\n" * 9_900 + "nope}",
    "new lines between errors": filled("{", "\n\n\n\na", "}"),
    "byte order marks": "{" + "\ufeff" * 3_300,
    # variables
    "unused variables": filled("query(", lambda n: f"$a{n}:Int ", "){viewer{role}}"),
    "undefined variables": filled("{", lambda n: f"citizen(id:$a{n}){{id}}", "}"),
    "one variable often": filled("query(", "$a:Int ", "){viewer{role}}"),
    "variables of no type": filled("query(", lambda n: f"$a{n}:A ", "){viewer{role}}"),
    "variables with defaults": filled("query(", lambda n: f'$a{n}:Int="x"', "){viewer{role}}"),
    "a variable used often": filled(
        "query($a:Int){citizen(id:1){", "plan(version:$a){id}", "nope}}"
    ),
    "a variable of the wrong type often": filled(
        "query($a:String){citizen(id:1){", "plan(version:$a){id}", "}}"
    ),
    "operations that share fragments": filled(
        "fragment F on Query{" + "citizen(id:$a){id}" * 150 + "}",
        lambda n: f"query Q{n}($a:ID!){{...F}}",
    ),
    # operations
    "operations": filled("", lambda n: f"query Q{n}{{viewer{{role}}}}"),
    "operations without names": filled("", "{viewer{role}}"),
    "operations of one name": filled("", "query Q{viewer{role}}"),
    "subscriptions": filled("subscription{", lambda n: f"a{n}:caseloadChanged{{__typename}}", "}"),
    "a subscription of everything": "subscription{...F}"
    + filled("fragment F on Subscription{", "...F ", "}")[:9_000].rsplit("...", 1)[0]
    + "}",
    "types": filled("{viewer{role}}", lambda n: f"type T{n}{{a:Int}}"),
    # fields that share a place
    "fields of one member and another": filled(
        CITIZEN + "plan{interventions{...on CompanyIntervention{",
        "id ",
        "}...on MentorIntervention{id}}}}}",
        most=1_000,
    ),
    "typenames of one member and another": filled(
        CITIZEN + "plan{elements{...on JobGoalsElement{",
        "__typename ",
        "}...on EducationStepElement{__typename}}}}}",
        most=600,
    ),
    "members of one interface, again and again": filled(
        CITIZEN + "plan{interventions{",
        "...on AidIntervention{x:category}...on MentorIntervention{x:mentorName}",
        "}}}}",
    ),
    "like fields beside a few unlike ones": filled(
        CITIZEN + "plan{interventions{...on AidIntervention{x:id}...on MentorIntervention{x:id}",
        "id ",
        "}}}}",
        most=1_000,
    ),
    # introspection
    "circular introspection": "{__schema{types{" + CIRCULAR + "}}}",
    "circular introspection through a fragment": "{__schema{types{...F}}}"
    "fragment F on __Type{fields{type{...G}}}fragment G on __Type{fields{type{...H}}}"
    "fragment H on __Type{fields{type{fields{type{name}}}}}",
    "circular introspection by type": filled(
        "{", lambda n: f'a{n}:__type(name:"Plan"){{{CIRCULAR}}}', "}"
    ),
    "the whole schema, many times": "{"
    + filled("", lambda n: f"a{n}:__schema{{types{{name fields{{name}}}}}}")
    + "}",
    "introspection and an error": get_introspection_query().replace("queryType", "nope", 1),
}
"""Name -> text. Each is refused for a jobcenter's caller as for one without a login."""
