"""Frameworks whose names look like torch's and are not."""

OTHER_FRAMEWORKS = frozenset(
    """chainer keras tensorflow tf_keras paddle mxnet gluon oneflow jittor jax flax haiku sonnet
    cntk mindspore tinygrad mlx theano lasagne autograd equinox bigdl caffe2 megengine""".split()
)
