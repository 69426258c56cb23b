//! The events of a run, for the contact and the deal that it created or changed
//! (`FACTS S3.10, D12`). They are committed in one transaction with the changes.

use gancho_domain::{
    common::workspace::Workspace,
    crm::Contact,
    crm::decide::{Decision, Known},
    inbound::webhook::{Received, Run},
    outbound::event::{self, Event, EventCause, Moment},
};

/// The header with the number of times that Gancho has passed the cause on to itself
/// (`FACTS D19`).
const HOPS: &str = gancho_domain::outbound::render::HOPS;

/// The moment of a run's changes.
pub(crate) fn moment(workspace: &Workspace, received: &Received, run: &Run) -> Moment {
    Moment {
        at: run.finished_at,
        cause_key: [received.key.webhook.key(), run.number.to_string()].join("."),
        cause: EventCause::Webhook(received.key.webhook),
        hops: hops(&received.headers),
        expires_at: workspace.outbound_ends(run.finished_at),
    }
}

/// The events of a decision; none if nothing changes.
pub(crate) fn events(known: &Known<'_>, decision: &Decision, moment: &Moment) -> Vec<Event> {
    let contact = decision.changes.contact.as_ref().map(|change| &change.after);
    let of_contact =
        contact.and_then(|after| event::contact_event(known.contact.as_ref(), after, moment));
    let of_deal = decision.changes.deal.as_ref().and_then(|change| {
        // In create mode the existing deal is not the one that is written.
        let before = known.deal.as_ref().filter(|_| change.before.is_some());
        let owns_deal = |contact: &&Contact| Some(contact.id) == change.after.contact;
        let contact = contact.or(known.contact.as_ref()).filter(owns_deal);
        let event = event::deal_event(before, &change.after, moment)?;
        Some(event.around(known.origin, contact))
    });
    of_contact.into_iter().chain(of_deal).collect()
}

/// The hops of the header. A forged value can only end the chain earlier.
fn hops(headers: &[(String, String)]) -> u8 {
    let header = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(HOPS));
    header.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d19_hops_are_read_from_the_header_and_nonsense_is_none() {
        let header = |value: &str| vec![("Gancho-Hops".to_owned(), value.to_owned())];
        assert_eq!(hops(&header(" 2 ")), 2);
        for none in ["", "-1", "x", "256", "1.0"] {
            assert_eq!(hops(&header(none)), 0, "{none}");
        }
        assert_eq!(hops(&[]), 0);
    }
}
