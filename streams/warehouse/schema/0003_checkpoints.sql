-- The floor as it stood every ten minutes, so that the past is a fold from the last checkpoint and not from the first day.
-- By day, not by month: they are large and kept for a month only.

CREATE TABLE IF NOT EXISTS floor_checkpoints (
  at       DateTime('UTC'),
  at_ms    UInt16,
  site     /*@19.14 LowCardinality( */ String /*@19.14 ) */,
  position String,
  blob     String,
  ver      UInt64
) ENGINE = ReplacingMergeTree(ver)
PARTITION BY toYYYYMMDD(at) ORDER BY (at, site, at_ms)
SETTINGS index_granularity = 8192;
