//! Putting a run away as one safetensors file, and taking it up again.
//!
//! The file holds every parameter under its name, Adam's moments as `adam.first.<name>` and
//! `adam.second.<name>`, the best parameters by validation as `best.<name>`, and in its metadata the
//! configuration, the progress and the dataset's fingerprint (docs/formats.md). Of a table whose rows
//! are updated when they are read, `adam.behind.<name>` are the values and `adam.included.<name>` the
//! updates that each row includes, so that a run that goes on is the same to the last bit.

use std::collections::HashMap;

use burn::tensor::{Device, Tensor, TensorData, Transaction};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::optimiser::Moments;
use super::run::{End, Ended, Loaded, Progress, Run};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Parameters;

/// Version of the layout of tensors and metadata.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    config: Config,
    fingerprint: String,
    step: u64,
    progress: Progress,
    /// Updates of every parameter that Adam has touched, by name.
    updates: HashMap<String, usize>,
}

/// A tensor on its way into a file.
struct Entry {
    name: String,
    shape: Vec<usize>,
    value: Tensor<2>,
}

impl Run {
    /// The parameters as safetensors, under their documented names and shapes.
    ///
    /// # Errors
    ///
    /// When the device was lost.
    pub async fn model_file(&self) -> Result<Vec<u8>> {
        let parameters = self.parameters();
        let entries = entries("", &parameters).collect();
        write(entries, self.header(HashMap::new())?).await
    }

    /// The whole run, to go on from later.
    ///
    /// # Errors
    ///
    /// When the device was lost.
    pub async fn checkpoint(&self) -> Result<Vec<u8>> {
        let parameters = self.parameters();
        let mut all: Vec<Entry> = entries("", &parameters).collect();
        let mut updates = HashMap::new();
        for (parameter, moments) in self
            .parameters
            .iter()
            .zip(self.optimiser.moments(&self.parameters))
        {
            let Some(moments) = moments else { continue };
            updates.insert(parameter.name.clone(), moments.time);
            let mut push = |prefix, shape: &[usize], value| {
                let name = format!("{prefix}{}", parameter.name);
                let shape = shape.to_vec();
                all.push(Entry { name, shape, value });
            };
            push(FIRST, &parameter.shape, moments.first);
            push(SECOND, &parameter.shape, moments.second);
            if let Some([values, included]) = moments.behind {
                push(BEHIND, &parameter.shape, values);
                push(INCLUDED, &parameter.shape[..1], included);
            }
        }
        all.extend(self.best.iter().flat_map(|best| entries(BEST, best)));
        write(all, self.header(updates)?).await
    }

    fn header(&self, updates: HashMap<String, usize>) -> Result<String> {
        let header = Header {
            version: VERSION,
            config: self.config().clone(),
            fingerprint: self.loaded().0.fingerprint(),
            step: self.step,
            progress: self.progress.clone(),
            updates,
        };
        serde_json::to_string(&header)
            .map_err(|e| Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect."))
    }

    /// Takes up a run from [`Run::checkpoint`], on any engine.
    ///
    /// # Errors
    ///
    /// When the file is damaged, was made from another dataset, or does not fit its configuration.
    pub fn resume(bytes: &[u8], engine: Engine, loaded: Loaded) -> Result<Self> {
        let Stored { file, header } = Stored::read(bytes)?;
        if header.fingerprint != loaded.0.fingerprint() {
            return Err(foreign(&loaded));
        }
        let mut run = Self::new(header.config, engine, loaded)?;
        let device = run.engine().device.clone();
        let plain = device.clone().without_autodiff();
        let mut moments = Vec::new();
        for parameter in run.parameters.iter_mut() {
            let (name, shape) = (parameter.name.clone(), parameter.shape.clone());
            parameter.value = tensor(&file, &name, &shape, &device)?.require_grad();
            let Some(&time) = header.updates.get(&name) else {
                moments.push(None);
                continue;
            };
            let read =
                |prefix, shape: &[usize]| tensor(&file, &format!("{prefix}{name}"), shape, &plain);
            let behind = match file.tensor(&format!("{BEHIND}{name}")) {
                Err(_) => None,
                Ok(_) => {
                    let included = read(INCLUDED, &shape[..1])?.reshape([shape[0], 1]);
                    Some([read(BEHIND, &shape)?, included])
                }
            };
            moments.push(Some(Moments {
                time,
                first: read(FIRST, &shape)?,
                second: read(SECOND, &shape)?,
                behind,
            }));
        }
        run.optimiser.restore(&mut run.parameters, moments);
        if header.progress.best.is_some() {
            let mut best = run.parameters.clone();
            for parameter in best.iter_mut() {
                let name = format!("{BEST}{}", parameter.name);
                parameter.value = tensor(&file, &name, &parameter.shape, &device)?.require_grad();
            }
            run.best = Some(best);
        }
        run.step = header.step;
        run.progress = header.progress;
        Ok(run)
    }

    /// Takes up the parameters of a run, to score with: from [`Run::model_file`] or
    /// [`Run::checkpoint`], on the dataset of the run or one that was made from it by adding newer
    /// rows. Of a run that has ended these are its best parameters by validation; one that had not
    /// is ended by this, because its optimiser stays behind.
    ///
    /// # Errors
    ///
    /// When the file is damaged, was made from a dataset that is not among the ancestors of this one,
    /// or does not fit its configuration.
    pub fn open(stored: &Stored, engine: Engine, loaded: Loaded) -> Result<Self> {
        let Stored { file, header } = stored;
        let data = &loaded.0;
        let descends = data.origin.ancestors.contains(&header.fingerprint);
        if !descends && data.fingerprint() != header.fingerprint {
            return Err(foreign(&loaded));
        }
        let mut run = Self::new(header.config.clone(), engine, loaded)?;
        let device = run.engine().device.clone();
        for parameter in run.parameters.iter_mut() {
            let value = tensor(file, &parameter.name, &parameter.shape, &device)?;
            parameter.value = value.require_grad();
        }
        run.step = header.step;
        run.progress = header.progress.clone();
        run.progress.ended.get_or_insert_with(|| Ended {
            how: End::Finished,
            why: format!("its parameters of step {} were taken up", header.step),
        });
        Ok(run)
    }
}

/// A file of a run whose header has been read.
pub struct Stored<'a> {
    file: SafeTensors<'a>,
    header: Header,
}

