"""Quantization: schemes as data, weights on their grids, ranges of activations, and the search for a budget.

A parameter is quantized in PyTorch: the adapted network receives the values that its codes stand for, and the codes
travel beside it (:mod:`edgevit.quantize.encoding`). A backend only writes down what is already decided, so that the
cost is a property of the network, and the file is proven against that very network.
"""
