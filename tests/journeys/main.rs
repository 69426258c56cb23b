//! Whole roads through the local host, over HTTP, by a clock moved by hand.
mod history;

mod reprocess;
