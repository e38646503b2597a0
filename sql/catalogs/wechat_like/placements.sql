SELECT
    promotion_id AS placement_id,
    drama_id AS title_id,
    promoted_in AS slot,
    begin_time AS starts_at,
    end_time AS ends_at
FROM drama_promotion;
