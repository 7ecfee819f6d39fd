-- What a transcript says beside its words (asr/analysis.py, JSON): measures, hidden spans, sounds that are no speech.

ALTER TABLE recordings ADD COLUMN analysis String /*@19.17 CODEC(ZSTD(3)) */;
