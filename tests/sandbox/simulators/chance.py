"""Chance that is the same everywhere: a key draws the same numbers in any process, in any order."""

import hashlib
import random


def chance(*key: object) -> random.Random:
    return random.Random(_spelt(key))  # noqa: S311  # nothing secret depends on it


def share(*key: object) -> float:
    """One number from 0 up to 1: cheaper than a generator of its own."""
    return int(_digest(key)[:13], 16) / 16**13


def identity(digits: int, *key: object) -> str:
    """An id of so many hexadecimal digits, at most 64."""
    return _digest(key)[:digits]


def _digest(key: tuple[object, ...]) -> str:
    return hashlib.sha256(_spelt(key).encode()).hexdigest()


def _spelt(key: tuple[object, ...]) -> str:
    return "/".join(map(str, key))
