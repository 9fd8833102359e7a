//! Every rendered object against Stripe's own list of paths of that version: nothing that is not listed,
//! nothing missing that must be there. The lists are not part of the repository; without them it skips.

#[allow(dead_code, reason = "shared by several tests, each using a part")]
mod common;

#[test]
fn every_object_has_the_paths_of_its_version_and_no_others() {
    match common::paths::wrong(&common::everything()) {
        None => println!("skipped: no shared/ folder with Stripe's path lists"),
        Some(wrong) => assert!(wrong.is_empty(), "{wrong}"),
    }
}
