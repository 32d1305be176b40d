//! What keeps the centre from its duty, in words for the page.

use vitals::{MonoTime, PostId};

use super::Centre;
use crate::store::AuditStanding;
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
        for (post, audit) in self.wards.audits() {
            problems.extend(of_audit(post, audit));
        }
        problems
    }
}

/// What is wrong with the audit of a post. What the post lost and made anew is told too: nobody can say any more from the
/// post's own audit what was done then, but this centre holds it.
fn of_audit(post: &PostId, audit: &AuditStanding) -> Vec<Problem> {
    let troubles = audit.troubles.iter().map(|(trouble, (entry, count))| {
        let more = match count {
            1 => String::new(),
            count => format!(" ({count} such heads)"),
        };
        format!(
            "The audit of post {post} cannot be proven: {}{more}",
            trouble.words(*entry)
        )
    });
    let lost = (audit.lost > 0).then(|| {
        let entries = audit.lost;
        format!("Post {post} lost {entries} entries of its audit that it had sent; they are kept here")
    });
    let problem = |text| Problem {
        key: format!("audit.{post}"),
        text,
    };
    troubles.chain(lost).map(problem).collect()
}
