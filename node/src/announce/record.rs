//! The records of which packets consist.

/// For how many seconds it holds that there is such a service, and what is said of it.
pub(super) const PTR_TTL: u32 = 4500;

/// Asks for records of any kind.
pub(super) const ANY: u16 = 255;

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Kind {
    /// An address of IPv4.
    A = 1,
    /// A name.
    Ptr = 12,
    /// What is said of a service.
    Txt = 16,
    /// The port and the machine of a service.
    Srv = 33,
}
