//! Comparison of address checks with Python's `ipaddress` (`CATALOGUE SS-03`).

use std::{
    io::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    process::{Command, Stdio},
};

use gancho_domain::outbound::target_url::is_public;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

/// A script that classifies each line as a global unicast address or not.
const JUDGE: &str = "
import sys, ipaddress
for line in sys.stdin:
    address = ipaddress.ip_address(line.strip())
    print(int(address.is_global and not address.is_multicast))
";

/// Addresses of all kinds: random ones, with few bits set, and in the global range of IPv6.
fn addresses() -> Vec<IpAddr> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    let v4 = any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from(bits)));
    let v6 = any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from(bits)));
    let unicast =
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from((bits >> 3) | (1 << 125))));
    // Special networks have short prefixes: random first bits, and few bits behind them.
    let special = (0u16..0x4000, 0u16..0x300, any::<u16>()).prop_map(|(a, b, last)| {
        let start = if a % 2 == 0 { 0x2000 + (a & 0x3) } else { a };
        IpAddr::V6(Ipv6Addr::new(start, b, 0, 0, 0, 0, 0, last))
    });
    let any_of = prop_oneof![v4, v6, unicast, special];
    (0..20_000).map(|_| any_of.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn ss_03_a_public_address_is_global_to_python_too() {
    let addresses = addresses();
    let mut python = Command::new("python3")
        .args(["-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3, which this project needs anyway");
    let lines: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
    let mut input = python.stdin.take().unwrap();
    // Both pipes are small: one side writes while the other reads.
    let writer = std::thread::spawn(move || input.write_all(lines.join("\n").as_bytes()));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let verdicts: Vec<bool> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line == "1").collect();
    assert_eq!(verdicts.len(), addresses.len());
    let public = addresses.iter().filter(|address| is_public(**address)).count();
    assert!(public > 5_000, "{public}");
    for (address, global) in addresses.iter().zip(verdicts) {
        assert!(global || !is_public(*address), "{address} is not global to Python");
    }
}
