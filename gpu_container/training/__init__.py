"""Data, training and measurement of the embedded class separator; nothing here is needed to separate."""
