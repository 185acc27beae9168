"""The bill of a month rests on figures measured once: they must still be of this stack."""

from infra.costs.measured import Measured
from infra.prices import idle_bill
from infra.stages import STAGES
from tests.infra.template import Template


def test_what_stands_idle_costs_what_was_written_down(aws: Template) -> None:
    """Measure again when it changes."""
    written = {one.resource: (one.count, one.usd) for one in Measured.read().idle}
    assert written == {line.resource: (line.count, line.usd) for line in idle_bill(aws.body)}


def test_merges_wait_as_long_as_the_bill_takes_for_granted(aws: Template) -> None:
    mappings = aws.of_type("AWS::Lambda::EventSourceMapping").values()
    waits = {one.get("MaximumBatchingWindowInSeconds") for one in mappings}
    assert STAGES["aws"].merging_waits_seconds in waits
