sbatch --wait steps.sh
