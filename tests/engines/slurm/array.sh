#!/bin/sh
#SBATCH --array=1-64
#SBATCH --output=sweep-%a.txt
controller sweep sweep.yaml --resume -q -j 1 -o table.csv
