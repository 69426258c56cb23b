//! `measured.txt`: the measured use of each scenario. The month is calculated from it, so it must
//! be true: a test measures the scenarios at the pace *alone* again, and `cargo xtask bench --only
//! cost` measures all of them and fails if the file differs. `--save` rewrites the file.

use std::{collections::BTreeMap, fmt::Write};

use super::usage::FUNCTIONS;
use crate::{
    deployed::Schedule,
    error::{Result, wrong},
    prices::Use,
};

const FILE: &str = include_str!("../../measured.txt");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/measured.txt");
const HEAD: &str = "\
# What one webhook or event takes, measured by `cargo xtask bench --only cost --save` (2 KB of JSON).
# Not written by hand: `cargo test -p bench` and `cargo xtask bench --only cost` compare it with what
# they measure. Bytes include what DynamoDB adds to an item; `kept` is bytes times months until they
# expire, `lasting` bytes that never do, `busiest` the write units of the table that takes most.
";
const NUMBERS: [&str; 10] =
    ["requests", "WU", "busiest", "RU", "standard", "fair", "fifo", "published", "kept", "lasting"];

/// The measured uses by scenario and pace.
pub(crate) type Known = BTreeMap<(String, String), Use>;

/// Reads the file.
pub(crate) fn read() -> Result<Known> {
    parse(FILE)
}

/// The use of one run of a schedule without work.
pub(crate) fn scheduled(known: &Known, schedule: &Schedule) -> Result<Use> {
    let key = schedule_key(schedule);
    known.get(&key).cloned().ok_or_else(|| wrong(format!("measured.txt does not say {}", key.0)))
}

pub(super) fn schedule_key(schedule: &Schedule) -> (String, String) {
    (format!("{}: {}", schedule.function, schedule.name), "a run, idle".to_owned())
}

fn parse(text: &str) -> Result<Known> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1);
    lines
        .map(|line| parse_line(line).ok_or_else(|| wrong(format!("measured.txt: {line}"))))
        .collect()
}

fn parse_line(line: &str) -> Option<((String, String), Use)> {
    let mut cells = line.split('|').map(str::trim);
    let key = (cells.next()?.to_owned(), cells.next()?.to_owned());
    let mut number = || cells.next()?.parse::<f64>().ok();
    let mut took = Use {
        requests: number()?,
        write_units: number()?,
        busiest: number()?,
        read_units: number()?,
        standard: number()?,
        fair: number()?,
        fifo: number()?,
        published: number()?,
        byte_months: number()?,
        lasting_bytes: number()?,
        ..Use::default()
    };
    for function in FUNCTIONS {
        let invocations = number()?;
        if invocations > 0.0 {
            took.invocations.insert(function.to_owned(), invocations);
        }
    }
    Some((key, took))
}

/// The numbers in the file's order.
fn numbers(took: &Use) -> Vec<f64> {
    let invocations = |name: &&str| took.invocations.get(*name).copied().unwrap_or(0.0);
    let mut numbers = vec![
        took.requests,
        took.write_units,
        took.busiest,
        took.read_units,
        took.standard,
        took.fair,
        took.fifo,
        took.published,
        took.byte_months,
        took.lasting_bytes,
    ];
    numbers.extend(FUNCTIONS.iter().map(invocations));
    numbers
}

/// The contents of the file.
fn spell(known: &Known) -> String {
    let mut text = HEAD.to_owned();
    let head: Vec<&str> = NUMBERS.into_iter().chain(FUNCTIONS).collect();
    _ = writeln!(text, "{:<27}|{:<22}|{}", "scenario", "pace", head.join("|"));
    for ((scenario, pace), took) in known {
        let cells = numbers(took).into_iter().map(|number| format!("{number:.3}"));
        let cells: Vec<String> = cells.collect();
        _ = writeln!(text, "{scenario:<27}|{pace:<22}|{}", cells.join("|"));
    }
    text
}

/// Rewrites the file.
pub(super) fn save(known: &Known) -> Result<()> {
    Ok(std::fs::write(PATH, spell(known))?)
}

/// The differences between the file and the measurement that exceed `share` and a small constant.
pub(super) fn differences(file: &Known, measured: &Known, share: f64) -> Vec<String> {
    let names: Vec<&str> = NUMBERS.into_iter().chain(FUNCTIONS).collect();
    let mut found = Vec::new();
    for (key, took) in measured {
        let Some(said) = file.get(key) else {
            found.push(format!("{}, {}: not in the file", key.0, key.1));
            continue;
        };
        for ((name, said), seen) in names.iter().zip(numbers(said)).zip(numbers(took)) {
            if (said - seen).abs() > share * said.abs().max(seen.abs()) + 0.1 {
                let (scenario, pace) = key;
                found.push(format!("{scenario}, {pace}: {name} {said:.2}, measured {seen:.2}"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{cases::Pace, idle, scenarios};

    fn known(units: f64) -> Known {
        let took = Use {
            write_units: units,
            invocations: [("deliver".to_owned(), 1.0)].into(),
            ..Use::default()
        };
        [(("event".to_owned(), "alone".to_owned()), took)].into()
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

    /// The month is calculated from the file: a change of the functions that changes the cost must
    /// change it too.
    #[tokio::test]
    async fn the_file_matches_the_measurement_at_the_pace_alone() {
        let mut measured = Known::new();
        for scenario in scenarios::SCENARIOS {
            let took = scenarios::run(scenario, Pace::Alone).await.unwrap();
            measured
                .insert((scenario.name().to_owned(), Pace::Alone.name().to_owned()), took.all());
        }
        idle::measure(&mut measured).await.unwrap();
        let file = read().unwrap();
        assert_eq!(differences(&file, &measured, 0.06), Vec::<String>::new(), "see bench --save");
    }
}
