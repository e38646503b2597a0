-- repeated: repeated_on_titles
-- Numbers that stand on more than one title: only there names must be compared.
SELECT number_key FROM title_keys
