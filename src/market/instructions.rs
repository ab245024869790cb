//! How a delivered application is started: which commands, and the two ways to run one on every Kazoo server.

use schemars::JsonSchema;
use serde::Serialize;

use super::content::{App, Command, Startup};

/// A way to run a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Method {
    pub id: &'static str,
    pub text: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Instructions {
    /// Alternatives, ready to be pasted.
    pub commands: Vec<Command>,
    pub run_on: &'static str,
    pub methods: Vec<Method>,
    pub notes: String,
}

const SSH: &str = "Log in to each of your Kazoo servers by SSH and run one of the commands on every one of them.";
const CLUSTER_MANAGER: &str = "In Cluster Manager, open the Scripts tab, enter one of the commands and press Run Command for all Kazoo \
                               nodes; filter the servers by the service Kazoo to find them.";
const ALL_IN_ONE: &str = "Your cluster is set up as all-in-one: all its nodes run the same applications, so starting it on one starts it on the others.";

/// What is told to those who have it.
pub fn of(startup: &Startup, app: &App, is_aio_cluster: bool) -> Instructions {
    let filled = |one: &Command| Command { label: one.label.clone(), command: one.command.replace("{app}", &app.name) };
    let mut notes = startup.notes.replace("{app}", &app.name);
    if is_aio_cluster {
        notes = [notes.as_str(), ALL_IN_ONE].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    }
    Instructions {
        commands: startup.commands.iter().map(filled).collect(),
        run_on: "every_kazoo_node",
        methods: vec![Method { id: "ssh", text: SSH }, Method { id: "cluster_manager", text: CLUSTER_MANAGER }],
        notes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::content::AppKind;

    /// R38, R39
    #[test]
    fn commands_are_ready_to_be_pasted_and_both_ways_are_told() {
        let command = |command: &str| Command { label: "Start".into(), command: command.into() };
        let startup = Startup {
            commands: vec![command("sup kapps_controller start_app {app}"), command("sup {app}_maintenance start")],
            notes: "Wait a minute.".into(),
        };
        let app = App { name: "acdc".into(), kind: AppKind::Kazoo };
        let told = of(&startup, &app, false);
        assert_eq!(told.commands[0].command, "sup kapps_controller start_app acdc");
        assert_eq!(told.commands[1].command, "sup acdc_maintenance start");
        assert_eq!(told.methods.iter().map(|method| method.id).collect::<Vec<_>>(), ["ssh", "cluster_manager"]);
        assert_eq!(told.notes, "Wait a minute.");
        assert!(of(&startup, &app, true).notes.contains("starting it on one starts it on the others"));
    }
}
