"""pyiceberg's conditions, with the types that they really take."""

from collections.abc import Callable
from typing import cast

from pyiceberg.expressions import (
    And,
    BooleanExpression,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    NotNull,
)

# Their own annotations tell of fields that they don't take by position.
is_known = cast(Callable[[str], BooleanExpression], NotNull)
one_of = cast(Callable[[str, set[str]], BooleanExpression], In)


def known_one_of(column: str, values: set[str]) -> BooleanExpression:
    """For conditions on several columns by which rows are deleted.

    Of a row that lacks the cell of one of them, pyiceberg would not know, and so keep it.
    """
    return And(is_known(column), one_of(column, values))


at_least = cast(Callable[[str, str], BooleanExpression], GreaterThanOrEqual)
at_most = cast(Callable[[str, str], BooleanExpression], LessThanOrEqual)
below = cast(Callable[[str, str], BooleanExpression], LessThan)
