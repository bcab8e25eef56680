from torch import nn
X = 1
Base = nn.Module if X else nn.Sequential
