//! The theorems and claims about gradient descent and its modified equations, each judged by a program.
