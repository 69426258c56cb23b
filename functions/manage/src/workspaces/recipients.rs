//! The recipients of suspension notices by e-mail. Each address has one subscription to the notices
//! topic, with a filter that lists its workspaces (`FACTS S5.3`).
//!
//! The recipient confirms the subscription with the link that SNS sends. Joining and leaving can be
//! repeated; joining again sends the link again.

use std::collections::BTreeMap;

use aws_sdk_sns::{operation::subscribe::SubscribeError, types::Subscription};
use futures::future::try_join_all;
use gancho_domain::{
    common::{code::Code, ids::WorkspaceId},
    crm::normalise,
};
use gancho_edge::{
    http::Call,
    idempotency::{Reply, Reservation},
    problem::ApiError,
};
use serde::{Deserialize, Serialize};

use crate::{App, find, patch};

/// The filter policy of a subscription: the workspaces whose notices it receives.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Policy {
    #[serde(default)]
    workspace: Vec<String>,
}

/// The addresses with the ARNs of their subscriptions; `None` for an unconfirmed subscription.
type Known = BTreeMap<String, Option<String>>;

/// A recipient as the API shows it.
#[derive(Debug, Serialize)]
pub(super) struct RecipientView {
    email: String,
    /// True if SNS mails the notices of this workspace to the address; `None` if SNS did not say.
    confirmed: Option<bool>,
}

/// The recipients of a workspace with the states of their subscriptions. A workspace is shown even
/// if SNS does not answer.
pub(super) async fn states(app: &App, ws: WorkspaceId, emails: &[String]) -> Vec<RecipientView> {
    let states = read_states(app, ws, emails).await.unwrap_or_else(|error| {
        tracing::warn!(workspace.id = %ws, error.cause = error.cause, "subscriptions were not read");
        vec![None; emails.len()]
    });
    let emails = emails.iter().cloned();
    emails.zip(states).map(|(email, confirmed)| RecipientView { email, confirmed }).collect()
}

async fn read_states(
    app: &App,
    ws: WorkspaceId,
    emails: &[String],
) -> Result<Vec<Option<bool>>, ApiError> {
    let Some(topic) = app.deps.settings.notices_topic.as_deref().filter(|_| !emails.is_empty())
    else {
        return Ok(vec![None; emails.len()]);
    };
    let known = known(app, topic).await?;
    let mut states = Vec::new();
    for email in emails {
        let arn = known.get(email).cloned().flatten();
        states.push(async move {
            let Some(arn) = arn else { return Ok(Some(false)) };
            Ok(Some(policy(app, &arn).await?.workspace.contains(&ws.to_string())))
        });
    }
    try_join_all(states).await
}

/// `POST /v1/workspace/recipients/{email}/resend`: sends the link again. The filter of an address
/// that was confirmed for another workspace is completed instead.
pub(crate) async fn resend(
    app: &App,
    call: &Call,
    reservation: &Reservation,
) -> Result<Reply, ApiError> {
    patch::nothing_else(&patch::optional_body(call)?)?;
    let ws = reservation.workspace;
    let workspace = find::workspace(app, ws).await?;
    let text = call.path.get("email").map_or("", String::as_str);
    let email = normalise::email(text).map_err(|_| ApiError::not_found())?.to_string();
    if !workspace.notice_recipients.contains(&email) {
        return Err(ApiError::not_found());
    }
    let emails = [email];
    join(app, ws, &emails).await?;
    let recipient = states(app, ws, &emails).await.pop();
    Reply::of(200, &recipient)
}

/// Subscribes these addresses to the notices of a workspace.
pub(crate) async fn join(app: &App, ws: WorkspaceId, requested: &[String]) -> Result<(), ApiError> {
    let Some(topic) = app.deps.settings.notices_topic.as_deref().filter(|_| !requested.is_empty())
    else {
        return Ok(());
    };
    let known = known(app, topic).await?;
    for address in requested {
        match known.get(address).cloned().flatten() {
            Some(arn) => {
                let mut policy = policy(app, &arn).await?;
                if !policy.workspace.contains(&ws.to_string()) {
                    policy.workspace.push(ws.to_string());
                    set(app, &arn, &policy).await?;
                }
            }
            None => subscribe(app, topic, ws, address).await?,
        }
    }
    Ok(())
}

