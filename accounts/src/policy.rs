//! The form of a place's one table of who may do what. The roles, the actions and each cell are the place's own.

/// Makes an enum `Action` from rows of doc comment, name, key and one cell for each of `Role::ALL`: 1 = may, 0 = may not.
/// An action without a row cannot be written, and a row with another number of cells does not compile.
///
/// Where it stands there must be a `Role` with `ALL`, an array of all roles in the order of the cells.
#[macro_export]
macro_rules! policy {
    ($(#[doc = $what:literal])+ pub enum Action $($(#[doc = $doc:literal])+ $action:ident $key:literal [$($may:literal)+])+) => {
        $(#[doc = $what])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[doc = $doc])+ $action,)+ }

        /// Every action with its name and, in the order of [`Role::ALL`], who may.
        const POLICY: &[(Action, &str, [u8; Role::ALL.len()])] = &[$((Action::$action, $key, [$($may),+]),)+];

        impl Action {
            /// Its name in the API and in the audit.
            pub fn key(self) -> &'static str {
                self.row().1
            }

            /// Every action there is.
            pub fn all() -> impl Iterator<Item = Action> {
                POLICY.iter().map(|(action, ..)| *action)
            }

            /// True when a person who is one of these may do it.
            pub fn is_allowed_to(self, roles: &[Role]) -> bool {
                let (.., may) = self.row();
                let row = Role::ALL.into_iter().zip(may);
                row.filter(|(_, may)| **may == 1)
                    .any(|(role, _)| roles.contains(&role))
            }

            fn row(self) -> &'static (Action, &'static str, [u8; Role::ALL.len()]) {
                let row = POLICY.iter().find(|(action, ..)| *action == self);
                row.expect("each action is written together with its row")
            }
        }
    };
}
