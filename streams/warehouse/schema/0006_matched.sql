-- How a recording's contact was found (told, id, name, time, hand), or `none`: rows by time may be another contact's.

ALTER TABLE recordings ADD COLUMN matched /*@19.14 LowCardinality( */ String /*@19.14 ) */;
