"""The HTTP API's routes, which ministack leaves out.

SAM writes integrations, authorizer, CORS and routes of an `HttpApi` into an OpenAPI body, and
ministack makes the API without looking into that body. Here they are made by API from the same
body. Doing so twice changes nothing.
"""

import re
from typing import Any

from deploy import Stack

ARN = re.compile(r"functions/(arn:[^/]+)/invocations")
ANY = "x-amazon-apigateway-any-method"


def add(stack: Stack, body: dict[str, Any]) -> int:
    """Makes what is not there yet; gives back how many routes that were."""
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
            told = authorizer(scheme["x-amazon-apigateway-authorizer"])
            guards[name] = gateway.create_authorizer(ApiId=api, Name=name, **told)["AuthorizerId"]
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
            told = operation["x-amazon-apigateway-integration"]
            arn = function(told["uri"])
            if arn not in known:
                made = gateway.create_integration(
                    ApiId=api,
                    IntegrationType="AWS_PROXY",
                    IntegrationUri=arn,
                    PayloadFormatVersion=told["payloadFormatVersion"],
                )
                known[arn] = made["IntegrationId"]
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


def authorizer(told: dict[str, Any]) -> dict[str, Any]:
    """A Lambda authorizer as the API takes it."""
    return {
        "AuthorizerType": told["type"].upper(),
        "AuthorizerUri": told["authorizerUri"],
        "AuthorizerPayloadFormatVersion": told["authorizerPayloadFormatVersion"],
        "AuthorizerResultTtlInSeconds": told["authorizerResultTtlInSeconds"],
        "EnableSimpleResponses": told["enableSimpleResponses"],
        "IdentitySource": told["identitySource"],
    }


def function(uri: str) -> str:
    """The function that an invocation address leads to."""
    found = ARN.search(uri)
    if not found:
        raise ValueError(f"no function in {uri}")
    return found[1]


def capitalised(named: dict[str, Any]) -> dict[str, Any]:
    """`allowOrigins` as the API spells it: `AllowOrigins`."""
    return {name[0].upper() + name[1:]: value for name, value in named.items()}
