//! Order, limits and catching up (`CATALOGUE OR, OF-06`).
