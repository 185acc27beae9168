"""
SandboxError              something is not as it must be; the text says what, where and what to do
  + AlreadyUp             a second `up`
  + NotUp                 no sandbox is running here
  + PortTaken             another program listens on the port
  + EnvironmentUnusable   the emulator's Python or its packages can't be had
  + Died                  a program that we started has ended
  + SynthesisFailed       the CDK application gave no template
  + DeploymentFailed      CloudFormation did not get there
  + StillBusy             there is work left after the time that was given
"""


class SandboxError(Exception):
    """Something is not as it must be; the text says what, where and what to do."""


class AlreadyUp(SandboxError):
    """A second `up`."""


class NotUp(SandboxError):
    """No sandbox is running here."""


class PortTaken(SandboxError):
    """Another program listens on the port."""


class EnvironmentUnusable(SandboxError):
    """The emulator's Python or its packages can't be had."""


class Died(SandboxError):
    """A program that we started has ended."""


class SynthesisFailed(SandboxError):
    """The CDK application gave no template."""


class DeploymentFailed(SandboxError):
    """CloudFormation did not get there."""


class StillBusy(SandboxError):
    """There is work left after the time that was given."""
