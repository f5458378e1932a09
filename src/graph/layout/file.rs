//! The file of a layout: `layout.moge`, a gzip of a safetensors file with one U16 array `[nodes, 2]`
//! per channel, under the channel's name; 0 stands for -1 and 65535 for 1.

use std::collections::HashMap;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::Layout;
use crate::graph::{CHANNELS, Channel};
use crate::{Error, ErrorKind, Result};

/// Name of the file in a dataset's folder.
pub const FILE_NAME: &str = "layout.moge";
/// Value of the metadata entry `moge`; others are refused.
const FORMAT: &str = "layout 1";
/// Largest size a file may unpack to: eight million nodes per channel.
const MAX_UNPACKED: u64 = 96 << 20;

fn encode(value: f32) -> u16 {
    ((value.clamp(-1.0, 1.0) + 1.0) * 32_767.5).round() as u16
}

fn decode(value: u16) -> f32 {
    f32::from(value) / 32_767.5 - 1.0
}

/// Positions as a file gives them back, `[nodes, 2]`.
pub(super) fn quantized(positions: &[[f32; 2]]) -> Vec<f32> {
    positions
        .as_flattened()
        .iter()
        .map(|&value| decode(encode(value)))
        .collect()
}

impl Layout {
    /// The content of a `layout.moge`.
    ///
    /// # Errors
    ///
    /// When the compressor fails.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let failed = |e: &dyn std::fmt::Display| {
            Error::new(
                ErrorKind::Format,
                format!("the layout cannot be written ({e})"),
                "Report it.",
            )
        };
        let bytes = self.positions.each_ref().map(|positions| -> Vec<u8> {
            positions
                .iter()
                .flat_map(|&value| encode(value).to_le_bytes())
                .collect()
        });
        let view = |channel: Channel| {
            let bytes = &bytes[channel as usize];
            TensorView::new(Dtype::U16, vec![bytes.len() / 4, 2], bytes)
                .map(|view| (channel.name(), view))
        };
        let views = CHANNELS
            .into_iter()
            .map(view)
            .collect::<std::result::Result<Vec<_>, _>>();
        let metadata = HashMap::from([("moge".to_owned(), FORMAT.to_owned())]);
        let plain = safetensors::serialize(views.map_err(|e| failed(&e))?, Some(metadata))
            .map_err(|e| failed(&e))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&plain)
            .and_then(|()| gzip.finish())
            .map_err(|e| failed(&e))
    }

    /// Reads the content of a `layout.moge`.
    ///
    /// # Errors
    ///
    /// When it is cut, damaged, too large, or of another format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::read(bytes).map_err(|e| e.in_file(FILE_NAME))
    }

    fn read(bytes: &[u8]) -> Result<Self> {
        let mut plain = Vec::new();
        let read = GzDecoder::new(bytes)
            .take(MAX_UNPACKED + 1)
            .read_to_end(&mut plain);
        read.map_err(|e| wrong(format!("it is not a complete gzip file ({e})")))?;
        if plain.len() as u64 > MAX_UNPACKED {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("it unpacks to more than {} MiB", MAX_UNPACKED >> 20),
                "Draw a smaller dataset.",
            ));
        }
        let damaged = |e: &dyn std::fmt::Display| wrong(format!("it is not a layout file ({e})"));
        let tensors = SafeTensors::deserialize(&plain).map_err(|e| damaged(&e))?;
        let (_, metadata) = SafeTensors::read_metadata(&plain).map_err(|e| damaged(&e))?;
        let format = metadata
            .metadata()
            .as_ref()
            .and_then(|entries| entries.get("moge"));
        if format.map(String::as_str) != Some(FORMAT) {
            let format = format.map_or("missing", String::as_str);
            return Err(wrong(format!(
                "its format is {format:?}, expected {FORMAT:?}"
            )));
        }
        let mut positions = [const { Vec::new() }; 3];
        for channel in CHANNELS {
            let name = channel.name();
            let tensor = tensors.tensor(name);
            let tensor = tensor.map_err(|_| wrong(format!("it has no array {name}")))?;
            if tensor.dtype() != Dtype::U16 || tensor.shape().len() != 2 || tensor.shape()[1] != 2 {
                let (dtype, shape) = (tensor.dtype(), tensor.shape());
                return Err(wrong(format!(
                    "its array {name} is {dtype} {shape:?}, expected U16 [n, 2]"
                )));
            }
            let values = tensor.data().chunks_exact(2);
            positions[channel as usize] = values
                .map(|pair| decode(u16::from_le_bytes([pair[0], pair[1]])))
                .collect();
        }
        Ok(Self { positions })
    }
}

#[cfg(not(target_family = "wasm"))]
impl Layout {
    /// Writes `layout.moge` into a folder, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, dir: impl AsRef<std::path::Path>) -> Result<()> {
        let path = dir.as_ref().join(FILE_NAME);
        let bytes = self.to_bytes()?;
        let written =
            std::fs::create_dir_all(dir.as_ref()).and_then(|()| std::fs::write(&path, bytes));
        written.map_err(|e| {
            Error::new(
                ErrorKind::Io,
                format!("the layout cannot be written ({e})"),
                "Check the folder and its permissions.",
            )
            .in_file(path.display())
        })
    }

    /// Reads a `layout.moge`, given itself or its folder.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or as [`Layout::from_bytes`].
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let path = path.as_ref();
        let path = if path.is_dir() {
            path.join(FILE_NAME)
        } else {
            path.to_path_buf()
        };
        let bytes = std::fs::read(&path).map_err(|e| {
            Error::new(
                ErrorKind::Io,
                format!("the layout cannot be read ({e})"),
                REMEDY,
            )
            .in_file(path.display())
        })?;
        Self::read(&bytes).map_err(|e| e.in_file(path.display()))
    }
}

const REMEDY: &str = "Make it again with `moge prepare` or `moge synth`.";

fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Format, what, REMEDY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with the given format and one array per channel.
    fn file(format: &str, dtype: Dtype, shape: [usize; 2]) -> Vec<u8> {
        let data = vec![0; shape[0] * shape[1] * 2];
        let view = |channel: Channel| {
            let view = TensorView::new(dtype, shape.to_vec(), &data).unwrap();
            (channel.name(), view)
        };
        let metadata = HashMap::from([("moge".to_owned(), format.to_owned())]);
        let plain = safetensors::serialize(CHANNELS.map(view), Some(metadata)).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&plain).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn other_formats_and_shapes_are_refused() {
        let corner = Layout::from_bytes(&file(FORMAT, Dtype::U16, [1, 2])).unwrap();
        assert_eq!(corner.positions(Channel::UserUser), [-1.0, -1.0]);
        for (bytes, expected) in [
            (
                file("layout 2", Dtype::U16, [1, 2]),
                "its format is \"layout 2\"",
            ),
            (
                file(FORMAT, Dtype::I16, [1, 2]),
                "its array user_item is I16",
            ),
            (
                file(FORMAT, Dtype::U16, [2, 1]),
                "its array user_item is U16 [2, 1]",
            ),
        ] {
            let message = Layout::from_bytes(&bytes).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn every_stored_number_survives_decoding() {
        assert!((0..=u16::MAX).all(|value| encode(decode(value)) == value));
        assert_eq!((decode(0), decode(u16::MAX)), (-1.0, 1.0));
    }
}
