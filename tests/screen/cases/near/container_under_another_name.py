
from torch import nn
from torch.nn import Sequential as S
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = [S(nn.Linear(8, 8), nn.Dropout(0.5))]
    def forward(self, x):
        return self.blocks[0](x)
