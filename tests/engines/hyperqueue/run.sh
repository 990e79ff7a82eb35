python3 tasks.py 64 controller sweep sweep.yaml --resume -q -j 1 -o table.csv
