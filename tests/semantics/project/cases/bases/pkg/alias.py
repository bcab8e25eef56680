import torch
Base = torch.nn.Module
