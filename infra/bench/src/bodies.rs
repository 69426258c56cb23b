//! Bodies like those that shops and forms send: a contact, an order, an address, items.

use local::rng::Chance;
use serde_json::{Value, json};

const NAMES: &str = "Ana Beatriz Carlos Daniela Eduardo Fernanda Gabriel Helena Igor Júlia Karina Leandro Mariana \
    Nuno Olívia Paulo Renata Sérgio Silva Souza Oliveira Pereira Lima Carvalho Almeida Ribeiro Nogueira Teixeira";
const GOODS: &str = "camiseta algodão curso violão plano anual mensal caneca porcelana livro capa dura edição \
    especial tênis corrida azul preto branco mochila impermeável fone sem fio carregador rápido mesa madeira \
    cadeira ergonômica luminária jardim consultoria mentoria garantia frete expresso presente embalagem";

/// A JSON body of `size` bytes, at least 600. The e-mail address and the phone number are those of
/// person `person`; without `reachable` it has neither.
pub(crate) fn order(chance: &Chance, person: u64, size: usize, reachable: bool) -> Value {
    let mut body = json!({
        "event": "order.created",
        "id": hex(chance, 24),
        "order": format!("PED-{:07}", chance.below(10_000_000)),
        "created_at": "2026-11-20T14:03:27-03:00",
        "name": words(chance, NAMES, 2),
        "email": email(person),
        "phone": phone(person),
        "title": words(chance, GOODS, 3),
        "value": price(chance),
        "utm": {"source": "newsletter", "medium": "cpc", "campaign": words(chance, GOODS, 2)},
        "address": {
            "street": format!("Rua {}", words(chance, NAMES, 2)), "number": chance.below(3_000),
            "city": "Belo Horizonte", "state": "MG", "country": "BR",
            "zip": format!("{:05}-{:03}", chance.below(99_999), chance.below(999)),
        },
    });
    if let (false, Value::Object(fields)) = (reachable, &mut body) {
        fields.shift_remove("email");
        fields.shift_remove("phone");
    }
    let (mut items, mut length) = (Vec::new(), body.to_string().len() + 32);
    loop {
        let item = item(chance);
        length += item.to_string().len() + 1;
        if length > size {
            break;
        }
        items.push(item);
    }
    set(&mut body, "items", json!(items));
    // A note fills the remaining bytes.
    let lacking = size.saturating_sub(body.to_string().len() + r#","note":"""#.len());
    let mut note = words(chance, GOODS, lacking / 4 + 1);
    while note.len() > lacking {
        note.pop();
    }
    set(&mut body, "note", json!(note));
    body
}

fn item(chance: &Chance) -> Value {
    json!({
        "sku": hex(chance, 10), "quantity": chance.below(5) + 1, "price": price(chance),
        "name": words(chance, GOODS, 4), "description": words(chance, GOODS, 9),
    })
}

/// Sets a field of an object.
pub(crate) fn set(object: &mut Value, field: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(field.to_owned(), value);
    }
}

/// The e-mail address of a person.
pub(crate) fn email(person: u64) -> String {
    format!("cliente.{person:08}@example.com")
}

/// The phone number of a person, as E.164 has it.
pub(crate) fn phone(person: u64) -> String {
    format!("+5511{}", 910_000_000 + person % 80_000_000)
}

/// The random bytes of an id.
pub(crate) fn entropy(chance: &Chance) -> [u8; 10] {
    std::array::from_fn(|_| u8::try_from(chance.below(256)).unwrap_or_default())
}

fn price(chance: &Chance) -> String {
    format!("{}.{:02}", chance.below(2_000) + 9, chance.below(100))
}

fn words(chance: &Chance, of: &str, count: usize) -> String {
    let all: Vec<&str> = of.split_whitespace().collect();
    let word = |_| all.get(chance.below(all.len())).copied().unwrap_or_default();
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn hex(chance: &Chance, digits: usize) -> String {
    format!("{:016x}{:016x}", chance.draw(), chance.draw()).chars().take(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_size_and_follows_from_the_seed() {
        let body = |seed, size| order(&Chance::new(seed), 3, size, true).to_string();
        for size in [1_024, 2_048, 65_536] {
            assert!((size - 1..=size).contains(&body(7, size).len()), "{size}");
        }
        assert_eq!(body(7, 2_048), body(7, 2_048));
        assert_ne!(body(7, 2_048), body(8, 2_048));
    }
}
