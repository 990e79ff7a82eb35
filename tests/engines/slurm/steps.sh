#!/bin/sh
#SBATCH --array=5-11:3
#SBATCH --ntasks=2
#SBATCH --output=sweep-%a.txt
srun controller sweep sweep.yaml --resume -q -j 1 -o table.csv
