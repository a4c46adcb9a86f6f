"""One small class per protocol: from a validated contract to Arrow batches of text."""
