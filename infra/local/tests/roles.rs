//! The roles of the template, tested from end to end: a call that a role does not allow fails here
//! as on AWS.

use gancho_domain::common::token;
use local::{
    Host,
    demo::{self, Access},
};

#[tokio::test]
async fn every_function_can_do_its_work_with_no_more_than_its_role() {
    let mut access = Access::read_or_make(None).unwrap();
    let hash = token::hash(&access.owner_key);
    let builder = Host::builder().parameter("AdminKeyHash", &hash).enforce_roles(true);
    let host = builder.start().await.unwrap();
    demo::prepare(&host, &mut access).await.unwrap();
    let mut shown = Vec::new();
    let wrong = demo::run(&host, &mut access, &mut shown).await.unwrap();
    assert_eq!(host.faults().refusals(), Vec::<String>::new());
    assert_eq!(wrong, 0, "{}", String::from_utf8_lossy(&shown));
}

#[tokio::test]
async fn a_role_that_lacks_an_action_fails_the_demo() {
    let text = local::template::TEMPLATE;
    let poorer = text.replacen("Action: [dynamodb:PutItem]", "Action: [dynamodb:Scan]", 1);
    assert_ne!(text, poorer);
    let mut access = Access::read_or_make(None).unwrap();
    let hash = token::hash(&access.owner_key);
    let builder = Host::builder().parameter("AdminKeyHash", &hash).enforce_roles(true);
    let host = builder.template(&poorer).start().await.unwrap();
    let demo = async {
        demo::prepare(&host, &mut access).await.ok()?;
        demo::run(&host, &mut access, &mut Vec::new()).await.ok()
    };
    assert_ne!(demo.await, Some(0));
    let refusals = host.faults().refusals();
    assert!(refusals[0].contains("dynamodb:PutItem"), "{refusals:?}");
}
