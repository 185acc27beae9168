"""Which pinned packages each dependency layer holds."""

import re
from pathlib import Path

LAYERS = Path(__file__).parent
NAMES = ("runtime", "lake")

# Required by pyiceberg's command line and REST catalogue, which no function uses. The HTTP
# packages among them would also take precedence over those of the managed runtime's boto3.
LEFT_OUT = {
    "charset-normalizer",
    "click",
    "markdown-it-py",
    "mdurl",
    "pygments",
    "requests",
    "rich",
    "urllib3",
}


def pinned(layer: str) -> dict[str, str]:
    """Each package of a layer's lock with its version and hashes."""
    lock = LAYERS / layer / "requirements.txt"
    found = {}
    for requirement in re.split(r"\n(?=\S)", lock.read_text().strip()):
        if ";" in requirement:
            raise ValueError(
                f"{lock}: a requirement with a marker would be judged by the machine that builds "
                f"the layer, not by Lambda: {requirement.splitlines()[0]}"
            )
        found[requirement.partition("==")[0]] = requirement
    return found


def installed(layer: str) -> str:
    """The lock of what a layer really holds: functions with `lake` have `runtime` as well."""
    packages = {name: pin for name, pin in pinned(layer).items() if name not in LEFT_OUT}
    if layer == "runtime":
        return "\n".join(packages.values())
    shared = pinned("runtime")
    for name in sorted(packages.keys() & shared.keys()):
        if packages[name] != shared[name]:
            raise ValueError(f"the layers runtime and {layer} pin {name} differently: make lock")
    return "\n".join(pin for name, pin in packages.items() if name not in shared)
