try:
    from .own import dropout
except ImportError:
    from torch.nn.functional import dropout
