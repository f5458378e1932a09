//! Which formulation of the tensor operations runs: this room's own, or burn's stock operations alone,
//! which they are tested and measured against.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// A formulation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The operations of this room.
    #[default]
    Own,
    /// burn's operations alone.
    Stock,
}

thread_local! {
    static FORM: Cell<Form> = const { Cell::new(Form::Own) };
}

impl Form {
    /// The form in force on this thread.
    pub fn current() -> Self {
        FORM.get()
    }

    /// `own` or `stock`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Stock => "stock",
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Form {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::Own, Self::Stock];
        all.into_iter()
            .find(|form| form.name() == name)
            .ok_or_else(|| {
                let what = format!("there is no form \"{name}\"");
                Error::new(ErrorKind::Config, what, "Choose own or stock.")
            })
    }
}

/// Does some work under a form.
pub fn with<T>(form: Form, work: impl FnOnce() -> T) -> T {
    /// Puts the form before back, also when the work panics.
    struct Restore(Form);
    impl Drop for Restore {
        fn drop(&mut self) {
            FORM.set(self.0);
        }
    }
    let _restore = Restore(FORM.replace(form));
    work()
}

/// As [`with`], for work that waits: other work may run under its own form meanwhile.
pub async fn within<T>(form: Form, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| with(form, || work.as_mut().poll(context))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_in_force_for_its_work_alone() {
        assert_eq!(Form::current(), Form::Own);
        let inner = with(Form::Stock, || {
            (Form::current(), with(Form::Own, Form::current))
        });
        assert_eq!(inner, (Form::Stock, Form::Own));
        let panicked = std::panic::catch_unwind(|| with(Form::Stock, || panic!("on purpose")));
        assert!(panicked.is_err());
        assert_eq!(Form::current(), Form::Own);
        assert_eq!("stock".parse::<Form>().unwrap(), Form::Stock);
        assert!(
            "fast"
                .parse::<Form>()
                .unwrap_err()
                .to_string()
                .contains("own or stock")
        );
    }
}
