//! A log on its way into a dataset, for JavaScript.

use js_sys::{Function, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use super::messages::{DatasetCard, object};
use super::{Answer, lay_out, plain};
use crate::data::{CoreSize, Import};
use crate::error::{Error, ErrorKind};
use crate::graph::{Channels, Construction};

/// The size of the dense core.
#[derive(Deserialize)]
struct ImportOptions {
    users: usize,
    items: usize,
}

/// Turns a log into a dataset; takes plain CSV bytes in chunks, lines may be cut anywhere.
#[wasm_bindgen]
pub struct Importer {
    /// Nothing after the end.
    import: Option<Import>,
}

#[wasm_bindgen]
impl Importer {
    /// Starts with no rows; `log` and `info` are the files' names for messages.
    #[wasm_bindgen(constructor)]
    pub fn new(log: &str, info: &str, options: JsValue) -> Answer<Importer> {
        let ImportOptions { users, items } = serde_wasm_bindgen::from_value(options)?;
        let core = CoreSize {
            items,
            ..CoreSize::of_users(users)
        };
        Ok(Self {
            import: Some(Import::new(log, info, core)?),
        })
    }

    /// Takes the next bytes of the log.
    #[wasm_bindgen(js_name = pushLog)]
    pub fn push_log(&mut self, chunk: &[u8]) -> Answer<()> {
        Ok(self.import()?.push_log(chunk)?)
    }

    /// Takes the next bytes of the user table.
    #[wasm_bindgen(js_name = pushInfo)]
    pub fn push_info(&mut self, chunk: &[u8]) -> Answer<()> {
        Ok(self.import()?.push_info(chunk)?)
    }

    /// Rows read of the log so far.
    pub fn rows(&mut self) -> Answer<f64> {
        Ok(self.import()?.rows().iter().sum::<u64>() as f64)
    }

    /// Ends the reading: the dataset and the layout as files, the dataset's card, and the rows read of
    /// the log in all and per action. `progress` is called with the share of the layout that is done.
    pub fn finish(&mut self, progress: Function) -> Answer {
        let prepared = self.import.take().ok_or_else(ended)?.finish()?;
        let data = prepared.dataset;
        let actions = prepared.diagnostic.rows;
        let channels = Channels::build(&data, &Construction::default())?;
        let layout = lay_out(&channels, Some(&progress));
        Ok(object(&[
            ("dataset", Uint8Array::from(&data.to_bytes()?[..]).into()),
            ("layout", Uint8Array::from(&layout.to_bytes()?[..]).into()),
            ("card", plain(&DatasetCard::new(&data, &channels))?),
            ("rows", (actions.iter().sum::<u64>() as f64).into()),
            ("actions", plain(&actions)?),
        ]))
    }

    fn import(&mut self) -> Result<&mut Import, Error> {
        self.import.as_mut().ok_or_else(ended)
    }
}

fn ended() -> Error {
    Error::new(
        ErrorKind::Config,
        "the log has been read to its end",
        "Read it anew.",
    )
}
