"""FastViT: a hybrid of convolutions, RepMixer and attention (Vasu et al., ICCV 2023, arXiv:2303.14189)."""
