//! What keeps the centre from its duty, in words for the page.

use vitals::MonoTime;

use super::Centre;
use crate::view::Problem;

impl Centre {
    pub(super) fn problems(&self, now: MonoTime) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some(problem) = &self.link_problem {
            problems.push(Problem {
                key: "broker_unreachable".to_owned(),
                text: format!("No connection to the broker, nothing arrives: {problem}"),
            });
        }
        if let Some(problem) = &self.store_problem {
            problems.push(Problem {
                key: "store_failing".to_owned(),
                text: format!("Nothing can be saved, the posts are told that no doctor sees them: {problem}"),
            });
        } else if !self.store_works(now) {
            problems.push(Problem {
                key: "store_failing".to_owned(),
                text: "Saving takes longer than 10 s, the posts are told that no doctor sees them".to_owned(),
            });
        }
        for (post, (count, last)) in &self.bad_messages {
            problems.push(Problem {
                key: format!("bad_messages.{post}"),
                text: format!("Post {post} sent {count} messages that cannot be read, last: {last}"),
            });
        }
        problems
    }
}
