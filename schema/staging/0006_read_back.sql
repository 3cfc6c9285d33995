-- A cookie now names the tenant that gave it. An older one does not: the next read-back is a full one.
DELETE FROM state WHERE name = 'read-back-cookie';
