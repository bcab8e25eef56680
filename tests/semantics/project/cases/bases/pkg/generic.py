from typing import Generic, TypeVar
from torch import nn
T = TypeVar('T')


class Base(nn.Module, Generic[T]):
    pass
