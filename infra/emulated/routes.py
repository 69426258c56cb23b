"""The HTTP API's routes, which ministack leaves out.

SAM writes integrations, authorizer, CORS and routes of an `HttpApi` into an OpenAPI body, and ministack
makes the API without looking into that body. Here they are made by API from the same body, the
processed template's. Doing so twice changes nothing.
"""

import json
import re
from typing import Any

from deploy import STACK, Stack

FUNCTION = re.compile(r"functions/\$\{(\w+)(?:\.Arn)?\}/invocations")
ANY = "x-amazon-apigateway-any-method"


def add(stack: Stack) -> int:
    """Makes what is not there yet; gives back how many routes there are."""
    cloud, gateway, api = stack.client("cloudformation"), stack.client("apigatewayv2"), stack.names["Api"]
    processed = cloud.get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    resources = (json.loads(processed) if isinstance(processed, str) else processed)["Resources"]
    body = resources["Api"]["Properties"]["Body"]
    there = {each["RouteKey"] for each in gateway.get_routes(ApiId=api)["Items"]}
    known = {each["IntegrationUri"]: each["IntegrationId"] for each in gateway.get_integrations(ApiId=api)["Items"]}
    guards = {each["Name"]: each["AuthorizerId"] for each in gateway.get_authorizers(ApiId=api)["Items"]}
    schemes = body.get("components", {}).get("securitySchemes", {})
    for name, scheme in schemes.items():
        if name not in guards:
            made = gateway.create_authorizer(ApiId=api, Name=name, **authorizer(scheme, stack))
            guards[name] = made["AuthorizerId"]
    if cors := body.get("x-amazon-apigateway-cors"):
        gateway.update_api(ApiId=api, CorsConfiguration=capitalised(cors))
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            key = f"{'ANY' if method == ANY else method.upper()} {path}"
            if key in there:
                continue
            integration = operation["x-amazon-apigateway-integration"]
            arn = function_arn(integration["uri"], stack)
            if arn not in known:
                version = integration["payloadFormatVersion"]
                made = gateway.create_integration(
                    ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion=version
                )
                known[arn] = made["IntegrationId"]
            named = [name for each in operation.get("security", []) for name in each if name in guards]
            guard = {"AuthorizationType": "CUSTOM", "AuthorizerId": guards[named[0]]} if named else {}
            gateway.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{known[arn]}", **guard)
            there.add(key)
    return len(there)


def authorizer(scheme: dict[str, Any], stack: Stack) -> dict[str, Any]:
    """A Lambda authorizer as the API takes it."""
    told = scheme["x-amazon-apigateway-authorizer"]
    return {
        "AuthorizerType": told["type"].upper(),
        "AuthorizerUri": invocation(function_arn(told["authorizerUri"], stack)),
        "AuthorizerPayloadFormatVersion": told["authorizerPayloadFormatVersion"],
        "AuthorizerResultTtlInSeconds": told["authorizerResultTtlInSeconds"],
        "EnableSimpleResponses": told["enableSimpleResponses"],
        "IdentitySource": told["identitySource"],
    }


def function_arn(uri: dict[str, Any], stack: Stack) -> str:
    """The function that a `Fn::Sub` of an invocation address names."""
    sub = uri["Fn::Sub"]
    if isinstance(sub, list):
        logical = next(iter(sub[1].values()))["Fn::GetAtt"][0]
    else:
        found = FUNCTION.search(sub)
        if not found:
            raise ValueError(f"no function in {sub}")
        logical = found[1]
    found = stack.client("lambda").get_function_configuration(FunctionName=stack.names[logical])
    return str(found["FunctionArn"])


def invocation(arn: str) -> str:
    """The address by which API Gateway invokes a function."""
    region = arn.split(":")[3]
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def capitalised(named: dict[str, Any]) -> dict[str, Any]:
    """`allowOrigins` as the API spells it: `AllowOrigins`."""
    return {name[0].upper() + name[1:]: value for name, value in named.items()}
