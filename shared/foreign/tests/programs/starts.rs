//! Programs that cannot be used say why.

use foreign::{Fault, LocalHost, Program};

use crate::acting::{Watch, acting};
use crate::bench::{Bench, published, request, start, wiring};
use foreign::Host;

fn fault(program: &Program) -> Fault {
    let request = request("P", program, 4, "{}", &[("M", "{}")]);
    start(&mut LocalHost::new(), request).expect_err("refused")
}

fn command(line: &str) -> Program {
    Program::Command {
        line: line.to_owned(),
        interpreter: None,
    }
}

#[test]
fn a_program_that_ends_at_once_is_told_at_once() {
    let fault = fault(&acting("exit=3 lines=30"));
    assert_eq!(fault.code, "simulator_gone");
    let expected = if cfg!(unix) {
        "(exit status: 3)"
    } else {
        "(exit code: 3)"
    };
    assert_eq!(
        fault.message,
        format!("its program has ended before it called back {expected}")
    );
    let last: Vec<String> = (10..30).map(|number| format!("line {number}")).collect();
    assert_eq!(fault.output, last);
}

#[test]
fn a_program_that_is_not_there_is_named() {
    for (line, words) in [
        (
            "no-such-program %(addr)s",
            "there is no 'no-such-program' on this machine",
        ),
        ("", "its command is empty"),
        ("'a", "a ' without an end"),
    ] {
        let fault = fault(&command(line));
        assert_eq!(fault.code, "simulator_failed");
        assert!(fault.message.contains(words), "{fault}");
    }
    let fault = fault(&Program::Python {
        class: "a:B".to_owned(),
        interpreter: Some("/no/python".to_owned()),
    });
    let words = "there is no '/no/python' on this machine; install Python 3.9 or later";
    assert!(fault.message.starts_with(words), "{fault}");
}

#[test]
fn nobody_at_an_address_is_said_with_the_remedy() {
    let fault = fault(&Program::Connect {
        address: "nowhere".to_owned(),
    });
    assert!(fault.message.contains("give it as host:port"), "{fault}");
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    drop(listener);
    let fault = self::fault(&Program::Connect {
        address: address.clone(),
    });
    let words = format!("nobody answers at '{address}'");
    assert!(fault.message.starts_with(&words), "{fault}");
    assert_eq!(fault.code, "simulator_gone");
}

#[test]
fn one_that_waits_is_told_whom_it_waits_for() {
    let watch = Watch::new();
    let programs = [
        acting(""),
        acting(&format!("hang {}", watch.word())),
        acting(""),
    ];
    let names = ["A", "B", "C"];
    let requests = names
        .iter()
        .zip(&programs)
        .map(|(name, program)| request(name, program, 1, "{}", &[]));
    let requests = requests.collect();
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        // Whoever hears enough of it drops the receiver.
        let limit = std::time::Duration::from_secs(4);
        LocalHost::with_limit(limit).start(requests, &mut |text| {
            let _ = sender.send(text.to_owned());
        })
    });
    let said = receiver
        .recv_timeout(crate::simulator::PATIENCE)
        .expect("told");
    assert!(said.contains("'B'") && said.ends_with("(2 s)"), "{said}");
    drop(receiver);
    let results = thread.join().expect("no panic");
    let faults: Vec<bool> = results.iter().map(Result::is_err).collect();
    assert_eq!(faults, [false, true, false]);
    let fault = results[1].as_ref().expect_err("silent");
    assert!(
        fault.message.starts_with("it has not called back"),
        "{fault}"
    );
    watch.living().wait();
}

#[test]
fn a_program_that_dies_in_a_step_leaves_its_last_words() {
    let mut host = LocalHost::new();
    start(
        &mut host,
        request("P", &acting("dies=2"), 4, "{}", &[("M", "{}")]),
    )
    .expect("described");
    let mut wiring = wiring(&[0]);
    wiring.published.push(published("0:e.x"));
    let mut bench = Bench::new(4);
    bench.add(host.wire(wiring).expect("wired"), &[]);
    let failure = bench.run().expect("a failure");
    assert_eq!((failure.code.as_str(), failure.tick), ("simulator_gone", 2));
    for words in [
        "simulator 'P': its program has ended (exit",
        r#"it was asked: [0, 7, ["step", [2, {}, 4], {}]]"#,
        "no more of this",
    ] {
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}
