-- Source anchors that another client of the tenant took over: nothing is exported of them.
CREATE TABLE foreign_anchor (
    anchor TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
