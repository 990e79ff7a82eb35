//! Configurations, and what is wrong with them.

use super::*;

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("node.toml")).map_err(|error| error.to_string())
}

#[test]
fn a_file_says_what_the_command_line_can() {
    let text = "# the node of table 3
listen = [\"192.168.0.11:5123\", '[::1]:80']
key = \"/etc/illuminator/cluster.key\"
insecure = false
quiet = true
announce = false
devices = \"/run/table\"

[leds]
ready = 17
step = 27
fault = 22
active_low = true
allow = [2, 3]
output = \"sim:leds.txt\"
";
    let expected = Config {
        listen: vec!["192.168.0.11:5123".into(), "[::1]:80".into()],
        key: Some("/etc/illuminator/cluster.key".into()),
        insecure: false,
        quiet: true,
        announce: Some(false),
        devices: Some("/run/table".into()),
        #[cfg(feature = "programs")]
        programs: Vec::new(),
        updates: false,
        leds: LedConfig {
            ready: Some(17),
            step: Some(27),
            fault: Some(22),
            active_low: true,
            allow: vec![2, 3],
            output: Some(LedTarget::Sim(Some("leds.txt".into()))),
        },
    };
    assert_eq!(parse(text), Ok(expected));
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn tables_may_be_written_in_every_way_of_toml() {
    let pins = |text: &str| parse(text).expect(text).leds;
    let expected = pins("[leds]\nready = 5\nstep = 6\n");
    for text in [
        "leds.ready = 5\nleds.step = 6",
        "leds = {ready = 5, step = 6}\nquiet = false",
        "quiet = false\r\n[ leds ]\r\n\"ready\" = 5\r\nstep = 6",
    ] {
        assert_eq!(pins(text), expected, "{text}");
    }
    let one = parse("listen = \"pi1:5123\"").expect("one address");
    assert_eq!(one.listen, ["pi1:5123"]);
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    for (text, said) in [
        (
            "quiet = true\n\n[leds]\nredy = 17\n",
            "node.toml:4: unknown key 'leds.redy' ([leds] has: ready, step, fault, active_low, \
             allow, output)",
        ),
        (
            "lisen = []",
            "node.toml:1: unknown key 'lisen' (keys: listen, key, insecure, quiet, announce, devices, and the \
             table [leds])",
        ),
        (
            "[lights]\nready = 3",
            "node.toml:2: unknown key 'lights.ready' (keys: ",
        ),
        (
            "[leds]\nready = 28",
            "node.toml:2: 'leds.ready' must be the BCM number of a pin, from 0 to 27, not 28",
        ),
        ("[leds]\nready = '17'", "from 0 to 27, not \"17\""),
        ("[leds]\nstep = -1", "from 0 to 27, not -1"),
        ("[leds]\nstep = 1.0", "from 0 to 27, not a float"),
        ("[leds]\nstep = 0x11", "not an integer that is not decimal"),
        (
            "[leds]\nactive_low = 1",
            "node.toml:2: 'leds.active_low' must be true or false, not 1",
        ),
        (
            "[leds]\noutput = 'pwm'",
            "node.toml:2: 'pwm' drives no LEDs; give 'gpio', 'sim', 'sim:FILE' or 'none'",
        ),
        (
            "listen = 5123",
            "node.toml:1: 'listen' must be a list such as [\"192.168.0.11:5123\"], not 5123",
        ),
        (
            "listen = [5123]",
            "'listen' must be a text in quotes, not 5123",
        ),
        ("key = ''", "'key' must be a text in quotes, not \"\""),
        (
            "quiet = true\nquiet = false",
            "node.toml:2: 'quiet' is there already, in line 1; remove one of them",
        ),
        (
            "[[leds]]\nready = 3",
            "node.toml:1: a list of tables means nothing",
        ),
        ("leds = 17", "node.toml:1: 'leds' must be a table"),
        ("quiet = yes", "node.toml:1: no TOML: "),
        ("\n\nquiet =", "node.toml:3: no TOML: "),
        ("[leds\nready = 1", "node.toml:1: no TOML: "),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.contains(said), "{text:?}: {error}");
    }
}

#[test]
fn the_command_line_wins_over_the_file() {
    let file = parse("listen = ['a:1']\nkey = 'k'\n[leds]\nready = 1\nstep = 2").expect("fine");
    let flags = Config {
        listen: vec!["b:2".into()],
        insecure: true,
        leds: LedConfig {
            step: Some(3),
            output: Some(LedTarget::None),
            ..LedConfig::default()
        },
        ..Config::default()
    };
    let config = file.clone().overridden(flags);
    assert_eq!(config.listen, ["b:2"]);
    assert!(config.insecure && !config.quiet);
    assert_eq!(config.key, None, "the key of the file is not wanted");
    assert_eq!((config.leds.ready, config.leds.step), (Some(1), Some(3)));
    assert_eq!(config.leds.output, Some(LedTarget::None));
    assert_eq!(file.clone().overridden(Config::default()), file);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let missing = Path::new("/no/such/node.toml");
    let error = Config::load(Some(missing)).expect_err("missing");
    assert!(
        error
            .to_string()
            .starts_with("cannot read the configuration '/no/such/node.toml': "),
        "{error}"
    );
}

#[test]
fn a_file_is_read_as_editors_save_it_or_named_with_what_is_wrong() {
    let path = std::env::temp_dir().join(format!("node-{}.toml", std::process::id()));
    fs::write(&path, "\u{feff}quiet = true\r\n").expect("written");
    assert!(Config::load(Some(&path)).expect("read").quiet);
    fs::write(&path, [0xff, 0xfe, b'q', 0]).expect("written");
    let error = Config::load(Some(&path)).expect_err("UTF-16").to_string();
    fs::remove_file(&path).expect("removed");
    assert!(
        error.contains("is not in UTF-8; save it as such"),
        "{error}"
    );
}

#[test]
fn two_lights_do_not_share_a_pin() {
    let config = parse("[leds]\nready = 4\nfault = 4").expect("fine");
    let error = config.leds.check().expect_err("shared");
    assert_eq!(
        error.to_string(),
        "the LEDs 'ready' and 'fault' have the same pin 4; give each its own"
    );
    assert!(LedConfig::default().check().is_ok());
}

#[test]
fn pins_and_outputs_of_the_command_line_are_checked() {
    assert_eq!(pin("27"), Ok(27));
    for text in ["28", "-1", "GPIO17", ""] {
        assert!(pin(text).is_err(), "{text}");
    }
    assert_eq!("sim".parse(), Ok(LedTarget::Sim(None)));
    assert!("sim:".parse::<LedTarget>().is_err());
}
