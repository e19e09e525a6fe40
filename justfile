# `just` alone lists the recipes; each is one command.
_default:
    @just --list

# Draw every figure into figures/, and the previews that README shows
figures:
    cargo run --release -- figures --previews figures/gallery

# Run every test: the lower floors also with overflow and debug assertions on
test:
    cargo test --release --workspace
    cargo test -p shadowflow-methods -p shadowflow-bseries -p shadowflow-numerics

# Judge the claims of the literature
verify:
    cargo run --release -- verify

# Measure the kernels: JSON lines on standard output
bench:
    cargo bench

# Formatting, clippy and documentation with warnings denied
lint:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps

# Feed the formula parser and what follows it for ten minutes (needs cargo-fuzz)
fuzz:
    cd fuzz && mkdir -p corpus && RUSTC_BOOTSTRAP=1 cargo fuzz run formula -O corpus seeds -- -dict=formula.dict -max_total_time=600 -rss_limit_mb=2048 -timeout=10 -max_len=4200 -len_control=0

# What CI runs
ci:
    bash .ci/run
