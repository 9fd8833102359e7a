//! Delivering over real HTTP: one kept-alive connection that posts signed bodies and reads the answers.
//! Just enough of HTTP/1.1 for a server on the same machine; it must not be used against any other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::sign::stripe_signature;

/// A connection to a webhook endpoint.
pub struct Poster {
    address: SocketAddr,
    path: String,
    secret: String,
    stream: Option<BufReader<TcpStream>>,
}

/// How long an answer may take before the connection counts as broken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

impl Poster {
    /// `secret` is the endpoint's signing secret, `path` for example `/webhooks/stripe`.
    #[must_use]
    pub fn new(address: SocketAddr, path: &str, secret: &str) -> Self {
        Self { address, path: path.to_owned(), secret: secret.to_owned(), stream: None }
    }

    /// Signs `body` for the time `now_s`, posts it and returns the status code. A connection that broke
    /// before anything was answered is opened anew once, as a sender's retry would.
    pub fn post(&mut self, body: &[u8], now_s: i64) -> io::Result<u16> {
        let signature = stripe_signature(&self.secret, now_s, body);
        self.post_signed(body, &signature)
    }

    /// The same with a header of the caller's making.
    pub fn post_signed(&mut self, body: &[u8], signature: &str) -> io::Result<u16> {
        let reused = self.stream.is_some();
        match self.attempt(body, signature) {
            Err(_) if reused => {
                self.stream = None;
                self.attempt(body, signature)
            }
            other => other,
        }
    }

    fn attempt(&mut self, body: &[u8], signature: &str) -> io::Result<u16> {
        let mut reader = match self.stream.take() {
            Some(reader) => reader,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
                BufReader::new(stream)
            }
        };
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Stripe/1.0 (sandbox)\r\nContent-Type: application/json\r\n\
             Stripe-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.path,
            self.address,
            body.len()
        );
        let mut request = head.into_bytes();
        request.extend_from_slice(body);
        reader.get_mut().write_all(&request)?;
        let (status, keep) = answer(&mut reader)?;
        if keep {
            self.stream = Some(reader);
        }
        Ok(status)
    }
}

/// Reads one answer with a `Content-Length` body; says its status and whether the connection stays open.
fn answer(reader: &mut BufReader<TcpStream>) -> io::Result<(u16, bool)> {
    let broken = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why.to_owned());
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let status =
        line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken("no status line"))?;
    let (mut length, mut keep) = (0, true);
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        let Some((name, value)) = header.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(|_| broken("bad length"))?,
            "connection" if value.trim().eq_ignore_ascii_case("close") => keep = false,
            "transfer-encoding" => return Err(broken("chunked answers are not expected here")),
            _ => {}
        }
    }
    io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
    Ok((status, keep))
}
