//! What the disk allows: the same accept loop, every body appended to a file that is synced once for all
//! that came meanwhile, and nothing else. No signature, no index, no order, nothing to be found again.

use std::fs::File;
use std::io::{Seek, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::post;
use tokio::sync::oneshot;

use crate::driver::PATH;
use crate::servers::{answer, read};

/// As long as a database's log; it is written over and over, so that its length does not change.
const FILE_BYTES: usize = 32 << 20;
const GROUP_MAX: usize = 256;

type Item = (Bytes, oneshot::Sender<bool>);

pub(crate) fn router() -> Result<Router> {
    let path = std::env::temp_dir().join(format!("countinghouse-bench-raw-{}", std::process::id()));
    let mut file = File::create(&path).with_context(|| path.display().to_string())?;
    // Open, but without a name: gone when the server is.
    std::fs::remove_file(&path)?;
    file.write_all(&vec![0; FILE_BYTES])?;
    file.sync_all()?;
    let (sender, receiver) = channel::<Item>();
    std::thread::spawn(move || run(file, &receiver));
    let sender = Arc::new(Mutex::new(sender));
    let handler = async move |body: Body| answer(keep(&sender, body).await.unwrap_or(false));
    Ok(Router::new().route(PATH, post(handler)))
}

async fn keep(sender: &Mutex<Sender<Item>>, body: Body) -> Result<bool> {
    let body = read(body).await?;
    let (reply, outcome) = oneshot::channel();
    let sent = sender.lock().map(|sender| sender.send((body, reply)).is_ok());
    Ok(sent.unwrap_or(false) && outcome.await?)
}

fn run(mut file: File, receiver: &Receiver<Item>) {
    let mut at = FILE_BYTES;
    while let Ok(first) = receiver.recv() {
        let mut group = vec![first];
        group.extend(receiver.try_iter().take(GROUP_MAX - 1));
        let bytes = group.iter().map(|(body, _)| body.as_ref()).collect::<Vec<_>>().concat();
        let kept = write(&mut file, &mut at, &bytes).is_ok();
        for (_, reply) in group {
            let _ = reply.send(kept);
        }
    }
}

fn write(file: &mut File, at: &mut usize, bytes: &[u8]) -> std::io::Result<()> {
    if *at + bytes.len() > FILE_BYTES {
        file.rewind()?;
        *at = 0;
    }
    *at += bytes.len();
    file.write_all(bytes)?;
    file.sync_data()
}
