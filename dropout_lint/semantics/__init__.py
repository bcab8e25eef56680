"""What the code means. Each room imports only those above it in this list.

- `budget`: how many steps the interpretation of one file may take
- `project`: the files around a file, in outline
- `syntax`: one file, parsed
- `interpreter`: one function, run once per mode
- `interprocedural`: what combines runs: calling contexts, attributes, builders of modules
- `sites`: call sites that drop, in this file and through functions of others
- `model`: the meaning of one file; the only thing that rules are given
- `facts`: what rules ask about a model
- `driving`: what rules ask about the code that builds, trains and exports models
"""
