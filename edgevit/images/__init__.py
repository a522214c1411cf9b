"""Images: photographs that ship with edgevit, noise, and the way from a file to the network's input."""
