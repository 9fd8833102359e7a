//! The other side: a process of its own that keeps N connections busy with signed deliveries, each sending
//! its next one when the answer to the last has come, and writes down how long every answer took.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bodies::{BODY_BYTES, HEAD, ID_BYTES};

/// The signing secret of every server here.
pub(crate) const SECRET: &str = "whsec_bench_only";
/// Where deliveries go.
pub(crate) const PATH: &str = "/api/webhooks/stripe";

#[derive(Args, Clone)]
pub(crate) struct DriveArgs {
    #[arg(long)]
    address: SocketAddr,
    #[arg(long)]
    bodies: PathBuf,
    #[arg(long)]
    connections: usize,
    #[arg(long)]
    warm_up: f64,
    #[arg(long)]
    seconds: f64,
}

/// What a point of load showed, in the measured time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Driven {
    pub(crate) accepted: u64,
    pub(crate) seconds: f64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) max_us: u64,
    /// Everything answered 2xx, warm-up and tail included: what must be in the database.
    pub(crate) accepted_ever: u64,
    pub(crate) refused: u64,
}

/// Starts the driver as a process and waits for its result.
pub(crate) fn drive(address: SocketAddr, bodies: &Path, connections: usize, seconds: f64) -> Result<Driven> {
    let output = Command::new(std::env::current_exe()?)
        .arg("drive")
        .args(["--address", &address.to_string(), "--connections", &connections.to_string()])
        .args(["--warm-up", &(seconds / 3.0).to_string(), "--seconds", &seconds.to_string()])
        .arg("--bodies")
        .arg(bodies)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the load driver failed");
    serde_json::from_slice(&output.stdout).context("what the load driver said")
}

pub(crate) fn run(args: &DriveArgs) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let driven = runtime.block_on(all(args))?;
    println!("{}", serde_json::to_string(&driven)?);
    Ok(())
}

struct Load {
    bodies: Vec<u8>,
    next: AtomicU64,
    /// Distinguishes this run's event ids from every other's.
    run: u64,
    from: Instant,
    to: Instant,
}

#[derive(Default)]
struct Seen {
    latencies_us: Vec<u32>,
    accepted_ever: u64,
    refused: u64,
}

async fn all(args: &DriveArgs) -> Result<Driven> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let from = Instant::now() + Duration::from_secs_f64(args.warm_up);
    let load = Arc::new(Load {
        bodies: std::fs::read(&args.bodies)?,
        next: AtomicU64::new(0),
        run: u64::try_from(now.as_nanos() % 10_000_000_000)?,
        from,
        to: from + Duration::from_secs_f64(args.seconds),
    });
    let tasks: Vec<_> =
        (0..args.connections).map(|_| tokio::spawn(connection(args.address, Arc::clone(&load)))).collect();
    let mut seen = Seen::default();
    for task in tasks {
        let one = task.await??;
        seen.latencies_us.extend(one.latencies_us);
        seen.accepted_ever += one.accepted_ever;
        seen.refused += one.refused;
    }
    seen.latencies_us.sort_unstable();
    let at = |share: f64| {
        let last = seen.latencies_us.len().saturating_sub(1);
        seen.latencies_us.get((last as f64 * share) as usize).copied().map_or(0, u64::from)
    };
    Ok(Driven {
        accepted: seen.latencies_us.len() as u64,
        seconds: args.seconds,
        p50_us: at(0.5),
        p99_us: at(0.99),
        max_us: at(1.0),
        accepted_ever: seen.accepted_ever,
        refused: seen.refused,
    })
}

async fn connection(address: SocketAddr, load: Arc<Load>) -> Result<Seen> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut seen = Seen::default();
    let (mut request, mut body, mut answer) = (Vec::new(), Vec::new(), vec![0; 4096]);
    loop {
        load.next_body(&mut body);
        compose(&mut request, address, &body)?;
        let sent = Instant::now();
        if sent >= load.to {
            return Ok(seen);
        }
        stream.write_all(&request).await?;
        let accepted = answered(&mut stream, &mut answer).await?;
        let now = Instant::now();
        if !accepted {
            seen.refused += 1;
            continue;
        }
        seen.accepted_ever += 1;
        if now >= load.from && now < load.to {
            seen.latencies_us.push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX));
        }
    }
}

impl Load {
    fn next_body(&self, body: &mut Vec<u8>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let start = (number as usize % (self.bodies.len() / BODY_BYTES)) * BODY_BYTES;
        body.clear();
        body.extend_from_slice(&self.bodies[start..start + BODY_BYTES]);
        let id = format!("{:010}{number:010}", self.run);
        body[HEAD.len()..HEAD.len() + ID_BYTES].copy_from_slice(id.as_bytes());
    }
}

/// Signed for the present second, head and body in one piece.
fn compose(request: &mut Vec<u8>, address: SocketAddr, body: &[u8]) -> Result<()> {
    let now_s = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let signature = sandbox::stripe_signature(SECRET, now_s, body);
    request.clear();
    request.extend_from_slice(
        format!(
            "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: Stripe/1.0 (bench)\r\n\
             Content-Type: application/json\r\nStripe-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .as_bytes(),
    );
    request.extend_from_slice(body);
    Ok(())
}

/// Reads one answer to its end; whether it was a 200.
async fn answered(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<bool> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            bail!("the server hung up");
        }
        filled += read;
        let seen = &buffer[..filled];
        let Some(head) = seen.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&seen[..head])?.to_ascii_lowercase();
        let length = text.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("an answer without a length")?.trim().parse()?;
        if filled >= head + 4 + length {
            return Ok(text.starts_with("http/1.1 200"));
        }
    }
}
