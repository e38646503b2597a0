-- view: label_texts
SELECT DISTINCT text FROM exception_labels WHERE text IS NOT NULL
