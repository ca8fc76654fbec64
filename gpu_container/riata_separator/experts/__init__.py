"""Pretrained experts that each know one thing well; the fusion weighs what they say against the class separator."""
