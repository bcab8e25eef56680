from functools import partial
import torch.nn.functional as F
dropout = partial(F.dropout, training=False)
