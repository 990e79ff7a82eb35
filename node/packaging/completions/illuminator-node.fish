# Completions of illuminator-node for fish, made from the description of its command line.
complete -c illuminator-node -f
complete -c illuminator-node -n 'not __fish_seen_subcommand_from serve run models' -a serve -d 'Wait for controllers, and run the models that they send'
complete -c illuminator-node -n 'not __fish_seen_subcommand_from serve run models' -a run -d 'Wait for controllers like \'serve\', but run models of one type only'
complete -c illuminator-node -n 'not __fish_seen_subcommand_from serve run models' -a models -d 'List the model types that this program can run'
complete -c illuminator-node -n 'not __fish_seen_subcommand_from serve run models' -s V -l version -d 'print the version and end'
complete -c illuminator-node -n 'not __fish_seen_subcommand_from serve run models' -s h -l help -d 'show this help'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l listen -d 'address and port to listen on, such as 192.168.0.1:5123 (default: 127.0.0.1:5123, which only this machine can reach). May be given several times' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l key -d 'file with the cluster\'s key (default: /etc/illuminator/cluster.key, if it is there)' -r -F
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l insecure -d 'do without a key: whoever reaches the port can use the node, and read along'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -s q -l quiet -d 'do not report sessions'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l no-announce -d 'do not announce this node in its networks, where \'controller nodes --discover\' looks'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l config -d 'configuration file (default: /etc/illuminator/node.toml, if it is there). Options win over what it says' -r -F
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l defaults -d 'another one, for what that file does not say: \'controller deploy\' writes one' -r -F
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l updates -d 'pass updates on to the socket that is standard input: so a card\'s node is started'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l devices -d 'folder in which sockets for the cables of a table are devices (default: /dev), or none: leave them alone' -r -f -a '(__fish_complete_directories)'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l led-ready -d 'pin (BCM number) of an LED that breathes while the node is idle and is steady during a run' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l led-step -d 'pin of an LED that blinks with the steps' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l led-fault -d 'pin of an LED that shows faults: one blink and a pause for a model that failed, two for a controller that was lost, three for a wrong key' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l led-active-low -d 'these LEDs shine when their pin is low'
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -l led-output -d 'what drives LEDs: gpio (default), none, sim (tells what they would show) or sim:FILE' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from serve' -s h -l help -d 'show this help'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l listen -d 'address and port to listen on (default: 127.0.0.1:5123). May be given several times' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l remote -d 'without --listen: let other machines in, that is listen on port 5123 of all addresses of this one'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l key -d 'file with the cluster\'s key (default: /etc/illuminator/cluster.key, if it is there)' -r -F
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l insecure -d 'do without a key: whoever reaches the port can use the node, and read along'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -s q -l quiet -d 'do not report sessions'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l no-announce -d 'do not announce this node in its networks, where \'controller nodes --discover\' looks'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l config -d 'configuration file (default: /etc/illuminator/node.toml, if it is there). Options win over what it says' -r -F
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l devices -d 'folder in which sockets for the cables of a table are devices (default: /dev), or none: leave them alone' -r -f -a '(__fish_complete_directories)'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l led-ready -d 'pin (BCM number) of an LED that breathes while the node is idle and is steady during a run' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l led-step -d 'pin of an LED that blinks with the steps' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l led-fault -d 'pin of an LED that shows faults: one blink and a pause for a model that failed, two for a controller that was lost, three for a wrong key' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l led-active-low -d 'these LEDs shine when their pin is low'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -l led-output -d 'what drives LEDs: gpio (default), none, sim (tells what they would show) or sim:FILE' -r -f
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -s h -l help -d 'show this help'
complete -c illuminator-node -n '__fish_seen_subcommand_from run' -f -a 'CSV Constant Adder Dummy Weather PV Wind Load LoadEV LoadHeatpump EV Battery GridConnection Controller Controller_T1 ControllerT3Congestion ControllerEV Controller_T4 Controller_StoryMode LED_connection GenerationCompanyAgent Operator_Market JusticeAgent Tariff EnergyAccount Electrolyser FuelCell H2Storage Compressor H2Demand H2Production H2Network H2Valve ElectricBoiler HeatPump HeatStorage HotWaterTank HeatDemand HeatProduction HeatNetwork HeatValve ElectricityNetwork DistributionNetwork'
complete -c illuminator-node -n '__fish_seen_subcommand_from models' -s h -l help -d 'show this help'
