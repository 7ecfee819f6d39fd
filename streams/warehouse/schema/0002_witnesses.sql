-- Who told what of a visit, what happened in between, and rows that a rebuild took back.
-- retracted: 1 = the events do not say this any more; the row stays (with a higher ver) so that no replay revives it.
-- One ADD COLUMN per statement: migrate.py skips a column that is there already (18.16 knows no IF NOT EXISTS here).

ALTER TABLE contact_legs ADD COLUMN witnesses /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE contact_legs ADD COLUMN tags /*@19.14 LowCardinality( */ String /*@19.14 ) */;

ALTER TABLE contact_legs ADD COLUMN retracted UInt8;

ALTER TABLE state_intervals ADD COLUMN retracted UInt8;
