import torch.nn.functional as F

from .base import Base


class Net(Base):
    def is_on(self):
        return True

    def forward(self, x):
        x = F.dropout(x, self.rate())
        return F.dropout(x, 0.5) if super().is_on() else x
