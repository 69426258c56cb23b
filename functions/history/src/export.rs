//! The whole filtered list as a file that spreadsheets open (`CATALOGUE HI-13`).
//!
//! Lambda limits the size of a response, so a longer list comes in parts, each a file with its
//! header line. `x-next-cursor` and `link` lead to the next part. `limit` applies only to JSON
//! pages.

use gancho_domain::{
    common::code::{Language, message},
    inbound::webhook::Status,
};
use gancho_edge::{
    csv::{self, safe},
    http::{Answer, Call},
    page::countable,
    problem::ApiError,
};
use gancho_store::listing::Listed;

use crate::{App, query::ListRequest, view::Names};

/// The bytes after which a part ends: in base64 it stays below 6 MB.
const BYTES: usize = 4_000_000;
/// The number of rows that are read per page.
const ROWS: usize = 500;
/// The most rows of a part: the response must be complete within the gateway's 30 seconds.
const ROWS_MAX: usize = 20_000;

const ENGLISH: [&str; 15] = [
    "ID",
    "Received at",
    "Application",
    "Integration",
    "Status",
    "Active",
    "Method",
    "Size",
    "Error",
    "Message",
    "Contact",
    "Deal",
    "Runs",
    "Duplicate of",
    "Expires at",
];
const PORTUGUESE: [&str; 15] = [
    "ID",
    "Recebido em",
    "Aplicação",
    "Integração",
    "Status",
    "Ativo",
    "Método",
    "Tamanho",
    "Erro",
    "Mensagem",
    "Contato",
    "Negócio",
    "Execuções",
    "Duplicado de",
    "Expira em",
];

/// The list as comma separated values.
pub(crate) async fn csv(app: &App, call: &Call, request: &ListRequest) -> Answer {
    let language = call.language();
    let listing =
        app.store.listing(request.scope, &request.query.filter, app.deps.clock.now()).await?;
    countable("code", listing.uncounted())?;
    let mut names = Names::default();
    let mut file = ::csv::Writer::from_writer(csv::BOM.as_bytes().to_vec());
    file.write_record(head(language)).map_err(ApiError::internal)?;
    let (mut below, mut rows) = (request.below, 0);
    let next = loop {
        let page = listing.page(below, ROWS).await?;
        names.learn(app, request.scope.workspace, page.items.iter().map(|it| &it.received)).await?;
        for item in &page.items {
            let cells = cells(item, names.name(&item.received), language);
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
    let next = next.map(|last| request.with_list(|list| list.seal(last.as_bytes())));
    let next = next.map(|cursor| (link(&cursor, call), cursor));
    let next = next.as_ref().map(|(target, cursor)| (cursor.as_str(), target.as_str()));
    Ok(csv::attachment(bytes, "webhooks.csv", next))
}

/// The URL of the same request with another cursor.
fn link(cursor: &str, call: &Call) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.query.iter().filter(|(name, _)| name != "cursor"));
    query.append_pair("cursor", cursor);
    let origin = call.path.get("origin").map_or("", String::as_str);
    format!("/v1/origins/{origin}/webhooks?{}", query.finish())
}

fn head(language: Language) -> [&'static str; 15] {
    match language {
        Language::English => ENGLISH,
        Language::Portuguese => PORTUGUESE,
    }
}

fn cells(item: &Listed, integration: &str, language: Language) -> [String; 15] {
    let (received, last) = (&item.received, item.runs.last());
    let failure = last.and_then(|run| run.failure.as_ref());
    let text = |value: Option<String>| value.unwrap_or_default();
    [
        received.key.webhook.to_string(),
        received.received_at().to_string(),
        received.application.clone(),
        integration.to_owned(),
        status(item.status(), language).to_owned(),
        yes_or_no(received.active, language).to_owned(),
        received.method.clone(),
        received.body_size.to_string(),
        text(failure.map(|it| it.code.as_str().to_owned())),
        text(failure.map(|it| message(it.code, &it.params, language))),
        text(last.and_then(|run| run.contact).map(|(id, _)| id.to_string())),
        text(last.and_then(|run| run.deal).map(|(id, _)| id.to_string())),
        item.runs.len().to_string(),
        text(last.and_then(|run| run.duplicate_of).map(|id| id.to_string())),
        received.expires_at.to_string(),
    ]
}

fn status(status: Status, language: Language) -> &'static str {
    match (status, language) {
        (Status::Pending, Language::English) => "Pending",
        (Status::Pending, Language::Portuguese) => "Pendente",
        (Status::Success, Language::English) => "Success",
        (Status::Success, Language::Portuguese) => "Sucesso",
        (Status::Error, Language::English) => "Error",
        (Status::Error, Language::Portuguese) => "Erro",
    }
}

fn yes_or_no(yes: bool, language: Language) -> &'static str {
    match (yes, language) {
        (true, Language::English) => "Yes",
        (false, Language::English) => "No",
        (true, Language::Portuguese) => "Sim",
        (false, Language::Portuguese) => "Não",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hi_13_commas_quotes_and_lines_stay_in_their_cell() {
        let mut file = ::csv::Writer::from_writer(Vec::new());
        file.write_record(["a,b", "say \"x\"", &safe("\r\n=1"), ""]).unwrap();
        let text = String::from_utf8(file.into_inner().unwrap()).unwrap();
        assert_eq!(text, "\"a,b\",\"say \"\"x\"\"\",\"'\r\n'=1\",\n");
        let mut read = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let record = read.records().next().unwrap().unwrap();
        assert_eq!(record.iter().collect::<Vec<_>>(), ["a,b", "say \"x\"", "'\r\n'=1", ""]);
    }
}
