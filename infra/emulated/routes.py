"""The HTTP API's routes, which ministack omits.

SAM writes the integrations, the authorizer, CORS and the routes of an `HttpApi` into an OpenAPI
body, which ministack ignores. This module creates them from that body through the API. It is
idempotent.
"""

import re
from typing import Any

from deploy import Stack

ARN = re.compile(r"functions/(arn:[^/]+)/invocations")
ANY = "x-amazon-apigateway-any-method"


def add(stack: Stack, body: dict[str, Any]) -> int:
    """Creates what is missing; returns the number of routes that it created."""
    gateway, api = stack.client("apigatewayv2"), stack.names["Api"]
    there = {each["RouteKey"] for each in gateway.get_routes(ApiId=api)["Items"]}
    before = len(there)
    known = {
        each["IntegrationUri"]: each["IntegrationId"]
        for each in gateway.get_integrations(ApiId=api)["Items"]
    }
    guards = {
        each["Name"]: each["AuthorizerId"] for each in gateway.get_authorizers(ApiId=api)["Items"]
    }
    for name, scheme in body.get("components", {}).get("securitySchemes", {}).items():
        if name not in guards:
            new = authorizer(scheme["x-amazon-apigateway-authorizer"])
            guards[name] = gateway.create_authorizer(ApiId=api, Name=name, **new)["AuthorizerId"]
    if cors := body.get("x-amazon-apigateway-cors"):
        gateway.update_api(ApiId=api, CorsConfiguration=capitalised(cors))
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            key = (
                path
                if path == "$default"
                else f"{'ANY' if method == ANY else method.upper()} {path}"
            )
            if key in there:
                continue
            target = operation["x-amazon-apigateway-integration"]
            arn = function(target["uri"])
            if arn not in known:
                created = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=arn,
                    PayloadFormatVersion=target["payloadFormatVersion"],
                )
                known[arn] = created["IntegrationId"]
            named = [
                name for each in operation.get("security", []) for name in each if name in guards
            ]
            guard = (
                {"AuthorizationType": "CUSTOM", "AuthorizerId": guards[named[0]]} if named else {}
            )
            gateway.create_route(
                ApiId=api, RouteKey=key, Target=f"integrations/{known[arn]}", **guard
            )
            there.add(key)
    return len(there) - before


def authorizer(scheme: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `CreateAuthorizer` for an authorizer of the body."""
    return {
        "AuthorizerType": scheme["type"].upper(),
        "AuthorizerUri": scheme["authorizerUri"],
        "AuthorizerPayloadFormatVersion": scheme["authorizerPayloadFormatVersion"],
        "AuthorizerResultTtlInSeconds": scheme["authorizerResultTtlInSeconds"],
        "EnableSimpleResponses": scheme["enableSimpleResponses"],
        "IdentitySource": scheme["identitySource"],
    }


def function(uri: str) -> str:
    """The function's ARN in an invocation URI."""
    found = ARN.search(uri)
    if not found:
        raise ValueError(f"no function in {uri}")
    return found[1]


def capitalised(named: dict[str, Any]) -> dict[str, Any]:
    """Capitalises keys as the API spells them: `allowOrigins` becomes `AllowOrigins`."""
    return {name[0].upper() + name[1:]: value for name, value in named.items()}
