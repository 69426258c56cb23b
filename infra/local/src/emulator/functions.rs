//! The functions of the template, built from their crates.

use std::sync::Arc;

use futures::FutureExt;
use gancho_edge::{Deps, SettingsError};
use lambda_runtime::LambdaEvent;

use crate::emulator::lambda::Function;

/// Wraps a function as Lambda's runtime does: JSON in, JSON out.
macro_rules! function {
    ($function:ident, $deps:expr) => {{
        let deps = $deps;
        deps.settings.require($function::QUEUES)?;
        let app = Arc::new($function::App::new(deps));
        Some(Arc::new(move |event: Vec<u8>, context| {
            let app = Arc::clone(&app);
            async move {
                let event = LambdaEvent::new(serde_json::from_slice(&event)?, context);
                let answer = $function::handle(&app, event).await?;
                Ok(serde_json::to_value(answer)?)
            }
            .boxed()
        }))
    }};
}

/// Creates the function of a folder under `functions/`. Each call is a new process, with nothing in
/// memory.
pub fn make(folder: &str, deps: Deps) -> Result<Option<Function>, SettingsError> {
    let function: Option<Function> = match folder {
        "authorizer" => function!(authorizer, deps),
        "console" => function!(console, deps),
        "deliver" => function!(deliver, deps),
        "deliveries" => function!(deliveries, deps),
        "dispatch" => function!(dispatch, deps),
        "ingest" => function!(ingest, deps),
        "history" => function!(history, deps),
        "manage" => function!(manage, deps),
        "process" => function!(process, deps),
        "publish" => function!(publish, deps),
        "reprocess" => function!(reprocess, deps),
        "suspension" => function!(suspension, deps),
        "tally" => function!(tally, deps),
        _ => None,
    };
    Ok(function)
}
