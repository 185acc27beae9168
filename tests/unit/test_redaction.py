"""What may be kept of a text that somebody else wrote."""

import pytest

from telematics.redaction import LONGEST, redacted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("all fine", "all fine"),
        ("two\n  lines", "two lines"),
        ("see https://bucket/x?X-Amz-Signature=abc now", "see <link> now"),
        ('"http://a/b"', '"<link>"'),
        ("Authorization: Bearer id.secret-1 refused", "Authorization: Bearer <token> refused"),
        ("X-Amz-Signature=abc&x=1", "X-Amz-Signature=<secret>&x=1"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": "<secret>", "n": 1}'),
        ("key id.mine is unknown", "key <secret> is unknown"),
    ],
)
def test_links_tokens_and_keys_are_taken_out(text: str, kept: str) -> None:
    assert redacted(text, "id.mine", "") == kept


def test_long_texts_are_cut() -> None:
    assert len(redacted("word " * 1000)) == LONGEST
