//! Exports the whole filtered list as CSV for spreadsheets (`CATALOGUE HI-13`).
//!
//! Lambda limits the size of a response, so a longer list is returned in parts. Each part is a file
//! with a header line; `x-next-cursor` and `link` refer to the next part. `limit` applies to JSON
//! pages only and is ignored here.

use gancho_domain::{common::code::Language, outbound::delivery::Delivery};
use gancho_edge::{
    csv::{self, safe},
    http::{Answer, Call},
    page::countable,
    problem::ApiError,
};

use crate::{
    App,
    query::ListRequest,
    view::{Names, for_role, next_at, reason, resend_of, state_word},
};

/// The size of a part in bytes; in base64 it stays below 6 MB.
const BYTES: usize = 4_000_000;
/// The number of rows of one read.
const ROWS: usize = 500;
/// The maximum number of rows of a part, to respond within the gateway's 30 seconds.
const ROWS_MAX: usize = 20_000;

const COLUMNS: usize = 14;
const ENGLISH: [&str; COLUMNS] = [
    "ID",
    "Created at",
    "Subject",
    "Subject status",
    "Event",
    "Rule",
    "Endpoint",
    "State",
    "Why",
    "URL",
    "Attempts",
    "Next attempt at",
    "Resend of",
    "Expires at",
];
const PORTUGUESE: [&str; COLUMNS] = [
    "ID",
    "Criado em",
    "Assunto",
    "Status do assunto",
    "Evento",
    "Regra",
    "Endpoint",
    "Estado",
    "Motivo",
    "URL",
    "Tentativas",
    "Próxima tentativa em",
    "Reenvio de",
    "Expira em",
];

/// `GET /v1/deliveries` as CSV.
pub(crate) async fn csv(app: &App, call: &Call, requested: &ListRequest) -> Answer {
    let language = call.language();
    let filter = &requested.query.filter;
    let listing = app.store.delivery_listing(requested.ws, filter, app.deps.clock.now()).await?;
    if let Some((parameter, reads)) = listing.uncounted() {
        countable(parameter, reads)?;
    }
    let mut names = Names::default();
    let mut file = ::csv::Writer::from_writer(csv::BOM.as_bytes().to_vec());
    file.write_record(head(language)).map_err(ApiError::internal)?;
    let (mut below, mut rows) = (requested.below, 0);
    let next = loop {
        let mut page = listing.page(below, ROWS).await?;
        names.learn(app, requested.ws, page.items.iter().map(|it| &it.delivery)).await?;
        for item in &mut page.items {
            for_role(requested.role, &mut item.delivery);
            let cells = cells(&item.delivery, &names, language);
            file.write_record(cells.map(|cell| safe(&cell))).map_err(ApiError::internal)?;
        }
        rows += page.items.len();
        below = page.next;
        file.flush().map_err(ApiError::internal)?;
        let full = file.get_ref().len() >= BYTES || rows >= ROWS_MAX;
        if below.is_none() || full {
            break below;
        }
    };
    let bytes = file.into_inner().map_err(|error| ApiError::internal(error.error()))?;
    let next = next.map(|last| requested.with_list(|list| list.seal(last.as_bytes())));
    let next = next.map(|cursor| (place(&cursor, call), cursor));
    let next = next.as_ref().map(|(place, cursor)| (cursor.as_str(), place.as_str()));
    Ok(csv::attachment(bytes, "deliveries.csv", next))
}

/// The same request with another cursor.
fn place(cursor: &str, call: &Call) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.query.iter().filter(|(name, _)| name != "cursor"));
    query.append_pair("cursor", cursor);
    format!("/v1/deliveries?{}", query.finish())
}

fn head(language: Language) -> [&'static str; COLUMNS] {
    match language {
        Language::English => ENGLISH,
        Language::Portuguese => PORTUGUESE,
    }
}

fn cells(delivery: &Delivery, names: &Names, language: Language) -> [String; COLUMNS] {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let shown = |value: Option<String>| value.unwrap_or_default();
    [
        delivery.id.to_string(),
        delivery.id.made_at().to_string(),
        delivery.subject.clone(),
        text(delivery.subject_status.as_deref()),
        delivery.event_type.to_string(),
        text(names.rule(delivery)),
        text(names.receiver(delivery)),
        state_word(delivery.state.name(), language).to_owned(),
        text(reason(&delivery.state)),
        text(delivery.attempts.last().map(|attempt| attempt.url.as_str())),
        delivery.attempts.len().to_string(),
        shown(next_at(&delivery.state).map(|at| at.to_string())),
        shown(resend_of(delivery).map(|id| id.to_string())),
        delivery.expires_at.to_string(),
    ]
}
