"""The tenant: a model of the cloud directory, and the only place that knows quarantine.

Terminology: an object *claims* unique values and is their *holder* once they are granted; a value
that another object holds is *quarantined* as a *provisioning error*; a user whose UPN is
quarantined signs in with a *placeholder*. The *shadow* of an object is what was asked of it.
"""
