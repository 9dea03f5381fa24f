"""Training: settings, presets, the training loop and the network of scikit-learn that it trains."""
