//! The pages of the web console: their build, their checks, their sizes and licences.

use std::path::Path;
use std::time::Instant;

use webbuild::Tools;

use crate::shell::say;

/// Builds the pages, and lists their sizes. Fails if one is over its budget, or if a bundled package
/// has a licence that is not allowed.
pub(crate) fn build(root: &Path) -> Result<(), String> {
    ensure(root)?;
    measure(root)
}

fn measure(root: &Path) -> Result<(), String> {
    let facts = webbuild::sizes::read(root)?;
    say(&format!("{:<40}{:>10}{:>10}", "console", "is", "budget"));
    for size in &facts.sizes {
        let word = if size.is_over() { "  over" } else { "" };
        say(&format!("{:<40}{:>10}{:>10}{word}", size.name, size.number, size.budget));
    }
    let over: Vec<_> = facts.sizes.iter().filter(|size| size.is_over()).collect();
    if !over.is_empty() {
        return Err(format!("{} of the console's sizes are over their budgets", over.len()));
    }
    if facts.licences.is_empty() {
        return Ok(());
    }
    Err(format!("licences that are not allowed: {}", facts.licences.join(", ")))
}

/// Builds the pages unless they are those of the sources.
pub(crate) fn ensure(root: &Path) -> Result<(), String> {
    let begun = Instant::now();
    webbuild::ensure(root, &mut |step| {
        say(&format!("    {:>5.1} s  {step}", begun.elapsed().as_secs_f64()));
    })
}

/// The step of CI: the build, then Biome, the types, the tests of the pure parts, and the sizes.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    ensure(root)?;
    let tools = Tools::ready(root, webbuild::web(root), &mut |step| say(&format!("    {step}")))?;
    // The pages may be those of an earlier run, whose types are gone.
    tools.types()?;
    let checks: [(&str, &str, &[&str]); 2] = [
        ("Biome: format and lint", "@biomejs/biome/bin/biome", &["check", "."]),
        ("the types", "typescript/bin/tsc", &[]),
    ];
    for (what, program, words) in checks {
        say(&format!("    {what}"));
        tools.run(program, words)?;
    }
    say("    the tests of the pure parts");
    tools.test()?;
    measure(root)
}
