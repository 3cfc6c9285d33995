-- The entries that are not synced, and why. The reason is the name of a rule; object-class means that the
-- entry is not a user, group or contact, and what then has its classes, else the type of the object.
CREATE TABLE excluded (
    entry    INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    reason   TEXT NOT NULL,
    what     TEXT NOT NULL,
    sentence TEXT NOT NULL
) STRICT;
CREATE INDEX excluded_reason ON excluded (reason, what);

-- How many there are of each kind: kept, because a run of every few minutes tells it.
CREATE TABLE excluded_count (
    reason TEXT NOT NULL,
    what   TEXT NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (reason, what)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER excluded_added AFTER INSERT ON excluded BEGIN
    INSERT INTO excluded_count SELECT NEW.reason, NEW.what, 0
    WHERE NOT EXISTS (SELECT 1 FROM excluded_count WHERE reason = NEW.reason AND what = NEW.what);
    UPDATE excluded_count SET count = count + 1 WHERE reason = NEW.reason AND what = NEW.what;
END;
CREATE TRIGGER excluded_removed AFTER DELETE ON excluded BEGIN
    UPDATE excluded_count SET count = count - 1 WHERE reason = OLD.reason AND what = OLD.what;
END;

-- The next synchronization decides on every object once more, and writes down what it leaves out.
UPDATE state SET value = '' WHERE name = 'rules-version';
