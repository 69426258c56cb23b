"""`sam deploy` to the emulator, and the deployed stack."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from emulator import REGION, Emulator, EmulatorError, client_settings
from receiver import HOST as RECEIVER

STACK = "gancho"
BUCKET = "gancho-artifacts"
LIMIT = 300
CONSOLE = "https://console.example.com"
# Every optional part except the domain, which needs a certificate.
PARAMETERS = (
    "Stage=dev",
    "DataProtection=always",
    "Tracing=Active",
    "AlarmEmail=ops@example.com",
    f"AllowedOrigins={CONSOLE}",
)
# The functions that validate or call the URLs of endpoints.
SENDERS = ("Manage", "Publish", "Deliver", "Deliveries")


@dataclass(frozen=True)
class Stack:
    """The deployed stack: the names of its resources, and clients for them."""

    session: boto3.Session
    endpoint: str
    names: dict[str, str]

    def client(self, service: str) -> Any:
        """A client of an emulated AWS service."""
        return self.session.client(service, endpoint_url=self.endpoint)

    def function(self, logical: str) -> str:
        """The name of a function of the template."""
        return self.names[logical]

    def set_variables(self, logical: str, **changed: str) -> dict[str, str]:
        """Changes variables of a function's environment; returns their earlier values.

        The function's processes end, with what they cached.
        """
        cloud, name = self.client("lambda"), self.function(logical)
        known = cloud.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        cloud.update_function_configuration(
            FunctionName=name, Environment={"Variables": known | changed}
        )
        return {name: known[name] for name in changed if name in known}

    def queue(self, logical: str) -> str:
        """The URL of a queue of the template."""
        return self.names[logical]


def deploy(sam: Path, template: Path, emulator: Emulator, owner_key: str) -> Stack:
    """Deploys the template with `sam deploy`; `AdminKeyHash` is the hash of the owner's key."""
    session = boto3.Session("test", "test", region_name=REGION)
    session.client("s3", endpoint_url=emulator.endpoint).create_bucket(Bucket=BUCKET)
    admin = hashlib.sha256(owner_key.encode()).hexdigest()
    command = [str(sam), "deploy", "--template-file", str(template), "--stack-name", STACK]
    command += ["--s3-bucket", BUCKET, "--capabilities", "CAPABILITY_IAM", "--region", REGION]
    command += ["--no-confirm-changeset", "--no-progressbar", "--on-failure", "DO_NOTHING"]
    command += ["--parameter-overrides", f"AdminKeyHash={admin}", *PARAMETERS]
    scratch = template.parent.parent
    settings = client_settings(emulator.endpoint)
    settings |= {"SAM_CLI_TELEMETRY": "0", "HOME": str(scratch / "files")}
    cloud = session.client("cloudformation", endpoint_url=emulator.endpoint)
    with (scratch / "sam.log").open("wb") as log:
        try:
            done = subprocess.run(
                command,
                env=settings,
                cwd=template.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=LIMIT,
                check=False,
                process_group=emulator.group,
            )
        except subprocess.TimeoutExpired:
            raise EmulatorError(f"sam deploy took longer than {LIMIT} s") from None
    if done.returncode:
        cause = failure_reason(cloud) or last_line(scratch / "sam.log")
        raise EmulatorError(f"sam deploy: {cause}")
    pages = cloud.get_paginator("list_stack_resources").paginate(StackName=STACK)
    found = [each for page in pages for each in page["StackResourceSummaries"]]
    names = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}
    return Stack(session, emulator.endpoint, names)


def failure_reason(cloud: Any) -> str:
    """The first resource that could not be created, with the reason."""
    try:
        events = cloud.describe_stack_events(StackName=STACK)["StackEvents"]
    except ClientError:
        return ""  # There is no stack: it was rejected before its creation began.
    failed = [each for each in events if each["ResourceStatus"] == "CREATE_FAILED"]
    reasons = [
        f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason')}"
        for each in reversed(failed)
    ]
    return next(iter(reasons), "")


def last_line(log: Path) -> str:
    """The last line that `sam` wrote."""
    lines = [line for line in log.read_text().splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


def allow_receiver(stack: Stack) -> None:
    """Allows the functions to send to this machine, where the receiver is.

    It uses the Lambda API after the deployment: the template does not offer this setting. Without
    it the functions refuse every address that is not public.
    """
    for logical in SENDERS:
        stack.set_variables(logical, EGRESS_EXEMPT_HOSTS=RECEIVER)
