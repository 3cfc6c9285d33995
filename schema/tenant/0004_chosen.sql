-- The UPN that an administrator chose for a user that is, or was, synchronized. It stands in place of the
-- one in the shadow until the directory has another one.
ALTER TABLE object ADD COLUMN chosen_upn TEXT;

-- The service calls this error by another name.
UPDATE batch SET results =
    replace(results, '"DeletionAccessViolation"', '"DeletingCloudOnlyObjectNotAllowed"');
