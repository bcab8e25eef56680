"""What a run is seen to do: random draws, the lines they come from, and what they reach.

In reading order:

- `op_draws`: whether a torch op draws, by its arguments
- `scripted`: source lines of TorchScript
- `place`: from a running op to the user's line and module
- `taint`: which draws reached which tensors
- `watch`: one observed forward pass
- `call_text`: how the call on a line is written
- `lines`: draws that no torch op shows, line by line
- `lockstep`: the first op at which two runs differ
"""
