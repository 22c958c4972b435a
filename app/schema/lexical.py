"""A document's text cut into lexemes, and refused at once where it holds too many of anything.

One pass of a compiled pattern; nothing is built from the text before it has been counted. The
pattern takes exactly what graphql-core's lexer takes, so nothing is seen here in another way than
there (`tests/schema/test_parser.py` compares them). Strings, block strings and comments are one
lexeme each, or none: what stands inside is never counted.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, repeat
from typing import Final, NoReturn

from graphql import GraphQLError, GraphQLSyntaxError, Source
from graphql.language import Lexer, SourceLocation

from app.domain.viewer import Role

MAX_TOKENS = 4_000
"""Lexical tokens of a document; a longer one is refused while it is read."""

MAX_ANONYMOUS_TOKENS = 1_500
"""The same without a login: enough to introspect the schema and to ask for every code list."""

MAX_CHARACTERS = 200_000
"""Characters of a document, with its comments and white space."""

MAX_ANONYMOUS_CHARACTERS = 20_000
"""The same without a login."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of each thing one document may hold.

    names: words that are names, wherever they stand. depth: brackets of all three kinds inside
    each other. aliases: colons outside parentheses. spreads: `...`, whether a fragment is named or
    written out. definitions: of operations and fragments together.
    """

    characters: int = MAX_CHARACTERS
    tokens: int = MAX_TOKENS
    depth: int = 40
    aliases: int = 1_000
    directives: int = 100
    spreads: int = 400
    names: int = 2_600
    definitions: int = 120


LIMITS: Final = Limits()

TRUSTED_LIMITS: Final = Limits(
    characters=4_000_000,
    tokens=200_000,
    depth=400,
    aliases=100_000,
    directives=10_000,
    spreads=20_000,
    names=150_000,
    definitions=10_000,
)
"""What is in the operator's own manifest; still bounded, so that a mistake does no harm."""

ANONYMOUS_LIMITS: Final = Limits(
    characters=MAX_ANONYMOUS_CHARACTERS,
    tokens=MAX_ANONYMOUS_TOKENS,
    depth=24,
    aliases=50,
    directives=20,
    spreads=50,
    names=800,
    definitions=20,
)


def limits_for(role: Role) -> Limits:
    """What a document may hold that comes with this role's login."""
    return ANONYMOUS_LIMITS if role is Role.ANONYMOUS else LIMITS


@dataclass(slots=True)
class Lexemes:
    """The words of a text with the character each begins at; both end with the end of the text.

    words: as written; "" is the end of the text. A word that begins with a letter or `_` is a
    name, with a digit or `-` a number, with a quotation mark a string; others are punctuation.
    """

    source: "Text"
    words: list[str]
    starts: list[int]


class Text(Source):
    """A document's text that finds the lines of errors from one table, made when first needed.

    An array: a list of numbers would take 36 bytes for each line break of a text of line breaks.
    """

    __slots__ = ("_line_starts",)

    def get_location(self, position: int) -> SourceLocation:
        """Line and column of a character, as graphql-core counts them."""
        starts = getattr(self, "_line_starts", None)
        if starts is None:
            ends = (found.end() for found in _NEW_LINE.finditer(self.body))
            starts = self._line_starts = array("I", chain((0,), ends))
        line = bisect_right(starts, max(position, 0))
        return SourceLocation(line, position + 1 - starts[line - 1])


_IGNORED: Final = r"(?:[ \t\n\r,\ufeff]++|\#[^\n\r]*+)*+"
_LEXEME: Final = re.compile(
    _IGNORED
    + r"""(
        [A-Za-z_][A-Za-z0-9_]*+
      | [!$&():=@\[\]{}|]
      | \.\.\.
      | \"{3}(?:[^"\\]++|\\\"{3}|\\|\"(?!\"\"))*+\"{3}
      | \"(?!\"\")(?:[^"\\\n\r]++|\\[^\n\r])*+\"
      | -?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+(?![0-9A-Za-z_.])
      | )""",
    re.VERBOSE,
)
_SPACE: Final = re.compile(_IGNORED)
_NEW_LINE: Final = re.compile(r"\r\n|[\n\r]")

_NESTING: Final = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}
_PARENTHESES: Final = {"(": 1, ")": -1}


def lexemes_of(text: str, limits: Limits) -> Lexemes:
    """The lexemes of a text. Raises GraphQLError for a text beyond a limit or no lexeme."""
    if len(text) > limits.characters:
        raise too_much("characters", limits.characters)
    found = Lexemes(Text(text), [], [])
    end = 0
    for match in islice(_LEXEME.finditer(text), limits.tokens + 1):
        word = match[1]
        if not word:
            break
        found.words.append(word)
        found.starts.append(match.start(1))
        end = match.end()
    if len(found.words) > limits.tokens:
        raise too_much("tokens", limits.tokens)
    end = _end_of(text, end)
    if end < len(text):
        refuse_lexeme(found.source, end)
    found.words.append("")
    found.starts.append(end)
    _refuse_excess(found.words, limits)
    return found


def too_much(what: str, most: int) -> GraphQLError:
    """The refusal of a document that holds too many of something."""
    return GraphQLError(f"The document holds too many {what}; {most} is the most.")


def refuse_lexeme(source: Source, start: int) -> NoReturn:
    """Raises graphql-core's own error for what stands at `start` and is no lexeme."""
    Lexer(source).read_next_token(start)
    raise GraphQLSyntaxError(source, start, "Unexpected character.")


def _end_of(text: str, position: int) -> int:
    """Where the ignored characters after `position` end."""
    space = _SPACE.match(text, position)
    assert space is not None  # the pattern matches nothing, too
    return space.end()


def _refuse_excess(words: Sequence[str], limits: Limits) -> None:
    depths = list(accumulate(map(_NESTING.get, words, repeat(0))))
    if max(depths) > limits.depth:
        raise too_much("brackets inside each other", limits.depth)
    if sum(map(str.isidentifier, words)) > limits.names:
        raise too_much("names", limits.names)
    if words.count("}") > limits.definitions and _definitions(words, depths) > limits.definitions:
        raise too_much("operations and fragments", limits.definitions)
    if words.count("@") > limits.directives:
        raise too_much("directives", limits.directives)
    if words.count("...") > limits.spreads:
        raise too_much("fragments spread", limits.spreads)
    if words.count(":") > limits.aliases and _aliases(words) > limits.aliases:
        raise too_much("aliases", limits.aliases)


def _definitions(words: Sequence[str], depths: Sequence[int]) -> int:
    return sum(word == "}" and not depth for word, depth in zip(words, depths, strict=True))


def _aliases(words: Sequence[str]) -> int:
    inside = accumulate(map(_PARENTHESES.get, words, repeat(0)))
    return sum(word == ":" and not depth for word, depth in zip(words, inside, strict=True))
