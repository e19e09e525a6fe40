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

/// Runs a command that must be refused: exit code 2, nothing on standard output, the message on standard error with its
/// frame and line breaks taken out.
pub(crate) fn refused(args: &[&str]) -> String {
    let output = shadowflow(args);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {message}");
    assert!(output.stdout.is_empty() && !message.contains("panicked"), "{args:?}: {message}");
    message.split_whitespace().filter(|word| !["│", "×", "|"].contains(word)).collect::<Vec<_>>().join(" ")
}
