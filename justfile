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

# What CI runs
ci:
    bash .ci/run
