"""The shapes on the wire, one module for each toolset, under the same name."""
