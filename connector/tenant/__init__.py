"""Model the cloud directory; only this package knows quarantine.

An object *claims* unique values and is their *holder* once they are granted. A value that another
object holds is *quarantined* as a *provisioning error*; the object *waits* for it until the sweep
*releases* it. A user whose UPN is quarantined signs in with a *placeholder*. The *shadow* of an
object is what was exported of it. ``intake`` draws the way of an object through these modules.
"""
