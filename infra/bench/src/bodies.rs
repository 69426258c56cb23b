//! Bodies like those that shops and forms send: a contact, an order, an address, items.

use local::rng::Chance;
use serde_json::{Value, json};

const FIRST: &str = "Ana Beatriz Carlos Daniela Eduardo Fernanda Gabriel Helena Igor Júlia Karina Leandro \
    Mariana Nuno Olívia Paulo Renata Sérgio";
const LAST: &str = "Silva Souza Oliveira Pereira Lima Carvalho Almeida Ribeiro Nogueira Teixeira Araújo \
    Barbosa Cardoso Moreira Prado Figueiredo";
const STREETS: [&str; 8] = [
    "Rua das Laranjeiras",
    "Avenida Paulista",
    "Rua Sete de Setembro",
    "Travessa do Comércio",
    "Alameda Santos",
    "Rua Voluntários da Pátria",
    "Avenida Atlântica",
    "Rua da Bahia",
];
const CITIES: [(&str, &str); 8] = [
    ("São Paulo", "SP"),
    ("Rio de Janeiro", "RJ"),
    ("Belo Horizonte", "MG"),
    ("Curitiba", "PR"),
    ("Recife", "PE"),
    ("Porto Alegre", "RS"),
    ("Salvador", "BA"),
    ("Florianópolis", "SC"),
];
const WORDS: &str = "camiseta algodão curso violão plano anual mensal caneca porcelana livro capa dura edição \
    especial tênis corrida azul preto branco mochila impermeável fone sem fio carregador \
    rápido mesa madeira cadeira ergonômica luminária jardim consultoria mentoria garantia \
    frete expresso presente embalagem personalizada tamanho único reforma cozinha";

/// A JSON body of about `size` bytes. The e-mail address and the phone number are those of person
/// `person`; without `reachable` it has neither.
pub(crate) fn order(chance: &Chance, person: u64, size: usize, reachable: bool) -> Value {
    let name = format!("{} {}", words(chance, FIRST, 1), words(chance, LAST, 1));
    let mut body = json!({
        "event": "order.created",
        "id": hex(chance, 24),
        "order": format!("PED-{:07}", chance.below(10_000_000)),
        "created_at": "2026-11-20T14:03:27-03:00",
        "name": name,
        "email": email(person),
        "phone": phone(person),
        "title": words(chance, WORDS, 3),
        "value": price(chance),
        "utm": {
            "source": words(chance, "google instagram newsletter facebook", 1),
            "medium": words(chance, "cpc social email organic", 1),
            "campaign": words(chance, WORDS, 2).replace(' ', "-"),
        },
        "address": address(chance),
    });
    if let (false, Value::Object(fields)) = (reachable, &mut body) {
        fields.shift_remove("email");
        fields.shift_remove("phone");
    }
    fill(chance, body, size)
}

/// Adds items until the body has its size; an agent's name fills the remaining bytes.
fn fill(chance: &Chance, mut body: Value, size: usize) -> Value {
    let mut items = Vec::new();
    let mut length = body.to_string().len() + 12;
    loop {
        let item = item(chance);
        length += item.to_string().len() + 1;
        if length + 16 > size {
            break;
        }
        items.push(item);
    }
    set(&mut body, "items", json!(items));
    let lacking = size.saturating_sub(body.to_string().len() + 10);
    let mut note = words(chance, WORDS, lacking / 5 + 1);
    while note.len() > lacking {
        note.pop();
    }
    set(&mut body, "note", json!(note));
    body
}

/// Sets a field of an object.
pub(crate) fn set(object: &mut Value, field: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value);
    }
}

/// The e-mail address of a person.
pub(crate) fn email(person: u64) -> String {
    let place = usize::try_from(person % 18).unwrap_or(0);
    let plain = FIRST.split_whitespace().nth(place).unwrap_or("ana").to_lowercase();
    let plain = plain.replace('ú', "u").replace('í', "i").replace('é', "e");
    format!("{plain}.{person:08}@example.com")
}

/// The phone number of a person, as E.164 has it.
pub(crate) fn phone(person: u64) -> String {
    format!("+5511{}", 910_000_000 + person % 80_000_000)
}

fn item(chance: &Chance) -> Value {
    json!({
        "sku": hex(chance, 10),
        "name": words(chance, WORDS, 4),
        "quantity": chance.below(5) + 1,
        "price": price(chance),
        "currency": "BRL",
        "description": words(chance, WORDS, 9),
    })
}

fn address(chance: &Chance) -> Value {
    let (city, state) = pick(chance, &CITIES);
    json!({
        "street": pick(chance, &STREETS),
        "number": chance.below(3_000) + 1,
        "complement": format!("Apto {}", chance.below(200) + 1),
        "city": city,
        "state": state,
        "zip": format!("{:05}-{:03}", chance.below(99_999), chance.below(999)),
        "country": "BR",
    })
}

fn price(chance: &Chance) -> Value {
    let cents = chance.below(200_000) + 990;
    json!(format!("{}.{:02}", cents / 100, cents % 100))
}

fn pick<T: Copy + Default>(chance: &Chance, all: &[T]) -> T {
    all.get(chance.below(all.len())).copied().unwrap_or_default()
}

fn words(chance: &Chance, of: &str, count: usize) -> String {
    let all: Vec<&str> = of.split_whitespace().collect();
    let words: Vec<&str> = (0..count).map(|_| pick(chance, &all)).collect();
    words.join(" ")
}

fn hex(chance: &Chance, digits: usize) -> String {
    format!("{:016x}{:016x}", chance.draw(), chance.draw()).chars().take(digits).collect()
}

/// The random bytes of an id.
pub(crate) fn entropy(chance: &Chance) -> [u8; 10] {
    let mut bytes = [0; 10];
    let drawn = [chance.draw().to_be_bytes(), chance.draw().to_be_bytes()];
    for (to, from) in bytes.iter_mut().zip(drawn.iter().flatten()) {
        *to = *from;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_about_the_requested_size() {
        for size in [1_024, 2_048, 8_192, 65_536] {
            let body = order(&Chance::new(7), 3, size, true).to_string();
            assert!(body.len() <= size && body.len() + 32 > size, "{} of {size}", body.len());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_body() {
        let one = order(&Chance::new(7), 3, 2_048, true);
        assert_eq!(one, order(&Chance::new(7), 3, 2_048, true));
        assert_ne!(one, order(&Chance::new(8), 3, 2_048, true));
    }
}
