//! Reads the webhooks of a batch before their runs and gives each its line, so that the runs of
//! strangers are concurrent while those of one person stay in their order (decision 0088).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{StreamExt, stream};
use gancho_domain::{
    common::ids::WorkspaceId,
    crm::normalise::{Email, Phone},
    inbound::{
        lines::{self, Place, Tie},
        webhook::Received,
    },
};
use gancho_edge::batch::{Arrival, caught};
use gancho_store::{StoreError, crm::Address, history::StoredWebhook};

use crate::{
    App,
    config::{CacheUse, Config, ConfigKey},
    extract::Reading,
    run::{self, Arrived},
};

/// The number of integrations whose configuration is read at a time.
const CONFIGS_AT_ONCE: usize = 16;

/// A webhook in its line.
#[derive(Debug)]
pub(crate) struct InLine {
    /// The webhook.
    pub(crate) arrived: Arrived,
    /// The line's number in its batch.
    pub(crate) line: usize,
}

/// Reads the webhooks of a batch and gives each its line.
pub(crate) async fn plan(app: &App, batch: Vec<Arrival<StoredWebhook>>) -> Vec<Arrival<InLine>> {
    let configs = configs(app, &batch).await;
    let mut arrivals = Vec::new();
    for Arrival { sequence, value } in batch {
        let config = configs.get(&config_key(&value.received));
        arrivals.push(Arrival { sequence, value: read(app, config, value).await });
    }
    let mut places: Vec<Place> = arrivals.iter().map(|arrival| place(&arrival.value)).collect();
    if let Err(error) = join_owners(app, &mut places).await {
        tracing::warn!(error.cause = %error, "owners not read; webhooks stay in the order of their integrations");
        for place in &mut places {
            place.ties = None;
        }
    }
    let lines = lines::lines(places);
    let in_line = |(Arrival { sequence, value: arrived }, line)| Arrival {
        sequence,
        value: InLine { arrived, line },
    };
    arrivals.into_iter().zip(lines).map(in_line).collect()
}

/// The configurations of a batch. Those that cannot be read are left to the runs.
async fn configs(app: &App, batch: &[Arrival<StoredWebhook>]) -> BTreeMap<ConfigKey, Arc<Config>> {
    let keys: BTreeSet<_> = batch.iter().map(|it| config_key(&it.value.received)).collect();
    let now = app.deps.clock.now();
    let find = |key| async move {
        let found = app.configs.find(&app.store, key, CacheUse::Recent, now).await;
        found.ok().flatten().map(|config| (key, config))
    };
    let found: Vec<_> =
        stream::iter(keys.into_iter().map(find)).buffer_unordered(CONFIGS_AT_ONCE).collect().await;
    found.into_iter().flatten().collect()
}

fn config_key(received: &Received) -> ConfigKey {
    (received.key.workspace, received.key.origin, received.integration)
}

/// Reads a webhook whose body is in its row. Whatever goes wrong is left to the run.
async fn read(app: &App, config: Option<&Arc<Config>>, mut webhook: StoredWebhook) -> Arrived {
    let reading = match config {
        Some(config) if webhook.is_whole() => {
            let reading = caught(run::read(&app.store, config, &mut webhook)).await;
            reading.ok().map(|reading| (Arc::clone(config), reading))
        }
        Some(_) | None => None,
    };
    Arrived { webhook, reading }
}

/// The place of a webhook before the owners of its addresses are known.
fn place(arrived: &Arrived) -> Place {
    let received = &arrived.webhook.received;
    let ties = arrived.reading.as_ref().map(|(_, reading)| ties(received, reading));
    Place { integration: received.integration, ties }
}

/// The ties of a run's effects with those of others; none if it fails.
fn ties(received: &Received, reading: &Reading) -> BTreeSet<Tie> {
    let ws = received.key.workspace;
    let (Some(mapped), None) = (&reading.fields, &reading.failure) else { return BTreeSet::new() };
    let email = mapped.contact.email.iter().map(Email::as_str);
    let phone = mapped.contact.phone.iter().map(Phone::as_str);
    let delivery_id = reading.delivery_id.iter();
    email
        .map(|email| Tie::Email(ws, email.to_owned()))
        .chain(phone.map(|phone| Tie::Phone(ws, phone.to_owned())))
        .chain(mapped.keys.iter().map(|key| Tie::Key(ws, key.clone())))
        .chain(delivery_id.map(|id| Tie::DeliveryId(received.integration, id.clone())))
        .collect()
}

/// Adds the contacts that own the addresses: two webhooks reach one person by different addresses.
/// Asks nothing if there is nobody whom a webhook could overtake.
async fn join_owners(app: &App, places: &mut [Place]) -> Result<(), StoreError> {
    if places.len() < 2 {
        return Ok(());
    }
    let mut addresses: BTreeMap<WorkspaceId, BTreeSet<Address>> = BTreeMap::new();
    for (ws, address) in
        places.iter().filter_map(|it| it.ties.as_ref()).flatten().filter_map(address)
    {
        addresses.entry(ws).or_default().insert(address);
    }
    for (ws, addresses) in addresses {
        let owners = app.store.all_owners(ws, addresses).await?;
        for ties in places.iter_mut().filter_map(|place| place.ties.as_mut()) {
            let own = ties.iter().filter_map(address).filter(|(of, _)| *of == ws);
            let contacts: Vec<_> = own.filter_map(|(_, it)| owners.get(&it).copied()).collect();
            ties.extend(contacts.into_iter().map(|contact| Tie::Contact(ws, contact)));
        }
    }
    Ok(())
}

/// The address that a tie is.
fn address(tie: &Tie) -> Option<(WorkspaceId, Address)> {
    match tie {
        Tie::Email(ws, email) => Some((*ws, Address::Email(email.clone()))),
        Tie::Phone(ws, phone) => Some((*ws, Address::Phone(phone.clone()))),
        Tie::Contact(..) | Tie::Key(..) | Tie::DeliveryId(..) | Tie::Integration(_) => None,
    }
}
