"""The life of a case: opened by a complaint, kept by clocks, ended by an answer or a person."""
