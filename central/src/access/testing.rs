//! For tests: a desk with people who have begun, and their apps.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use accounts::people::Proof;
use accounts::totp::TotpSecret;
use tokio::runtime::Runtime;
use vitals::audit::Entry;
use vitals::{Masked, WallTime};

use super::manage::Order;
use super::policy::Role;
use super::register::Register;
use super::{Begun, Desk, Token};
use crate::audit::Book;
use crate::clock::Clock;
use crate::store::{AuditStore, Next, RedbStore};

pub(crate) const PASSWORD: &str = "four calm herons wade";
pub(crate) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A desk on a real store.
pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) book: Book,
    pub(crate) store: Arc<RedbStore>,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl Office {
    pub(crate) fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.redb");
        let store = Arc::new(RedbStore::open(&path).unwrap());
        let book = Book::open(store.clone(), Clock).unwrap();
        let (register, _) = Register::open(&path).unwrap();
        let desk = Desk::open(register, "Test centre".into(), book.clone(), Clock).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        Office {
            desk,
            book,
            store,
            runtime,
            _folder: folder,
        }
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// What `vitalpost-central user` does while the centre runs.
    pub(crate) fn order(&self, order: Order) -> Result<Vec<String>, String> {
        let managed = self.wait(self.desk.manage(order, "root".into())).unwrap();
        managed.said.map_err(|error| error.to_string())
    }

    /// An account, and the code with which its person begins.
    pub(crate) fn account(&self, id: &str, name: &str, role: Role) -> String {
        let order = Order::Add {
            id: id.into(),
            name: name.into(),
            roles: vec![role],
        };
        self.order(order).unwrap()[1].trim().to_owned()
    }

    /// A person who has begun and is signed in, and their app.
    pub(crate) fn person(&self, id: &str, name: &str, role: Role) -> (Token, TotpSecret) {
        let code = self.account(id, name, role);
        self.begin(id, code)
    }

    pub(crate) fn begin(&self, id: &str, code: String) -> (Token, TotpSecret) {
        let hello = self.wait(self.desk.begin_check(id, code.clone(), HOME)).unwrap();
        let app = TotpSecret::from_typing(hello.typing.reveal()).unwrap();
        let begun = Begun {
            code,
            password: Masked::new(PASSWORD.to_owned()),
            digits: app.shows(Clock.wall()).unwrap(),
        };
        let (token, _) = self.wait(self.desk.begin(id, begun, HOME)).unwrap();
        (token, app)
    }

    /// Everything in the audit, once all that was told before is durable.
    pub(crate) fn audit(&self) -> Vec<Entry> {
        let mark = crate::audit::of_the_centre("mark", None);
        self.wait(self.book.tell(mark)).unwrap();
        let mut entries = Vec::new();
        self.store
            .audit(&mut |entry| {
                entries.push(entry);
                Next::More
            })
            .unwrap();
        entries.retain(|entry| entry.deed.told.action != "mark");
        entries
    }

    /// Who did what to whom in the audit, in short.
    pub(crate) fn told(&self) -> Vec<String> {
        let short = |entry: Entry| {
            let told = entry.deed.told;
            format!(
                "{:?} {} {} {:?}",
                told.who, told.action, told.subject, told.outcome
            )
        };
        self.audit().into_iter().map(short).collect()
    }
}

pub(crate) fn proof(password: &str, code: Option<String>) -> Proof {
    Proof::Password {
        password: Masked::new(password.to_owned()),
        code,
    }
}

/// The next code of an app: those of now may have been used.
pub(crate) fn next_code(app: &TotpSecret) -> Option<String> {
    app.shows(WallTime::from_unix_ms(Clock.wall().as_unix_ms() + 30_000))
}
