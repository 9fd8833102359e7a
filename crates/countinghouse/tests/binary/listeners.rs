//! Listeners for what the program says to the outside: one for HTTP, one for SMTP. Each keeps what it heard. They must
//! not know what it means.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

/// A request: its head in lower case, and its body.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) head: String,
    pub(crate) body: String,
    /// The same, where it is no text.
    pub(crate) bytes: Vec<u8>,
}

impl Heard {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> String {
        let line = self.head.lines().find(|line| line.starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':'))
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }
}

/// Never answers.
pub(crate) const HANG: u16 = 0;

pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    status: Arc<AtomicU16>,
}

impl Listener {
    fn new(each: impl Fn(TcpStream, &Mutex<Vec<Heard>>, u16) + Send + Sync + 'static) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("an address");
        let (heard, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
        let (kept, answer, each) = (Arc::clone(&heard), Arc::clone(&status), Arc::new(each));
        std::thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let (kept, answer, each) = (Arc::clone(&kept), Arc::clone(&answer), Arc::clone(&each));
                std::thread::spawn(move || each(stream, &kept, answer.load(Ordering::SeqCst)));
            }
        });
        Self { address, heard, status }
    }

    /// Answers every request with the status in force.
    pub(crate) fn http() -> Self {
        Self::new(|mut stream, heard, status| {
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap_or(0) == 0 {
                    return;
                }
            }
            let head = head.to_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            if reader.read_exact(&mut body).is_err() {
                return;
            }
            let text = String::from_utf8_lossy(&body).into_owned();
            heard.lock().expect("sound").push(Heard { head, body: text, bytes: body });
            if status == HANG {
                std::thread::sleep(std::time::Duration::from_secs(120));
            }
            let wait = if status == 429 { "Retry-After: 1\r\n" } else { "" };
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nLocation: /other\r\n{wait}Content-Length: 0\r\nConnection: close\r\n\r\n"
            );
        })
    }

    /// Takes every mail; the head is what was said before the data.
    pub(crate) fn smtp() -> Self {
        Self::new(|mut stream, heard, _| {
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let (mut head, mut body, mut data) = (String::new(), String::new(), false);
            let _ = stream.write_all(b"220 fake\r\n");
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    return;
                }
                let answer: &[u8] = match (data, line.trim_end()) {
                    (true, ".") => {
                        data = false;
                        heard.lock().expect("sound").push(Heard {
                            head: head.clone(),
                            body: body.clone(),
                            bytes: Vec::new(),
                        });
                        b"250 taken\r\n"
                    }
                    (true, _) => {
                        body.push_str(&line);
                        continue;
                    }
                    (false, "DATA") => {
                        data = true;
                        b"354 go on\r\n"
                    }
                    (false, "QUIT") => b"221 bye\r\n",
                    (false, said) => {
                        head.push_str(said);
                        head.push('\n');
                        b"250 fine\r\n"
                    }
                };
                let _ = stream.write_all(answer);
            }
        })
    }

    /// From now on.
    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("sound").clone()
    }
}
