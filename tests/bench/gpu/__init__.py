"""How fast the models are on a GPU, at which batch size, and how much of the GPU that is."""
