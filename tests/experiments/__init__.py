"""The experiments behind what the chapters say of seven losses, run again from their description."""
