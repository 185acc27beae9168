"""What deploying takes: the policy of who runs `cdk deploy`, and that of CloudFormation itself.

`python -m infra.deployer` writes them into `docs/`. Kinds of resources that are named by
CloudFormation bear the stack's name; secrets and machines only their logical id.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from infra.deployer_needs import (
    ASSETS,
    BOOTSTRAP,
    NAMED_BY_LOGICAL_ID,
    NEEDS,
    PASSED_TO,
    SYNTHESIZER,
    Need,
)
from infra.synthesis import ROOT

Statement: TypeAlias = dict[str, Any]  # Any: IAM's JSON
Policy: TypeAlias = dict[str, Any]

DOCS = ROOT / "docs"
MOST_CHARACTERS = 6_144  # of a managed policy, blanks not counted


def deployer_policy() -> Policy:
    """CDK's bootstrap roles do the rest; no other way leads to what the stack is made of."""
    roles = [
        f"arn:aws:iam::*:role/cdk-{SYNTHESIZER}-{one}-role-*"
        for one in ("deploy", "file-publishing", "lookup")
    ]
    return _policy([_allowed("Deploy", ["sts:AssumeRole"], roles)])


def policies(template: Mapping[str, Any]) -> dict[str, Policy]:
    """By their files; the last two are for `--cloudformation-execution-policies`."""
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    needed = [need for need in NEEDS if any(need.is_of(kind) for kind in kinds)]
    data = [_of(need, template) for need in needed if need.holds_data]
    work = [_of(need, template) for need in needed if not need.holds_data]
    return {
        "deployer-policy.json": deployer_policy(),
        "execution-policy-data.json": _policy(data),
        "execution-policy-work.json": _policy([*work, *_beside(kinds)]),
    }


def _of(need: Need, template: Mapping[str, Any]) -> Statement:
    statement = _allowed(need.name, need.actions, [*need.on, *_by_logical_id(need, template)])
    return statement | ({"Condition": need.condition} if need.condition else {})


def _by_logical_id(need: Need, template: Mapping[str, Any]) -> Iterator[str]:
    """Without the signs by which CDK tells ids apart, so that the policy outlasts a renaming."""
    for id, resource in template["Resources"].items():
        is_named = resource.get("Properties", {}).keys() & {"Name", "StateMachineName"}
        pattern = NAMED_BY_LOGICAL_ID.get(resource["Type"])
        if resource["Type"] in need.kinds and pattern and not is_named:
            yield pattern.format(re.sub(r"[0-9A-F]{8}$", "", id))


def _beside(kinds: set[str]) -> Iterator[Statement]:
    """What no single resource stands for: assets, roles handed on, the bootstrap's version."""
    passed = sorted({PASSED_TO[kind] for kind in kinds & PASSED_TO.keys()})
    yield {
        **_allowed("PassRoles", ["iam:PassRole"], ["arn:aws:iam::*:role/telematics-*"]),
        "Condition": {"StringEquals": {"iam:PassedToService": passed}},
    }
    yield _allowed("Assets", ["s3:GetObject"], [ASSETS])
    yield _allowed("Bootstrap", ["ssm:GetParameters"], [BOOTSTRAP])


def _allowed(name: str, actions: Iterable[str], on: Iterable[str]) -> Statement:
    return {
        "Sid": name,
        "Effect": "Allow",
        "Action": sorted(set(actions)),
        "Resource": sorted(set(on)),
    }


def _policy(statements: list[Statement]) -> Policy:
    return {"Version": "2012-10-17", "Statement": statements}


def spelt(policy: Policy) -> str:
    return json.dumps(policy, indent=2) + "\n"


def main() -> None:
    from infra.synthesis import synthesize

    with tempfile.TemporaryDirectory() as folder:
        template = synthesize("aws", Path(folder)).stacks[0].template
    for name, policy in policies(template).items():
        (DOCS / name).write_text(spelt(policy))


if __name__ == "__main__":
    main()
