seq 8 | parallel --sshloginfile machines --workdir . \
    controller sweep sweep.yaml --resume -q -j 1 -o table.csv --shard {}/8
