//! The stable codes of failures and their sentences for people, in Portuguese and English.
//!
//! A sentence contains parameters in braces. The value of the parameter `reason` is looked up in
//! [`REASONS`], so that `mapping_failed` gives its reason in the reader's language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A reader's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Portuguese.
    Portuguese,
}

impl Language {
    /// The language with the higher weight in an `Accept-Language` header; English by default.
    pub fn accepted(header: Option<&str>) -> Self {
        let mut best = (0.0, Self::English);
        for part in header.unwrap_or_default().split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=")?.parse().ok());
            let weight: f32 = weight.unwrap_or(1.0);
            let language = match tag.split('-').next() {
                Some("pt") => Self::Portuguese,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

macro_rules! codes {
    ($($name:ident $text:literal $english:literal $portuguese:literal)*) => {
        /// A stable code. Its meaning never changes; new codes may be added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $english] #[serde(rename = $text)] $name,)*
        }

        impl Code {
            /// The code as written in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Reads a code as written in the API.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)* _ => None }
            }

            fn template(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $english,
                      (Self::$name, Language::Portuguese) => $portuguese,)*
                }
            }

            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

codes! {
    // Failures of a webhook's run.
    PayloadEmpty "payload_empty"
        "The request had no body and no query."
        "A requisição veio sem corpo e sem parâmetros."
    PayloadUnparseable "payload_unparseable"
        "The body could not be read: {reason} (line {line}, column {column})."
        "Não foi possível ler o corpo: {reason} (linha {line}, coluna {column})."
    PayloadMissing "payload_missing"
        "A part of the stored body is missing."
        "Falta uma parte do corpo armazenado."
    ChecksumMismatch "checksum_mismatch"
        "The stored body is not the one that was received."
        "O corpo armazenado não é o que foi recebido."
    TooManyNodes "too_many_nodes"
        "The body has more than {limit} values."
        "O corpo tem mais de {limit} valores."
    DecompressLimit "decompress_limit"
        "The compressed body unpacks to more than {limit} bytes."
        "O corpo comprimido passa de {limit} bytes ao ser descomprimido."
    UnsupportedEncoding "unsupported_encoding"
        "The content encoding {encoding} is not supported; send the body plain or with gzip."
        "A codificação {encoding} não é aceita; envie o corpo sem compressão ou com gzip."
    FormInvalid "form_invalid"
        "The form has a bad percent escape near byte {position}."
        "O formulário tem um escape de porcentagem inválido perto do byte {position}."
    MappingFailed "mapping_failed"
        "The field {field} could not be filled from {path}: {reason}."
        "Não foi possível preencher o campo {field} a partir de {path}: {reason}."
    MappingTooCostly "mapping_too_costly"
        "The mapping would take too long on this body; make its paths more specific."
        "O mapeamento demoraria demais com este corpo; use caminhos mais específicos."
    ConditionTooCostly "condition_too_costly"
        "The condition would take too long on this body; make it simpler."
        "A condição demoraria demais com este corpo; use uma condição mais simples."
    IntegrationInactive "integration_inactive"
        "The integration was inactive when this webhook came; reprocess it once it is active."
        "A integração estava inativa quando este webhook chegou; reprocesse depois de ativá-la."
    IntegrationDeleted "integration_deleted"
        "The integration has been deleted."
        "A integração foi excluída."
    NoMatchingDeal "no_matching_deal"
        "There is no deal of this contact in the origin to update; reprocess once it exists."
        "Não há negócio deste contato na origem para atualizar; reprocesse quando ele existir."
    NoMatchingContact "no_matching_contact"
        "There is no contact with this e-mail or phone to update."
        "Não há contato com este e-mail ou telefone para atualizar."
    ContactExists "contact_exists"
        "A contact with this e-mail or phone exists already."
        "Já existe um contato com este e-mail ou telefone."
    ContactRequired "contact_required"
        "The webhook has no e-mail and no phone to find the contact by."
        "O webhook não tem e-mail nem telefone para encontrar o contato."
    ProcessingFailed "processing_failed"
        "Processing failed several times on our side; reprocess it."
        "O processamento falhou várias vezes do nosso lado; reprocesse."
    DealTooLarge "deal_too_large"
        "The contact or deal would grow beyond what can be stored."
        "O contato ou negócio passaria do tamanho que pode ser armazenado."
    // Warnings of a run.
    FieldSkipped "field_skipped"
        "The field {field} was not written: {reason} ({value})."
        "O campo {field} não foi gravado: {reason} ({value})."
    FieldOutdated "field_outdated"
        "The field {field} was not written: this webhook's time, {time}, is before that of its last change, {last}."
        "O campo {field} não foi gravado: o horário deste webhook, {time}, é anterior ao da última mudança dele, {last}."
    SourceTimeIgnored "source_time_ignored"
        "The webhook's own time was not used: {reason} ({value})."
        "O horário do próprio webhook não foi usado: {reason} ({value})."
    NotForThisIntegration "not_for_this_integration"
        "The webhook does not meet the integration's condition, so it changed nothing."
        "O webhook não atende à condição da integração, por isso não mudou nada."
    TextUnreadable "text_unreadable"
        "The text at {path} could not be read as {format}: {reason}."
        "Não foi possível ler o texto em {path} como {format}: {reason}."
    DuplicateKey "duplicate_key"
        "The key {path} stands more than once; the last one counts."
        "A chave {path} aparece mais de uma vez; vale a última."
    IdReuse "id_reuse"
        "The delivery id was seen with another body before."
        "O id de entrega já foi visto com outro corpo."
    ContactConflict "contact_conflict"
        "The e-mail belongs to one contact and the phone to another; the e-mail's was used."
        "O e-mail é de um contato e o telefone é de outro; foi usado o do e-mail."
    Repaired "payload_repaired"
        "The body was read with a repair: {reason}."
        "O corpo foi lido com um reparo: {reason}."
    // Errors of the ingest URL.
    UnknownIngestUrl "unknown_ingest_url"
        "There is no integration at this URL."
        "Não há integração nesta URL."
    PathAfterToken "path_after_token"
        "The URL has a path after its token; the sender must use the integration's URL as it is."
        "A URL tem um caminho depois do token; o remetente deve usar a URL da integração como ela é."
    MethodNotAllowed "method_not_allowed"
        "This method is not taken here."
        "Este método não é aceito aqui."
    IpNotAllowed "ip_not_allowed"
        "Requests from this address are not allowed."
        "Requisições deste endereço não são permitidas."
    SignatureMissing "signature_missing"
        "The signature is missing."
        "Falta a assinatura."
    SignatureInvalid "signature_invalid"
        "The signature is not valid."
        "A assinatura não é válida."
    TimestampOutOfTolerance "timestamp_out_of_tolerance"
        "The signature's timestamp is missing or more than 300 seconds away."
        "O horário da assinatura falta ou está a mais de 300 segundos."
    TokenInvalid "token_invalid"
        "The token is not valid."
        "O token não é válido."
    CredentialsInvalid "credentials_invalid"
        "The credentials are not valid."
        "As credenciais não são válidas."
    HandshakeInvalid "handshake_invalid"
        "The challenge request is not complete."
        "A requisição de verificação não está completa."
    VerifyTokenInvalid "verify_token_invalid"
        "The verify token is not valid."
        "O token de verificação não é válido."
    WorkspaceSuspended "workspace_suspended"
        "The workspace is suspended."
        "O espaço de trabalho está suspenso."
    PayloadTooLarge "payload_too_large"
        "The body is larger than can be accepted."
        "O corpo é maior do que pode ser aceito."
    StorageUnavailable "storage_unavailable"
        "The webhook could not be stored just now; send it again."
        "O serviço não conseguiu gravar agora; envie de novo."
    // Errors of the API.
    BadRequest "bad_request"
        "The request could not be understood."
        "Não foi possível entender a requisição."
    ValidationError "validation_error"
        "The field {path} is not valid: {reason}."
        "O campo {path} não é válido: {reason}."
    WeakSecret "weak_secret"
        "The secret is too short: use at least {minimum} bytes."
        "O segredo é curto demais: use pelo menos {minimum} bytes."
    InvalidJsonpath "invalid_jsonpath"
        "The JSONPath is not valid: {detail}."
        "O JSONPath não é válido: {detail}."
    InvalidMapping "invalid_mapping"
        "The mapping is not valid: {reason}."
        "O mapeamento não é válido: {reason}."
    Forbidden "forbidden"
        "Your key's role does not allow this; it needs {role}."
        "O papel da sua chave não permite isto; é preciso {role}."
    NotFromConsole "not_from_console"
        "Only pages of the console may send this request."
        "Só as páginas do console podem enviar esta requisição."
    SessionEnded "session_ended"
        "There is no session, or it has ended; sign in again."
        "Não há sessão, ou ela terminou; entre de novo."
    TooManyTries "too_many_tries"
        "There were too many tries to sign in from your address; wait a minute."
        "Houve tentativas demais de entrar a partir do seu endereço; espere um minuto."
    NotFound "not_found"
        "There is nothing here by that id."
        "Não há nada aqui com esse id."
    Conflict "conflict"
        "It was changed in the meantime; read it again. It is at version {version}."
        "Foi alterado nesse meio-tempo; leia de novo. Está na versão {version}."
    HasDependents "has_dependents"
        "It is still used by: {dependents}."
        "Ainda é usado por: {dependents}."
    LimitReached "limit_reached"
        "No more than {limit} are allowed."
        "O máximo permitido é {limit}."
    IdempotencyMismatch "idempotency_mismatch"
        "The idempotency key was used for another request."
        "A chave de idempotência foi usada em outra requisição."
    IdempotencyInProgress "idempotency_in_progress"
        "A request with this idempotency key is still running; try again."
        "Uma requisição com esta chave de idempotência ainda está em andamento; tente de novo."
    BadCursor "bad_cursor"
        "The cursor is not one of this list; start from the first page."
        "O cursor não é desta lista; comece pela primeira página."
    BadPeriod "bad_period"
        "The period ends before it begins."
        "O período termina antes de começar."
    ReprocessInProgress "reprocess_in_progress"
        "A run of this webhook is already under way."
        "Este webhook já está sendo processado."
    JobEnded "job_ended"
        "The job has ended already."
        "O trabalho já terminou."
    // Errors of endpoints, rules and events.
    UrlNotAllowed "url_not_allowed"
        "The URL is not one that may be sent to: it must be absolute, https, without a user or a fragment, on port 443, 80 or 8443."
        "Esta URL não pode receber envios: ela deve ser absoluta, https, sem usuário nem fragmento, na porta 443, 80 ou 8443."
    TargetIpForbidden "target_ip_forbidden"
        "The URL leads to an address or a name that is never sent to."
        "A URL leva a um endereço ou nome para o qual nunca se envia."
    HeaderNotAllowed "header_not_allowed"
        "The header {header} is set by Gancho or by HTTP itself and cannot be chosen."
        "O cabeçalho {header} é definido pelo Gancho ou pelo próprio HTTP e não pode ser escolhido."
    EndpointDisabled "endpoint_disabled"
        "The endpoint is suspended or disabled; enable it first."
        "O endpoint está suspenso ou desativado; ative-o antes."
    EndpointActive "endpoint_active"
        "The order and the limits can only be changed while the endpoint is disabled."
        "A ordem e os limites só podem ser alterados com o endpoint desativado."
    NoEventForSubject "no_event_for_subject"
        "There is no event of this subject that fits."
        "Não há evento deste assunto que sirva."
    // Errors of resending.
    NoMatchingRule "no_matching_rule"
        "No active rule takes this event."
        "Nenhuma regra ativa aceita este evento."
    EventExpired "event_expired"
        "The event has come to the end of its retention."
        "O evento chegou ao fim da sua retenção."
    DeliveryEnded "delivery_ended"
        "The delivery has ended: it is {state}. It can be sent again as a new one."
        "O disparo terminou: está como {state}. Ele pode ser reenviado como um novo."
    AttemptInProgress "attempt_in_progress"
        "An attempt of this delivery is under way; try again."
        "Uma tentativa deste disparo está em andamento; tente de novo."
    EndpointDeleted "endpoint_deleted"
        "The endpoint, or the integration, has been deleted."
        "O endpoint, ou a integração, foi excluído."
    RuleDeleted "rule_deleted"
        "The rule has been deleted."
        "A regra foi excluída."
    LoopDetected "loop_detected"
        "The event has gone round three times and goes no further."
        "O evento já deu três voltas e não segue adiante."
    EventTooLarge "event_too_large"
        "The event's data is larger than {limit} bytes."
        "Os dados do evento passam de {limit} bytes."
    InternalError "internal_error"
        "Something went wrong on our side."
        "Algo deu errado do nosso lado."
}

/// Reasons for rejecting a field or a body: `(reason, English, Portuguese)`.
pub const REASONS: &[(&str, &str, &str)] = &[
    ("missing", "nothing was found there", "nada foi encontrado ali"),
    ("wrong_type", "it has the wrong type", "o tipo não é o esperado"),
    ("invalid_email", "it is not an e-mail address", "não é um endereço de e-mail"),
    ("invalid_phone", "it is not a phone number", "não é um número de telefone"),
    ("invalid_number", "it is not a number", "não é um número"),
    (
        "ambiguous_number",
        "the number can be read in two ways",
        "o número pode ser lido de duas maneiras",
    ),
    ("invalid_date", "it is not a date", "não é uma data"),
    ("in_the_future", "it is in the future", "está no futuro"),
    ("nul", "it has a NUL character", "tem um caractere NUL"),
    ("too_long", "it is too long", "é longo demais"),
    ("too_deep", "it is nested too deeply", "tem níveis demais"),
    ("not_object", "the body is not an object", "o corpo não é um objeto"),
    ("unknown_stage", "the origin has no such stage", "a origem não tem essa etapa"),
    ("unknown_status", "there is no such status", "não existe esse status"),
    ("unknown_field", "there is no such field", "não existe esse campo"),
    ("unknown_value", "it is not one of the known values", "não é um dos valores conhecidos"),
    ("required", "it is required", "é obrigatório"),
    ("syntax", "it is not valid JSON", "não é um JSON válido"),
    ("xml", "it is not valid XML", "não é um XML válido"),
    ("form", "it has a bad percent escape", "tem um escape de porcentagem inválido"),
    ("base64", "it is not valid base64", "não é um base64 válido"),
    ("template", "a {{ of the template is never closed", "um {{ do modelo nunca é fechado"),
    ("no_boundary", "the multipart boundary is missing", "falta o boundary do multipart"),
    ("corrupt_gzip", "the gzip data is damaged", "os dados gzip estão corrompidos"),
    ("not_with_webhook", "a stored webhook brings its own", "um webhook armazenado já traz o seu"),
    ("out_of_range", "it is out of range", "está fora do intervalo"),
    ("invalid_secret", "it is not a secret of this kind", "não é um segredo deste tipo"),
    ("duplicate", "it stands there twice", "aparece duas vezes"),
    ("not_signed", "what it names is not signed", "o que ele indica não é assinado"),
    ("colon", "it has a colon", "tem dois-pontos"),
    ("control_character", "it has a control character", "tem um caractere de controle"),
    ("too_costly", "it would take too long", "demoraria demais"),
    (
        "multipart",
        "the multipart body is not well formed",
        "o corpo multipart não está bem formado",
    ),
    ("too_many", "there are too many of them", "são muitos"),
    (
        "regex_not_supported",
        "regular expressions are not supported",
        "expressões regulares não são aceitas",
    ),
    ("query_invalid", "the query could not be read", "não foi possível ler os parâmetros da URL"),
    (
        "too_complex",
        "it has too many comparisons, or they are nested too deeply",
        "tem comparações demais, ou níveis demais",
    ),
    (
        "invalid_header",
        "it is not a header that can be sent",
        "não é um cabeçalho que possa ser enviado",
    ),
    ("too_many_parts", "it has too many parts", "tem partes demais"),
    (
        "mixed_key",
        "a name stands for a value and for a list",
        "um nome vale por um valor e por uma lista",
    ),
    ("content_types", "it has several content types", "tem vários tipos de conteúdo"),
    (
        "charset",
        "the text is not in its declared encoding",
        "o texto não está na codificação declarada",
    ),
];

/// The sentence of [`Code::MappingFailed`] without a field.
const NO_FIELD: (&str, &str) = (
    "The fields could not be filled from {path}: {reason}.",
    "Não foi possível preencher os campos a partir de {path}: {reason}.",
);

/// The sentence of a code with its parameters filled in.
pub fn message(code: Code, params: &BTreeMap<String, String>, language: Language) -> String {
    let whole = code == Code::MappingFailed && !params.contains_key("field");
    let template = match (whole, language) {
        (true, Language::English) => NO_FIELD.0,
        (true, Language::Portuguese) => NO_FIELD.1,
        (false, _) => code.template(language),
    };
    let value = |name: &str| {
        let value = params.get(name)?;
        Some(if name == "reason" { reason(value, language) } else { value.as_str() })
    };
    filled(template, &value)
}

/// The template with its parameters. A parenthesis that names a parameter without a value is left
/// out. Values are never read as templates, because they may come from a sender.
fn filled<'v>(template: &str, value: &impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(" (") {
        let Some((inner, behind)) = after.split_once(')') else { break };
        out.push_str(&plain(before, value).0);
        let (text, whole) = plain(inner, value);
        if whole {
            out.extend([" (", &text, ")"]);
        }
        rest = behind;
    }
    out.push_str(&plain(rest, value).0);
    out
}

