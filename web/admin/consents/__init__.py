"""What people allowed clients."""
