//! Classes in Python behind the script that serves them, driven over the wire.
//!
//! Plain Python is enough for most. `ILLUMINATOR_REQUIRE_REFERENCE` names a virtual environment with the Python
//! Illuminator, `ILLUMINATOR_REQUIRE_MOSAIK` one with `FMPy` and `pythonfmu`.

mod fmu;
mod guide;
mod illuminator;
mod refusals;
mod session;
mod small;
mod tutorials;
mod vectors;
