"""The layers that functions import from."""

from pathlib import Path

from aws_cdk import Annotations, CfnParameter, CfnRule, CfnRuleAssertion, Fn, IgnoreMode
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from layers import build
from layers.requirements import LAYERS

BUILT_LAYERS = build.BUILT
NOT_BUILT = "The dependency layers are not built: run `make layers`, then deploy again"


class Layers(Construct):
    """Our own package, and third-party packages where the stage doesn't provide them.

    Synthesizing needs none of them built. Deploying does: until they are, a rule of the template
    refuses it before anything is changed.
    """

    def __init__(self, scope: Construct, id: str, *, dependencies: bool, built: Path) -> None:
        super().__init__(scope, id)
        telematics = self._layer(
            "Telematics",
            lambda_.Code.from_asset(
                str(LAYERS / "telematics"),
                exclude=["pyproject.toml", "*.egg-info", "__pycache__", "*.pyc"],
                ignore_mode=IgnoreMode.GLOB,
            ),
        )
        self.of_every_function = [telematics]
        self.with_lake = [telematics]
        if dependencies:
            runtime = self._dependencies("runtime", built)
            self.of_every_function = [runtime, telematics]
            self.with_lake = [runtime, self._dependencies("lake", built), telematics]

    def _dependencies(self, name: str, root: Path) -> lambda_.LayerVersion:
        layer = build.built(name, build.AWS, root)
        if layer is None:
            self._refuse_to_deploy()
            return self._layer(name.capitalize(), lambda_.Code.from_asset(str(LAYERS / name)))
        return self._layer(
            name.capitalize(),
            lambda_.Code.from_asset(str(layer.folder), asset_hash=layer.digest),
        )

    def _layer(self, id: str, code: lambda_.Code) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            id,
            code=code,
            compatible_architectures=[lambda_.Architecture.ARM_64],
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        )

    def _refuse_to_deploy(self) -> None:
        if self.node.try_find_child("Built"):
            return
        Annotations.of(self).add_warning_v2("telematics:layers-not-built", NOT_BUILT)
        state = CfnParameter(self, "State", default="not built", description=NOT_BUILT)
        state.override_logical_id("DependencyLayers")
        rule = CfnRule(
            self,
            "Built",
            assertions=[
                CfnRuleAssertion(
                    assert_=Fn.condition_equals(state.value_as_string, "built"),
                    assert_description=NOT_BUILT,
                )
            ],
        )
        rule.override_logical_id("DependencyLayersAreBuilt")
