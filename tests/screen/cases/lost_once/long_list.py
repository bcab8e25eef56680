
import torch
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ds = [
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Linear(8, 8),  # a layer like all the others
            nn.Dropout(0.5),
        ]
