//! Memory that a peer makes this process take, counted as it is taken.
//!
//! What a peer sends is small beside what becomes of it: a null in a list is one byte on the wire and
//! 24 in memory. So the limits of a session count memory. Whatever a plan or a value takes is booked
//! on an account before it is taken, or as soon as its size is known where that is bounded.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

/// The most memory that a session may take on a node: for its plan, its files, its models and the
/// values that wait there. The 64 MiB of files that a session may have, and a plan of any size that
/// fits the frames, stay below it together.
pub const SESSION_MEMORY: usize = 160 * 1024 * 1024;

/// The most that all sessions of a node may take together: a Pi Zero 2 W has 512 MiB.
pub const NODE_MEMORY: usize = 256 * 1024 * 1024;

/// The most that the values of one peer may take where they wait, on either side.
pub const PEER_MEMORY: usize = 256 * 1024 * 1024;

/// What the allocator adds to each piece of memory, and what it rounds the sum to.
const OVERHEAD: usize = 16;

/// What a piece of memory of so many bytes takes; nothing where there is none.
pub fn block(bytes: usize) -> usize {
    match bytes {
        0 => 0,
        _ => bytes.saturating_add(2 * OVERHEAD - 1) & !(OVERHEAD - 1),
    }
}

/// What a piece of memory for so many items takes. A number that has no sense is as much as there
/// can be.
pub fn items<T>(count: usize) -> usize {
    block(count.saturating_mul(size_of::<T>()))
}

/// More memory is wanted than there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfMemory {
    /// The limit in bytes.
    pub limit: u64,
    /// Whether it is that of all sessions together, and not that of one.
    pub shared: bool,
}

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = if self.shared {
            "all sessions together"
        } else {
            "one session"
        };
        let mebibytes = self.limit / (1024 * 1024);
        write!(f, "over the limit of {mebibytes} MiB for {whose}")
    }
}

impl std::error::Error for OutOfMemory {}

/// What several accounts may take together.
#[derive(Debug)]
pub struct Pool {
    taken: AtomicUsize,
    limit: usize,
}

impl Pool {
    /// A pool of so many bytes.
    pub fn new(limit: usize) -> Arc<Self> {
        let taken = AtomicUsize::new(0);
        Arc::new(Self { taken, limit })
    }

    fn take(&self, bytes: usize) -> bool {
        let more = |taken: usize| {
            taken
                .checked_add(bytes)
                .filter(|taken| *taken <= self.limit)
        };
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        self.taken.fetch_update(set, fetch, more).is_ok()
    }

    fn give(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What a session takes. All of it goes back to the pool when this is dropped.
#[derive(Debug)]
pub struct Account {
    taken: usize,
    /// What accounts beside this one take of the same limit.
    beside: usize,
    limit: usize,
    pool: Option<Arc<Pool>>,
}

impl Account {
    /// An account that may take so much of a pool.
    pub fn of(pool: &Arc<Pool>, limit: usize) -> Self {
        Self {
            taken: 0,
            beside: 0,
            limit,
            pool: Some(Arc::clone(pool)),
        }
    }

    /// An account without a limit, for what this process wants itself.
    pub fn unlimited() -> Self {
        Self {
            taken: 0,
            beside: 0,
            limit: usize::MAX,
            pool: None,
        }
    }

    /// An account beside this one, of the same pool and limit, which has what is left here. What is
    /// taken there is not seen here, so this one is to take little more.
    #[must_use]
    pub fn branch(&self) -> Self {
        Self {
            taken: 0,
            beside: self.beside + self.taken,
            limit: self.limit,
            pool: self.pool.clone(),
        }
    }

    /// Books memory that is about to be taken. Nothing is booked where it would be too much.
    #[inline]
    pub fn take(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        if bytes == 0 {
            // As in most steps.
            return Ok(());
        }
        let out_of = |limit: usize, shared| OutOfMemory {
            limit: limit as u64,
            shared,
        };
        let taken = self.taken.checked_add(bytes);
        let taken = taken.filter(|taken| *taken <= self.limit - self.beside);
        let taken = taken.ok_or_else(|| out_of(self.limit, false))?;
        match &self.pool {
            Some(pool) if !pool.take(bytes) => Err(out_of(pool.limit, true)),
            _ => {
                self.taken = taken;
                Ok(())
            }
        }
    }

    /// Gives back what is no longer taken.
    #[inline]
    pub fn give(&mut self, bytes: usize) {
        let bytes = bytes.min(self.taken);
        self.taken -= bytes;
        match &self.pool {
            Some(pool) if bytes > 0 => pool.give(bytes),
            _ => {}
        }
    }

    /// Whether there is a limit to it.
    pub fn is_limited(&self) -> bool {
        self.pool.is_some()
    }

    /// What has been taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// What may still be taken of the account's own limit.
    pub fn left(&self) -> usize {
        self.limit - self.beside - self.taken
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.give(self.taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_takes_up_to_its_limit_and_all_accounts_up_to_that_of_the_pool() {
        let pool = Pool::new(150);
        let mut one = Account::of(&pool, 100);
        let mut other = Account::of(&pool, 100);
        assert_eq!(one.take(100), Ok(()));
        let own = one.take(1).expect_err("its own limit");
        assert_eq!((own.limit, own.shared), (100, false));
        let all = other.take(51).expect_err("that of all");
        assert_eq!((all.limit, all.shared), (150, true));
        assert_eq!(other.take(50), Ok(()));
        drop(one);
        assert_eq!(other.take(50), Ok(()));
        assert_eq!(other.taken(), 100);
    }

    #[test]
    fn an_account_beside_another_one_has_what_is_left() {
        let pool = Pool::new(1000);
        let mut files = Account::of(&pool, 100);
        files.take(70).expect("taken");
        let mut models = files.branch();
        assert_eq!(models.take(31).expect_err("too much").limit, 100);
        assert_eq!(models.take(30), Ok(()));
        assert_eq!(models.left(), 0);
    }

    #[test]
    fn numbers_beyond_all_memory_are_refused_and_do_not_wrap() {
        let most = usize::MAX / 2;
        let mut account = Account::of(&Pool::new(most), most);
        account.take(10).expect("taken");
        assert!(account.take(usize::MAX).is_err());
        assert!(account.take(items::<u64>(usize::MAX / 4)).is_err());
        assert_eq!(account.taken(), 10);
    }

    #[test]
    fn a_piece_of_memory_takes_more_than_its_bytes() {
        assert_eq!([0, 1, 16, 17].map(block), [0, 32, 32, 48]);
    }
}
