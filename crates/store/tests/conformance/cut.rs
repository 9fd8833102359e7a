//! A connection that is cut after the server has committed and before we hear of it.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use store::{Db, InboxWriter};
use testkit::Postgres;

use crate::inbox::event;

/// Stands between a pool and its server. Armed, it lets one more question through, waits for the server's answer
/// and cuts the connection instead of passing it on.
#[derive(Default)]
struct Wire {
    armed: AtomicBool,
    cuts: AtomicUsize,
}

impl Wire {
    /// The address of a database of `server` by way of this wire.
    fn to(self: &Arc<Self>, database: &str) -> String {
        let rest = database.strip_prefix("postgres://postgres@").expect("a test server's address");
        let (host, name) = rest.split_once('/').expect("a database");
        let (dir, port) = host.rsplit_once(':').expect("a port");
        let socket = format!("{}/.s.PGSQL.{port}", dir.replace("%2F", "/"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let wire = Arc::clone(self);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let far = UnixStream::connect(&socket).expect("the server");
                wire.carry(&near, &far);
            }
        });
        format!("postgres://postgres@127.0.0.1:{port}/{name}")
    }

    fn carry(self: &Arc<Self>, near: &TcpStream, far: &UnixStream) {
        near.set_nodelay(true).expect("set");
        let cutting = Arc::new(AtomicBool::new(false));
        let both = || (near.try_clone().expect("a handle"), far.try_clone().expect("a handle"));
        let ((mut near_in, mut far_out), (mut near_out, mut far_in)) = (both(), both());
        let (wire, asked) = (Arc::clone(self), Arc::clone(&cutting));
        std::thread::spawn(move || {
            pass(&mut near_in, &mut far_out, || {
                asked.store(wire.armed.swap(false, Ordering::SeqCst), Ordering::SeqCst);
                true
            });
            let _ = far_out.shutdown(Shutdown::Both);
        });
        let wire = Arc::clone(self);
        std::thread::spawn(move || {
            pass(&mut far_in, &mut near_out, || {
                let cut = cutting.load(Ordering::SeqCst);
                wire.cuts.fetch_add(usize::from(cut), Ordering::SeqCst);
                !cut
            });
            let _ = near_out.shutdown(Shutdown::Both);
        });
    }
}

/// Passes on what comes, as long as `may` says so of each piece.
fn pass(from: &mut impl std::io::Read, to: &mut impl std::io::Write, may: impl Fn() -> bool) {
    let mut piece = [0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if !may() || to.write_all(&piece[..length]).is_err() {
            return;
        }
    }
}

#[test]
fn what_was_committed_when_the_answer_was_lost_is_found_and_answered() {
    if Postgres::shared().is_err() {
        return;
    }
    let server = Postgres::start().expect("a server of our own");
    let wire = Arc::new(Wire::default());
    let db = Db::open(&wire.to(&server.fresh_database())).expect("opens");
    let inbox = db.inbox();
    let writer = InboxWriter::start(db.inbox()).expect("a writer");
    for seq in 1..=12 {
        // After a cut as in the beginning, the first goes the long way and the second prepares the short one.
        let cut = seq % 3 == 0;
        wire.armed.store(cut, Ordering::SeqCst);
        let (tell, told) = mpsc::channel();
        writer.submit(event(&format!("evt_{seq}"), "x"), Box::new(move |result| drop(tell.send(result))));
        assert_eq!(told.recv().expect("an answer").expect("kept").seq(), seq);
        let line = &inbox.page(i64::MAX, 1).expect("a page")[0];
        assert_eq!((line.event_ref.as_str(), line.deliveries), (&*format!("evt_{seq}"), 1 + i64::from(cut)));
    }
    assert_eq!((inbox.head().expect("a head"), writer.failed()), (12, None));
    assert_eq!(wire.cuts.load(Ordering::SeqCst), 4);
}
