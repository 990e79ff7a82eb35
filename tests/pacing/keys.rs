//! Keys at a terminal.

use std::process::Command;

use rig::{Ended, Run, Terminal, Trial, controller_binary, loop_scenario, wait_for};
use rustix::termios::{LocalModes, Termios};

/// A terminal with a run whose input, output and terminal it is.
struct Desk {
    trial: Trial,
    terminal: Terminal,
    run: Run,
    before: Termios,
}

impl Desk {
    /// Starts a long run with this pace.
    fn new(pace: &str) -> Self {
        let trial = Trial::new(&loop_scenario(100_000));
        let terminal = Terminal::new(100);
        let before = terminal.modes();
        // A session of its own, with this terminal: only then Ctrl-C is a signal.
        let mut command = Command::new("setsid");
        command.arg("--ctty").args(words(&trial, pace));
        let run = Run::start_at_terminal(&mut command, &terminal);
        terminal.wait_for("keys: space pauses");
        Self {
            trial,
            terminal,
            run,
            before,
        }
    }

    fn rows(&self) -> usize {
        rows(&self.trial)
    }

    /// Waits for this many rows.
    fn wait_for_rows(&self, count: usize) {
        wait_for(&format!("{count} rows"), || {
            (self.rows() == count).then_some(())
        });
    }

    /// Presses a key, and waits until the bar says this after it.
    fn press(&self, key: &str, words: &str) {
        let seen = self.terminal.seen().len();
        self.terminal.press(key);
        wait_for(&format!("'{words}' on the terminal"), || {
            self.terminal.seen()[seen..].contains(words).then_some(())
        });
    }

    /// Waits for the end, which is to leave the modes as they were; what was said.
    fn end(self, code: i32) -> (Trial, String) {
        let ended: Ended = self.run.finish().into();
        assert_eq!(ended.code, Some(code));
        assert_modes(&self.terminal, &self.before);
        self.terminal.wait_for(" steps");
        (self.trial, self.terminal.seen())
    }
}

/// The command of a run with a pace.
fn words(trial: &Trial, pace: &str) -> Vec<String> {
    let path = |name: &str| trial.path(name).to_str().expect("UTF-8").to_owned();
    let run = ["run".to_owned(), path("scenario.yaml"), "--pace".to_owned()];
    let output = [pace.to_owned(), "--output".to_owned(), path("out.csv")];
    [controller_binary(), &run, &output].concat()
}

fn rows(trial: &Trial) -> usize {
    let lines = trial.partial().map_or(0, |text| text.lines().count());
    lines.saturating_sub(1)
}

/// Whether the keys of a terminal come one by one.
fn are_single(terminal: &Terminal) -> bool {
    let modes = terminal.modes().local_modes;
    assert!(modes.contains(LocalModes::ISIG));
    assert_eq!(
        modes.contains(LocalModes::ICANON),
        modes.contains(LocalModes::ECHO)
    );
    !modes.contains(LocalModes::ICANON)
}

#[track_caller]
fn assert_modes(terminal: &Terminal, before: &Termios) {
    let now = terminal.modes();
    assert_eq!(now.local_modes, before.local_modes);
    assert_eq!(now.input_modes, before.input_modes);
    assert_eq!(now.output_modes, before.output_modes);
    let codes = |modes: &Termios| format!("{:?}", modes.special_codes);
    assert_eq!(codes(&now), codes(before));
}

#[test]
fn space_holds_a_run_enter_makes_one_step_and_ctrl_c_keeps_the_rows() {
    // No second tick comes by itself.
    let desk = Desk::new("1/h");
    desk.wait_for_rows(1);
    assert!(are_single(&desk.terminal));
    desk.press(" ", "paused at 2012-01-01 00:00:01");
    for rows in 2..5 {
        desk.press("\n", &format!("paused at 2012-01-01 00:00:0{rows}"));
        desk.wait_for_rows(rows);
    }
    // One more at once, and then none for an hour.
    desk.press(" ", "  2012-01-01 00:00:05");
    desk.wait_for_rows(5);
    desk.terminal.press("\x03");
    let (trial, said) = desk.end(130);
    assert_eq!(rows(&trial), 5);
    let csv = trial.partial().expect("rows");
    assert_eq!(Trial::assert_loop_prefix(&csv), 5);
    assert!(said.contains("5 of 100,000 rows"), "{said}");
    assert!(said.contains("interrupted"), "{said}");
}

