"""One file a claim: `measure(bench)` yields its figures as they are ready."""
