//! Bodies like those that shops and forms send: a contact, an order, an address, items.

use serde_json::{Map, Value, json};

use crate::random::Random;

const FIRST: &[&str] = &[
    "Ana", "Beatriz", "Carlos", "Daniela", "Eduardo", "Fernanda", "Gabriel", "Helena", "Igor",
    "Júlia", "Karina", "Leandro", "Mariana", "Nuno", "Olívia", "Paulo", "Renata", "Sérgio",
];
const LAST: &[&str] = &[
    "Silva",
    "Souza",
    "Oliveira",
    "Pereira",
    "Lima",
    "Carvalho",
    "Almeida",
    "Ribeiro",
    "Nogueira",
    "Teixeira",
    "Araújo",
    "Barbosa",
    "Cardoso",
    "Moreira",
    "Prado",
    "Figueiredo",
];
const STREETS: &[&str] = &[
    "Rua das Laranjeiras",
    "Avenida Paulista",
    "Rua Sete de Setembro",
    "Travessa do Comércio",
    "Alameda Santos",
    "Rua Voluntários da Pátria",
    "Avenida Atlântica",
    "Rua da Bahia",
];
const CITIES: &[(&str, &str)] = &[
    ("São Paulo", "SP"),
    ("Rio de Janeiro", "RJ"),
    ("Belo Horizonte", "MG"),
    ("Curitiba", "PR"),
    ("Recife", "PE"),
    ("Porto Alegre", "RS"),
    ("Salvador", "BA"),
    ("Florianópolis", "SC"),
];
const WORDS: &[&str] = &[
    "camiseta",
    "algodão",
    "curso",
    "violão",
    "plano",
    "anual",
    "mensal",
    "caneca",
    "porcelana",
    "livro",
    "capa",
    "dura",
    "edição",
    "especial",
    "tênis",
    "corrida",
    "azul",
    "preto",
    "branco",
    "mochila",
    "impermeável",
    "fone",
    "sem",
    "fio",
    "carregador",
    "rápido",
    "mesa",
    "madeira",
    "cadeira",
    "ergonômica",
    "luminária",
    "jardim",
    "consultoria",
    "mentoria",
    "garantia",
    "frete",
    "expresso",
    "presente",
    "embalagem",
    "personalizada",
    "tamanho",
    "único",
    "reforma",
    "cozinha",
];

/// A JSON body of about `size` bytes. The e-mail address and the phone number are those of person
/// `person`; without `reachable` it has neither.
pub(crate) fn order(random: &mut Random, person: u64, size: usize, reachable: bool) -> Value {
    let name = format!("{} {}", word(random, FIRST), word(random, LAST));
    let mut body = Map::new();
    body.insert("event".to_owned(), json!("order.created"));
    body.insert("id".to_owned(), json!(hex(random, 24)));
    body.insert("order".to_owned(), json!(format!("PED-{:07}", random.below(10_000_000))));
    body.insert("created_at".to_owned(), json!("2026-11-20T14:03:27-03:00"));
    body.insert("name".to_owned(), json!(name));
    if reachable {
        body.insert("email".to_owned(), json!(email(person)));
        body.insert("phone".to_owned(), json!(phone(person)));
    }
    body.insert("title".to_owned(), json!(words(random, 3)));
    body.insert("value".to_owned(), price(random));
    body.insert(
        "utm".to_owned(),
        json!({
            "source": word(random, &["google", "instagram", "newsletter", "facebook"]),
            "medium": word(random, &["cpc", "social", "email", "organic"]),
            "campaign": words(random, 2).replace(' ', "-"),
        }),
    );
    if size > 700 {
        body.insert("address".to_owned(), address(random));
    }
    fill(random, body, size)
}

/// Adds items until the body has its size; an agent's name fills the remaining bytes.
fn fill(random: &mut Random, mut body: Map<String, Value>, size: usize) -> Value {
    let mut items = Vec::new();
    let mut length = json!(body).to_string().len() + 12;
    loop {
        let item = item(random);
        length += item.to_string().len() + 1;
        if length + 16 > size {
            break;
        }
        items.push(item);
    }
    body.insert("items".to_owned(), json!(items));
    let lacking = size.saturating_sub(json!(body).to_string().len() + 10);
    let mut note = words(random, lacking / 5 + 1);
    while note.len() > lacking {
        note.pop();
    }
    body.insert("note".to_owned(), json!(note));
    Value::Object(body)
}

/// The e-mail address of a person.
pub(crate) fn email(person: u64) -> String {
    let first = FIRST.get(usize::try_from(person % FIRST.len() as u64).unwrap_or(0));
    let plain: String = first.copied().unwrap_or("ana").to_lowercase();
    let plain = plain.replace('ú', "u").replace('í', "i").replace('é', "e");
    format!("{plain}.{person:08}@example.com")
}

/// The phone number of a person, as E.164 has it.
pub(crate) fn phone(person: u64) -> String {
    format!("+5511{}", 910_000_000 + person % 80_000_000)
}

fn item(random: &mut Random) -> Value {
    json!({
        "sku": hex(random, 10),
        "name": words(random, 4),
        "quantity": random.below(5) + 1,
        "price": price(random),
        "currency": "BRL",
        "description": words(random, 9),
    })
}

fn address(random: &mut Random) -> Value {
    let place = usize::try_from(random.below(CITIES.len() as u64)).unwrap_or(0);
    let (city, state) = CITIES.get(place).copied().unwrap_or_default();
    json!({
        "street": word(random, STREETS),
        "number": random.below(3_000) + 1,
        "complement": format!("Apto {}", random.below(200) + 1),
        "city": city,
        "state": state,
        "zip": format!("{:05}-{:03}", random.below(99_999), random.below(999)),
        "country": "BR",
    })
}

fn price(random: &mut Random) -> Value {
    let cents = random.below(200_000) + 990;
    json!(format!("{}.{:02}", cents / 100, cents % 100))
}

fn word<'a>(random: &mut Random, all: &[&'a str]) -> &'a str {
    random.of(all).unwrap_or_default()
}

fn words(random: &mut Random, count: usize) -> String {
    let words: Vec<&str> = (0..count).map(|_| word(random, WORDS)).collect();
    words.join(" ")
}

fn hex(random: &mut Random, digits: usize) -> String {
    format!("{:016x}{:016x}", random.next(), random.next()).chars().take(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_about_the_requested_size() {
        for size in [512, 2_048, 8_192, 65_536] {
            let body = order(&mut Random::new(7), 3, size, true).to_string();
            assert!(body.len() <= size && body.len() + 32 > size, "{} of {size}", body.len());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_body() {
        let one = order(&mut Random::new(7), 3, 2_048, true);
        assert_eq!(one, order(&mut Random::new(7), 3, 2_048, true));
        assert_ne!(one, order(&mut Random::new(8), 3, 2_048, true));
    }
}
