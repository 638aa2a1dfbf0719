"""The Mixpanel client: knows Mixpanel's APIs and nothing of MCP."""
