"""Classes of other packages: those that are nn.Modules, and those that surely are not."""

from __future__ import annotations

# Frameworks whose names look like torch's and are not.
OTHER_FRAMEWORKS = frozenset(
    """chainer keras tensorflow tf_keras paddle mxnet gluon oneflow jittor jax flax haiku sonnet
    cntk mindspore tinygrad mlx theano lasagne autograd equinox bigdl caffe2 megengine""".split()
)

# Bases outside torch that are nn.Modules, by full name or by the last name under a package.
MODULE_BASES: dict[str, tuple[str, ...]] = {
    "pytorch_lightning": ("LightningModule",),
    "lightning": ("LightningModule",),
    "torch_geometric": ("MessagePassing", "BasicGNN", "Aggregation", "GCN", "GAT", "GraphSAGE",
                        "GIN", "GAE", "VGAE", "KGEModel"),
    "transformers": ("PreTrainedModel", "GradientCheckpointingLayer"),
    "fairseq": ("BaseFairseqModel", "FairseqModel", "FairseqEncoder", "FairseqDecoder",
                "FairseqIncrementalDecoder", "FairseqEncoderModel", "FairseqEncoderDecoderModel",
                "FairseqLanguageModel", "FairseqCriterion", "TransformerEncoder",
                "TransformerDecoder"),
    "allennlp": ("Model", "Seq2SeqEncoder", "Seq2VecEncoder", "TokenEmbedder", "TextFieldEmbedder",
                 "Attention", "MatrixAttention", "SpanExtractor", "TransformerModule"),
    "espnet": ("ASRInterface", "TTSInterface", "LMInterface", "MTInterface", "STInterface"),
    "espnet2": ("AbsESPnetModel", "AbsEncoder", "AbsDecoder", "AbsLM", "AbsTTS", "AbsSeparator",
                "AbsFrontend", "AbsSpecAug", "AbsNormalize"),
    "mmengine": ("BaseModule", "BaseModel", "ModuleList", "Sequential", "ModuleDict"),
    "mmcv": ("BaseModule",),
    "diffusers": ("ModelMixin",),
    "gpytorch": ("Module", "GP", "ExactGP", "ApproximateGP", "Kernel", "Mean", "Likelihood"),
    "pyro": ("PyroModule",),
    "fastai": ("Module",),
    "ignite": (),
    "catalyst": (),
    "dgl": ("GraphConv", "GATConv", "SAGEConv"),
    "timm": ("VisionTransformer", "ResNet", "Attention", "Block", "Mlp"),
    "torchvision": ("ResNet", "DenseNet", "VGG", "VisionTransformer"),
    "torchrec": ("EmbeddingBagCollection",),
    "speechbrain": (),
    "recbole": ("AbstractRecommender", "GeneralRecommender", "SequentialRecommender",
                "ContextRecommender", "KnowledgeRecommender"),
}  # fmt: skip

# Bases that are certainly no nn.Modules, although a subclass may well have a `forward`.
_PLAIN_BASES = (
    "builtins.", "abc.", "typing.", "typing_extensions.", "collections.", "enum.", "dataclasses.",
    "unittest.", "torch.autograd.", "torch.utils.", "torch.optim.", "torch.distributions.",
    "torch_geometric.transforms.", "torch_geometric.data.", "torchvision.datasets.", "gym.",
    "gymnasium.", "threading.", "multiprocessing.", "argparse.", "logging.", "json.", "io.",
)  # fmt: skip
_PLAIN_TORCH_NN = frozenset(
    {"Parameter", "Buffer", "UninitializedParameter", "UninitializedBuffer"}
)


def is_module_base(name: str) -> bool:
    """Whether a dotted name is a class known to be an ``nn.Module``."""
    package, _, rest = name.partition(".")
    last = name.rpartition(".")[2]
    if name.startswith(("torch.nn.", "torch.jit.ScriptModule")):
        return last[:1].isupper() and last not in _PLAIN_TORCH_NN
    if name.startswith(("torch.ao.nn.", "torch_geometric.nn.")):
        return last[:1].isupper()
    return bool(rest) and last in MODULE_BASES.get(package, ())


def is_plain_base(name: str) -> bool:
    """Whether a dotted name is certainly not an ``nn.Module``."""
    return name.startswith(_PLAIN_BASES) or name.partition(".")[0] in OTHER_FRAMEWORKS
