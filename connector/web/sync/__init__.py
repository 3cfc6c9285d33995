"""What sync clients of other sites ask of the tenant: ``ports.Tenant`` over HTTPS, beside the API of Graph."""
