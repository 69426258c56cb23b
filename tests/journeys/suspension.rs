//! Endpoints that fail too often (`CATALOGUE SU, OF-03`).
