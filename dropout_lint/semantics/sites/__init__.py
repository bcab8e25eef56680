"""Call sites: the calls that drop at random, in this file and through functions of the project.

In reading order:

- `imported_functions`: functions of other files, and what is asked about a file
- `site`: one call site, with its arguments and its executions in each mode
- `catalog_calls`: calls of the catalog as call sites
- `drawn_calls`: masks that are drawn by hand as call sites
- `only_guards`: whether a function uses its mode for its drops and nothing else
- `project_calls`: calls of functions of the project that take the mode as a parameter
"""
