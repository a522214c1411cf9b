"""edgevit: vision transformers onto phones, with proof."""
