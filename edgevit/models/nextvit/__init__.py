"""Next-ViT: convolution blocks with one hybrid transformer block at the end of each group (arXiv:2207.05501)."""