/// A part of a template with its parameters, and false if one of them has no value.
fn plain<'v>(part: &str, value: &impl Fn(&str) -> Option<&'v str>) -> (String, bool) {
    let (mut out, mut whole, mut rest) = (String::new(), true, part);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        if let Some(value) = value(name) {
            out.push_str(value);
        } else {
            whole = false;
            out.extend(["{", name, "}"]);
        }
        rest = behind;
    }
    out.push_str(rest);
    (out, whole)
}

fn reason(code: &str, language: Language) -> &str {
    let found = REASONS.iter().find(|(reason, _, _)| *reason == code);
    found.map_or(code, |(_, english, portuguese)| match language {
        Language::English => english,
        Language::Portuguese => portuguese,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_the_field_and_the_reason_in_the_readers_language() {
        let params = BTreeMap::from([
            ("field".to_owned(), "contact.email".to_owned()),
            ("path".to_owned(), "$.email".to_owned()),
            ("reason".to_owned(), "invalid_email".to_owned()),
        ]);
        assert_eq!(
            message(Code::MappingFailed, &params, Language::Portuguese),
            "Não foi possível preencher o campo contact.email a partir de $.email: \
             não é um endereço de e-mail."
        );
        assert_eq!(
            message(Code::MappingFailed, &params, Language::English),
            "The field contact.email could not be filled from $.email: it is not an e-mail address."
        );
    }

    #[test]
    fn in_10_the_sentence_for_a_body_without_fields_names_no_field() {
        let params = [("path", "$"), ("reason", "not_object")];
        let params = params.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(
            message(Code::MappingFailed, &params, Language::Portuguese),
            "Não foi possível preencher os campos a partir de $: o corpo não é um objeto."
        );
    }

    #[test]
    fn a_parenthesis_without_its_parameters_is_left_out() {
        let params = BTreeMap::from([("reason".to_owned(), "no_boundary".to_owned())]);
        assert_eq!(
            message(Code::PayloadUnparseable, &params, Language::English),
            "The body could not be read: the multipart boundary is missing."
        );
    }

    #[test]
    fn f3_a_senders_value_is_never_read_as_a_template() {
        for value in ["{reason}", "(a {b} c)", ") (", "{field} {", "}{"] {
            let params = [("field", "deal.value"), ("reason", "nul"), ("value", value)];
            let params = params.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            assert_eq!(
                message(Code::FieldSkipped, &params, Language::English),
                format!("The field deal.value was not written: it has a NUL character ({value}).")
            );
        }
    }

    #[test]
    fn every_code_parses_and_has_two_sentences() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_ne!(code.template(Language::English), code.template(Language::Portuguese));
        }
    }

    #[test]
    fn the_language_with_the_higher_weight_wins_and_english_is_the_default() {
        assert_eq!(Language::accepted(None), Language::English);
        assert_eq!(Language::accepted(Some("pt-BR,pt;q=0.9,en;q=0.8")), Language::Portuguese);
        assert_eq!(Language::accepted(Some("en;q=0.5, pt;q=0.7")), Language::Portuguese);
        assert_eq!(Language::accepted(Some("fr, de")), Language::English);
        assert_eq!(Language::accepted(Some(";;q=x,,")), Language::English);
    }
}
