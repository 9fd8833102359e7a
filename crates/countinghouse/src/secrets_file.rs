//! The file in which `webhooks setup` keeps signing secrets, readable by its owner alone, and from which they are
//! read at start beside the environment. It also remembers an endpoint that is being made: its idempotency key
//! is on the disk before Stripe is asked, so that a run that was cut off is finished by the next one, secret
//! included.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

const HEAD: &str = "# Signing secrets of webhook endpoints, written by `countinghouse webhooks setup` and read at start.\n\
                    # Keep it to yourself.\n";
const INTENT: &str = "#intent ";

/// The settings whose values it may hold.
pub(crate) const NAMES: [&str; 3] =
    ["STRIPE_WEBHOOK_SECRET_LIVE", "STRIPE_WEBHOOK_SECRET_TEST", "STRIPE_WEBHOOK_SECRET_CONNECT"];

/// What the file says. It is never printed.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Contents {
    /// By setting, in the file's order.
    secrets: Vec<(String, String)>,
    pub(crate) intent: Option<Intent>,
}

/// An endpoint that was going to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Intent {
    pub(crate) key: String,
    pub(crate) made_at: i64,
    pub(crate) url: String,
}

pub(crate) struct SecretsFile {
    path: PathBuf,
}

impl SecretsFile {
    pub(crate) fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Empty when there is no file. The error names the file and repeats nothing of it.
    pub(crate) fn read(&self) -> Result<Contents, String> {
        match fs::read_to_string(&self.path) {
            Ok(text) => parse(&text).map_err(|line| {
                format!(
                    "{}: line {line}: NAME=whsec_... belongs here, NAME one of {}",
                    self.shown(),
                    NAMES.join(", ")
                )
            }),
            Err(why) if why.kind() == ErrorKind::NotFound => Ok(Contents::default()),
            Err(why) => Err(format!("{}: {why}", self.shown())),
        }
    }

    /// Replaces the file: a new one beside it, on the disk, then in its place.
    pub(crate) fn write(&self, contents: &Contents) -> Result<(), String> {
        let said = |why: std::io::Error| format!("{}: {why}", self.shown());
        let mut beside = self.path.clone().into_os_string();
        beside.push(format!(".{}", std::process::id()));
        let beside = PathBuf::from(beside);
        let written = private(&beside).and_then(|mut file| {
            file.write_all(contents.text().as_bytes())?;
            file.sync_all()
        });
        let placed = written.and_then(|()| fs::rename(&beside, &self.path));
        if placed.is_err() {
            let _ = fs::remove_file(&beside);
        }
        placed.map_err(said)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).map_err(said)
    }

    /// Others on this machine may read it.
    #[cfg(unix)]
    pub(crate) fn is_open_to_others(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(&self.path).is_ok_and(|about| about.mode() & 0o077 != 0)
    }

    #[cfg(not(unix))]
    pub(crate) fn is_open_to_others(&self) -> bool {
        false
    }

    fn shown(&self) -> std::path::Display<'_> {
        self.path.display()
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

impl Contents {
    /// The setting's secrets, separated by commas.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.secrets.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Puts a secret in front of those the setting has: both are accepted from now on.
    pub(crate) fn add(&mut self, name: &str, secret: &str) {
        match self.secrets.iter_mut().find(|(known, _)| known == name) {
            Some((_, value)) if value.split(',').any(|known| known == secret) => {}
            Some((_, value)) => *value = format!("{secret},{value}"),
            None => self.secrets.push((name.to_owned(), secret.to_owned())),
        }
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        if let Some(Intent { key, made_at, url }) = &self.intent {
            text.push_str(&format!("{INTENT}{key} {made_at} {url}\n"));
        }
        for (name, value) in &self.secrets {
            text.push_str(&format!("{name}={value}\n"));
        }
        text
    }
}

/// `Err` is the number of a line that cannot be read.
fn parse(text: &str) -> Result<Contents, usize> {
    let mut contents = Contents::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix(INTENT) {
            let mut words = rest.splitn(3, ' ');
            contents.intent = match (words.next(), words.next().and_then(|at| at.parse().ok()), words.next())
            {
                (Some(key), Some(made_at), Some(url)) => {
                    Some(Intent { key: key.to_owned(), made_at, url: url.to_owned() })
                }
                _ => return Err(number + 1),
            };
        } else if !line.is_empty() && !line.starts_with('#') {
            let (name, value) = line.split_once('=').ok_or(number + 1)?;
            if !NAMES.contains(&name.trim()) {
                return Err(number + 1);
            }
            contents.secrets.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> SecretsFile {
        let folder = std::env::temp_dir().join(format!("countinghouse-{name}-{}", std::process::id()));
        let _ = fs::create_dir_all(&folder);
        SecretsFile::at(folder.join("countinghouse.secrets"))
    }

    #[test]
    fn what_was_written_is_read_again_and_only_its_owner_may() {
        let file = scratch("written");
        let _ = fs::remove_file(file.path());
        assert!(file.read().is_ok_and(|contents| contents == Contents::default()), "no file is no secret");
        let mut contents = Contents::default();
        contents.add("STRIPE_WEBHOOK_SECRET_TEST", "whsec_a");
        contents.add("STRIPE_WEBHOOK_SECRET_TEST", "whsec_b");
        contents.add("STRIPE_WEBHOOK_SECRET_TEST", "whsec_a");
        contents.intent = Some(Intent {
            key: "k/1".into(),
            made_at: 7,
            url: "https://b.example/api/webhooks/stripe".into(),
        });
        file.write(&contents).unwrap();
        assert!(!file.is_open_to_others());
        let read = file.read().unwrap();
        assert!(read == contents);
        assert_eq!(read.get("STRIPE_WEBHOOK_SECRET_TEST"), Some("whsec_b,whsec_a"));
        fs::remove_dir_all(file.path().parent().unwrap()).unwrap();
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_not_repeated() {
        for (text, line) in
            [("\n# remark\nSTRIPE_API_KEY=whsec_canary\n", 3), ("whsec_canary\n", 1), ("#intent k\n", 1)]
        {
            let file = scratch("unreadable");
            fs::write(file.path(), text).unwrap();
            let why = file.read().err().unwrap();
            assert!(why.contains(&format!("line {line}:")) && !why.contains("canary"), "{why}");
            fs::remove_dir_all(file.path().parent().unwrap()).unwrap();
        }
    }
}
