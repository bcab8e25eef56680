try:
    from nowhere import Base
except ImportError:
    from torch.nn import Module as Base
