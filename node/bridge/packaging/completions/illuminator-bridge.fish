# Completions of illuminator-bridge for fish, made from the description of its command line.
complete -c illuminator-bridge -f
complete -c illuminator-bridge -n 'not __fish_seen_subcommand_from serve run' -a serve -d 'Be a simulator for mosaik that has all model types of the Illuminator (--mosaik), or a site of a cluster whose models are programs on this machine, those that the configuration lists'
complete -c illuminator-bridge -n 'not __fish_seen_subcommand_from serve run' -a run -d 'Be a simulator for mosaik that has one model type'
complete -c illuminator-bridge -n 'not __fish_seen_subcommand_from serve run' -s V -l version -d 'print the version and end'
complete -c illuminator-bridge -n 'not __fish_seen_subcommand_from serve run' -s h -l help -d 'show this help'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l mosaik -d 'address and port at which mosaik finds it, such as 127.0.0.1:5678' -r -f
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l listen -d 'address and port at which controllers find it, such as 192.168.0.3:5124 (default: 127.0.0.1:5124). May be given several times; not with --mosaik' -r -f
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l config -d 'configuration file, which lists programs (default: /etc/illuminator/bridge.toml, if it is there); not with --mosaik' -r -F
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l defaults -d 'another one, for what that file does not say: \'controller deploy\' writes one; not with --mosaik' -r -F
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l nodes -d 'nodes that run the models for mosaik, with commas between them; without, they run here' -r -f
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l key -d 'file with the cluster\'s key' -r -F
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -l insecure -d 'let other machines in without a key, and mosaik has none: whoever reaches the port can use it, and read along'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -s q -l quiet -d 'do not report sessions'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from serve' -s h -l help -d 'show this help'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from run' -s r -l remote -d 'wait for mosaik, which connects'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from run' -l insecure -d 'let other machines in: mosaik has no keys, so whoever reaches the port can use it, and read along'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from run' -s q -l quiet -d 'do not report sessions'
complete -c illuminator-bridge -n '__fish_seen_subcommand_from run' -s h -l help -d 'show this help'
