//! The figures of shadowflow: computed, checked, drawn as SVG, PDF and PNG with their data.
