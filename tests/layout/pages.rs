//! Tests of what the console's pages repeat of the domain.

use std::collections::BTreeMap;

use gancho_domain::outbound::endpoint::{Policy, Preset};

use crate::files::read;

#[test]
fn d3_the_pages_draw_the_policies_of_the_domain() {
    let text = read("functions/console/web/src/lib/presets.json");
    let drawn: BTreeMap<String, Policy> = serde_json::from_str(&text).unwrap();
    let known = Preset::ALL.map(|preset| {
        let name = serde_json::to_value(preset).unwrap();
        (name.as_str().unwrap().to_owned(), Policy { preset: None, ..preset.policy() })
    });
    assert_eq!(drawn, BTreeMap::from(known));
}
