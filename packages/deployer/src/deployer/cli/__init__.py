"""The command line: reads options, calls one function, prints; exit codes 0 done, 1 error, 2 changes pending."""
