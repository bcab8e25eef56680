if True:
    import torch.nn.functional as F
    from elsewhere import Transform

    class Noise(Transform):
        def forward(self, x):
            return F.dropout(x, 0.2)  # expect: DRP001