/// Unsubscribes these addresses from the notices of a workspace.
pub(crate) async fn leave(app: &App, ws: WorkspaceId, gone: &[String]) -> Result<(), ApiError> {
    let Some(topic) = app.deps.settings.notices_topic.as_deref().filter(|_| !gone.is_empty())
    else {
        return Ok(());
    };
    let known = known(app, topic).await?;
    for arn in gone.iter().filter_map(|address| known.get(address).cloned().flatten()) {
        let mut policy = policy(app, &arn).await?;
        policy.workspace.retain(|known| *known != ws.to_string());
        if policy.workspace.is_empty() {
            app.deps.sns.unsubscribe().subscription_arn(&arn).send().await.map_err(failed)?;
        } else {
            set(app, &arn, &policy).await?;
        }
    }
    Ok(())
}

async fn known(app: &App, topic: &str) -> Result<Known, ApiError> {
    let list = app.deps.sns.list_subscriptions_by_topic().topic_arn(topic);
    let mut pages = list.into_paginator().send();
    let mut known = Known::new();
    while let Some(page) = pages.next().await {
        let found = page.map_err(failed)?.subscriptions.unwrap_or_default();
        known.extend(found.into_iter().filter_map(by_address));
    }
    Ok(known)
}

fn by_address(found: Subscription) -> Option<(String, Option<String>)> {
    let email = found.protocol.as_deref() == Some("email");
    let arn = found.subscription_arn.filter(|arn| arn.starts_with("arn:"));
    Some((found.endpoint.filter(|_| email)?, arn))
}

async fn subscribe(app: &App, topic: &str, ws: WorkspaceId, address: &str) -> Result<(), ApiError> {
    let policy = text(&Policy { workspace: vec![ws.to_string()] })?;
    let call = app.deps.sns.subscribe().topic_arn(topic).protocol("email").endpoint(address);
    match call.attributes("FilterPolicy", policy).send().await {
        Ok(_) => Ok(()),
        // The address has an unconfirmed subscription for another workspace. Its filter cannot be
        // changed before it is confirmed; without a filter, the call sends the link again.
        Err(error)
            if error
                .as_service_error()
                .is_some_and(SubscribeError::is_invalid_parameter_exception) =>
        {
            tracing::warn!(workspace.id = %ws, "a recipient has not confirmed for another workspace");
            let call =
                app.deps.sns.subscribe().topic_arn(topic).protocol("email").endpoint(address);
            call.send().await.map_err(failed).map(drop)
        }
        Err(error) => Err(failed(error)),
    }
}

async fn policy(app: &App, arn: &str) -> Result<Policy, ApiError> {
    let call = app.deps.sns.get_subscription_attributes().subscription_arn(arn);
    let found = call.send().await.map_err(failed)?.attributes.unwrap_or_default();
    let text = found.get("FilterPolicy").map_or("{}", String::as_str);
    serde_json::from_str(text).map_err(ApiError::internal)
}

async fn set(app: &App, arn: &str, policy: &Policy) -> Result<(), ApiError> {
    let call = app.deps.sns.set_subscription_attributes().subscription_arn(arn);
    let call = call.attribute_name("FilterPolicy").attribute_value(text(policy)?);
    call.send().await.map_err(failed).map(drop)
}

fn text(policy: &Policy) -> Result<String, ApiError> {
    serde_json::to_string(policy).map_err(ApiError::internal)
}

fn failed(error: impl std::error::Error) -> ApiError {
    let cause = Some(gancho_store::cause(&error));
    ApiError { cause, ..ApiError::new(503, Code::StorageUnavailable) }
}