#[test]
fn plus_and_minus_change_the_pace_and_q_ends_the_run() {
    let desk = Desk::new("2/s");
    desk.press(" ", "2 ticks/s");
    desk.press("+", "  5 ticks/s");
    desk.press("--", "  1 tick/s");
    desk.press("-", "  0.5 ticks/s");
    desk.terminal.press("q");
    let (_, said) = desk.end(130);
    // Nothing that was pressed is shown.
    assert!(
        !said.contains('+') || said.matches('+').count() == 1,
        "{said}"
    );
}

#[test]
fn a_run_that_is_killed_softly_leaves_the_terminal_as_it_was() {
    let desk = Desk::new("2/s");
    wait_for("keys", || are_single(&desk.terminal).then_some(()));
    desk.run.signal("TERM");
    desk.end(130);
}

#[test]
fn a_shell_stops_a_run_and_has_it_go_on_in_the_background_and_in_front() {
    let trial = Trial::new(&loop_scenario(100_000));
    let terminal = Terminal::new(100);
    let mut shell = Command::new("setsid");
    shell.args(["--ctty", "sh", "-i"]).env("PS1", "ready> ");
    let shell = Run::start_at_terminal(&mut shell, &terminal);
    terminal.wait_for("ready> ");
    let command: Vec<String> = words(&trial, "1/h");
    let wait_for_keys = |wanted: bool| {
        wait_for(&format!("single keys: {wanted}"), || {
            (are_single(&terminal) == wanted).then_some(())
        });
    };
    terminal.press(&format!("{}\n", command.join(" ")));
    wait_for("rows", || (rows(&trial) == 1).then_some(()));
    wait_for_keys(true);
    // Ctrl-Z: the shell has its own modes while the run stands still.
    terminal.press("\x1a");
    terminal.wait_for("topped");
    terminal.press("stty -a; echo $((6*7)) said\n");
    terminal.wait_for("42 said");
    assert!(terminal.seen().contains(" icanon"), "{}", terminal.seen());
    // In the background it neither reads keys nor is stopped for it.
    terminal.press("bg\n");
    terminal.press("echo $((7*7)) said\n");
    terminal.wait_for("49 said");
    terminal.press("fg\n");
    wait_for_keys(true);
    terminal.press("\n");
    wait_for("a step", || (rows(&trial) == 2).then_some(()));
    terminal.press("q");
    terminal.wait_for("2 of 100,000 rows");
    terminal.press("echo $((8*8)) said\n");
    terminal.wait_for("64 said");
    terminal.press("exit 7\n");
    assert_eq!(shell.finish().status.code(), Some(7));
}

#[test]
fn without_a_pace_or_a_terminal_there_are_no_keys() {
    let trial = Trial::new(&loop_scenario(5));
    let ended = trial.run(&["--pace", "1000/s"]);
    ended.assert(0, &[]);
    assert!(!ended.stderr.contains("keys:"), "{}", ended.stderr);
    let terminal = Terminal::new(100);
    let mut words = words(&trial, "1000/s");
    words.retain(|word| word != "--pace" && word != "1000/s");
    let mut command = Command::new(&words[0]);
    let run = Run::start_at_terminal(command.args(&words[1..]), &terminal);
    assert_eq!(run.finish().status.code(), Some(0));
    terminal.wait_for(" steps");
    assert!(!terminal.seen().contains("keys:"), "{}", terminal.seen());
}
