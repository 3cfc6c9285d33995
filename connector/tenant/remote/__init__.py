"""The tenant behind the server of another site: what a sync client asks of it, over HTTPS."""
