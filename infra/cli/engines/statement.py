"""One statement of SQL in Trino's dialect, checked before any engine sees it."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

import sqlglot
from sqlglot import exp
from sqlglot.dialects import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from infra.cli.exits import BadInput

# What it can't translate it says twice, once in the log; we show it once.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_TABLES = re.compile(r"show\s+tables(\s+(in|from)\s+\S+)?", re.IGNORECASE)
_COLUMNS = re.compile(
    r"(show\s+columns\s+(in|from)|describe|desc)\s+(?P<table>[\w.\"]+)", re.IGNORECASE
)
_ALLOWED = "one SELECT (or WITH ... SELECT), SHOW TABLES, SHOW COLUMNS FROM or DESCRIBE"


class Kind(Enum):
    SELECT = "select"
    TABLES = "show tables"
    COLUMNS = "show columns"


@dataclass(frozen=True)
class Statement:
    """`tables` are the names it uses that no WITH of its own defines, in lower case."""

    sql: str
    kind: Kind
    tables: tuple[str, ...] = ()
    tree: exp.Query | None = None


def parse(text: str, parameters: Mapping[str, str], *, database: str) -> Statement:
    sql = filled(text, parameters).strip().rstrip(";").strip()
    if _TABLES.fullmatch(sql):
        return Statement(sql, Kind.TABLES)
    if columns := _COLUMNS.fullmatch(sql):
        table = exp.to_table(columns["table"], dialect="trino")
        return Statement(sql, Kind.COLUMNS, (_name(table, database),))
    tree = _select(sql)
    defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    named = (_name(table, database) for table in tree.find_all(exp.Table) if table.name)
    tables = tuple(dict.fromkeys(name for name in named if name not in defined))
    return Statement(sql, Kind.SELECT, tables, tree)


def _select(sql: str) -> exp.Query:
    try:
        found = [one for one in sqlglot.parse(sql, read="trino") if one is not None]
    except ParseError as error:
        raise BadInput(_readable(error)) from error
    except TokenError as error:
        raise BadInput(f"SQL error: {error}") from error
    if not found:
        raise BadInput("there is no SQL to run")
    if len(found) > 1:
        raise BadInput(f"that is {len(found)} statements: give one at a time")
    if not isinstance(found[0], exp.Query):
        raise BadInput(f"this command only reads: give {_ALLOWED}")
    return found[0]


def _readable(error: ParseError) -> str:
    """sqlglot underlines the place with terminal codes; we name it."""
    first = error.errors[0] if error.errors else {}
    if not first:
        return f"SQL error: {error}"
    reason = str(first["description"])
    if "SENTINEL" in reason:
        reason = "the statement ends too early"
    near = f" near {first['highlight']!r}" if first.get("highlight") else ""
    return f"SQL error at line {first['line']}, column {first['col']}{near}: {reason}"


def _name(table: exp.Table, database: str) -> str:
    """Tables may be named with their database and catalogue, as Athena would have them."""
    if table.db and table.db.lower() != database:
        raise BadInput(
            f"there is no database {table.db!r}: the lake's is {database!r}, SHOW TABLES lists it"
        )
    return str(table.name).lower()


def filled(text: str, parameters: Mapping[str, str]) -> str:
    """The SQL with each `:name` outside of strings and comments replaced by a quoted text."""
    try:
        tokens = Trino().tokenize(text)
    except TokenError as error:
        raise BadInput(f"SQL error: {error}") from error
    unused = set(parameters)
    for colon, word in reversed(_placeholders(tokens)):
        name = word.text
        if name not in parameters:
            raise BadInput(f"the SQL needs a value for :{name}: add --param {name}=...")
        value = parameters[name].replace("'", "''")
        text = f"{text[: colon.start]}'{value}'{text[word.end + 1 :]}"
        unused.discard(name)
    if unused:
        raise BadInput(f"--param {min(unused)}: the SQL has no :{min(unused)}")
    return text


def _placeholders(tokens: list[Token]) -> list[tuple[Token, Token]]:
    return [
        (colon, word)
        for colon, word in pairwise(tokens)
        if colon.token_type is TokenType.COLON
        and word.start == colon.end + 1
        and word.text.isidentifier()
        and word.token_type not in (TokenType.STRING, TokenType.IDENTIFIER)
    ]
