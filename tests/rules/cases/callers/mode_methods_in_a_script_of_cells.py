# %% the model
import torch
from project import model

print(sum(each.numel() for each in model.parameters()))

model.eval  # expect: DRP101
x = torch.ones(2)
# %% one that is shown
model.eval

# %% the last of all
model.train
