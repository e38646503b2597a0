-- view: active_placements
-- Placements active on the as-of day: begun before its end, not ended before its start.
SELECT placement_id, title_id, slot
FROM placements
WHERE starts_at < :day_after AND (ends_at IS NULL OR ends_at >= :as_of)
