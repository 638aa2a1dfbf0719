"""mixpanel-mcp."""
