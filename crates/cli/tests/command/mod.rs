//! The program as the tests run it.

use std::process::{Command, Output};

use serde_json::Value;

/// A run of the program, to its end.
pub(crate) fn shadowflow(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shadowflow")).args(args).env("NO_COLOR", "1").output().unwrap()
}

/// The JSON document of a command that must succeed.
pub(crate) fn document(args: &[&str]) -> Value {
    let output = shadowflow(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
