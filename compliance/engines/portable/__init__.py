"""The audit in portable SQL: one pipeline for every engine, beside the tuned plan of the embedded one."""
