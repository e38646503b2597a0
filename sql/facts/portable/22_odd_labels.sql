-- read: found_numbers
-- Odd texts of labels: the first number inside the text counts.
SELECT DISTINCT odd_text AS text FROM counted_labels_parts WHERE odd_text IS NOT NULL
