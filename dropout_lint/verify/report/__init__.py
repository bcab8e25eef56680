"""Results as plain data, without torch: every value survives JSON.

In reading order:

- `eval_report`: what `verify_eval` returns: the verdict, the random ops and their places
- `fix_proof`: what `verify_fix` returns: the level and the obligations
- `results`: one model's report, or the failure that prevented it
- `user_code`: which files are the user's
- `joined`: findings of the linter beside what running showed
- `html`: the page
"""
