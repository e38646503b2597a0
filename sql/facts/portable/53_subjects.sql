-- read: special_subjects
-- Subjects that mention a special word, each text once: whether the word stands by itself is then looked at.
SELECT DISTINCT subjects AS text FROM judged WHERE {mentions_special_word}
