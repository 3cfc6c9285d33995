"""The API in the shape of Microsoft Graph: requests in, answers out, without a server."""
