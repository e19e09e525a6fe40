//! The one thread that owns the algebra system.
//!
//! Without a key Symbolica allows one process and one thread on a machine and aborts the process otherwise. So every call
//! to it is sent to a single thread, and before its first use an advisory lock that all shadowflow processes of the
//! machine share is taken; who comes second waits. With `SYMBOLICA_LICENSE` set no lock is needed.

use std::any::Any;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use symbolica::{GLOBAL_SETTINGS, LicenseManager};

use crate::error::SymbolicError;
use crate::notice::{ALGEBRA_THREAD, Notice, notify};

type Job = Box<dyn FnOnce() + Send>;

/// Jobs for the thread, once it has started; or why it could not.
static WORKER: OnceLock<Result<Mutex<Sender<Job>>, SymbolicError>> = OnceLock::new();

/// Derivatives of deep formulas recurse deeply.
const STACK_BYTES: usize = 256 << 20;

/// Runs a job on the thread of the algebra system and waits for its result.
pub(crate) fn run<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, SymbolicError> {
    let gone = || SymbolicError::Internal { message: "its thread has ended".to_owned() };
    run_within(job, None)?.ok_or_else(gone)
}

/// Runs a job on the thread of the algebra system and waits so long for its result. A job that takes longer goes on by itself,
/// and whoever comes next waits for it.
pub(crate) fn run_within<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
    time: Option<Duration>,
) -> Result<Option<T>, SymbolicError> {
    let worker = WORKER.get_or_init(start).as_ref().map_err(Clone::clone)?;
    let (reply, result) = channel();
    let job: Job = Box::new(move || {
        // Nobody listens any more only if the caller is gone.
        let _ = reply.send(catch_unwind(AssertUnwindSafe(job)));
    });
    let gone = || SymbolicError::Internal { message: "its thread has ended".to_owned() };
    // A poisoned lock means that sending failed in another thread; sending is still sound.
    worker.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).send(job).map_err(|_| gone())?;
    let outcome = match time {
        None => result.recv().map_err(|_| RecvTimeoutError::Disconnected),
        Some(time) => result.recv_timeout(time),
    };
    match outcome {
        Ok(Ok(value)) => Ok(Some(value)),
        Ok(Err(panic)) => Err(SymbolicError::Internal { message: panic_message(&*panic) }),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(gone()),
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message").lines().next().unwrap_or_default().chars().take(200).collect()
}

fn start() -> Result<Mutex<Sender<Job>>, SymbolicError> {
    let failed = |reason: String| SymbolicError::Start { reason };
    silence();
    let licensed = std::env::var_os("SYMBOLICA_LICENSE").is_some() && LicenseManager::is_licensed();
    if !licensed {
        take_machine_lock()
            .map_err(|e| failed(format!("the lock file {} cannot be used: {e}", lock_path().display())))?;
        check_port().map_err(failed)?;
        notify(Notice::NonCommercialTerms);
    }
    let (sender, jobs) = channel::<Job>();
    thread::Builder::new()
        .name(ALGEBRA_THREAD.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || jobs.into_iter().for_each(|job| job()))
        .map_err(|e| failed(format!("its thread cannot be created: {e}")))?;
    Ok(Mutex::new(sender))
}

/// Keeps the algebra system from writing to the standard streams, which belong to the program's own output.
#[allow(unsafe_code)]
fn silence() {
    GLOBAL_SETTINGS.initialize_tracing.store(false, Ordering::Relaxed);
    // SAFETY: Rust's own accesses to the environment are synchronised with this one. The one reader outside
    // Rust that we know of, among what this program links, is the name resolution of Symbolica's licence check, which starts
    // after this line.
    unsafe { std::env::set_var("SYMBOLICA_HIDE_BANNER", "1") };
}

fn lock_path() -> PathBuf {
    std::env::temp_dir().join("shadowflow-symbolica.lock")
}

/// Takes the lock of the machine and keeps it until the process ends.
fn take_machine_lock() -> std::io::Result<()> {
    static HELD: OnceLock<File> = OnceLock::new();
    let path = lock_path();
    // A file left by another user may be readable only; that is enough to lock it.
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .or_else(|_| File::open(&path))?;
    let began = Instant::now();
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(e)) => return Err(e),
            Err(TryLockError::WouldBlock) => {
                if !told && began.elapsed() > Duration::from_secs(1) {
                    notify(Notice::Waiting { pid: holder(&mut file) });
                    told = true;
                }
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
    // The number only serves the message to those who wait.
    let _ =
        file.rewind().and_then(|()| file.set_len(0)).and_then(|()| write!(file, "{}", std::process::id()));
    let _ = HELD.set(file);
    Ok(())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Symbolica tells a second process by a port of the loopback interface and aborts if it is taken: look first.
fn check_port() -> Result<(), String> {
    let port = std::env::var("SYMBOLICA_PORT").unwrap_or_else(|_| "12011".to_owned());
    match TcpListener::bind(format!("127.0.0.1:{port}")) {
        Ok(_) => Ok(()),
        Err(e) => Err(format!(
            "port {port} of this machine is not free ({e}); another program that uses Symbolica may be running, and without \
             a key it allows one at a time"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_becomes_an_error_and_the_thread_goes_on() {
        let failed = run(|| -> u32 { panic!("out of luck") });
        assert_eq!(failed, Err(SymbolicError::Internal { message: "out of luck".to_owned() }));
        assert_eq!(run(|| 7), Ok(7));
    }

    #[test]
    fn all_jobs_run_on_one_thread() {
        let names: Vec<_> = (0..4)
            .map(|_| thread::spawn(|| run(|| thread::current().id()).unwrap()))
            .map(|caller| caller.join().unwrap())
            .collect();
        assert!(names.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
