"""Linting: from files to reports.

In reading order:

- `report`: the results as data
- `selection`: which rules are enabled
- `suppressions`: the comments that suppress a finding
- `checking`: from the semantic model of a file to its report
- `nesting`: files that are nested too deeply to be parsed
- `newer_syntax`: syntax that a later Python reads
- `fixed_point`: one round of fixing, in which every fix that is made removes its finding
- `pipeline`: one file from source to report, and the loop of fixing
- `dismissed`: what is said of a file that the screen dismissed
- `runner`: a run over many files, in one process or several
"""
