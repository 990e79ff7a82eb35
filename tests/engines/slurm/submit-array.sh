sbatch --wait array.sh
