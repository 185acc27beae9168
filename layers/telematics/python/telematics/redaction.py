"""Texts that may be kept and shown: short, and without links, tokens or keys."""

import re

LONGEST = 300
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
_TOKEN = re.compile(r"\b(bearer|basic)\s+[\w.~+/=:-]+", re.IGNORECASE)
_PARAMETER = re.compile(
    r"([\w-]*(?:signature|token|credential|secret|api[_-]?key|x-amz-[\w-]+))(\"?\s*[=:]\s*\"?)[^\s&\"',;]+",
    re.IGNORECASE,
)


def redacted(text: str, *secrets: str) -> str:
    """What others wrote, in one line, with `secrets` and whatever looks like one taken out."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "<secret>")
    text = _TOKEN.sub(r"\1 <token>", text)
    text = _LINK.sub("<link>", text)
    text = _PARAMETER.sub(r"\1\2<secret>", text)
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
