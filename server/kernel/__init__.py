"""What every part of Latchkey stands on: time, ids, digests, storage, shared state, logs. No domain words."""
