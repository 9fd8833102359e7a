//! One cluster in a temporary folder, kept by a small shell that outlives us just long enough to end it.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use super::programs;

const KEEPER: &str = include_str!("cluster.sh");
const ATTEMPTS_MAX: u32 = 3;

pub(super) struct Cluster {
    keeper: Child,
    postmaster: u32,
    dir: String,
    port: u16,
}

impl Cluster {
    pub(super) fn start(off: &[&str]) -> Result<Self, String> {
        let programs = programs::find_or_install()?;
        let programs = programs.to_str().ok_or("the path of PostgreSQL's programs is not text")?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            match Self::attempt(programs, off) {
                // Somebody may have taken the port that was free a moment ago.
                Err(_) if attempts < ATTEMPTS_MAX => {}
                result => return result,
            }
        }
    }

    fn attempt(programs: &str, off: &[&str]) -> Result<Self, String> {
        let port = free_port()?;
        let mut keeper = programs::unprivileged("sh")?
            .args(["-c", KEEPER, "postgres-keeper", programs, &port.to_string()])
            .args(off)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("sh could not be started: {error}"))?;
        let mut line = String::new();
        if let Some(said) = keeper.stdout.take() {
            BufReader::new(said).read_line(&mut line).map_err(|error| error.to_string())?;
        }
        let mut words = line.split_whitespace();
        match (words.next(), words.next().and_then(|word| word.parse().ok()), words.next()) {
            (Some("ready"), Some(postmaster), Some(dir)) => {
                Ok(Self { keeper, postmaster, dir: dir.to_owned(), port })
            }
            _ => {
                let _ = keeper.wait();
                Err(format!("PostgreSQL did not start: {}", line.trim()))
            }
        }
    }

    /// Through the socket in the folder: nobody else's server can answer there.
    pub(super) fn base_url(&self) -> String {
        format!("postgres://postgres@{}:{}", self.dir.replace('/', "%2F"), self.port)
    }

    pub(super) const fn postmaster(&self) -> u32 {
        self.postmaster
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}
