import torch.nn.functional as _F
