"""The warehouse as the hub sees it: connections, ledger tables, published schemas."""
