//! The use of each schedule of the template when there is no work: it runs day and night.

use super::{
    cases::Pace,
    measured::{Known, schedule_key},
    usage::Took,
    world,
};
use crate::{deployed::Deployed, error::Result};

/// Runs each schedule in a workspace that is set up and idle.
pub(super) async fn measure(known: &mut Known) -> Result<()> {
    for schedule in Deployed::read()?.schedules {
        let world = world(Pace::Alone).await?;
        let run = async || world.host.run_schedule(&schedule.name).await;
        // The first run fills the caches of configuration.
        run().await?;
        let mut took = Took::begin(&world).await?;
        run().await?;
        world.host.settle().await?;
        took.end(&world, 1).await?;
        known.insert(schedule_key(&schedule), took.all());
        world.host.shutdown().await;
    }
    Ok(())
}
