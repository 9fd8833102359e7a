//! Just enough HTTP/1.1 to be rude: one connection per request, any header, any body, any framing.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Posts a body with its length; the status.
pub(crate) fn post(at: SocketAddr, path: &str, signature: Option<&str>, body: &[u8]) -> io::Result<u16> {
    let mut request = head(at, path, signature);
    request.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    exchange(at, &request, body).map(|(status, _)| status)
}

/// Posts a body in chunks, its length unsaid.
pub(crate) fn post_chunked(
    at: SocketAddr,
    path: &str,
    signature: Option<&str>,
    body: &[u8],
) -> io::Result<u16> {
    let mut request = head(at, path, signature);
    request.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
    let mut framed = Vec::with_capacity(body.len() + 1024);
    for chunk in body.chunks(16 * 1024) {
        framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        framed.extend_from_slice(chunk);
        framed.extend_from_slice(b"\r\n");
    }
    framed.extend_from_slice(b"0\r\n\r\n");
    exchange(at, &request, &framed).map(|(status, _)| status)
}

/// Posts a form; the status and the body.
pub(crate) fn form(at: SocketAddr, path: &str, form: &str) -> io::Result<(u16, String)> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nAuthorization: Bearer sk_test_binary\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    exchange(at, head.as_bytes(), form.as_bytes())
}

/// Sends JSON; the status and the body.
pub(crate) fn json(at: SocketAddr, method: &str, path: &str, body: &str) -> io::Result<(u16, String)> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    exchange(at, head.as_bytes(), body.as_bytes())
}

pub(crate) fn get(at: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    exchange(at, request.as_bytes(), &[])
}

/// Sends whatever it is given, after the request line; the whole answer.
pub(crate) fn raw(at: SocketAddr, line: &str, headers: &str, body: &str) -> io::Result<String> {
    let head = format!(
        "{line} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    read_whole(&mut stream, &mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn head(at: SocketAddr, path: &str, signature: Option<&str>) -> Vec<u8> {
    let signature = signature.map(|text| format!("Stripe-Signature: {text}\r\n")).unwrap_or_default();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Type: application/json\r\n{signature}"
    );
    head.into_bytes()
}

/// A server may answer and close before it has read everything: then writing fails, and the answer counts.
fn exchange(at: SocketAddr, head: &[u8], body: &[u8]) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_write_timeout(Some(Duration::from_secs(30)))?;
    let written = stream.write_all(head).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let read = read_whole(&mut stream, &mut answer);
    if answer.is_empty() {
        written?;
        read?;
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    status.map(|status| (status, body)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// To the end, or to the length that was announced: not every server closes when it is asked to.
fn read_whole(stream: &mut TcpStream, answer: &mut Vec<u8>) -> io::Result<()> {
    let mut piece = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece)?;
        answer.extend_from_slice(&piece[..read]);
        if read == 0 || is_whole(answer) {
            return Ok(());
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    length.is_some_and(|length: usize| answer.len() >= end + 4 + length)
}
