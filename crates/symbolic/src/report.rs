//! A whole derivation as text, LaTeX or JSON.
