mpirun --hostfile hosts controller sweep sweep.yaml --resume -q -j 1 -o table.csv
