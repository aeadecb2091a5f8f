"""Images, strokes and labels, brought to arrays and tensors."""
