//! Zstandard streams: frames one after the other, as parallel packers write them.

use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::archive::damaged;

/// Inflates all frames of a stream.
pub(crate) struct Zstd {
    packed: BufReader<Box<dyn Read + Send>>,
    decoder: FrameDecoder,
    inside: bool,
}

impl Zstd {
    /// Over packed bytes.
    pub(crate) fn new(packed: Box<dyn Read + Send>) -> Self {
        Zstd { packed: BufReader::with_capacity(64 << 10, packed), decoder: FrameDecoder::new(), inside: false }
    }

    /// Starts the next frame; false at the end of the stream.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.packed.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.packed) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.packed).take(u64::from(length)), &mut io::sink())?;
                }
                Err(error) => return Err(broken(&error)),
            }
        }
        Ok(false)
    }
}

impl Read for Zstd {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.inside && !self.begin()? {
                return Ok(0);
            }
            self.inside = true;
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.packed, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| broken(&error))?;
            }
            let count = self.decoder.read(out)?;
            if count > 0 {
                return Ok(count);
            }
            self.inside = false;
        }
    }
}

fn broken(error: &FrameDecoderError) -> io::Error {
    damaged(&format!("the zstd stream is damaged or cut short: {error}"))
}
