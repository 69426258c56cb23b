//! The expected result of each application's sample.

use serde_json::Value;

use super::{
    DemoError,
    api::{Api, at, text},
    table::Row,
};

/// An application of the catalogue and the expected result of its sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) application: &'static str,
    /// The contact's e-mail address or phone number; empty: no contact.
    contact: &'static str,
    /// The deal's title; empty: no deal.
    deal: &'static str,
}

const fn case(application: &'static str, contact: &'static str, deal: &'static str) -> Case {
    Case { application, contact, deal }
}

/// Every application of the catalogue.
pub(super) const CASES: &[Case] = &[
    case("webhook", "carla.nogueira@example.com", "Orçamento de reforma"),
    case("elementor", "joao.silva@example.com", "Contato do site"),
    case("activecampaign", "maria.souza@example.com.br", "Plano Anual"),
    case("hotmart", "ana.lima@example.com", "Curso de Violão"),
    case("rdstation", "jose@padaria.example", "Plano Pro - Padaria do Zé"),
    case("respondio", "lucas@example.com", ""),
    case("typeform", "beatriz@example.com", "Orçamento"),
    case("meta", "", "444444444444"),
    case("intelipost", "", "PED-2026-004711"),
    case("github", "", "O frete não é somado no carrinho"),
    case("stripe", "marcos.teixeira@example.com", "Assinatura anual"),
    case("shopify", "helena.prado@example.com", "#1001"),
];

impl Case {
    /// Compares the webhook's contact and deal with the expected ones.
    pub(super) async fn check(&self, api: &Api, webhook: &Value) -> Result<Row, DemoError> {
        let status = text(at(webhook, "/status"));
        let contact = match at(webhook, "/contact/id").as_str() {
            Some(id) => api.get(&format!("/v1/contacts/{id}")).await?,
            None => Value::Null,
        };
        let deal = match at(webhook, "/deal/id").as_str() {
            Some(id) => api.get(&format!("/v1/deals/{id}")).await?,
            None => Value::Null,
        };
        let reached = [at(&contact, "/email"), at(&contact, "/phone")].map(text);
        let contact_is_right = match self.contact {
            "" => contact.is_null(),
            expected => reached.iter().any(|text| text == expected),
        };
        let title = text(at(&deal, "/title"));
        let right = status == "success" && contact_is_right && title == self.deal;
        let name = text(at(&contact, "/name"));
        let [email, phone] = reached;
        Ok(Row {
            right,
            status,
            contact: [name, email, phone].into_iter().filter(|s| !s.is_empty()).collect(),
            deal: title,
        })
    }
}
