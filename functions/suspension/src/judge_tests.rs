use super::*;
use gancho_domain::ids::DeliveryId;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + seconds).unwrap()
}

fn failing(endpoint: u8, seconds: i64, outcome: Outcome) -> Health {
    let trespass = Trespass {
        at: at(seconds),
        endpoint: EndpointId::new(at(0), &[endpoint; 10]),
        delivery: DeliveryId::new(at(0), &[endpoint; 10]),
        attempt: 1,
        outcome,
    };
    Health { failures: vec![trespass], ..Health::default() }
}

const LOST: Outcome = Outcome::Fault(Fault::ConnectFailed);

fn all(endpoints: u8, seconds: i64) -> Vec<Health> {
    (0..endpoints).map(|number| failing(number, seconds, LOST)).collect()
}

#[test]
fn of_03_five_endpoints_that_cannot_be_reached_within_a_minute_are_our_own_trouble() {
    assert!(nothing_reached(&all(5, 0).iter(), at(60)));
    assert!(!nothing_reached(&all(4, 0).iter(), at(60)), "four may be a coincidence");
    assert!(!nothing_reached(&all(5, 0).iter(), at(61)), "not at once");
}

#[test]
fn of_03_an_answer_or_a_success_says_that_the_network_is_there() {
    let mut answered = all(5, 0);
    answered.push(failing(9, 0, Outcome::Status(500)));
    assert!(!nothing_reached(&answered.iter(), at(10)));
    let mut succeeded = all(5, 0);
    succeeded.push(Health { last_success: Some(at(5)), ..Health::default() });
    assert!(!nothing_reached(&succeeded.iter(), at(10)));
    assert!(nothing_reached(&succeeded.iter().take(5), at(10)));
}
