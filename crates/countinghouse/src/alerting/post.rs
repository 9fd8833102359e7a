//! One POST of JSON to an address the operator configured. No redirect is followed: what is said stays with whom it was
//! meant for. Errors name no address, since chat URLs are secrets.

use std::time::Duration;

use ureq::Agent;

pub(super) struct Poster {
    agent: Agent,
    url: String,
}

impl Poster {
    pub(super) fn new(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("countinghouse/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { agent: config.new_agent(), url: url.to_owned() }
    }

    /// Any 2xx is an arrival.
    pub(super) fn post(&self, headers: &[(&str, &str)], body: &str) -> Result<(), String> {
        let mut request = self.agent.post(&self.url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send(body) {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) if answer.status().is_redirection() => {
                Err(format!("it answered {}; redirects are not followed", answer.status().as_u16()))
            }
            Ok(answer) => Err(format!("it answered {}", answer.status().as_u16())),
            Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => Err("its URL cannot be used".to_owned()),
            Err(ureq::Error::Io(why)) if why.kind() == std::io::ErrorKind::ConnectionRefused => {
                Err("nothing listens there: the connection was refused".to_owned())
            }
            Err(why) => Err(why.to_string()),
        }
    }
}
