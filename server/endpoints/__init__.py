"""The wire endpoints: one plain async function a module, from WireRequest to WireResponse, free of any framework."""
