//! The threads that keep the books, and what happens to them when a step goes wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use engine::worker::{Bell, Clock, Workers};

use crate::world::{NOW, World};

#[test]
fn a_projector_whose_first_steps_panic_keeps_the_books_afterwards() {
    for world in World::each() {
        let case = sandbox::cases::all().into_iter().next().expect("a case");
        let step = case.steps.first().expect("a step");
        world.operator(&step.setup);
        let asked = Arc::new(AtomicU64::new(0));
        let clock: Clock = {
            let asked = Arc::clone(&asked);
            Arc::new(move || {
                assert!(asked.fetch_add(1, Ordering::SeqCst) >= 2, "meant: the step panics");
                NOW
            })
        };
        let workers = Workers::start(&world.house, 1, &clock, &Bell::default());
        world.receive(&sandbox::render(&step.events, case.versions[0]));
        let head = world.house.inbox().head().expect("a head");
        let behind = || world.house.db().read(store::work::projected).expect("asked") < head;
        for _ in 0..3_000 {
            if !behind() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(workers);
        assert!(!behind(), "nobody keeps the books any more on {}", world.engine);
        assert!(asked.load(Ordering::SeqCst) > 2);
        world.drain();
        assert_eq!(world.rows().len(), step.expect.len());
    }
}
