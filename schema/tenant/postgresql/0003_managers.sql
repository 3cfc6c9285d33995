-- Managers, as schema/tenant/0008_managers.sql has them.
CREATE TABLE manager (
    object bigint PRIMARY KEY,
    manager bigint NOT NULL
);

CREATE INDEX manager_manager ON manager (manager);
