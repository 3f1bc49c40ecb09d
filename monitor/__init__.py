"""The core of Rapport: storage, due work, assessment, cases, clocks, reports, web, command line."""
