"""Clients that mean harm, against a real running server. SECURITY.md says what is held; here it is tried."""
