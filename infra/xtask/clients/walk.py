"""Walks both roads with the client that openapi-python-client generated.

Run by `cargo xtask test --only clients`, with `gancho_client` on the path. Reads BASE (the host), KEY
(an admin's API key) and INBOX (a URL that an endpoint may have) from the environment.
"""

import os
import sys
import time
from http import HTTPStatus

from gancho_client import AuthenticatedClient
from gancho_client.api.deliveries import list_deliveries, show_delivery, show_subject
from gancho_client.api.endpoints import create_endpoint, show_endpoint
from gancho_client.api.events import publish_event
from gancho_client.api.history import list_webhooks
from gancho_client.api.ingest import ingest_delete, ingest_patch, ingest_post, ingest_put
from gancho_client.api.integrations import create_integration
from gancho_client.api.origins import create_origin
from gancho_client.api.rules import change_rule, create_rule
from gancho_client.models import (
    Comparison,
    ComparisonOp,
    Condition,
    DeliveryState,
    Field,
    Mapping,
    Method,
    NewEndpoint,
    NewEvent,
    NewEventData,
    NewIntegration,
    NewOrigin,
    NewRule,
    Preset,
    RuleFilter,
    RuleMethod,
    RulePatch,
    RuleTargetType0,
    Status,
)

EVENT = "order.walked_py"
SUBJECT = "Pedido São João nº 1"
SECONDS = 60


def main() -> None:
    client = AuthenticatedClient(
        base_url=os.environ["BASE"], token=os.environ["KEY"], raise_on_unexpected_status=True
    )
    inbound(client)
    outbound(client, os.environ["INBOX"])


def inbound(client: AuthenticatedClient) -> None:
    stages = ["Novo", "Fechado"]
    origin = right(create_origin, client=client, body=NewOrigin(name="Loja", stages=stages))
    keys = ["$.pedido"]
    email = Field(target="contact.email", path="$.email", required=True)
    title = Field(target="deal.title", path="$.assunto")
    made = right(
        create_integration,
        client=client,
        body=NewIntegration(
            origin=origin.id,
            application="webhook",
            name="Meu site",
            methods=[Method.POST, Method.PUT, Method.PATCH, Method.DELETE],
            mapping=Mapping(fields=[email, title], keys=keys),
        ),
    )
    token = made.url.rsplit("/", 1)[1]
    calls = [ingest_post, ingest_put, ingest_patch, ingest_delete]
    for number, call in enumerate(calls, 1):
        payload = {"email": "rui@example.com", "assunto": "Orçamento", "pedido": f"PED-{number}"}
        right(call, token, client=client, body=payload)
    done = until(
        "every webhook is processed",
        lambda: right(list_webhooks, origin.id, client=client, status=[Status.SUCCESS]),
        lambda page: len(page.items) == len(calls),
    )
    found = right(list_webhooks, origin.id, client=client, q="PED-2")
    assert [item.method for item in found.items] == ["PUT"], found
    assert all(item.deal for item in done.items), done


def outbound(client: AuthenticatedClient, inbox: str) -> None:
    new = NewEndpoint(name="ERP", url=inbox, preset=Preset.STANDARD_WEBHOOKS)
    endpoint = right(create_endpoint, client=client, body=new)
    assert endpoint.secret.startswith("whsec_"), endpoint
    assert right(show_endpoint, endpoint.id, client=client).stopped is None
    dispatched = Condition(
        all_=[
            Condition(is_=Comparison(path="volumes", op=ComparisonOp.GT, value=1)),
            Condition(any_=[Condition(is_=Comparison(path="uf", op=ComparisonOp.IN, value=["SP", "RJ"]))]),
        ]
    )
    rule = right(
        create_rule,
        client=client,
        body=NewRule(
            name="Despachos",
            filter_=RuleFilter(types=[EVENT], condition=dispatched),
            target=RuleTargetType0(endpoint=endpoint.id),
            method=RuleMethod.POST,
            body="standard",
        ),
    )
    assert rule.filter_.condition == dispatched, rule
    changed = right(change_rule, rule.id, client=client, body=RulePatch(name="Despachos do ERP"))
    assert (changed.version, changed.name) == (2, "Despachos do ERP"), changed
    # A rule that is created or changed takes effect within five seconds; no request shows that it has.
    time.sleep(5)
    data = NewEventData.from_dict({"volumes": 2, "uf": "SP"})
    event = right(
        publish_event,
        client=client,
        body=NewEvent(type_=EVENT, subject=SUBJECT, subject_status="Saiu às 10h", data=data),
    )
    page = until(
        "the event is delivered",
        lambda: right(list_deliveries, client=client, subject=SUBJECT, endpoint=[endpoint.id]),
        lambda page: [item.state for item in page.items] == [DeliveryState.SUCCESS],
    )
    delivery = right(show_delivery, page.items[0].id, client=client)
    assert (delivery.event.id, delivery.attempts[0].status) == (event.id, 200), delivery
    trail = right(show_subject, SUBJECT, client=client)
    assert [item.kind for item in trail.items] == ["delivery", "event"], trail


def right(operation, *path, **arguments):
    """The parsed body of a 2xx; anything else ends the walk."""
    response = operation.sync_detailed(*path, **arguments)
    if response.status_code // 100 != 2 or response.parsed is None:
        status = HTTPStatus(response.status_code)
        sys.exit(f"{operation.__name__}: {status.value} {response.content.decode(errors='replace')}")
    return response.parsed


def until(what, request, holds):
    """Repeats a request until its answer is as expected."""
    ends = time.monotonic() + SECONDS
    while not holds(answer := request()):
        if time.monotonic() > ends:
            sys.exit(f"not within {SECONDS} s: {what}\n{answer}")
        time.sleep(0.2)
    return answer


main()
