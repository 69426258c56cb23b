"""The output of `sam build`: the template as it is, and a `bootstrap` in each function's folder.

The binaries are built for this machine, whatever architecture the template names: the emulator runs
them as processes.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads the short form of an intrinsic function as its argument."""


def _inside(loader: _Loader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!", _inside)


def read(template: Path) -> dict[str, Any]:
    """The template's resources by name."""
    return yaml.load(template.read_text(), _Loader)["Resources"]


def resource_types(resources: dict[str, Any]) -> list[str]:
    """Every type that the template names."""
    return sorted({resource["Type"] for resource in resources.values()})


def functions(resources: dict[str, Any]) -> dict[str, Any]:
    """The functions among the resources."""
    kind = "AWS::Serverless::Function"
    return {name: found for name, found in resources.items() if found["Type"] == kind}


def make(template: Path, binaries: Path, folder: Path) -> Path:
    """Copies template and binaries to `folder`; returns the path of the template there."""
    for name, function in functions(read(template)).items():
        code = folder / function["Properties"]["CodeUri"]
        code.mkdir(parents=True)
        binary = binaries / function["Metadata"]["BuildProperties"]["Binary"]
        if not binary.is_file():
            raise FileNotFoundError(f"{name} has no binary at {binary}")
        # Debug information is three quarters of the size.
        subprocess.run(["strip", "-o", str(code / "bootstrap"), str(binary)], check=True)
    return Path(shutil.copy(template, folder / "template.yaml"))
