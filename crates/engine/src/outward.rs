//! Threads that call the outside, where somebody may not answer for a long time. Each of their steps may be killed at any
//! moment, so the end of the program waits for the step at hand only so long. It must not know what they call.

use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// How long the end waits for one of them.
const CLOSE_MS: u64 = 2_000;

/// A thread that whoever started it may leave behind. Its work ends by itself once it has been told to.
pub(crate) struct Outward {
    over: Option<Receiver<()>>,
}

impl Outward {
    /// Without a thread to be had there is nothing to wait for.
    pub(crate) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> Self {
        let (ended, over) = sync_channel::<()>(0);
        let work = move || {
            work();
            drop(ended);
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        Self { over: thread.ok().map(|_| over) }
    }

    /// Waits until its work is over, or long enough.
    pub(crate) fn leave(&mut self) {
        if let Some(over) = self.over.take() {
            let _ = over.recv_timeout(Duration::from_millis(CLOSE_MS));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::Outward;

    #[test]
    fn work_that_ends_is_waited_for_and_work_that_hangs_is_left() {
        let (done, heard) = sync_channel(1);
        Outward::start("ends", move || done.send(()).expect("heard")).leave();
        assert_eq!(heard.try_recv(), Ok(()), "it was over");
        let (hang, release) = sync_channel::<()>(0);
        // Waiting for it would never end.
        Outward::start("hangs", move || assert!(release.recv().is_err())).leave();
        drop(hang);
    }
}
