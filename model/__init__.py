"""Training in torch and Brevitas: nets, quantizers, losses, export, twins."""
