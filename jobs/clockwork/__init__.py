"""When a job is due, who runs it, and what became of it: one record for each scheduled time of each job."""
