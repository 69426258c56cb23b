//! `measured.txt`: the measured use of each scenario. The month is calculated from it, so it must
//! be true: a test measures the scenarios at the pace *alone* again, and `cargo xtask bench --only
//! cost` measures all of them and fails if the file differs. `--save` rewrites the file.

use std::{collections::BTreeMap, fmt::Write, fs};

use super::{
    scenarios::{self, Pace},
    usage::{self, FUNCTIONS, Use},
};
use crate::{
    deployed::{Deployed, Schedule},
    error::{Result, wrong},
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/measured.txt");
const HEAD: &str = "\
# The use of the services by one webhook or event, measured by `cargo xtask bench --only cost --save` (2 KB of JSON).
# Not written by hand: `cargo test -p bench` and `cargo xtask bench --only cost` compare it with what
# they measure. Bytes include what DynamoDB adds to an item. cost/usage.rs explains the columns.
";
const AMOUNTS: [&str; 11] = [
    "requests",
    "calls",
    "write_units",
    "busiest",
    "read_units",
    "standard",
    "fair",
    "fifo",
    "published",
    "byte_months",
    "lasting_bytes",
];

/// The measured uses by scenario and pace.
pub(crate) type Known = BTreeMap<(String, String), Use>;

/// Reads the file.
pub(crate) fn read() -> Result<Known> {
    parse(&fs::read_to_string(PATH)?)
}

/// The use of a scenario, or of one run of a schedule without work, at a pace.
pub(crate) fn find(known: &Known, name: &str, pace: &str) -> Result<Use> {
    let found = known.get(&(name.to_owned(), pace.to_owned())).cloned();
    found.ok_or_else(|| wrong(format!("measured.txt does not say {name}, {pace}")))
}

/// The name and the pace of a schedule.
pub(crate) fn schedule_key(schedule: &Schedule) -> (String, String) {
    (format!("{}: {}", schedule.function, schedule.name), "a run, idle".to_owned())
}

/// Measures each schedule of the template in a workspace that is set up and idle: it runs day and
/// night.
pub(super) async fn add_schedules(known: &mut Known) -> Result<()> {
    for schedule in Deployed::read()?.schedules {
        let world = scenarios::world(Pace::Alone).await?;
        // The first run fills the caches of configuration.
        world.host.run_schedule(&schedule.name).await?;
        let run = async || Ok(world.host.run_schedule(&schedule.name).await.map(drop)?);
        let (used, _) = usage::of(&world, 1, run).await?;
        known.insert(schedule_key(&schedule), used);
        world.host.shutdown().await;
    }
    Ok(())
}

fn columns() -> impl Iterator<Item = &'static str> {
    AMOUNTS.into_iter().chain(FUNCTIONS)
}

fn parse(text: &str) -> Result<Known> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1);
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim);
        let key = (cells.next()?.to_owned(), cells.next()?.to_owned());
        let amounts = columns().map(|kind| Some((kind, cells.next()?.parse().ok()?)));
        Some((key, amounts.collect::<Option<Use>>()?))
    };
    lines.map(|line| row(line).ok_or_else(|| wrong(format!("measured.txt: {line}")))).collect()
}

/// The contents of the file.
fn spell(known: &Known) -> String {
    let mut text = HEAD.to_owned();
    let head: Vec<&str> = columns().collect();
    _ = writeln!(text, "{:<27}|{:<22}|{}", "scenario", "pace", head.join("|"));
    for ((scenario, pace), used) in known {
        let cells: Vec<String> = columns().map(|kind| format!("{:.3}", used.of(kind))).collect();
        _ = writeln!(text, "{scenario:<27}|{pace:<22}|{}", cells.join("|"));
    }
    text
}

/// Rewrites the file.
pub(super) fn save(known: &Known) -> Result<()> {
    Ok(fs::write(PATH, spell(known))?)
}

/// The differences between the file and the measurement that exceed `share` and a small constant.
pub(super) fn differences(file: &Known, measured: &Known, share: f64) -> Vec<String> {
    let mut found = Vec::new();
    for ((scenario, pace), used) in measured {
        let Ok(stored) = find(file, scenario, pace) else {
            found.push(format!("{scenario}, {pace}: not in the file"));
            continue;
        };
        for kind in columns() {
            let (stored, seen) = (stored.of(kind), used.of(kind));
            if (stored - seen).abs() > share * stored.abs().max(seen.abs()) + 0.1 {
                found.push(format!("{scenario}, {pace}: {kind} {stored:.2}, measured {seen:.2}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::scenarios::{SCENARIOS, Scenario};

    fn known(units: f64) -> Known {
        let all =
            columns().map(|kind| (kind, 0.0)).chain([("write_units", units), ("deliver", 1.0)]);
        [(("event".to_owned(), "alone".to_owned()), all.collect())].into()
    }

    #[test]
    fn a_written_file_is_read_back() {
        assert_eq!(parse(&spell(&known(7.25))).unwrap(), known(7.25));
    }

    #[test]
    fn a_unit_more_is_a_difference() {
        assert_eq!(differences(&known(7.0), &known(7.05), 0.0), Vec::<String>::new());
        assert_eq!(differences(&known(7.0), &known(8.0), 0.05).len(), 1);
        assert_eq!(differences(&Known::new(), &known(7.0), 0.05).len(), 1);
    }

    /// Write units of *ingest* and *process*. The budget of both is 3 (`DESIGN 9`); that of a webhook
    /// that changes nothing is missed (`infra/docs/LIMITS.md`).
    const MOST_UNITS: [(Scenario, f64); 2] = [(Scenario::Nobody, 3.0), (Scenario::Unchanged, 5.0)];

    /// The month is calculated from the file: a change of the functions that changes the cost must
    /// change it too. *ingest* makes one call (`DESIGN 9`).
    #[tokio::test]
    async fn the_file_matches_the_measurement_at_the_pace_alone() {
        let mut measured = Known::new();
        for scenario in SCENARIOS {
            let (used, _) = scenarios::run(scenario, Pace::Alone).await.unwrap();
            assert!(used.of("calls.ingest") <= 1.0, "{scenario:?}: {used:?}");
            let units = used.of("write_units.ingest") + used.of("write_units.process");
            let most = MOST_UNITS.iter().find(|(one, _)| *one == scenario);
            assert!(most.is_none_or(|(_, most)| units <= *most), "{scenario:?}: {used:?}");
            let key = (scenario.name().to_owned(), Pace::Alone.name().to_owned());
            measured.insert(key, used);
        }
        add_schedules(&mut measured).await.unwrap();
        let file = read().unwrap();
        // *tally* may read the webhook and its early error in one batch or in two.
        let early = |(scenario, _): &(String, String)| scenario == Scenario::Nobody.name();
        let (early, exact): (Known, Known) = measured.into_iter().partition(|(key, _)| early(key));
        assert_eq!(differences(&file, &exact, 0.06), Vec::<String>::new(), "see bench --save");
        assert_eq!(differences(&file, &early, 0.25), Vec::<String>::new(), "see bench --save");
    }
}
