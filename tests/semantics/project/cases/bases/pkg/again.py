from .missing import Base
from .base import Base
