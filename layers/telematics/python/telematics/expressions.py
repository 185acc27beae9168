"""pyiceberg's conditions, with the types that they really take."""

from collections.abc import Callable
from typing import cast

from pyiceberg.expressions import (
    BooleanExpression,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)

# Their own annotations tell of fields that they don't take by position.
one_of = cast(Callable[[str, set[str]], BooleanExpression], In)
at_least = cast(Callable[[str, str], BooleanExpression], GreaterThanOrEqual)
at_most = cast(Callable[[str, str], BooleanExpression], LessThanOrEqual)
below = cast(Callable[[str, str], BooleanExpression], LessThan)
