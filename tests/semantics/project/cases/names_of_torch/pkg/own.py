def dropout(x, p):
    return x


class F:
    dropout = dropout
