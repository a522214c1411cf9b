"""EfficientViT-M: cascaded group attention in a sandwich layout (Liu et al., CVPR 2023, arXiv:2305.07027)."""
