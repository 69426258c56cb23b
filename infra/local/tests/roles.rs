//! The roles of the template, tested from end to end: a call that a role does not allow fails here
//! as on AWS.

use gancho_domain::common::token;
use local::{Host, demo::Demo};

const OWNER: &str = "gk_owner_a-key-that-only-this-test-knows";

#[tokio::test]
async fn every_function_can_do_its_work_with_no_more_than_its_role() {
    let hash = token::hash(OWNER);
    let builder = Host::builder().parameter("AdminKeyHash", &hash).enforce_roles(true);
    let host = builder.start().await.unwrap();
    let mut demo = Demo::create(&host, OWNER).await.unwrap();
    let mut shown = Vec::new();
    let wrong = demo.run(&host, &mut shown).await.unwrap();
    assert_eq!(host.faults().refusals(), Vec::<String>::new());
    assert_eq!(wrong, 0, "{}", String::from_utf8_lossy(&shown));
}

#[tokio::test]
async fn a_role_that_lacks_an_action_fails_the_demo() {
    let text = local::template::TEMPLATE;
    let poorer = text.replacen("Action: [dynamodb:PutItem]", "Action: [dynamodb:Scan]", 1);
    assert_ne!(text, poorer);
    let hash = token::hash(OWNER);
    let builder = Host::builder().parameter("AdminKeyHash", &hash).enforce_roles(true);
    let host = builder.template(&poorer).start().await.unwrap();
    let demo = async {
        let mut demo = Demo::create(&host, OWNER).await.ok()?;
        demo.run(&host, &mut Vec::new()).await.ok()
    };
    assert_ne!(demo.await, Some(0));
    let refusals = host.faults().refusals();
    assert!(refusals[0].contains("dynamodb:PutItem"), "{refusals:?}");
}
