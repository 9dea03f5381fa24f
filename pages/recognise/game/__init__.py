"""Beat the machine: the visitor and the model guess what actors meant."""
