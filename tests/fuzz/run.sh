#!/usr/bin/env bash
# Runs fuzz targets, two at a time: tests/fuzz/run.sh SECONDS [TARGET...]
# Prints how often each was executed. What it finds is in artifacts/TARGET, and ends it with an error. With 0 seconds they
# are built.
# It needs cargo-fuzz (cargo install cargo-fuzz) and the compiler that rust-toolchain.toml names.
set -euo pipefail
cd "$(dirname "$0")"
# Not the one that somebody may have named for all the rest.
nightly=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
seconds=${1:?say for how many seconds each target is to run}
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cargo "+$nightly" fuzz list --fuzz-dir .)

# Without a sanitizer: there is no unsafe code here for it to look into, and what overflows is found by
# the checks that the profile switches on.
cargo "+$nightly" fuzz build --fuzz-dir . --sanitizer none --codegen-units 16
[ "$seconds" != 0 ] || exit 0

# Seeds are made anew: what was recorded before a change of the protocol is of no use after it.
export seeds=$PWD/seeds
rm -rf "$seeds"
(cd ../.. && ILLUMINATOR_FUZZ_SEEDS=$seeds cargo test --quiet --locked --workspace --test fuzz_seeds)
host=$(rustc --version --verbose | sed -n 's/^host: //p')
mkdir -p logs

one() {
    mkdir -p "corpus/$1" "artifacts/$1"
    # Memory without end is a fault as well, and so is a single input that takes very long. What the
    # programs themselves print is of no interest.
    "target/$2/release/$1" "corpus/$1" "$seeds/$1" -artifact_prefix="artifacts/$1/" \
        -max_total_time="$3" -max_len=65536 -timeout=30 -rss_limit_mb=1024 -close_fd_mask=3 \
        -print_final_stats=1 >"logs/$1" 2>&1
}
export -f one
printf '%s\n' "${targets[@]}" | xargs -P 2 -I '{}' bash -c "one {} $host $seconds" && outcome=0 || outcome=1
for target in "${targets[@]}"; do
    awk -v target="$target" '
        /^#[0-9]+/ { for (i = 2; i < NF; i++) if ($i == "cov:") covered = $(i + 1) }
        /number_of_executed_units/ { executed = $2 }
        END { printf "%-12s %10d executions, %6d places in the code\n", target, executed, covered }
    ' "logs/$target"
    for found in "artifacts/$target"/*; do
        [ -e "$found" ] || continue
        outcome=1
        # Once more, now with what the program itself says; and what it was given, as the folder may not be kept.
        RUST_BACKTRACE=0 timeout 60 "target/$host/release/$target" "$found" -rss_limit_mb=1024 2>&1 | tail -20 || true
        echo "$found, in base64: $(base64 --wrap=0 "$found")"
    done
done
exit $outcome
