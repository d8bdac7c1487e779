"""The command line: parse, call one engine function, hand the result to output."""