impl<'a> Stored<'a> {
    /// Reads the header of [`Run::model_file`] or [`Run::checkpoint`].
    ///
    /// # Errors
    ///
    /// When the file is damaged, is not of a run, or has another version.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let header = metadata.metadata().as_ref().and_then(|m| m.get(HEADER));
        let header = header.ok_or_else(|| damaged("it has no header of a run"))?;
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let version: Version = serde_json::from_str(header).map_err(damaged)?;
        if version.version != VERSION {
            return Err(damaged(format!(
                "its version is {}, expected {VERSION}",
                version.version
            )));
        }
        let header = serde_json::from_str(header).map_err(damaged)?;
        Ok(Self { file, header })
    }

    /// The run's configuration, which says how its channels are built.
    pub fn config(&self) -> &Config {
        &self.header.config
    }
}

fn foreign(loaded: &Loaded) -> Error {
    Error::new(
        ErrorKind::Data,
        format!(
            "the run was trained on another dataset than \"{}\"",
            loaded.0.name
        ),
        "Open the dataset it was trained on, or start a new run.",
    )
}

const FIRST: &str = "adam.first.";
const SECOND: &str = "adam.second.";
const BEHIND: &str = "adam.behind.";
const INCLUDED: &str = "adam.included.";
const BEST: &str = "best.";
/// Key of the header in the file's metadata.
const HEADER: &str = "moge";

fn entries<'a>(prefix: &'a str, p: &'a Parameters) -> impl Iterator<Item = Entry> + 'a {
    p.iter().map(move |p| Entry {
        name: format!("{prefix}{}", p.name),
        shape: p.shape.clone(),
        value: p.value.clone().without_autodiff(),
    })
}

async fn write(entries: Vec<Entry>, header: String) -> Result<Vec<u8>> {
    let reading = entries
        .iter()
        .fold(Transaction::default(), |t, e| t.register(e.value.clone()));
    let data = reading.execute_async().await.map_err(|e| {
        let what = format!("GPU device lost: reading the parameters failed ({e:?})");
        Error::new(
            ErrorKind::Engine,
            what,
            "Go on with the flex engine from the last checkpoint.",
        )
    })?;
    let views: std::result::Result<Vec<_>, _> = entries
        .iter()
        .zip(&data)
        .map(|(e, data)| {
            TensorView::new(Dtype::F32, e.shape.clone(), data.as_bytes()).map(|v| (&e.name, v))
        })
        .collect();
    let written = views.and_then(|views| {
        safetensors::serialize(views, Some(HashMap::from([(HEADER.to_string(), header)])))
    });
    written.map_err(|e| Error::new(ErrorKind::Format, e.to_string(), "Report this as a defect."))
}

fn tensor(file: &SafeTensors, name: &str, shape: &[usize], device: &Device) -> Result<Tensor<2>> {
    let view = file
        .tensor(name)
        .map_err(|_| damaged(format!("it has no tensor {name}")))?;
    if view.dtype() != Dtype::F32 || view.shape() != shape {
        let (dtype, found) = (view.dtype(), view.shape());
        return Err(damaged(format!(
            "{name} is {dtype:?} {found:?}, expected F32 {shape:?}"
        )));
    }
    let values: Vec<f32> = view
        .data()
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    if let Some(bad) = values.iter().find(|x| !x.is_finite()) {
        return Err(damaged(format!("{name} holds {bad}")));
    }
    let columns = *shape.last().expect("a parameter has at least one axis");
    Ok(Tensor::from_data(
        TensorData::new(values, [shape.iter().product::<usize>() / columns, columns]),
        device,
    ))
}

fn damaged(why: impl std::fmt::Display) -> Error {
    let what = format!("this is not a run that can be taken up: {why}");
    Error::new(
        ErrorKind::Format,
        what,
        "Choose a file written by the page or by moge train.",
    )
}
