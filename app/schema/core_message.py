"""What graphql-core says of a document or a value, without what the client wrote there.

A value may be anybody's personal data, and so may the name of an unknown field of an input. Names
of the schema stay, and so do those that a document gives its own fields, fragments and variables.
Held against graphql-core 3.3 by `tests/schema/test_errors.py`.
"""

import re
from typing import Final

Path = list[str | int]

_TYPE: Final = r"'[\w!\[\]]+'"
_SAFE: Final = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"(Expected (?:a )?value of non-null type {_TYPE} (?:not to be None|to be provided)\.)",
        rf"(Expected value of type {_TYPE} to be an object), found: .*",
        rf"(Expected value of type {_TYPE} to include required field '\w+'), found: .*",
        rf"(Expected value of type {_TYPE} not to include unknown field)s? '.*",
        rf"(Expected value of type {_TYPE})(?:, but encountered error '.*)?[,;] found: .*",
        r"((?:Enum '\w+'|\w+) cannot represent (?:an? )?[\w -]*?\bvalue): .*",
        rf"(Within OneOf Input Object type {_TYPE}, exactly one field must be specified, and the"
        r" value for that field must be non-null\.)",
    )
)
"""What is told of a value, and after it, outside the brackets, what is not."""

_NO_SUCH_VALUE: Final = re.compile(
    r"Value '.*' does not exist in ('\w+' enum)\.( Did you mean [^?]*\?)?", re.DOTALL
)
_INVALID: Final = re.compile(
    r"(?P<what>Variable '\$(?P<variable>\w+)'|Argument '[\w.@:()]+') has invalid (?:default )?value"
    r"(?: at (?P<place>(?:\.\w+|\[\d+\])+))?: (?P<why>.*)",
    re.DOTALL,
)
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_LEXEME: Final = re.compile(r"(Syntax Error: .*?\b(?:found|Unexpected) \w+) ['\"].*", re.DOTALL)
_CHARACTERS: Final = re.compile(r"(Syntax Error: [^:]*): .*", re.DOTALL)
_OWN_FIELD: Final = re.compile(r"(.* must have a selection of subfields\.) Did you mean .*")


def without_echo(message: str) -> str:
    """A message of graphql-core without the client's values.

    >>> without_echo("Int cannot represent non-integer value: 'Karen'")
    'Int cannot represent non-integer value.'
    >>> without_echo("Value 'KAREN' does not exist in 'MeetingMode' enum.")
    "The value does not exist in 'MeetingMode' enum."
    >>> without_echo('Syntax Error: Expected Name, found String "Karen".')
    'Syntax Error: Expected Name, found String.'
    >>> without_echo("Variable '$a' has invalid value at .b: Something new about Karen.")
    "Variable '$a' has an invalid value at 'b': The value does not fit its type."
    """
    invalid = _INVALID.fullmatch(message)
    if invalid:
        place = (invalid["place"] or "").removeprefix(".")
        at = f" at '{place}'" if place else ""
        return f"{invalid['what']} has an invalid value{at}: {_of_value(invalid['why'])}"
    for pattern in (_LEXEME, _CHARACTERS):
        found = pattern.fullmatch(message)
        if found:
            return f"{found[1]}."
    own = _OWN_FIELD.fullmatch(message)
    return own[1] if own else _told(message) or message


def path_of_variable(message: str) -> Path | None:
    """The variable and the way to its invalid value; None for other messages.

    >>> path_of_variable("Variable '$input' has invalid value at .goals[0].term: ...")
    ['input', 'goals', 0, 'term']
    """
    invalid = _INVALID.fullmatch(message)
    if invalid is None or invalid["variable"] is None:
        return None
    steps = _STEP.findall(invalid["place"] or "")
    return [invalid["variable"], *(name or int(index) for name, index in steps)]


def _of_value(why: str) -> str:
    """Only what is known to be safe, or one of our own sentences about scalars."""
    return _told(why) or (why if why.startswith(("This must be ", "A file may ")) else _UNFIT)


_UNFIT: Final = "The value does not fit its type."


def _told(message: str) -> str | None:
    missing = _NO_SUCH_VALUE.fullmatch(message)
    if missing:
        return f"The value does not exist in {missing[1]}.{missing[2] or ''}"
    found = next((m for pattern in _SAFE if (m := pattern.fullmatch(message))), None)
    return found and found[1].rstrip(".").replace("to be None", "to be null") + "."
