"""Output formats: pure functions from results to text.

In reading order:

- `text`, `github`, `json`, `sarif`: the findings of a run
- `diff`, `summary`, `rules`: changes, counts, and the documentation of rules
- `frame`: the code around a place, for `text` and `verify_text`
- `selected`, `links`, `paint`: what is shown, where rules are documented, colours
- `proofs`: what `--prove` showed
- `verify_text`, `verify_github`, `verify_junit`: the results of the verifier
- `verify_advice`: the verifier's sentences, the same in every format
"""
