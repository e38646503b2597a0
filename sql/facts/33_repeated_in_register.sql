-- repeated: repeated_in_register
-- Numbers that stand in more than one register row: only there one must be chosen.
SELECT number_key FROM register_keys
