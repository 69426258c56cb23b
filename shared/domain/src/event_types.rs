//! The catalogue of events: what each type is called, which fields it has, and an example.
