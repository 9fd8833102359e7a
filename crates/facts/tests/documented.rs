//! What the documents list is what we read: an endpoint set up by the manual gets every event it needs.

#[test]
fn the_manual_lists_every_event_that_is_read() {
    let manual = include_str!("../../../docs/stripe-setup.md");
    let list =
        manual.split("<!-- events: begin").nth(1).and_then(|rest| rest.split("<!-- events: end").next());
    let listed: Vec<&str> =
        list.expect("a list").split("```").nth(1).expect("a block").split_whitespace().collect();
    let read: Vec<&str> = facts::subscribed().collect();
    assert_eq!(listed, read);
    assert!(manual.contains(&format!("Select these {}.", read.len())), "the number is another");
}
