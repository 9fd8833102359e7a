//! A Chromium and the ChromeDriver of the same version: found in the `PATH`, or installed. It must not know what
//! is looked at with them.

use std::path::PathBuf;

use crate::machine::{install, output, path};

const BROWSERS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const DRIVER: &str = "chromedriver";

/// Two programs that go together.
#[derive(Debug)]
pub struct Browser {
    pub browser: PathBuf,
    pub driver: PathBuf,
}

impl Browser {
    /// # Errors
    /// Why there is none, in words.
    pub fn find_or_install() -> Result<Self, String> {
        find().or_else(|why| {
            install(&["chromium", "chromium-driver"]).map_err(|refused| format!("{why}; {refused}"))?;
            find()
        })
    }
}

fn find() -> Result<Browser, String> {
    let first = |names: &[&str]| {
        let folders = path();
        names.iter().find_map(|name| folders.iter().map(|at| at.join(name)).find(|file| file.is_file()))
    };
    let browser = first(&BROWSERS).ok_or("no Chromium in the PATH")?;
    let driver = first(&[DRIVER]).ok_or("no chromedriver in the PATH")?;
    let version = |file: &PathBuf| major(&output(file.to_str()?, &["--version"])?);
    let (one, other) = (version(&browser), version(&driver));
    if one.is_none() || one != other {
        return Err(format!(
            "{} and {} are not of one version ({one:?}, {other:?})",
            browser.display(),
            driver.display()
        ));
    }
    Ok(Browser { browser, driver })
}

/// `Chromium 148.0.7778.167 built on Debian` -> 148
fn major(version: &str) -> Option<u32> {
    version.split_ascii_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_what_the_programs_say() {
        let rows = [
            ("Chromium 148.0.7778.167 built on Debian GNU/Linux 12 (bookworm)", Some(148)),
            ("ChromeDriver 156.0.8078.79 (abc-refs/branch-heads/8078@{#1})", Some(156)),
            ("Google Chrome 131.0.6778.85 ", Some(131)),
            ("Command '/usr/bin/chromium-browser' requires the chromium snap to be installed.", None),
        ];
        for (said, expected) in rows {
            assert_eq!(major(said), expected, "{said}");
        }
    }
}
