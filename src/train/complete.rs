//! Training to the end in one call, for callers that have nothing else to do meanwhile.

use super::evaluation::Evaluation;
use super::run::Run;
use crate::error::Result;

impl Run {
    /// Evaluates, then trains, evaluating every `evaluate_every` steps and after the last, until the
    /// run has ended. `see` hears of every step done, with the evaluation that followed where one was
    /// due; the first call is step 0, before any training.
    ///
    /// # Errors
    ///
    /// When the device was lost.
    pub async fn complete(&mut self, mut see: impl FnMut(u64, Option<&Evaluation>)) -> Result<()> {
        see(self.step_count(), Some(&self.evaluate().await?));
        let every = self.config().evaluate_every;
        while self.progress().ended.is_none() {
            let report = self.train_step().await?;
            if report.step % every == 0 || report.ended.is_some() {
                see(report.step, Some(&self.evaluate().await?));
            } else {
                see(report.step, None);
            }
        }
        Ok(())
    }
}
