//! The lines of a batch of webhooks: those of one line are processed in their order, lines
//! concurrently (decision 0088). Two webhooks that can reach the same person, or that carry the
//! same key or delivery id, are in one line.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::ids::{ContactId, IntegrationId, WorkspaceId};

/// A thing that webhooks have in common which must not change places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// The normalised e-mail address of the contact.
    Email(WorkspaceId, String),
    /// The normalised phone number of the contact.
    Phone(WorkspaceId, String),
    /// The contact that owns one of the addresses already.
    Contact(WorkspaceId, ContactId),
    /// A key of the webhook, for example an order number.
    Key(WorkspaceId, String),
    /// The sender's id of the delivery.
    DeliveryId(IntegrationId, String),
    /// The integration, where it has a webhook of which nothing is known.
    Integration(IntegrationId),
}

/// A webhook before its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its integration.
    pub integration: IntegrationId,
    /// Its ties with others; `None` if they are not known: the webhook then keeps its place among
    /// all webhooks of its integration.
    pub ties: Option<BTreeSet<Tie>>,
}

/// The line of each webhook: the position of the line's first webhook.
pub fn lines(places: Vec<Place>) -> Vec<usize> {
    let unknown = places.iter().filter(|place| place.ties.is_none());
    let whole: BTreeSet<IntegrationId> = unknown.map(|place| place.integration).collect();
    let mut lines = Lines { parents: (0..places.len()).collect(), holders: BTreeMap::new() };
    for (position, Place { integration, ties }) in places.into_iter().enumerate() {
        let own = whole.contains(&integration).then_some(Tie::Integration(integration));
        for tie in ties.into_iter().flatten().chain(own) {
            lines.hold(tie, position);
        }
    }
    (0..lines.parents.len()).map(|position| lines.first(position)).collect()
}

/// Sets of positions, each a tree whose root is its lowest position.
struct Lines {
    parents: Vec<usize>,
    /// A position of the line that has a tie.
    holders: BTreeMap<Tie, usize>,
}

impl Lines {
    /// Joins the line of `position` with the line that has `tie`.
    fn hold(&mut self, tie: Tie, position: usize) {
        let holder = *self.holders.entry(tie).or_insert(position);
        let (one, other) = (self.first(holder), self.first(position));
        if let Some(parent) = self.parents.get_mut(one.max(other)) {
            *parent = one.min(other);
        }
    }

    /// The lowest position of the line.
    fn first(&self, position: usize) -> usize {
        match self.parents.get(position) {
            Some(parent) if *parent != position => self.first(*parent),
            Some(_) | None => position,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn integration(number: u128) -> IntegrationId {
        IntegrationId::from_bytes(number.to_be_bytes())
    }

    fn email(name: &str) -> Tie {
        Tie::Email(WorkspaceId::from_bytes([1; 16]), name.to_owned())
    }

    fn phone(number: &str) -> Tie {
        Tie::Phone(WorkspaceId::from_bytes([1; 16]), number.to_owned())
    }

    fn place(of: u128, ties: impl IntoIterator<Item = Tie>) -> Place {
        Place { integration: integration(of), ties: Some(ties.into_iter().collect()) }
    }

    fn unknown(of: u128) -> Place {
        Place { integration: integration(of), ties: None }
    }

    #[test]
    fn webhooks_of_one_person_are_one_line_and_strangers_are_not() {
        let places = vec![
            place(1, [email("a")]),
            place(1, [email("b")]),
            place(1, [email("a"), phone("1")]),
            place(2, [phone("1")]),
            place(1, []),
            place(1, []),
        ];
        assert_eq!(lines(places), [0, 1, 0, 0, 4, 5]);
    }

    #[test]
    fn a_webhook_that_names_two_persons_joins_their_lines() {
        let places = vec![
            place(1, [email("a")]),
            place(1, [phone("1")]),
            place(1, [email("a"), phone("1")]),
            place(1, [phone("1")]),
        ];
        assert_eq!(lines(places), [0, 0, 0, 0]);
    }

    #[test]
    fn an_unknown_webhook_keeps_its_place_among_all_of_its_integration() {
        let places = vec![
            place(1, [email("a")]),
            unknown(1),
            place(1, [email("b")]),
            place(2, [email("c")]),
            place(2, [email("a")]),
        ];
        assert_eq!(lines(places), [0, 0, 0, 3, 0]);
    }

    fn any_places() -> impl Strategy<Value = Vec<Place>> {
        let tie = (0..12_u8, any::<bool>()).prop_map(|(number, is_email)| {
            if is_email { email(&number.to_string()) } else { phone(&number.to_string()) }
        });
        let ties = prop::option::weighted(0.9, prop::collection::btree_set(tie, 0..3));
        let place =
            (0..3_u128, ties).prop_map(|(of, ties)| Place { integration: integration(of), ties });
        prop::collection::vec(place, 0..40)
    }

    proptest! {
        #[test]
        fn what_has_a_tie_in_common_is_in_one_line(places in any_places()) {
            let lines = lines(places.clone());
            for (one, line) in places.iter().zip(&lines) {
                for (other, other_line) in places.iter().zip(&lines) {
                    let tied = match (&one.ties, &other.ties) {
                        (Some(one), Some(other)) => !one.is_disjoint(other),
                        (None, _) | (_, None) => one.integration == other.integration,
                    };
                    prop_assert!(!tied || line == other_line);
                }
            }
        }

        #[test]
        fn a_line_without_its_first_webhook_begins_with_another(places in any_places()) {
            let lines = lines(places);
            for (position, line) in lines.iter().enumerate() {
                prop_assert!(*line <= position);
                prop_assert_eq!(lines[*line], *line);
            }
        }
    }
}
