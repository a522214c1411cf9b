"""SepViT: depthwise and pointwise window attention joined by window tokens (arXiv:2203.15380)."""
