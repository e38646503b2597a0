-- view: shared_numbers
-- Numbers that stand on titles with different names.
SELECT permit FROM named_numbers GROUP BY permit HAVING COUNT(DISTINCT name_key) > 1
