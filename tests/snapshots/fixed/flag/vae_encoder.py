"""Variational autoencoder for short signals, its encoder built by inheritance.

`SignalEncoder` is the `nn.Module`; `ConvEncoder` inherits from it and has no constructor of its
own, `GatedConvEncoder` inherits from that one and overrides `forward`. Only through the chain can
a tool know that these classes are modules and where `self.p` comes from. Their dropout leaves out
the mode (DRP001), so latent code and reconstruction are random in eval mode. The sampling of the
latent code is gated by `self.training` and plays no part.
"""

import torch
from torch import nn


class SignalEncoder(nn.Module):
    def __init__(self, channels: int, latent: int, p: float) -> None:
        super().__init__()
        self.p = p
        self.conv = nn.Conv1d(1, channels, kernel_size=3, padding=1)
        self.gate = nn.Conv1d(1, channels, kernel_size=3, padding=1)
        self.to_mu = nn.Linear(channels, latent)
        self.to_logvar = nn.Linear(channels, latent)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x).relu()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        h = self.features(x).mean(dim=-1)
        return self.to_mu(h), self.to_logvar(h)


class ConvEncoder(SignalEncoder):
    def features(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout1d(self.conv(x).relu(), self.p, training=self.training)


class GatedConvEncoder(ConvEncoder):
    def __init__(self, channels: int, latent: int, p: float = 0.3) -> None:
        super().__init__(channels, latent, p)
        self.mix = nn.Linear(channels, channels)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gated = self.features(x) * self.gate(x).sigmoid()
        h = self.mix(gated.mean(dim=-1)).relu()
        μ = nn.functional.dropout(self.to_mu(h), 0.3, training=self.training)
        return μ, self.to_logvar(h)


class VAE(nn.Module):
    def __init__(self, length: int = 16, channels: int = 12, latent: int = 6) -> None:
        super().__init__()
        self.encoder = GatedConvEncoder(channels, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 24), nn.ReLU(), nn.Linear(24, length))

    def sample(self, mu: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return mu
        return mu + torch.randn_like(mu) * (0.5 * logvar).exp()

    def forward(self, signal: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        mu, logvar = self.encoder(signal)
        return self.decoder(self.sample(mu, logvar)), mu, logvar


def example_inputs() -> tuple:
    phase = torch.linspace(0.0, 6.28, steps=16)
    return (torch.stack([phase.sin(), phase.cos()]).unsqueeze(1),)


def build() -> nn.Module:
    return VAE()
