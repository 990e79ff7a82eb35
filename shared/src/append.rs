//! Encoding to the end of what is there.

use postcard::ser_flavors::Flavor;

/// Serializes to the end of a vector, which stays where it is when that fails. Most of what is
/// sent is a few bytes long, and for those a call of `memcpy` takes several times as long as the
/// bytes.
#[derive(Debug)]
pub struct Append<'a>(
    /// To the end of this.
    pub &'a mut Vec<u8>,
);

/// Up to here bytes are appended one by one.
const SHORT: usize = 10;

impl Flavor for Append<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > SHORT {
            self.0.extend_from_slice(bytes);
        } else {
            self.0.reserve(SHORT);
            for &byte in bytes {
                self.0.push(byte);
            }
        }
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}
