"""Masks that are drawn by hand and drop from what a function gets.

In reading order:

- `tensor_calls`: calls of torch, numpy and random by which masks are made
- `function_values`: what in a function comes from its input, and what is a rate
- `kinds`: what is made of a draw
- `masks`: which draws become masks that drop
"""
