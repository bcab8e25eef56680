"""What tests of several rooms share.

- `linting`: findings and fixes of a text, the fixtures and what they expect
- `command`, `runs`: the command in this process or in one of its own, and what its runs find
- `cases`: programs in files, with what is expected of them on the line
- `packages`: small packages whose files import each other
- `layouts`: the same program with other white space
- `editing`, `outputs`: applying the fixes of JSON by hand; findings of several kinds as JSON
- `proofs`, `verifying`, `hosts`: proofs of two texts; models to verify; processes with torch
"""
