"""Output formats: pure functions from results to text.

In reading order:

- `paint`: how text is coloured
- `links`: the addresses of the documentation
- `selected`: which diagnostics and which of their fixes are shown
- `frame`: source code around a finding, and changed lines
- `text`, `json`, `github`, `sarif`: the formats of a lint report
- `diff`: what fixing changes
- `summary`: the closing lines of a run, and the statistics
- `rules`: the documentation of the rules
- `verify_text`, `verify_github`, `verify_junit`: the formats of the verifier's results
- `proofs`: how far each fix is proved
- `verify_advice`: the verifier's sentences, the same in every format
"""
