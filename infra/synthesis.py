"""Make the application of a stage: for the CDK command, the sandbox and the tests."""

import json
from pathlib import Path

from aws_cdk import App, Validations
from aws_cdk.cx_api import CloudAssembly
from cdk_nag import AwsSolutionsChecks

from infra.layers import BUILT_LAYERS
from infra.stack import TelematicsStack
from infra.stages import stage_settings

ROOT = Path(__file__).parent.parent


def application(
    stage: str | None = None, *, outdir: Path | None = None, layers: Path = BUILT_LAYERS
) -> App:
    """`stage` decides; without it the CDK context does, and without that it is `aws`."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context=context, outdir=str(outdir) if outdir else None)
    stage = stage or app.node.try_get_context("stage") or "aws"
    TelematicsStack(app, "telematics", settings=stage_settings(stage), built=layers)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def synthesize(stage: str, outdir: Path) -> CloudAssembly:
    """Write the template and the assets of a stage into a folder; needs no AWS and no network."""
    return application(stage, outdir=outdir).synth()
