//! A server that answers by a script: what it is asked is written down, what it answers is given beforehand,
//! also what no honest server would do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// A whole answer: status, further headers, body.
    Answer(u16, &'static str, &'static str),
    /// Reads the request, then closes without a word: its effect may have happened.
    HangUp,
    /// Promises more bytes than it sends.
    Truncate,
    /// Reads the request and says nothing until the client has gone.
    Silence,
}

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers one request with each act, then stops listening.
    pub(crate) fn start(acts: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (acts, log) = (acts.to_vec(), Arc::clone(&asked));
        let thread = std::thread::spawn(move || {
            for act in acts {
                let (stream, _) = listener.accept().unwrap();
                serve(&stream, act, &log);
            }
        });
        Self { address, asked, thread: Some(thread) }
    }

    /// What was asked. Every act must have been used.
    pub(crate) fn asked(mut self) -> Vec<Asked> {
        self.thread.take().unwrap().join().unwrap();
        self.asked.lock().unwrap().clone()
    }
}

/// One request on one connection: each answer closes it, so that each try is a connection of its own.
fn serve(stream: &TcpStream, act: Act, log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    log.lock().unwrap().push(read(&mut reader));
    let mut out = stream;
    match act {
        Act::Answer(status, headers, body) => {
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
            );
            out.write_all(text.as_bytes()).unwrap();
        }
        Act::Truncate => {
            out.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 500\r\n\r\n{\"id\":\"co")
                .unwrap();
        }
        Act::HangUp => {}
        Act::Silence => {
            let _ = reader.read(&mut [0]);
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read(reader: &mut impl BufRead) -> Asked {
    let mut asked = Asked::default();
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    asked.line = line.trim().replace(" HTTP/1.1", "");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        asked.headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = asked.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    asked.body = String::from_utf8(body).unwrap();
    asked
}
