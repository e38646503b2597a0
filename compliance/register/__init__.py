"""The filing systems' register: extracts in, upload lists out, and the platform's own numbers."""
